package convert

import "fmt"

// FaultKind says what is wrong with a request, and so which status it answers.
type FaultKind int

const (
	// BadBriefing is a body that cannot be used as it is: 400.
	BadBriefing FaultKind = iota + 1
	// BadLanguages is a combination of languages that cannot be had: 422.
	BadLanguages
	// BadQuery is a query parameter that cannot be used: 422.
	BadQuery
)

// Field is one place in a request and what is wrong there.
type Field struct {
	Location string `json:"location" doc:"Where in the request, such as body.texts[3]." example:"body.text"`
	Message  string `json:"message" doc:"What is wrong there."`
}

// Fault is an error of the caller. Its message is shown to the caller: a
// sentence that says what to do, and never quotes a text to be translated.
type Fault struct {
	Kind   FaultKind
	Detail string
	Fields []Field
	// Code names the fault for programs; "" for most.
	Code string
}

// Error returns the sentence.
func (f *Fault) Error() string { return f.Detail }

// briefing returns a fault in a field of the body.
func briefing(field, format string, args ...any) *Fault {
	message := fmt.Sprintf(format, args...)
	return &Fault{
		Kind:   BadBriefing,
		Detail: field + " " + message,
		Fields: []Field{{Location: "body." + field, Message: message}},
	}
}

// languages returns a fault in the languages of the body.
func languages(field, format string, args ...any) *Fault {
	message := fmt.Sprintf(format, args...)
	return &Fault{
		Kind:   BadLanguages,
		Detail: message,
		Fields: []Field{{Location: "body." + field, Message: message}},
	}
}

// query returns a fault in a query parameter.
func query(parameter, format string, args ...any) *Fault {
	message := fmt.Sprintf(format, args...)
	return &Fault{
		Kind:   BadQuery,
		Detail: parameter + " " + message,
		Fields: []Field{{Location: "query." + parameter, Message: message}},
	}
}
