package anthropic

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/llm"
)

// messagesResponse is the part of an answer that is read.
type messagesResponse struct {
	Type    string `json:"type"`
	Content []struct {
		Type  string          `json:"type"`
		Text  string          `json:"text"`
		Name  string          `json:"name"`
		Input json.RawMessage `json:"input"`
	} `json:"content"`
	StopReason string          `json:"stop_reason"`
	Usage      json.RawMessage `json:"usage"`
}

// Complete asks the model. It goes down the ladder of forms when the provider refuses
// the one it tried, and remembers the form that was accepted.
func (e *Engine) Complete(ctx context.Context, a llm.Ask, safe llm.Redactor) (llm.Completion, *llm.Failure) {
	for f := e.form(); ; {
		request := f.request(e.wire.Model, a)
		reply, fail := e.wire.Post(ctx, "messages", request)
		if fail != nil {
			return llm.Completion{Uncertain: reply.Uncertain}, fail
		}
		if reply.Status == http.StatusOK {
			c, fail := e.readMessage(reply, safe)
			if fail == nil {
				e.learn(f)
				c.Bare = f.plain
			}
			return c, fail
		}
		refusal := parseError(reply.Status, reply.Body)
		lower, ok := f.below(refusal, request)
		if !ok {
			return llm.Completion{Uncertain: reply.Uncertain}, e.classify(refusal, reply.Header, safe)
		}
		f = lower
	}
}

// readMessage reads the body of a 200. Some gateways put an error into it.
func (e *Engine) readMessage(reply llm.Reply, safe llm.Redactor) (llm.Completion, *llm.Failure) {
	var res messagesResponse
	if err := json.Unmarshal(reply.Body, &res); err != nil {
		return llm.Completion{Uncertain: true}, &llm.Failure{Err: engine.Errorf(engine.Transient, "the provider's answer is not JSON of a message")}
	}
	if res.Type == "error" {
		a := parseError(http.StatusBadGateway, reply.Body)
		if status, ok := statusOf[a.Kind]; ok {
			a.Status = status
		}
		return llm.Completion{}, e.classify(a, reply.Header, safe)
	}
	var c llm.Completion
	usage, told := readUsage(res.Usage)
	c.Usage, c.Uncertain = usage, !told
	if res.Type != "message" {
		return c, &llm.Failure{Err: engine.Errorf(engine.Transient, "the provider's answer holds no message")}
	}
	c.Content = contentOf(res)
	switch res.StopReason {
	case "max_tokens", "model_context_window_exceeded":
		c.Finish = llm.CutOff
	case "refusal":
		c.Refusal = res.StopReason
	}
	return c, nil
}

// contentOf is the input of the tool, or the text of an answer without it.
func contentOf(res messagesResponse) string {
	var b strings.Builder
	for _, part := range res.Content {
		switch {
		case part.Type == "tool_use" && part.Name == toolName:
			return string(part.Input)
		case part.Type == "text":
			b.WriteString(part.Text)
		}
	}
	return b.String()
}

// readUsage reads the count of tokens, and says whether there is one. What was read
// from a cache or written to it was sent all the same, and counts as input at the full
// price. The engine asks for no cache; gateways may.
func readUsage(raw json.RawMessage) (engine.Usage, bool) {
	var u struct {
		Input   *float64 `json:"input_tokens"`
		Output  *float64 `json:"output_tokens"`
		Written *float64 `json:"cache_creation_input_tokens"`
		Read    *float64 `json:"cache_read_input_tokens"`
	}
	if json.Unmarshal(raw, &u) != nil {
		return engine.Usage{}, false
	}
	return engine.Usage{
		InputTokens:  llm.Tokens(u.Input) + llm.Tokens(u.Written) + llm.Tokens(u.Read),
		OutputTokens: llm.Tokens(u.Output),
	}, u.Input != nil && u.Output != nil
}
