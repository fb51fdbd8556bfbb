package openaitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine/standin"
)

// Status429 limits the rate, with a Retry-After when it is not 0.
func Status429(retryAfter time.Duration) Fault {
	f := failing("Status429", http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit reached for requests")
	return with(f, func(h http.Header) {
		if retryAfter > 0 {
			h.Set("Retry-After", strconv.FormatFloat(retryAfter.Seconds(), 'f', -1, 64))
		}
	})
}

// Status429Headers limits the rate and says how long in headers of the caller's.
func Status429Headers(headers map[string]string) Fault {
	f := failing("Status429Headers", http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit reached for requests")
	return with(f, func(h http.Header) {
		for k, v := range headers {
			h.Set(k, v)
		}
	})
}

// Status5xx fails with a page that is not JSON, as a gateway does.
func Status5xx(status int) Fault {
	return Fault{Name: "Status5xx", status: status, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<html><h1>%d</h1>%s</html>", status, x.call.User)
	}}
}

// NestedError fails with a body as OpenAI writes it. Like the other errors below
// it quotes the key and the prompt: nobody may show that.
func NestedError(status int) Fault {
	return Fault{Name: fmt.Sprintf("NestedError%d", status), status: status, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		writeError(w, status, "some_error", "cannot take "+x.quote())
	}}
}

// FlatError fails with a body as vLLM writes it.
func FlatError(status int) Fault {
	return Fault{Name: fmt.Sprintf("FlatError%d", status), status: status, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		standin.WriteJSON(w, status, map[string]any{
			"object": "error", "message": "cannot take " + x.quote(), "type": "BadRequestError", "param": nil, "code": status,
		})
	}}
}

// ErrorString fails with a body as LM Studio writes it.
func ErrorString(status int) Fault {
	return Fault{Name: "ErrorString", status: status, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		standin.WriteJSON(w, status, map[string]string{"error": "cannot take " + x.quote()})
	}}
}

// ErrorInAnswer fails with status 200 and an error in the body, as gateways do.
func ErrorInAnswer(status int) Fault {
	return Fault{Name: "ErrorInAnswer", status: http.StatusOK, free: true, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		standin.WriteJSON(w, http.StatusOK, map[string]any{"error": map[string]any{"code": status, "message": "cannot take " + x.quote()}})
	}}
}

// WrongKey refuses the key and quotes it.
func WrongKey() Fault {
	return Fault{Name: "WrongKey", status: http.StatusUnauthorized, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		writeError(w, http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided: "+x.key)
	}}
}

// UnknownModel does not have the model.
func UnknownModel() Fault {
	return failing("UnknownModel", http.StatusNotFound, "model_not_found", "The model does not exist")
}

// InsufficientQuota is out of money, with the status of a rate limit.
func InsufficientQuota() Fault {
	return failing("InsufficientQuota", http.StatusTooManyRequests, "insufficient_quota", "You exceeded your current quota")
}

// NoCredit is out of money, with the status for it.
func NoCredit() Fault {
	return failing("NoCredit", http.StatusPaymentRequired, "", "Insufficient credits")
}

// NoJSONSchema refuses response_format json_schema.
func NoJSONSchema() Fault {
	f := failing("NoJSONSchema", http.StatusBadRequest, "invalid_request_error", "This response_format type is unavailable now")
	f.applies = func(x *exchange) bool { return x.call.Format == "json_schema" }
	return f
}

// NoJSONObject refuses response_format json_object.
func NoJSONObject() Fault {
	f := failing("NoJSONObject", http.StatusBadRequest, "", "'response_format.type' must be 'text'")
	f.applies = func(x *exchange) bool { return x.call.Format == "json_object" }
	return f
}

// NoTemperature takes no temperature but the model's own.
func NoTemperature() Fault {
	f := failing("NoTemperature", http.StatusBadRequest, "unsupported_value", "Unsupported value: 'temperature' does not support 0 with this model")
	f.applies = func(x *exchange) bool { return x.call.Temperature != nil }
	return f
}

// NoMaxCompletionTokens knows the limit of an answer by its old name alone, and says
// so as Mistral does.
func NoMaxCompletionTokens() Fault {
	f := Fault{Name: "NoMaxCompletionTokens", status: http.StatusUnprocessableEntity, commit: func(w http.ResponseWriter, _ *http.Request, _ *exchange) {
		place := map[string]any{"type": "extra_forbidden", "loc": []string{"body", "max_completion_tokens"}, "msg": "Extra inputs are not permitted"}
		standin.WriteJSON(w, http.StatusUnprocessableEntity, map[string]any{
			"object": "error", "message": map[string]any{"detail": []any{place}}, "type": "invalid_request_error",
		})
	}}
	f.applies = func(x *exchange) bool { return x.call.MaxCompletionTokens > 0 }
	return f
}

// NoMaxTokens knows the limit of an answer by its new name alone.
func NoMaxTokens() Fault {
	f := failing("NoMaxTokens", http.StatusBadRequest, "unsupported_parameter",
		"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
	f.applies = func(x *exchange) bool { return x.call.MaxTokens > 0 }
	return f
}

// DeafToMaxCompletionTokens passes over the new name of the limit, as Ollama does.
func DeafToMaxCompletionTokens() Fault {
	f := Fault{Name: "DeafToMaxCompletionTokens", status: http.StatusOK, deaf: true, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		x.write(w)
	}}
	f.applies = func(x *exchange) bool { return x.call.MaxCompletionTokens > 0 }
	return f
}

// OutputLimit refuses limits over what the model ever writes.
func OutputLimit(most int64) Fault {
	f := failing("OutputLimit", http.StatusBadRequest, "invalid_value",
		fmt.Sprintf("max_tokens is too large. This model supports at most %d completion tokens", most))
	f.applies = func(x *exchange) bool { return max(x.call.MaxCompletionTokens, x.call.MaxTokens) > most }
	return f
}

// ContextRoom refuses limits that do not fit beside the prompt, as vLLM does.
func ContextRoom(most int64) Fault {
	f := failing("ContextRoom", http.StatusBadRequest, "",
		"'max_tokens' or 'max_completion_tokens' is too large. This model's maximum context length is exceeded by it")
	f.applies = func(x *exchange) bool { return max(x.call.MaxCompletionTokens, x.call.MaxTokens) > most }
	return f
}

// ContextLength refuses calls with more than this many runes of text.
func ContextLength(maxRunes int) Fault {
	f := failing("ContextLength", http.StatusBadRequest, "context_length_exceeded", "This model's maximum context length is exceeded")
	f.applies = longerThan(maxRunes)
	return f
}

// PromptLength refuses calls with more than this many runes of data, the context
// and the marks of JSON included.
func PromptLength(maxRunes int) Fault {
	f := ContextLength(0)
	f.Name = "PromptLength"
	f.applies = func(x *exchange) bool {
		return utf8.RuneCountInString(x.call.User)-len("<<\n\n>>")-2*markerLength > maxRunes
	}
	return f
}

// ContentFilterStatus refuses calls with a text that holds the marker, as Azure does.
func ContentFilterStatus(marker string) Fault {
	f := failing("ContentFilterStatus", http.StatusBadRequest, "content_filter", "The response was filtered")
	f.applies = holding(marker)
	return f
}

// NoChoices answers with an empty list of choices.
func NoChoices() Fault {
	return Fault{Name: "NoChoices", status: http.StatusOK, spoils: true, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		body := x.body()
		body["choices"] = []any{}
		standin.WriteJSON(w, http.StatusOK, body)
	}}
}

// NotJSON answers 200 with a page, as a wrong endpoint does.
func NotJSON() Fault {
	return Fault{Name: "NotJSON", status: http.StatusOK, free: true, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		fmt.Fprint(w, "<html>"+x.quote()+"</html>")
	}}
}

// Huge answers with more bytes than anybody reads.
func Huge(bytes int) Fault {
	return Fault{Name: "Huge", status: http.StatusOK, spoils: true, commit: func(w http.ResponseWriter, _ *http.Request, _ *exchange) {
		block := strings.Repeat(" ", 64<<10)
		for sent := 0; sent < bytes; sent += len(block) {
			if _, err := w.Write([]byte(block)); err != nil {
				return
			}
		}
	}}
}

// CutBody ends the connection in the middle of the body.
func CutBody() Fault {
	return Fault{Name: "CutBody", status: http.StatusOK, spoils: true, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		raw, err := json.Marshal(x.body())
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
		fmt.Fprintf(w, "%s", raw[:len(raw)/2])
		panic(http.ErrAbortHandler)
	}}
}

// Reset ends the connection before the answer.
func Reset() Fault {
	return Fault{Name: "Reset", status: http.StatusOK, free: true, commit: func(http.ResponseWriter, *http.Request, *exchange) {
		panic(http.ErrAbortHandler)
	}}
}

// Redirect points to another base URL.
func Redirect(to string) Fault {
	return Fault{Name: "Redirect", status: http.StatusTemporaryRedirect, commit: func(w http.ResponseWriter, r *http.Request, _ *exchange) {
		http.Redirect(w, r, to+"/chat/completions", http.StatusTemporaryRedirect)
	}}
}

// Hang gives no answer until the caller or the server ends.
func Hang() Fault {
	return Fault{Name: "Hang", status: http.StatusOK, free: true, commit: func(_ http.ResponseWriter, r *http.Request, x *exchange) {
		select {
		case <-r.Context().Done():
		case <-x.server.closing:
		}
		panic(http.ErrAbortHandler)
	}}
}

// NoFormat complains of response_format whether it was sent or not.
func NoFormat() Fault {
	return failing("NoFormat", http.StatusBadRequest, "", "response_format is not supported")
}
