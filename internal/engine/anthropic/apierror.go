package anthropic

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine/llm"
)

// apiError is what the provider said beside the status.
type apiError struct {
	llm.APIError
}

// statusOf are the statuses of the kinds of error, for an error that came with 200.
var statusOf = map[string]int{
	"invalid_request_error": http.StatusBadRequest,
	"authentication_error":  http.StatusUnauthorized,
	"billing_error":         http.StatusPaymentRequired,
	"permission_error":      http.StatusForbidden,
	"not_found_error":       http.StatusNotFound,
	"request_too_large":     http.StatusRequestEntityTooLarge,
	"rate_limit_error":      http.StatusTooManyRequests,
	"api_error":             http.StatusInternalServerError,
	"timeout_error":         http.StatusGatewayTimeout,
	"overloaded_error":      statusOverloaded,
}

// statusOverloaded is the API's own status for more load than it can take.
const statusOverloaded = 529

// parseError reads the body of an error. What cannot be read leaves the status.
func parseError(status int, body []byte) apiError {
	a := apiError{APIError: llm.APIError{Status: status}}
	var res struct {
		Error struct {
			Type    json.RawMessage `json:"type"`
			Message json.RawMessage `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &res) == nil {
		a.Kind, a.Message = llm.Scalar(res.Error.Type), llm.Scalar(res.Error.Message)
	}
	return a
}

// The words that tell complaints apart: the API has one type for all requests that it
// refuses.
const (
	creditWords = "credit balance is too low"
	filterWords = "content filter"
	sizeWords   = "prompt is too long|request exceeds the maximum size"
	roomWords   = "exceed context limit"
	toolWords   = "tool_choice|tools|tool use|input_schema"
)

// about says what the error is about.
func (a apiError) about() llm.Complaint {
	message := strings.ToLower(a.Message)
	switch {
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return llm.OtherComplaint
	case a.Status == http.StatusPaymentRequired || a.Coded("billing_error") || llm.ContainsAny(message, creditWords):
		return llm.CreditComplaint
	case a.Status == http.StatusRequestEntityTooLarge || a.Coded("request_too_large"):
		return llm.SizeComplaint
	case a.Status != http.StatusBadRequest && a.Status != http.StatusUnprocessableEntity:
		return llm.OtherComplaint
	case llm.ContainsAny(message, filterWords):
		return llm.FilterComplaint
	case llm.ContainsAny(message, sizeWords):
		return llm.SizeComplaint
	default:
		return aboutForm(message)
	}
}

// aboutForm says which part of the form is refused.
func aboutForm(message string) llm.Complaint {
	switch {
	case llm.ContainsAny(message, roomWords):
		return llm.RoomComplaint
	case strings.Contains(message, "max_tokens"):
		return llm.LargeComplaint
	case strings.Contains(message, "temperature"):
		return llm.TemperatureComplaint
	case llm.ContainsAny(message, toolWords):
		return llm.FormatComplaint
	default:
		return llm.OtherComplaint
	}
}

// classify turns an error into a class and a message.
func (e *Engine) classify(a apiError, header http.Header, safe llm.Redactor) *llm.Failure {
	return e.wire.Classify(a.APIError, a.about(), api, header, safe)
}
