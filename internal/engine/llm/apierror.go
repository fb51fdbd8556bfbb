package llm

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
)

// APIError is what a provider said beside the status.
type APIError struct {
	Status int
	// Code, Kind (the type), Param and Message are "" where the provider has none.
	Code, Kind, Param, Message string
}

// Coded says whether the code or the type is in a list parted by spaces.
func (a APIError) Coded(list string) bool {
	return oneOf(strings.ToLower(a.Code), list) || oneOf(strings.ToLower(a.Kind), list)
}

// oneOf says whether a word is in a list parted by spaces.
func oneOf(word, list string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

// ContainsAny says whether text holds one of the phrases, which are parted by bars.
func ContainsAny(text, phrases string) bool {
	for p := range strings.SplitSeq(phrases, "|") {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// Scalar returns a JSON string or number as text, and "" for anything else.
func Scalar(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

// Classify turns a provider's error into a class and a message. The class follows
// from what the provider meant, which is not always what its status says. The API is
// what the endpoint lacks when it answers 404, such as "chat completions".
func (w *Wire) Classify(a APIError, about Complaint, api string, header http.Header, safe Redactor) *Failure {
	detail := a.detail(safe)
	switch about {
	case CreditComplaint:
		return &Failure{About: about, Err: engine.Errorf(engine.Misconfigured, "the account has no credit left at the provider (%s)", detail)}
	case FilterComplaint:
		return &Failure{About: about, Divides: true, Err: engine.Errorf(engine.Rejected, "the provider's content filter stopped the text (%s)", detail)}
	case SizeComplaint, RoomComplaint:
		return &Failure{About: about, Divides: true, Err: engine.Errorf(engine.Rejected, "the text is longer than the model can take (%s)", detail)}
	default:
		return &Failure{About: about, Err: w.statusError(a.Status, api, detail, httpcall.RetryAfter(header))}
	}
}

// statusError classes an error by its status alone.
func (w *Wire) statusError(status int, api, detail string, after time.Duration) *engine.Error {
	switch status {
	case http.StatusUnauthorized:
		if w.key == "" {
			return engine.Errorf(engine.Misconfigured, "the provider asks for an API key and none is set (%s)", detail)
		}
		return engine.Errorf(engine.Misconfigured, "the provider refused the API key (%s)", detail)
	case http.StatusForbidden:
		return engine.Errorf(engine.Misconfigured, "the provider denied access (%s)", detail)
	case http.StatusNotFound:
		return engine.Errorf(engine.Misconfigured, "the endpoint has no %s or no model %q (%s)", api, w.Model, detail)
	case http.StatusTooManyRequests:
		return engine.Errorf(engine.RateLimited, "the provider limits the rate of calls (%s)", detail).Wait(after)
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
		return engine.Errorf(engine.Transient, "the provider failed (%s)", detail).Wait(after)
	}
	switch {
	case status >= 500:
		return engine.Errorf(engine.Transient, "the provider failed (%s)", detail).Wait(after)
	case status >= 300 && status < 400:
		return engine.Errorf(engine.Misconfigured, "the endpoint answered with a redirect (%d), which is not followed; set the address it leads to", status)
	default:
		return engine.Errorf(engine.Misconfigured, "the provider refused the request (%s)", detail)
	}
}

// detail is the status with what may be shown of the rest: codes that look like
// codes, and a message that repeats nothing of ours. Messages about the key are
// never shown, as some providers quote a part of it.
func (a APIError) detail(safe Redactor) string {
	parts := []string{strconv.Itoa(a.Status)}
	for _, code := range []string{a.Code, a.Kind} {
		if code != "" && code != parts[len(parts)-1] && safe.Code(code) {
			parts = append(parts, code)
		}
	}
	detail := strings.Join(parts, ", ")
	if a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden {
		return detail
	}
	if m := safe.Message(a.Message); m != "" {
		detail += ": " + m
	}
	return detail
}

// NoRequest is a Redactor for errors of a probe, which sends no text.
func (w *Wire) NoRequest() Redactor { return NewRedactor(w.key, engine.Request{}) }

// Tokens keeps a count between 0 and what no model exceeds in one answer; 0 for nil.
func Tokens(n *float64) int64 {
	if n == nil {
		return 0
	}
	return int64(min(max(*n, 0), 1e9))
}
