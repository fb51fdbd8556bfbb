package convert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// shapeError says that a value is of none of the types it may have.
type shapeError struct{ field, want string }

func (e *shapeError) Error() string { return e.field + " must be " + e.want }

func shape(field, want string) error { return &shapeError{field: field, want: want} }

// Decode reads the body of a request into a wire type. Unknown keys are ignored.
// Every error is a *Fault of kind BadBriefing.
func Decode(body []byte, into any) error {
	if !utf8.Valid(body) {
		return bodyFault("The body is not valid UTF-8.")
	}
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 {
		return bodyFault("The body is empty; send a JSON object.")
	}
	if trimmed[0] != '{' && json.Valid(trimmed) {
		return bodyFault("The body must be a JSON object.")
	}
	decoder := json.NewDecoder(bytes.NewReader(trimmed))
	if err := decoder.Decode(into); err != nil {
		return decodeFault(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return bodyFault("The body has something after the JSON object.")
	}
	return nil
}

func decodeFault(err error) error {
	if wrong, ok := errors.AsType[*shapeError](err); ok {
		return briefing(wrong.field, "must be %s", wrong.want)
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return briefing(fieldPath(wrong.Field), "must be %s, not %s", typeName(wrong.Type.Kind().String()), wrong.Value)
	}
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		return bodyFault(fmt.Sprintf("The body is not JSON: %s at byte %d.", wrong, wrong.Offset))
	}
	return bodyFault("The body is not JSON: " + err.Error() + ".")
}

func bodyFault(detail string) error {
	return &Fault{Kind: BadBriefing, Detail: detail, Fields: []Field{{Location: "body", Message: detail}}}
}

// fieldPath drops the names of embedded types, which mean nothing on the wire.
func fieldPath(path string) string {
	return strings.TrimPrefix(strings.ReplaceAll(path, ".Options.", "."), "Options.")
}

// typeName names a Go kind in the words of JSON.
func typeName(kind string) string {
	switch {
	case kind == "bool":
		return "true or false"
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "a whole number"
	case kind == "slice":
		return "a list"
	case kind == "string":
		return "a string"
	default:
		return "an object"
	}
}
