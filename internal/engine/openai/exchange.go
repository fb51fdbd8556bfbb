package openai

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/llm"
)

// api is what an endpoint may lack.
const api = "chat completions"

// chatRequest is the body of a chat completions call.
type chatRequest struct {
	Model          string          `json:"model"`
	Messages       []message       `json:"messages"`
	Temperature    *float64        `json:"temperature,omitempty"`
	ResponseFormat *responseFormat `json:"response_format,omitempty"`
	// At most one of the two is set.
	MaxCompletionTokens int64 `json:"max_completion_tokens,omitempty"`
	MaxTokens           int64 `json:"max_tokens,omitempty"`
}

// message is one turn of the chat.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// chatResponse is the part of an answer that is read.
type chatResponse struct {
	Choices []struct {
		FinishReason string `json:"finish_reason"`
		Message      struct {
			Content json.RawMessage `json:"content"`
			Refusal string          `json:"refusal"`
		} `json:"message"`
	} `json:"choices"`
	Usage json.RawMessage `json:"usage"`
	Error json.RawMessage `json:"error"`
}

// Complete asks the model. It goes down the ladder of forms when the provider
// refuses the one it tried, and remembers the form that was accepted.
func (e *Engine) Complete(ctx context.Context, a llm.Ask, safe llm.Redactor) (llm.Completion, *llm.Failure) {
	for f := e.form(); ; {
		request := f.request(e.wire.Model, a)
		c, fail := e.post(ctx, request, safe)
		if fail == nil {
			e.learn(f)
			e.watch(request, c.Usage)
			c.Bare = f.format == textFormat
			return c, nil
		}
		lower, ok := f.below(fail.About, request)
		if !ok {
			return c, fail
		}
		f = lower
	}
}

// post makes one HTTP exchange.
func (e *Engine) post(ctx context.Context, request chatRequest, safe llm.Redactor) (llm.Completion, *llm.Failure) {
	reply, fail := e.wire.Post(ctx, "chat/completions", request)
	if fail != nil {
		return llm.Completion{Uncertain: reply.Uncertain}, fail
	}
	if reply.Status != http.StatusOK {
		return llm.Completion{Uncertain: reply.Uncertain}, e.classify(parseAPIError(reply.Status, reply.Body), reply.Header, safe)
	}
	return e.readCompletion(reply.Body, reply.Header, safe)
}

// readCompletion reads the body of a 200. Some gateways put an error into it.
func (e *Engine) readCompletion(body []byte, header http.Header, safe llm.Redactor) (llm.Completion, *llm.Failure) {
	var res chatResponse
	if err := json.Unmarshal(body, &res); err != nil {
		return llm.Completion{Uncertain: true}, &llm.Failure{Err: engine.Errorf(engine.Transient, "the provider's answer is not JSON of a chat completion")}
	}
	var c llm.Completion
	usage, told := readUsage(res.Usage)
	c.Usage, c.Uncertain = usage, !told
	if len(res.Choices) == 0 {
		if isError := len(res.Error) > 0 && string(res.Error) != "null"; isError {
			c.Uncertain = false // no answer was made
		}
		return c, e.errorInAnswer(res.Error, body, header, safe)
	}
	choice := res.Choices[0]
	c.Content = contentText(choice.Message.Content)
	c.Refusal = strings.TrimSpace(choice.Message.Refusal)
	switch choice.FinishReason {
	case "length":
		c.Finish = llm.CutOff
	case "content_filter":
		c.Finish = llm.Filtered
	}
	return c, nil
}

// errorInAnswer classes an error that came with status 200. Its code, when it is a
// status, counts as the status; else the provider is taken to have failed.
func (e *Engine) errorInAnswer(nested json.RawMessage, body []byte, header http.Header, safe llm.Redactor) *llm.Failure {
	if len(nested) == 0 || string(nested) == "null" {
		return &llm.Failure{Err: engine.Errorf(engine.Transient, "the provider's answer holds no choice")}
	}
	a := parseAPIError(http.StatusBadGateway, body)
	if status, err := strconv.Atoi(a.Code); err == nil && status >= 400 && status < 600 {
		a.Status = status
	}
	return e.classify(a, header, safe)
}

// readUsage reads the count of tokens, and says whether there is one. A count that
// cannot be read is no reason to lose an answer that is paid for.
func readUsage(raw json.RawMessage) (engine.Usage, bool) {
	var u struct {
		PromptTokens     *float64 `json:"prompt_tokens"`
		CompletionTokens *float64 `json:"completion_tokens"`
	}
	if json.Unmarshal(raw, &u) != nil {
		return engine.Usage{}, false
	}
	return engine.Usage{InputTokens: llm.Tokens(u.PromptTokens), OutputTokens: llm.Tokens(u.CompletionTokens)},
		u.PromptTokens != nil && u.CompletionTokens != nil
}

// contentText returns the content of a message: a string, or a list of parts of
// which the texts count.
func contentText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if json.Unmarshal(raw, &parts) != nil {
		return ""
	}
	var b strings.Builder
	for _, p := range parts {
		if p.Type == "text" {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}
