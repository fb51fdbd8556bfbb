package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

const (
	// fastest and slowest are how long the provider thinks.
	fastest, slowest = 50 * time.Millisecond, 600 * time.Millisecond
	// hangs is when a call that gets no answer is let go, after its caller has given up.
	hangs = (timeoutSeconds + 1) * time.Second
)

// till stands before the provider and keeps the ledger. A call that has come is
// worked on and billed also when its caller goes away, as real providers do.
type till struct {
	ledger *ledger
	// provider is the base URL behind, up to /v1.
	provider *url.URL
	// firstCall is told of the first call of an order, before anything is sold.
	firstCall func(context.Context, order)
	closing   chan struct{}

	mu  sync.Mutex
	rng *rand.Rand
}

func newTill(l *ledger, provider string, seed uint64, firstCall func(context.Context, order)) (*till, error) {
	behind, err := url.Parse(provider)
	if err != nil {
		return nil, fmt.Errorf("read the address of the provider: %w", err)
	}
	return &till{
		ledger: l, provider: behind, firstCall: firstCall, closing: make(chan struct{}),
		rng: rand.New(rand.NewPCG(seed, 2)),
	}, nil
}

// handler serves the provider's API.
func (t *till) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: t.provider.Scheme, Host: t.provider.Host})
	}})
	mux.HandleFunc("POST /v1/chat/completions", t.sell)
	return mux
}

// sell lets the provider answer a call, and writes down what that was worth.
func (t *till) sell(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller went away before it had asked
	}
	asked, err := readRequest(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	first := !t.ledger.known(asked.order)
	c := &call{order: asked.order, sentences: asked.sentences, sentBack: asked.sentBack, begun: time.Now(), usage: asked.usage}
	t.ledger.begin(c)
	if first {
		t.firstCall(context.WithoutCancel(r.Context()), asked.order)
	}
	t.think()
	answer, fate := t.ask(r, body, asked)
	defer func() { t.ledger.settle(c, fate, r.Context().Err() != nil, time.Now()) }()
	answer.write(w)
}

// think takes the time of an answer.
func (t *till) think() {
	t.mu.Lock()
	wait := fastest + time.Duration(t.rng.Int64N(int64(slowest-fastest)))
	t.mu.Unlock()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.closing:
	}
}

// ask passes a call on. A call that the provider never answers is free.
func (t *till) ask(r *http.Request, body []byte, asked request) (answer, fate) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), hangs)
	defer cancel()
	behind, err := http.NewRequestWithContext(ctx, http.MethodPost, t.provider.JoinPath("chat/completions").String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, free
	}
	behind.Header = r.Header.Clone()
	response, err := http.DefaultClient.Do(behind)
	if ctx.Err() != nil {
		return answer{}, free
	}
	if err != nil {
		return answer{}, spoiled // an answer that was cut before its first byte was out
	}
	defer response.Body.Close()
	out := answer{status: response.StatusCode, header: response.Header}
	out.body, err = io.ReadAll(response.Body)
	out.cut = err != nil
	switch {
	case response.StatusCode != http.StatusOK:
		return out, free
	case out.cut:
		return out, spoiled
	}
	usable := out.charge(asked)
	if !usable {
		return out, spoiled
	}
	return out, answered
}

// answer is what the provider said. The zero value is a connection that ends.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool
}

// write hands the answer on, cut where it was cut.
func (a answer) write(w http.ResponseWriter) {
	if a.status == 0 {
		panic(http.ErrAbortHandler)
	}
	for _, name := range []string{"Content-Type", "Retry-After"} {
		if value := a.header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(a.body)))
	if a.cut {
		w.Header().Set("Content-Length", fmt.Sprint(len(a.body)+1))
	}
	w.WriteHeader(a.status)
	// Who has gone is found by the context of the request.
	_, _ = w.Write(a.body)
	if a.cut {
		panic(http.ErrAbortHandler)
	}
}

// charge puts what was used into the answer, and says whether the answer has a
// translation of each segment.
func (a *answer) charge(asked request) bool {
	var chat struct {
		Choices []struct {
			FinishReason string `json:"finish_reason"`
			Message      struct {
				Content string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
	}
	whole := map[string]any{}
	if json.Unmarshal(a.body, &whole) != nil || json.Unmarshal(a.body, &chat) != nil {
		return false
	}
	whole["usage"] = map[string]int64{"prompt_tokens": asked.usage.InputTokens, "completion_tokens": asked.usage.OutputTokens}
	charged, err := json.Marshal(whole)
	if err != nil {
		return false
	}
	a.body = charged
	var content struct {
		Translations []struct {
			ID int `json:"id"`
		} `json:"translations"`
	}
	if len(chat.Choices) != 1 || chat.Choices[0].FinishReason != "stop" || json.Unmarshal([]byte(chat.Choices[0].Message.Content), &content) != nil {
		return false
	}
	var ids []int
	for _, t := range content.Translations {
		ids = append(ids, t.ID)
	}
	return slices.Equal(ids, asked.ids)
}

// request is what the ledger needs of a request.
type request struct {
	order     order
	ids       []int
	sentences []int
	sentBack  int
	usage     engine.Usage
}

var (
	target = regexp.MustCompile(`^You are a professional translator\. Translate from .+? into .*?([A-Za-z-]+)\)?\.\n`)
	data   = regexp.MustCompile(`(?s)^<<[0-9a-f]{32}\n(.*)\n[0-9a-f]{32}>>$`)
)

// readRequest takes a request of package openai apart.
func readRequest(body []byte) (request, error) {
	var chat struct {
		Messages []struct {
			Content string `json:"content"`
		} `json:"messages"`
		MaxCompletionTokens int64 `json:"max_completion_tokens"`
		MaxTokens           int64 `json:"max_tokens"`
	}
	if err := json.Unmarshal(body, &chat); err != nil || len(chat.Messages) != 2 {
		return request{}, errors.New("want a JSON with two messages")
	}
	language := target.FindStringSubmatch(chat.Messages[0].Content)
	framed := data.FindStringSubmatch(chat.Messages[1].Content)
	if language == nil || framed == nil {
		return request{}, errors.New("the prompt has not the form that is known here")
	}
	var content struct {
		Segments []struct {
			ID       int    `json:"id"`
			Text     string `json:"text"`
			Previous string `json:"previous"`
		} `json:"segments"`
	}
	if err := json.Unmarshal([]byte(framed[1]), &content); err != nil {
		return request{}, fmt.Errorf("read the segments: %w", err)
	}
	out := request{order: order{Language: strings.ToLower(language[1])}}
	for _, s := range content.Segments {
		number, sentences := sentencesIn(s.Text)
		if len(sentences) != 1 {
			return request{}, errors.New("a segment is not one sentence")
		}
		out.order.Number = number
		out.ids = append(out.ids, s.ID)
		if s.Previous != "" {
			out.sentBack++
			continue
		}
		out.sentences = append(out.sentences, sentences...)
	}
	// The hungriest tokens there are: two bytes of what was sent, and two fifths of what
	// may be written. A job that pays for anything twice too often comes over its bound.
	out.usage = engine.Usage{
		InputTokens:  int64(len(chat.Messages[0].Content)+len(chat.Messages[1].Content)) / 2,
		OutputTokens: max(chat.MaxCompletionTokens, chat.MaxTokens) * 2 / 5,
	}
	return out, nil
}
