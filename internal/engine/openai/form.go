package openai

import (
	"encoding/json"
	"sync/atomic"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/llm"
)

// format is a rung of the ladder of answer formats.
type format int32

const (
	// schemaFormat asks for JSON that follows a schema.
	schemaFormat format = iota
	// objectFormat asks for any JSON object.
	objectFormat
	// textFormat asks for nothing; the prompt alone says that the answer is JSON.
	textFormat
)

// limitName is a rung of the ladder of names under which a server takes the most
// tokens of an answer: max_completion_tokens, which OpenAI's newer models take alone,
// or max_tokens, which many other servers know alone.
type limitName int32

const (
	newName limitName = iota
	// oldNameTried: the new name was passed over without a word.
	oldNameTried
	// newNameAgain: and the old one was refused.
	newNameAgain
	// oldNameOnly: the new name was refused.
	oldNameOnly
)

// old says whether the rung has the old name.
func (n limitName) old() bool { return n == oldNameTried || n == oldNameOnly }

// form is the way a provider is asked. Servers that all call themselves compatible
// differ in what they take, and say so only by refusing: the engine starts with
// the strictest form and steps down.
type form struct {
	format format
	// ownTemperature leaves the temperature to the model.
	ownTemperature bool
	// limit names the most tokens of an answer. From tooLarge on the model's own limit
	// is lower, and none is sent: it refused so large a number. 0 when it refused none.
	limit    limitName
	tooLarge int64
	// unlimited leaves the limit out of one request: what the prompt leaves of the
	// model's context is less. It is not remembered, as the next prompt may be shorter.
	unlimited bool
}

// responseFormat is the field that asks for a format.
type responseFormat struct {
	Type       string      `json:"type"`
	JSONSchema *jsonSchema `json:"json_schema,omitempty"`
}

// jsonSchema names a schema of the answer.
type jsonSchema struct {
	Name   string          `json:"name"`
	Strict bool            `json:"strict"`
	Schema json.RawMessage `json:"schema"`
}

// answerSchema is the same for every call: providers compile a schema when they
// first see it, which takes seconds.
const answerSchema = `{"type":"object","properties":{"translations":{"type":"array","items":{"type":"object",` +
	`"properties":{"id":{"type":"integer"},"text":{"type":"string"}},"required":["id","text"],"additionalProperties":false}}},` +
	`"required":["translations"],"additionalProperties":false}`

// request writes the body of a call in this form.
func (f form) request(model string, a llm.Ask) chatRequest {
	r := chatRequest{Model: model, Messages: []message{{Role: "system", Content: a.System}, {Role: "user", Content: a.User}}}
	if !f.ownTemperature {
		r.Temperature = &a.Temperature
	}
	switch {
	case a.MaxOutput == 0 || f.unlimited || f.tooLarge > 0 && a.MaxOutput >= f.tooLarge:
	case f.limit.old():
		r.MaxTokens = a.MaxOutput
	default:
		r.MaxCompletionTokens = a.MaxOutput
	}
	switch f.format {
	case schemaFormat:
		r.ResponseFormat = &responseFormat{
			Type:       "json_schema",
			JSONSchema: &jsonSchema{Name: "translations", Strict: true, Schema: json.RawMessage(answerSchema)},
		}
	case objectFormat:
		r.ResponseFormat = &responseFormat{Type: "json_object"}
	case textFormat:
	}
	return r
}

// below returns the form to try after a complaint about a request; false when there
// is none.
func (f form) below(about llm.Complaint, sent chatRequest) (form, bool) {
	switch {
	case about == llm.FormatComplaint && f.format < textFormat:
		f.format++
		return f, true
	case about == llm.TemperatureComplaint && !f.ownTemperature:
		f.ownTemperature = true
		return f, true
	default:
		return f.withLimit(about, sent.MaxCompletionTokens+sent.MaxTokens)
	}
}

// withLimit returns the form to try after a complaint about a limit of tokens.
func (f form) withLimit(about llm.Complaint, limit int64) (form, bool) {
	switch {
	case limit == 0:
		return f, false
	case about == llm.LimitComplaint && f.limit == newName:
		f.limit = oldNameOnly
	case about == llm.LimitComplaint && f.limit == oldNameTried:
		f.limit = newNameAgain
	case about == llm.LargeComplaint:
		f.tooLarge = limit
	case about == llm.RoomComplaint:
		f.unlimited = true
	default:
		return f, false
	}
	return f, true
}

// form returns the form that is known to work, the strictest one at first.
func (e *Engine) form() form {
	return form{
		format: format(e.format.Load()), ownTemperature: e.ownTemperature.Load(),
		limit: limitName(e.limit.Load()), tooLarge: e.tooLarge.Load(),
	}
}

// learn remembers a form that was accepted. It only ever steps down, so that calls
// under way at the same time cannot undo each other's lesson.
func (e *Engine) learn(f form) {
	raise(&e.format, int32(f.format))
	raise(&e.limit, int32(f.limit))
	if f.ownTemperature {
		e.ownTemperature.Store(true)
	}
	for f.tooLarge > 0 {
		known := e.tooLarge.Load()
		if known > 0 && known <= f.tooLarge || e.tooLarge.CompareAndSwap(known, f.tooLarge) {
			break
		}
	}
}

// raise makes a number at least as large as another.
func raise(n *atomic.Int32, to int32) {
	for {
		known := n.Load()
		if to <= known || n.CompareAndSwap(known, to) {
			return
		}
	}
}

// watch learns from an answer of more tokens than were allowed: the server passes
// over a name that it does not know without a word, and the older one may be known.
func (e *Engine) watch(sent chatRequest, used engine.Usage) {
	if sent.MaxCompletionTokens > 0 && used.OutputTokens > sent.MaxCompletionTokens {
		raise(&e.limit, int32(oldNameTried))
	}
}
