package openai

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine/llm"
)

// apiError is what a provider said beside the status. Servers differ in the shape:
// OpenAI nests it under "error", vLLM sends the fields flat, LM Studio sends a
// string, Gemini a list of one.
type apiError struct {
	llm.APIError
	// namesLimit says that the limit of tokens is named anywhere in the body: some say
	// it in a list of places (Mistral, FastAPI), and not in words.
	namesLimit bool
}

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
	a := apiError{APIError: llm.APIError{Status: status}}
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
	a.Code, a.Kind, a.Param, a.Message = llm.Scalar(f.Code), llm.Scalar(f.Type), llm.Scalar(f.Param), llm.Scalar(f.Message)
	if inner := llm.Scalar(f.InnerError.Code); inner != "" {
		a.Code = inner
	}
	if a.Message == "" {
		a.Message = llm.Scalar(f.Detail)
	}
	return a
}

// about says what the error is about. Codes come first; the messages are those of
// servers that have no codes (vLLM, llama.cpp, DeepSeek, LM Studio).
func (a apiError) about() llm.Complaint {
	message := strings.ToLower(a.Message)
	switch {
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return llm.OtherComplaint
	case a.Status == http.StatusPaymentRequired || a.Coded(creditCodes):
		return llm.CreditComplaint
	case a.Coded(filterCodes):
		return llm.FilterComplaint
	case a.refusesLimit() && llm.ContainsAny(message, largeWords):
		return tooMuch(message)
	case a.tooLong(message):
		return llm.SizeComplaint
	case a.Status == http.StatusTooManyRequests:
		return llm.OtherComplaint
	default:
		return a.aboutForm(message)
	}
}

// aboutForm says which part of the form is refused.
func (a apiError) aboutForm(message string) llm.Complaint {
	switch {
	case strings.HasPrefix(a.Param, "response_format") || llm.ContainsAny(message, formatWords):
		return llm.FormatComplaint
	case a.Param == "temperature" || strings.Contains(message, "'temperature'"):
		return llm.TemperatureComplaint
	case a.refusesLimit():
		return llm.LimitComplaint
	default:
		return llm.OtherComplaint
	}
}

// tooLong says whether the prompt does not fit.
func (a apiError) tooLong(message string) bool {
	return a.Status == http.StatusRequestEntityTooLarge || a.Coded(sizeCodes) || llm.ContainsAny(message, sizeWords)
}

// tooMuch tells a limit that does not fit beside the prompt from one that is too large
// for any prompt.
func tooMuch(message string) llm.Complaint {
	if llm.ContainsAny(message, sizeWords) {
		return llm.RoomComplaint
	}
	return llm.LargeComplaint
}

// refusesLimit says whether the request is refused, and the limit of tokens named.
func (a apiError) refusesLimit() bool {
	return a.namesLimit && (a.Status == http.StatusBadRequest || a.Status == http.StatusUnprocessableEntity)
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

// classify turns an error into a class and a message.
func (e *Engine) classify(a apiError, header http.Header, safe llm.Redactor) *llm.Failure {
	return e.wire.Classify(a.APIError, a.about(), api, header, safe)
}
