package anthropic

import (
	"encoding/json"
	"regexp"
	"strconv"

	"github.com/dragoman-dev/dragoman/internal/engine/llm"
)

const (
	// toolName is the tool that the model is made to use: its input is the answer, and
	// the provider holds it to the schema.
	toolName = "translations"
	// defaultOutput is the most tokens of an answer where no limit is asked for, as the
	// API wants one in every request: room for 8000 runes and for the JSON around them.
	defaultOutput = 8192
	// leastOutput is where the search for a limit that the model takes ends.
	leastOutput = 256
)

// form is the way a provider is asked. It starts with the strictest and steps down
// when a request is refused; what was accepted is remembered.
type form struct {
	// plain asks for JSON in words alone, without a tool.
	plain bool
	// ownTemperature leaves the temperature to the model.
	ownTemperature bool
	// most tokens that the model writes; 0 when it refused no number.
	most int64
}

// toolSchema is the same for every call, so that providers need to read it but once.
const toolSchema = `{"type":"object","properties":{"translations":{"type":"array","items":{"type":"object",` +
	`"properties":{"id":{"type":"integer"},"text":{"type":"string"}},"required":["id","text"],"additionalProperties":false}}},` +
	`"required":["translations"],"additionalProperties":false}`

// messagesRequest is the body of a call.
type messagesRequest struct {
	Model       string      `json:"model"`
	MaxTokens   int64       `json:"max_tokens"`
	System      string      `json:"system"`
	Messages    []message   `json:"messages"`
	Temperature *float64    `json:"temperature,omitempty"`
	Tools       []tool      `json:"tools,omitempty"`
	ToolChoice  *toolChoice `json:"tool_choice,omitempty"`
}

// message is one turn of the conversation.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// tool is one that the model may use.
type tool struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	InputSchema json.RawMessage `json:"input_schema"`
}

// toolChoice makes it use one.
type toolChoice struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// request writes the body of a call in this form.
func (f form) request(model string, a llm.Ask) messagesRequest {
	r := messagesRequest{
		Model: model, System: a.System, MaxTokens: defaultOutput,
		Messages: []message{{Role: "user", Content: a.User}},
	}
	if a.MaxOutput > 0 {
		r.MaxTokens = a.MaxOutput
	}
	if f.most > 0 {
		r.MaxTokens = min(r.MaxTokens, f.most)
	}
	if !f.ownTemperature {
		r.Temperature = &a.Temperature
	}
	if !f.plain {
		r.Tools = []tool{{
			Name: toolName, Description: "Takes the answer: the text of each segment under its id.",
			InputSchema: json.RawMessage(toolSchema),
		}}
		r.ToolChoice = &toolChoice{Type: "tool", Name: toolName}
	}
	return r
}

// below returns the form to try after a complaint about a request; false when there
// is none.
func (f form) below(a apiError, sent messagesRequest) (form, bool) {
	switch a.about() {
	case llm.FormatComplaint:
		ok := !f.plain
		f.plain = true
		return f, ok
	case llm.TemperatureComplaint:
		ok := !f.ownTemperature
		f.ownTemperature = true
		return f, ok
	case llm.LargeComplaint:
		f.most = sent.MaxTokens / 2
		if told := a.mostTokens(); told > 0 {
			f.most = min(told, sent.MaxTokens-1)
		}
		return f, f.most >= leastOutput
	default:
		return f, false
	}
}

// bound is how the API names the most that a model writes: "max_tokens: 8192 > 4096,
// which is the maximum allowed number of output tokens".
var bound = regexp.MustCompile(`max_tokens: [0-9]+ > ([0-9]+)`)

// mostTokens is the number that an error names as the most; 0 when it names none.
func (a apiError) mostTokens() int64 {
	m := bound.FindStringSubmatch(a.Message)
	if m == nil {
		return 0
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// form returns the form that is known to work, the strictest one at first.
func (e *Engine) form() form {
	return form{plain: e.plain.Load(), ownTemperature: e.ownTemperature.Load(), most: e.most.Load()}
}

// learn remembers a form that was accepted. It only ever steps down, so that calls
// under way at the same time cannot undo each other's lesson.
func (e *Engine) learn(f form) {
	if f.plain {
		e.plain.Store(true)
	}
	if f.ownTemperature {
		e.ownTemperature.Store(true)
	}
	for f.most > 0 {
		known := e.most.Load()
		if known > 0 && known <= f.most || e.most.CompareAndSwap(known, f.most) {
			break
		}
	}
}
