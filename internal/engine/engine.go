// Package engine defines what the pipeline asks of a translation engine, and the
// classes of error an engine may answer with.
//
// It owns the contract only. Each engine lives in a package below this one, is
// checked by enginetest, and imports neither controllers nor client-go.
package engine

import (
	"context"
	"time"
)

// Pair is a direction of translation, in canonical BCP-47 tags.
type Pair struct {
	Source, Target string
}

// String returns the pair as "es→ca".
func (p Pair) String() string { return p.Source + "→" + p.Target }

// Engine translates. Its methods may be called from many goroutines at once.
// Every error is or wraps an *Error, except a context's own.
type Engine interface {
	// Info describes the engine. It is cheap and never changes.
	Info() Info
	// Probe asks, cheaply and without spending money, whether the engine works, and
	// returns what it offers. Pairs that are there and do not work are not offered.
	Probe(ctx context.Context) (Offer, error)
	// Translate renders the segments of one call. The answer names exactly the ids
	// of the request, each once, in any order. A segment that alone could not be
	// translated carries its own error; an error of the call means that no segment
	// was translated.
	Translate(ctx context.Context, req Request) (Response, error)
	// Close ends the processes and connections of the engine. Calls after Close fail.
	Close() error
}

// Info is what the pipeline has to know to plan calls.
type Info struct {
	// Name of the engine: "apertium", "openai", "pseudo". It is a metric label.
	Name string
	// Model that is asked, or "".
	Model string
	// Prompt names the versions of the prompts that the engine sends, such as
	// "translate/2 correct/2 create/2"; "" for an engine without any. The status of a job
	// names them.
	Prompt string
	// Corrects says that the engine can use a Correction: asked again with the
	// findings it may answer better. Others give the same answer every time.
	Corrects bool
	// Creates says that the engine can write new text (mode Creation).
	Creates bool
	// Rates says that the engine can tell what is wrong with a translation.
	Rates bool
	// Terms says that the engine follows the terms of a request. For others the terms that
	// stay as they are stand as tokens.
	Terms bool
	// Paid says that calls cost money, so an attempt is recorded before it.
	Paid bool
	// MaxSegments and MaxRunes bound one call; 0 means no bound.
	MaxSegments, MaxRunes int
}

// Offer is what an engine has.
type Offer struct {
	// Any says that every pair is offered; Pairs is then empty.
	Any bool
	// Pairs that work, sorted.
	Pairs []Pair
	// Broken pairs are installed and failed the probe, sorted.
	Broken []Pair
}

// Request is one call.
type Request struct {
	Pair Pair
	// Creation asks for new text after a brief, in place of a translation.
	Creation bool
	// Rating asks what is wrong with a translation that is there (Segment.Target), in
	// place of a translation: the text of an answer is then one error a line, its
	// severity in MQM (minor, major or critical), a space and its category, or the word
	// none. Only engines with Info.Rates take it.
	Rating bool
	// Segments to translate; ids are unique in the request.
	Segments []Segment
	// Context are earlier segments of the same text with their translations, oldest
	// first, for engines that can use them. They are not to be translated.
	Context []Example
	// Terms that occur in the segments.
	Terms []Term
	// Domain, Tone, TextType, Instructions and StyleReference come from the job.
	Domain, Tone, TextType, Instructions, StyleReference string
	// MaxChars and MaxWords limit each segment; 0 means no limit.
	MaxChars, MaxWords int
	// MaxOutputTokens is the most that may be generated for the call, because no more
	// has been budgeted for; 0 means no limit. An answer that needs more is cut by the
	// other side, and fails as a cut answer does.
	MaxOutputTokens int64
	// Partial says that the caller asks again, together with others, for segments that
	// come back with a Transient error, even for all of them. An engine that would ask
	// again for a few segments of a call then leaves that to the caller.
	Partial bool
	// MaxInputTokens is the most that an engine may send in all when it makes several
	// requests of one call; 0 means no limit. The first request is always made.
	MaxInputTokens int64
}

// Segment is one unit of text. Its placeables stand as ⟦1⟧, ⟦2⟧ … (package
// placeholder): the engine must hand each back, once, and may move it.
type Segment struct {
	ID   int
	Text string
	// Target is the translation to rate, unmasked as the text is then; "" in requests
	// without Rating.
	Target string
	// Forms say which numbers the text is for, where it does not show them: one for each
	// number that a program chooses the text by, in the order of the choices. Only
	// engines that create are told.
	Forms []Form
	// Correction asks for a better answer than the last one; nil on the first try.
	Correction *Correction
}

// FormKind says what a number is there for.
type FormKind string

// The kinds of number: one that counts (2 files), and one that orders (the 2nd file).
const (
	PluralForm  FormKind = "plural"
	OrdinalForm FormKind = "ordinal"
)

// Form is a plural form of the target language. Two texts with the same words and other
// forms are translated apart.
type Form struct {
	Kind FormKind
	// Category of CLDR: zero, one, two, few, many or other; or one number, as "=5".
	Category string
	// Example is a number that takes the form, such as "2" or "1.5".
	Example string
}

// Correction says what was wrong with the last answer.
type Correction struct {
	// Previous answer, masked as the text is.
	Previous string
	// Findings in plain words, such as "placeable ⟦2⟧ is missing".
	Findings []string
	// Round counts corrections of the segment, from 1.
	Round int
}

// Example is a segment with its translation, both masked.
type Example struct {
	Source, Target string
}

// Term is a glossary entry that occurs in the text.
type Term struct {
	Source, Target string
	// Keep says that the term stays as it is.
	Keep bool
	// Variants of the target that are accepted too.
	Variants []string
	// Forbidden translations.
	Forbidden []string
}

// Response is the answer to one call.
type Response struct {
	Segments []Translation
	// Usage of all requests of the call, also of a call that failed.
	Usage Usage
	// Uncertain counts the requests that the other side may have charged for without
	// saying how much: the answer timed out or broke off after the request was sent.
	Uncertain int
}

// Translation is the answer for one segment.
type Translation struct {
	ID   int
	Text string
	// Unknown lists the words of the source that the engine has no entry for.
	Unknown []string
	// Err says why this segment has no text; nil otherwise.
	Err *Error
}

// Usage is what the engine says it used. Zero when it does not count.
type Usage struct {
	InputTokens, OutputTokens int64
	// Characters sent, for engines that charge by them.
	Characters int64
}

// Add returns the sum of two usages.
func (u Usage) Add(v Usage) Usage {
	return Usage{
		InputTokens:  u.InputTokens + v.InputTokens,
		OutputTokens: u.OutputTokens + v.OutputTokens,
		Characters:   u.Characters + v.Characters,
	}
}

// Config is what an engine is made from. It is a copy of a provider object and
// its secret; engines never read the cluster.
type Config struct {
	Endpoint, Model, APIKey string
	// Timeout of one call.
	Timeout time.Duration
	// Priced says that the provider has prices, so calls cost money.
	Priced bool
}

// Factory makes an engine of one type.
type Factory func(Config) (Engine, error)
