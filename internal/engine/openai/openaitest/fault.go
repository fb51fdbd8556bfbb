package openaitest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine/standin"
)

// Fault is one way in which a server goes wrong. The zero value is none.
type Fault struct {
	// Name tells the fault in the log of calls.
	Name string

	status int
	// free says that a 200 is not billed: no answer was made.
	free bool
	// spoils says that a 200 holds nothing that can be used.
	spoils bool
	// deaf says that max_completion_tokens is passed over.
	deaf bool
	// applies says whether a call meets the fault; nil for every call.
	applies func(*exchange) bool
	commit  func(http.ResponseWriter, *http.Request, *exchange)
}

// exchange is a call with the answer that it would get.
type exchange struct {
	server *Server
	call   Call
	key    string
	answer []answerItem
	finish string
	// content replaces the JSON of the answer; refusal is the field of that name.
	content *string
	refusal string
	// untold leaves the usage out of the answer.
	untold bool
}

// answerItem is one entry of the answer.
type answerItem struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

// All returns every fault once, by name, with a limit that the next call exceeds.
func All() []Fault {
	return []Fault{
		BareText(), ChatterAround(), CodeFence(), ContentFilter(""), ContentFilterStatus(""), ContextLength(0), CutBody(),
		DropPlaceable(), DuplicatedID(), EchoSource(), EmptyText(), ErrorInAnswer(503), ErrorString(400), ExtraID(),
		FinishLength(0), FlatError(400), FlatError(500), Hang(), Huge(8 << 20), InsufficientQuota(), MalformedJSON(),
		MissingID(), NestedError(400), NestedError(500), NoChoices(), NoJSONObject(), NoJSONSchema(), NoTemperature(),
		NotJSON(), Redirect("http://127.0.0.1:1/v1"), Refusal(""), RefusalField(""), Reset(), Status429(time.Second),
		Status5xx(503), SwappedIDs(), SwappedTexts(), UnknownModel(), WrongKey(),
	}
}

// None is a call that goes well, for a queue.
func None() Fault { return Fault{} }

// Batch limits a fault to calls with more than one segment.
func Batch(f Fault) Fault {
	applies := f.applies
	f.applies = func(x *exchange) bool { return len(x.call.Segments) > 1 && (applies == nil || applies(x)) }
	return f
}

// failing makes a fault out of a status and an error as OpenAI writes it.
func failing(name string, status int, code, text string) Fault {
	return Fault{Name: name, status: status, commit: func(w http.ResponseWriter, _ *http.Request, _ *exchange) {
		writeError(w, status, code, text)
	}}
}

// with adds headers to a fault.
func with(f Fault, set func(http.Header)) Fault {
	commit := f.commit
	f.commit = func(w http.ResponseWriter, r *http.Request, x *exchange) {
		set(w.Header())
		commit(w, r, x)
	}
	return f
}

// answering makes a fault out of a change to the answer.
func answering(name string, change func(*exchange)) Fault {
	return Fault{Name: name, status: http.StatusOK, commit: func(w http.ResponseWriter, _ *http.Request, x *exchange) {
		change(x)
		x.write(w)
	}}
}

// spoiling marks a fault that leaves nothing of an answer to be used.
func spoiling(f Fault) Fault {
	f.spoils = true
	return f
}

// limit cuts the answer off where the call's limit of tokens does.
func (x *exchange) limit() {
	if _, cut := usageOf(x.call); cut {
		x.finish, x.content = "length", new(strings.TrimSuffix(x.json(), "}]}"))
	}
}

// holding applies to calls with a text that holds the marker.
func holding(marker string) func(*exchange) bool {
	return func(x *exchange) bool {
		return slices.ContainsFunc(x.call.Segments, func(s Segment) bool { return strings.Contains(s.Text, marker) })
	}
}

// longerThan applies to calls with more runes of text.
func longerThan(maxRunes int) func(*exchange) bool {
	return func(x *exchange) bool {
		n := 0
		for _, s := range x.call.Segments {
			n += utf8.RuneCountInString(s.Text)
		}
		return n > maxRunes
	}
}

// quote repeats the key and the prompt.
func (x *exchange) quote() string { return x.key + " " + x.call.System + " " + x.call.User }

// json writes the answer as the model would.
func (x *exchange) json() string {
	raw, err := json.Marshal(map[string]any{"translations": x.answer})
	if err != nil {
		panic(err) // Numbers and strings always encode.
	}
	return string(raw)
}

// body is the whole body of the answer.
func (x *exchange) body() map[string]any {
	content := x.content
	if content == nil {
		content = new(x.json())
	}
	finish := x.finish
	if finish == "" {
		finish = "stop"
	}
	reply := map[string]any{"role": "assistant", "content": *content}
	if x.refusal != "" {
		maps.Copy(reply, map[string]any{"content": nil, "refusal": x.refusal})
	}
	usage, _ := usageOf(x.call)
	body := map[string]any{
		"object":  "chat.completion",
		"model":   x.call.Model,
		"choices": []any{map[string]any{"index": 0, "finish_reason": finish, "message": reply}},
		"usage": map[string]int64{
			"prompt_tokens": usage.InputTokens, "completion_tokens": usage.OutputTokens,
			"total_tokens": usage.InputTokens + usage.OutputTokens,
		},
	}
	if x.untold {
		delete(body, "usage")
	}
	return body
}

// write sends the answer.
func (x *exchange) write(w http.ResponseWriter) { standin.WriteJSON(w, http.StatusOK, x.body()) }

// writeError sends an error as OpenAI writes it.
func writeError(w http.ResponseWriter, status int, code, text string) {
	fields := map[string]any{"message": text, "type": "invalid_request_error", "param": nil, "code": code}
	if code == "" {
		fields["code"] = nil
	}
	standin.WriteJSON(w, status, map[string]any{"error": fields})
}
