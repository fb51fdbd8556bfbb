// Package llm is what the engines that ask a language model have in common: the
// prompts and their versions, the division of a call, the reading of answers and
// what is wrong with them, the HTTP exchange, and what may be shown of an error.
//
// It owns no wire format: the packages of the providers have theirs, and hand in a
// Model. It keeps no text, tries no call again that a provider has refused (the
// runner backs off) and reads nothing from the environment, proxy settings included.
// It must not import controllers, client-go, an SDK or a provider's package.
package llm

import (
	"context"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
)

const (
	// MaxSegments bounds one call. Models lose count of ids in long lists; up to
	// about 40 they keep them, and one bad answer costs at most one list of 40.
	MaxSegments = 40
	// MaxRunes bounds one call. 8000 runes of Latin script are about 2000 tokens and
	// their translation fits the 4096 tokens that the smallest models write. CJK text
	// may need up to one token a rune; when that is cut off, the call is bisected.
	MaxRunes = 8000

	// ProbeTimeout bounds a probe: a list of models needs no thinking.
	ProbeTimeout = httpcall.ProbeTimeout
)

// Model asks one model of one provider.
type Model interface {
	// Complete makes one exchange, and more only where the provider refuses the form
	// of the first. The usage of the completion counts also beside a failure.
	Complete(ctx context.Context, a Ask, safe Redactor) (Completion, *Failure)
}

// Ask is what an exchange asks for, whatever the wire format.
type Ask struct {
	// System states the task, and User carries the data.
	System, User string
	Temperature  float64
	// MaxOutput is the most tokens of the answer; 0 for no limit.
	MaxOutput int64
}

// Finish says how an answer ended.
type Finish int

const (
	// Ended by itself.
	Ended Finish = iota
	// CutOff at a limit of tokens.
	CutOff
	// Filtered by the provider.
	Filtered
)

// Completion is an answer of a model.
type Completion struct {
	// Content is the text of the answer; Refusal what stands in a field for it.
	Content, Refusal string
	Finish           Finish
	Usage            engine.Usage
	// Uncertain says that the provider may have charged for the exchange without
	// saying how much. It counts also beside a failure.
	Uncertain bool
	// Bare says that the provider was asked for no format, so that a single text may
	// come without JSON.
	Bare bool
}

// Complaint is what an error is about, where an engine acts on it.
type Complaint int

const (
	// OtherComplaint is none of those below.
	OtherComplaint Complaint = iota
	// FormatComplaint: the server does not know this way to ask for a format.
	FormatComplaint
	// TemperatureComplaint: the model takes only its own temperature.
	TemperatureComplaint
	// LimitComplaint: the server does not take the name of the limit of tokens.
	LimitComplaint
	// LargeComplaint: the limit of tokens is more than the model ever writes.
	LargeComplaint
	// RoomComplaint: prompt and limit of tokens together do not fit the model.
	RoomComplaint
	// SizeComplaint: the prompt, or prompt and answer, do not fit the model.
	SizeComplaint
	// FilterComplaint: a content filter stopped the text.
	FilterComplaint
	// CreditComplaint: the account is out of money.
	CreditComplaint
)

// Failure is why an exchange gave no usable answer.
type Failure struct {
	Err *engine.Error
	// Divides says that fewer segments at a time may help: the fault lies with the
	// texts or with the answer, not with the provider.
	Divides bool
	// About is set for errors of the provider.
	About Complaint
	// again says that the same may go well another time: the answer had not the form that
	// was asked for.
	again bool
	// whole is the error of the call when no segment came; nil when Err is that too.
	whole *engine.Error
}
