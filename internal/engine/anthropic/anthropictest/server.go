// Package anthropictest is a server of the Anthropic messages API on the loopback
// interface, for tests of whatever calls a language model. It "translates" by a rule
// that a test can repeat, and commits the faults that real servers commit.
//
// It reads the prompts of package llm as a model does, and nothing else of it. It must
// not be linked into the product.
package anthropictest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/llm/llmtest"
	"github.com/dragoman-dev/dragoman/internal/engine/standin"
)

const (
	// Model that the server has.
	Model = "test-model"
	// Version of the API that callers must name.
	Version = "2023-06-01"

	// maxBody bounds one request, in bytes.
	maxBody = 8 << 20

	// What the server counts for one exchange, in tokens.
	inputTokensPerCall     = 100
	inputTokensPerSegment  = 10
	outputTokensPerSegment = 7
)

// Server answers messages. Its exported fields are set before the first call and not
// changed afterwards; the methods are safe for concurrent use.
type Server struct {
	// URL is the base URL, for a provider's endpoint.
	URL string
	// Key that callers must send; any key passes when it is empty.
	Key string
	// Translate is the rule of translation; llmtest.Reverse by default. It is called
	// from many goroutines.
	Translate func(pair engine.Pair, text string) string

	// A call that is to go well between two faults of the queue takes the zero Fault.
	standin.Faults[Fault]
	standin.Log[Call]

	mu    sync.Mutex
	usage engine.Usage
}

// Call is one request to /messages.
type Call struct {
	llmtest.Prompt
	// Tool says that a tool is forced; Temperature is nil when it was not sent.
	Tool        bool
	Temperature *float64
	MaxTokens   int64
	// Model, and the two messages.
	Model, System, User string
	// Fault that was committed, "" for none; Status that was answered.
	Fault  string
	Status int
}

// New starts a server that ends with the test.
func New(tb standin.Cleaner) *Server {
	s := &Server{Translate: llmtest.Reverse}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models/{model}", s.showModel)
	mux.HandleFunc("POST /v1/messages", s.answer)
	s.URL = standin.Serve(tb, mux) + "/v1"
	return s
}

// Config returns the settings of a provider that asks this server.
func (s *Server) Config() engine.Config {
	return engine.Config{Endpoint: s.URL, Model: Model, APIKey: s.Key, Timeout: time.Minute}
}

// Usage returns the tokens of all that was billed: every call that the model answered.
func (s *Server) Usage() engine.Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.usage
}

func (s *Server) showModel(w http.ResponseWriter, r *http.Request) {
	if !s.admits(w, r) {
		return
	}
	if r.PathValue("model") != Model {
		writeError(w, http.StatusNotFound, "not_found_error", "model: "+r.PathValue("model"))
		return
	}
	standin.WriteJSON(w, http.StatusOK, map[string]any{"type": "model", "id": Model})
}

// admits checks the headers. The message quotes the key that was sent, so that a
// caller that shows it is found out.
func (s *Server) admits(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Anthropic-Version") != Version {
		writeError(w, http.StatusBadRequest, "invalid_request_error", "anthropic-version: header is required")
		return false
	}
	if sent := r.Header.Get("X-Api-Key"); s.Key != "" && sent != s.Key {
		writeError(w, http.StatusUnauthorized, "authentication_error", "invalid x-api-key: "+sent)
		return false
	}
	return true
}

// answer answers POST /messages.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	if !s.admits(w, r) {
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		writeError(w, http.StatusRequestEntityTooLarge, "request_too_large", "Request exceeds the maximum size")
		return
	}
	call, err := readCall(body)
	if err != nil {
		writeError(w, http.StatusBadRequest, "invalid_request_error", err.Error())
		return
	}
	x := &exchange{server: s, call: call, stop: "end_turn"}
	if call.Tool {
		x.stop = "tool_use"
	}
	for _, seg := range call.Segments {
		x.answer = append(x.answer, item{ID: seg.ID, Text: s.Translate(call.Pair, seg.Text)})
	}
	x.usage = engine.Usage{
		InputTokens:  inputTokensPerCall + int64(len(call.Segments))*inputTokensPerSegment,
		OutputTokens: int64(len(call.Segments)) * outputTokensPerSegment,
	}
	x.limit()
	f, _ := s.Pick(func(f Fault) bool { return f.applies == nil || f.applies(x) })
	x.call.Fault, x.call.Status = f.Name, max(f.status, http.StatusOK)
	if f.change != nil {
		f.change(x)
	}
	s.log(x, f)
	if f.commit != nil {
		f.commit(w, r, x)
		return
	}
	standin.WriteJSON(w, http.StatusOK, x.body())
}

// readCall takes a request apart.
func readCall(body []byte) (Call, error) {
	var req struct {
		Model     string `json:"model"`
		MaxTokens int64  `json:"max_tokens"`
		System    string `json:"system"`
		Messages  []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		Temperature *float64 `json:"temperature"`
		Tools       []struct {
			Name        string         `json:"name"`
			InputSchema map[string]any `json:"input_schema"`
		} `json:"tools"`
		ToolChoice struct {
			Type string `json:"type"`
			Name string `json:"name"`
		} `json:"tool_choice"`
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return Call{}, fmt.Errorf("the body is not JSON: %w", err)
	}
	if req.MaxTokens <= 0 {
		return Call{}, fmt.Errorf("max_tokens: field required")
	}
	if len(req.Messages) != 1 || req.Messages[0].Role != "user" {
		return Call{}, fmt.Errorf("want one message of the user, got %d", len(req.Messages))
	}
	call := Call{
		Model: req.Model, System: req.System, User: req.Messages[0].Content,
		Temperature: req.Temperature, MaxTokens: req.MaxTokens,
		Tool: len(req.Tools) == 1 && req.Tools[0].InputSchema["type"] == "object" &&
			req.ToolChoice.Type == "tool" && req.ToolChoice.Name == req.Tools[0].Name,
	}
	prompt, err := llmtest.Read(call.System, call.User)
	call.Prompt = prompt
	return call, err
}

// log records a call and counts what was billed.
func (s *Server) log(x *exchange, f Fault) {
	s.Record(x.call)
	s.mu.Lock()
	defer s.mu.Unlock()
	if x.call.Status == http.StatusOK && !f.free {
		s.usage = s.usage.Add(x.usage)
	}
}

// exchange is a call with the answer that it would get.
type exchange struct {
	server *Server
	call   Call
	answer []item
	stop   string
	// content replaces the blocks of the answer.
	content []map[string]any
	usage   engine.Usage
}

// item is one entry of the answer.
type item struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

// limit cuts the answer off where the call's limit of tokens does.
func (x *exchange) limit() {
	if x.usage.OutputTokens > x.call.MaxTokens {
		x.usage.OutputTokens = x.call.MaxTokens
		x.cut()
	}
}

// cut ends the answer in the middle, as the API does: what came of a tool's input is
// an object all the same.
func (x *exchange) cut() {
	x.stop = "max_tokens"
	x.content = text(strings.TrimSuffix(x.json(), "}]}"))
	if x.call.Tool {
		x.content = use(map[string]any{})
	}
}

// json writes the answer as the model would in words.
func (x *exchange) json() string {
	raw, err := json.Marshal(map[string]any{"translations": x.answer})
	if err != nil {
		panic(err) // numbers and strings always encode
	}
	return string(raw)
}

// body is the whole body of the answer.
func (x *exchange) body() map[string]any {
	content := x.content
	switch {
	case content != nil:
	case x.call.Tool:
		content = use(map[string]any{"translations": x.answer})
	default:
		content = text(x.json())
	}
	return map[string]any{
		"type": "message", "role": "assistant", "model": x.call.Model, "content": content, "stop_reason": x.stop,
		"usage": map[string]int64{
			// A part of the input as if it came from a cache, and a part as if it went there.
			"input_tokens": x.usage.InputTokens - 9, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 4,
			"output_tokens": x.usage.OutputTokens,
		},
	}
}

// text is an answer in words.
func text(s string) []map[string]any { return []map[string]any{{"type": "text", "text": s}} }

// use is an answer by the tool, after a word about it.
func use(input any) []map[string]any {
	return []map[string]any{
		{"type": "text", "text": "I use the tool."},
		{"type": "tool_use", "id": "toolu_1", "name": "translations", "input": input},
	}
}

// writeError sends an error as the API writes it.
func writeError(w http.ResponseWriter, status int, kind, message string) {
	standin.WriteJSON(w, status, map[string]any{"type": "error", "error": map[string]string{"type": kind, "message": message}, "request_id": "req_1"})
}
