package openai

import "encoding/json"

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

// form is the way a provider is asked. Servers that all call themselves compatible
// differ in what they take, and say so only by refusing: the engine starts with
// the strictest form and steps down.
type form struct {
	format format
	// ownTemperature leaves the temperature to the model.
	ownTemperature bool
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
func (f form) request(model string, messages []message, temperature float64) chatRequest {
	r := chatRequest{Model: model, Messages: messages}
	if !f.ownTemperature {
		r.Temperature = &temperature
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

// below returns the form to try after a complaint; false when there is none.
func (f form) below(about complaint) (form, bool) {
	switch {
	case about == formatComplaint && f.format < textFormat:
		f.format++
		return f, true
	case about == temperatureComplaint && !f.ownTemperature:
		f.ownTemperature = true
		return f, true
	default:
		return f, false
	}
}

// form returns the form that is known to work, the strictest one at first.
func (e *Engine) form() form {
	return form{format: format(e.format.Load()), ownTemperature: e.ownTemperature.Load()}
}

// learn remembers a form that was accepted. It only ever steps down, so that calls
// under way at the same time cannot undo each other's lesson.
func (e *Engine) learn(f form) {
	for {
		known := e.format.Load()
		if int32(f.format) <= known || e.format.CompareAndSwap(known, int32(f.format)) {
			break
		}
	}
	if f.ownTemperature {
		e.ownTemperature.Store(true)
	}
}
