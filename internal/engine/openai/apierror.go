package openai

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// apiError is what a provider said beside the status. Servers differ in the shape:
// OpenAI nests it under "error", vLLM sends the fields flat, LM Studio sends a
// string, Gemini a list of one.
type apiError struct {
	status                     int
	code, kind, param, message string
	// namesLimit says that the limit of tokens is named anywhere in the body: some say
	// it in a list of places (Mistral, FastAPI), and not in words.
	namesLimit bool
}

// complaint is what an error is about, where the engine acts on it.
type complaint int

const (
	otherComplaint complaint = iota
	// formatComplaint: the server does not know this response_format.
	formatComplaint
	// temperatureComplaint: the model takes only its own temperature.
	temperatureComplaint
	// limitComplaint: the server does not take the name of the limit of tokens.
	limitComplaint
	// largeComplaint: the limit of tokens is more than the model ever writes.
	largeComplaint
	// roomComplaint: prompt and limit of tokens together do not fit the model.
	roomComplaint
	// sizeComplaint: the prompt, or prompt and answer, do not fit the model.
	sizeComplaint
	// filterComplaint: a content filter stopped the text.
	filterComplaint
	// creditComplaint: the account is out of money.
	creditComplaint
)

// errorFields are the fields of an error in either shape. Each may be a string, a
// number or null.
type errorFields struct {
	Error      json.RawMessage `json:"error"`
	Message    json.RawMessage `json:"message"`
	Detail     json.RawMessage `json:"detail"`
	Type       json.RawMessage `json:"type"`
	Code       json.RawMessage `json:"code"`
	Param      json.RawMessage `json:"param"`
	InnerError struct {
		Code json.RawMessage `json:"code"`
	} `json:"innererror"`
}

// parseAPIError reads the body of an error. What cannot be read leaves the status.
func parseAPIError(status int, body []byte) apiError {
	a := apiError{status: status}
	body = bytes.TrimSpace(body)
	a.namesLimit = bytes.Contains(body, []byte("max_completion_tokens")) || bytes.Contains(body, []byte("max_tokens"))
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		body = list[0]
	}
	var f errorFields
	if json.Unmarshal(body, &f) != nil {
		return a
	}
	nested := bytes.TrimSpace(f.Error)
	switch {
	case len(nested) > 0 && nested[0] == '{':
		f = errorFields{}
		if json.Unmarshal(nested, &f) != nil {
			return a
		}
	case len(nested) > 0 && nested[0] == '"':
		f.Message = f.Error
	}
	a.code, a.kind, a.param, a.message = scalar(f.Code), scalar(f.Type), scalar(f.Param), scalar(f.Message)
	if inner := scalar(f.InnerError.Code); inner != "" {
		a.code = inner
	}
	if a.message == "" {
		a.message = scalar(f.Detail)
	}
	return a
}

// scalar returns a JSON string or number as text, and "" for anything else.
func scalar(raw json.RawMessage) string {
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

// about says what the error is about. Codes come first; the messages are those of
// servers that have no codes (vLLM, llama.cpp, DeepSeek, LM Studio).
func (a apiError) about() complaint {
	message := strings.ToLower(a.message)
	switch {
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
		return otherComplaint
	case a.status == http.StatusPaymentRequired || a.coded(creditCodes):
		return creditComplaint
	case a.coded(filterCodes):
		return filterComplaint
	case a.refusesLimit() && containsAny(message, largeWords):
		return tooMuch(message)
	case a.tooLong(message):
		return sizeComplaint
	case a.status == http.StatusTooManyRequests:
		return otherComplaint
	default:
		return a.aboutForm(message)
	}
}

// aboutForm says which part of the form is refused.
func (a apiError) aboutForm(message string) complaint {
	switch {
	case strings.HasPrefix(a.param, "response_format") || containsAny(message, formatWords):
		return formatComplaint
	case a.param == "temperature" || strings.Contains(message, "'temperature'"):
		return temperatureComplaint
	case a.refusesLimit():
		return limitComplaint
	default:
		return otherComplaint
	}
}

// tooLong says whether the prompt does not fit.
func (a apiError) tooLong(message string) bool {
	return a.status == http.StatusRequestEntityTooLarge || a.coded(sizeCodes) || containsAny(message, sizeWords)
}

// tooMuch tells a limit that does not fit beside the prompt from one that is too large
// for any prompt.
func tooMuch(message string) complaint {
	if containsAny(message, sizeWords) {
		return roomComplaint
	}
	return largeComplaint
}

// refusesLimit says whether the request is refused, and the limit of tokens named.
func (a apiError) refusesLimit() bool {
	return a.namesLimit && (a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity)
}

// coded says whether the code or the type is in a list.
func (a apiError) coded(list string) bool {
	return oneOf(strings.ToLower(a.code), list) || oneOf(strings.ToLower(a.kind), list)
}

// The codes and words that tell complaints apart.
const (
	creditCodes = "insufficient_quota billing_hard_limit_reached billing_not_active insufficient_balance"
	filterCodes = "content_filter content_policy_violation responsibleaipolicyviolation data_inspection_failed"
	sizeCodes   = "context_length_exceeded exceed_context_size_error string_above_max_length request_too_large"
	sizeWords   = "maximum context length|context window|context size|model's context length|max_tokens must be at least 1|request too large"
	largeWords  = "too large|at most|less than or equal|exceeds the maximum|greater than the maximum"
	formatWords = "response_format|json_schema|json_object"
)

// oneOf says whether a word is in a list parted by spaces.
func oneOf(word, list string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

// containsAny says whether text holds one of the phrases, which are parted by bars.
func containsAny(text, phrases string) bool {
	for p := range strings.SplitSeq(phrases, "|") {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// failure is why an exchange gave no usable answer.
type failure struct {
	err *engine.Error
	// divides says that fewer segments at a time may help: the fault lies with the
	// texts or with the answer, not with the provider.
	divides bool
	// whole is the error of the call when no segment came; nil when err is that too.
	whole *engine.Error
	// about is set for errors of the provider.
	about complaint
}

// classify turns a provider's error into a class and a message. The class follows
// from what the provider meant, which is not always what its status says.
func (e *Engine) classify(a apiError, header http.Header, safe redactor) *failure {
	detail := a.detail(safe)
	switch about := a.about(); about {
	case creditComplaint:
		return &failure{about: about, err: engine.Errorf(engine.Misconfigured, "the account has no credit left at the provider (%s)", detail)}
	case filterComplaint:
		return &failure{about: about, divides: true, err: engine.Errorf(engine.Rejected, "the provider's content filter stopped the text (%s)", detail)}
	case sizeComplaint, roomComplaint:
		return &failure{about: about, divides: true, err: engine.Errorf(engine.Rejected, "the text is longer than the model can take (%s)", detail)}
	default:
		return &failure{about: about, err: e.statusError(a.status, detail, retryAfter(header))}
	}
}

// statusError classes an error by its status alone.
func (e *Engine) statusError(status int, detail string, after time.Duration) *engine.Error {
	switch status {
	case http.StatusUnauthorized:
		if e.key == "" {
			return engine.Errorf(engine.Misconfigured, "the provider asks for an API key and none is set (%s)", detail)
		}
		return engine.Errorf(engine.Misconfigured, "the provider refused the API key (%s)", detail)
	case http.StatusForbidden:
		return engine.Errorf(engine.Misconfigured, "the provider denied access (%s)", detail)
	case http.StatusNotFound:
		return engine.Errorf(engine.Misconfigured, "the endpoint has no chat completions or no model %q (%s)", e.model, detail)
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
func (a apiError) detail(safe redactor) string {
	parts := []string{strconv.Itoa(a.status)}
	for _, code := range []string{a.code, a.kind} {
		if code != "" && code != parts[len(parts)-1] && safe.code(code) {
			parts = append(parts, code)
		}
	}
	detail := strings.Join(parts, ", ")
	if a.status == http.StatusUnauthorized || a.status == http.StatusForbidden {
		return detail
	}
	if m := safe.message(a.message); m != "" {
		detail += ": " + m
	}
	return detail
}
