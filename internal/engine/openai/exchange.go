package openai

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// maxErrorBytes bounds what is read of an error's body.
const maxErrorBytes = 64 << 10

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

// completion is an answer of the model.
type completion struct {
	content, refusal, finish string
	usage                    engine.Usage
	// uncertain says that the provider may have charged for the exchange without
	// saying how much. It counts also beside a failure.
	uncertain bool
}

// complete asks the model. It goes down the ladder of forms when the provider
// refuses the one it tried, and remembers the form that was accepted. The usage of
// the completion counts also beside a failure.
func (e *Engine) complete(ctx context.Context, a ask, safe redactor) (completion, *failure) {
	for f := e.form(); ; {
		request := f.request(e.model, a)
		c, fail := e.post(ctx, request, safe)
		if fail == nil {
			e.learn(f)
			e.watch(request, c.usage)
			return c, nil
		}
		lower, ok := f.below(fail.about, request)
		if !ok {
			return c, fail
		}
		f = lower
	}
}

// post makes one HTTP exchange.
func (e *Engine) post(ctx context.Context, request chatRequest, safe redactor) (completion, *failure) {
	body, err := encode(request)
	if err != nil {
		return completion{}, &failure{err: engine.Errorf(engine.Transient, "encode the request: %w", err)}
	}
	var sent sending
	status, header, answer, fail := e.do(sent.watched(ctx), e.timeout, http.MethodPost, "chat/completions", []byte(body))
	if fail != nil {
		return completion{uncertain: sent.mayHaveArrived()}, fail
	}
	if status != http.StatusOK {
		return completion{uncertain: gaveUpWaiting(status)}, e.classify(parseAPIError(status, answer), header, safe)
	}
	return e.readCompletion(answer, header, safe)
}

// do sends a request and reads the whole answer, of at most maxBytes.
func (e *Engine) do(ctx context.Context, timeout time.Duration, method, path string, body []byte) (int, http.Header, []byte, *failure) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, e.base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, &failure{err: engine.Errorf(engine.Misconfigured, "the endpoint makes no valid address")}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "dragoman")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if e.key != "" {
		req.Header.Set("Authorization", "Bearer "+e.key)
	}
	res, err := e.client.Do(req)
	if err != nil {
		return 0, nil, nil, e.broken(ctx, timeout, err)
	}
	defer func() { _ = res.Body.Close() }() // All that counts was read or is lost.
	limit := e.maxBytes
	if res.StatusCode != http.StatusOK {
		limit = min(limit, maxErrorBytes)
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case res.StatusCode != http.StatusOK:
		// The status says enough when the body was cut or is too long.
		return res.StatusCode, res.Header, answer, nil
	case err != nil:
		return 0, nil, nil, e.broken(ctx, timeout, err)
	case int64(len(answer)) > limit:
		return 0, nil, nil, &failure{err: engine.Errorf(engine.Transient, "the provider's answer is longer than %d bytes", limit)}
	}
	return res.StatusCode, res.Header, answer, nil
}

// broken names a fault of the connection. The text of a network error is not
// shown: it may hold the address, or bytes that the other side sent.
func (e *Engine) broken(ctx context.Context, timeout time.Duration, err error) *failure {
	cause := context.Cause(ctx)
	if errors.Is(cause, errClosed) {
		return &failure{err: e.closed()}
	}
	if errors.Is(cause, context.DeadlineExceeded) || isTimeout(err) {
		return &failure{err: engine.Errorf(engine.Transient, "the provider gave no answer within %s", timeout)}
	}
	return &failure{err: engine.Errorf(engine.Transient, "%s", connectionFault(err))}
}

// isTimeout says whether a network error is a timeout of the connection itself.
func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// connectionFault puts a network error in words of ours.
func connectionFault(err error) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "the name of the provider's host cannot be resolved"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the provider's certificate cannot be verified"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the provider's certificate is for another host"
	}
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return "the provider does not speak TLS at this endpoint"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the provider refused the connection"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "the connection ended before the answer did"
	default:
		return "the connection to the provider failed"
	}
}

// readCompletion reads the body of a 200. Some gateways put an error into it.
func (e *Engine) readCompletion(body []byte, header http.Header, safe redactor) (completion, *failure) {
	var res chatResponse
	if err := json.Unmarshal(body, &res); err != nil {
		return completion{uncertain: true}, &failure{err: engine.Errorf(engine.Transient, "the provider's answer is not JSON of a chat completion")}
	}
	var c completion
	usage, told := readUsage(res.Usage)
	c.usage, c.uncertain = usage, !told
	if len(res.Choices) == 0 {
		if isError := len(res.Error) > 0 && string(res.Error) != "null"; isError {
			c.uncertain = false // no answer was made
		}
		return c, e.errorInAnswer(res.Error, body, header, safe)
	}
	choice := res.Choices[0]
	c.content = contentText(choice.Message.Content)
	c.refusal = strings.TrimSpace(choice.Message.Refusal)
	c.finish = choice.FinishReason
	return c, nil
}

// errorInAnswer classes an error that came with status 200. Its code, when it is a
// status, counts as the status; else the provider is taken to have failed.
func (e *Engine) errorInAnswer(nested json.RawMessage, body []byte, header http.Header, safe redactor) *failure {
	if len(nested) == 0 || string(nested) == "null" {
		return &failure{err: engine.Errorf(engine.Transient, "the provider's answer holds no choice")}
	}
	a := parseAPIError(http.StatusBadGateway, body)
	if status, err := strconv.Atoi(a.code); err == nil && status >= 400 && status < 600 {
		a.status = status
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
	return engine.Usage{InputTokens: tokens(u.PromptTokens), OutputTokens: tokens(u.CompletionTokens)},
		u.PromptTokens != nil && u.CompletionTokens != nil
}

// tokens keeps a count between 0 and what no model exceeds in one answer.
func tokens(n *float64) int64 {
	if n == nil {
		return 0
	}
	return int64(min(max(*n, 0), 1e9))
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
