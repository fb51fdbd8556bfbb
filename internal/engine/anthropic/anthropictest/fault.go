package anthropictest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine/llm/llmtest"
	"github.com/dragoman-dev/dragoman/internal/engine/standin"
)

// Fault is one way in which a server goes wrong. The zero value is none.
type Fault struct {
	// Name tells the fault in the log of calls.
	Name string

	status int
	// free says that a 200 is not billed: no answer was made.
	free bool
	// applies says whether a call meets the fault; nil for every call.
	applies func(*exchange) bool
	// change spoils an answer, and commit sends another one in its place.
	change func(*exchange)
	commit func(http.ResponseWriter, *http.Request, *exchange)
}

// Batch limits a fault to calls with more than one segment.
func Batch(f Fault) Fault { return when(f, func(x *exchange) bool { return len(x.call.Segments) > 1 }) }

// For limits a fault to calls with a text that holds the marker.
func For(f Fault, marker string) Fault {
	return when(f, func(x *exchange) bool {
		return slices.ContainsFunc(x.call.Segments, func(s llmtest.Segment) bool { return strings.Contains(s.Text, marker) })
	})
}

func when(f Fault, also func(*exchange) bool) Fault {
	applies := f.applies
	f.applies = func(x *exchange) bool { return also(x) && (applies == nil || applies(x)) }
	return f
}

// Failing answers with an error of the API.
func Failing(status int, kind, message string) Fault {
	return Fault{Name: kind, status: status, commit: func(w http.ResponseWriter, _ *http.Request, _ *exchange) {
		writeError(w, status, kind, message)
	}}
}

// Quoting answers with an error of the API that repeats the prompt: nobody may show
// that.
func Quoting(status int, kind string) Fault {
	return Fault{Name: kind, status: status, commit: func(w http.ResponseWriter, r *http.Request, x *exchange) {
		writeError(w, status, kind, "cannot take "+r.Header.Get("X-Api-Key")+" "+x.call.System+" "+x.call.User)
	}}
}

// RateLimit limits the rate, with a Retry-After.
func RateLimit(after time.Duration) Fault {
	return Fault{Name: "RateLimit", status: http.StatusTooManyRequests, commit: func(w http.ResponseWriter, _ *http.Request, _ *exchange) {
		w.Header().Set("Retry-After", strconv.Itoa(int(after.Seconds())))
		writeError(w, http.StatusTooManyRequests, "rate_limit_error", "This request would exceed your rate limit")
	}}
}

// Overloaded has more load than it can take.
func Overloaded() Fault { return Failing(529, "overloaded_error", "Overloaded") }

// ErrorInAnswer fails with status 200 and an error in the body, as gateways do.
func ErrorInAnswer(kind string) Fault {
	f := Fault{Name: "ErrorInAnswer", free: true}
	f.commit = func(w http.ResponseWriter, _ *http.Request, _ *exchange) { writeError(w, http.StatusOK, kind, "no") }
	return f
}

// NoTools takes no tools.
func NoTools() Fault {
	return when(Failing(http.StatusBadRequest, "invalid_request_error", "tools: this model does not support tool use"),
		func(x *exchange) bool { return x.call.Tool })
}

// NoTemperature takes no temperature but the model's own.
func NoTemperature() Fault {
	return when(Failing(http.StatusBadRequest, "invalid_request_error", "`temperature` is deprecated for this model"),
		func(x *exchange) bool { return x.call.Temperature != nil })
}

// OutputLimit refuses a limit above the most that the model writes, and names it when
// told is true.
func OutputLimit(most int64, told bool) Fault {
	return Fault{
		Name: "OutputLimit", status: http.StatusBadRequest,
		applies: func(x *exchange) bool { return x.call.MaxTokens > most },
		commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
			message := "max_tokens is too large"
			if told {
				message = fmt.Sprintf("max_tokens: %d > %d, which is the maximum allowed number of output tokens for this model", x.call.MaxTokens, most)
			}
			writeError(w, http.StatusBadRequest, "invalid_request_error", message)
		},
	}
}

// PromptLength refuses calls with more than this many segments and examples.
func PromptLength(most int) Fault {
	return when(Failing(http.StatusBadRequest, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
		func(x *exchange) bool { return len(x.call.Segments)+len(x.call.Context) > most })
}

// Refusal stops with a refusal.
func Refusal() Fault {
	return changing("Refusal", func(x *exchange) { x.stop, x.content = "refusal", []map[string]any{} })
}

// RefusalInWords says no where the tool was to be used.
func RefusalInWords() Fault {
	return changing("RefusalInWords", func(x *exchange) {
		x.stop, x.content = "end_turn", text("I'm sorry, but I can't help with that request.")
	})
}

// MaxTokens cuts the answers of calls with more than this many segments.
func MaxTokens(most int) Fault {
	return when(changing("MaxTokens", (*exchange).cut), func(x *exchange) bool { return len(x.call.Segments) > most })
}

// MissingID leaves the last segment out.
func MissingID() Fault {
	return changing("MissingID", func(x *exchange) { x.answer = x.answer[:len(x.answer)-1] })
}

// SwappedIDs exchanges the first two ids; a single id becomes one that was not sent.
func SwappedIDs() Fault {
	return changing("SwappedIDs", func(x *exchange) {
		if len(x.answer) == 1 {
			x.answer[0].ID++
			return
		}
		x.answer[0].ID, x.answer[1].ID = x.answer[1].ID, x.answer[0].ID
	})
}

// EmptyText answers the first segment with nothing.
func EmptyText() Fault { return changing("EmptyText", func(x *exchange) { x.answer[0].Text = "" }) }

// LeakedPrompt answers the first segment with the system message.
func LeakedPrompt() Fault {
	return changing("LeakedPrompt", func(x *exchange) { x.answer[0].Text = x.call.System })
}

// InWords answers with words around the JSON where the tool was to be used.
func InWords() Fault {
	return changing("InWords", func(x *exchange) { x.stop, x.content = "end_turn", text("Sure!\n```json\n"+x.json()+"\n```") })
}

// NotJSON answers 200 with a page, as a wrong endpoint does.
func NotJSON() Fault {
	return Fault{Name: "NotJSON", free: true, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		_, _ = fmt.Fprint(w, "<html>"+x.call.User+"</html>")
	}}
}

// NoMessage answers 200 with JSON of another kind.
func NoMessage() Fault {
	return Fault{Name: "NoMessage", free: true, commit: func(w http.ResponseWriter, _ *http.Request, _ *exchange) {
		standin.WriteJSON(w, http.StatusOK, map[string]any{"type": "completion"})
	}}
}

// Reset ends the connection before the answer.
func Reset() Fault {
	return Fault{Name: "Reset", free: true, commit: func(http.ResponseWriter, *http.Request, *exchange) {
		panic(http.ErrAbortHandler)
	}}
}

// changing makes a fault out of a change to the answer.
func changing(name string, change func(*exchange)) Fault { return Fault{Name: name, change: change} }
