package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// gateLatency is how long the server thinks about an answer.
const gateLatency = 50 * time.Millisecond

// gate watches a provider with a rate limit that its server enforces, while there is
// always work: how much of what is allowed is used, and how often too much.
func (b *bench) gate(ctx context.Context, w *rows) error {
	server := openaitest.Start()
	defer server.Close()
	server.Translate = func(_ engine.Pair, text string) string { return scripted.NonsenseText(text) }
	server.Latency, server.RequestsPerMinute = gateLatency, b.PerMinute
	meter := &meter{next: http.DefaultTransport, first: make(chan struct{})}
	s := setting{
		kind: v1alpha1.OpenAIProvider, factory: openai.Factory(openai.Options{Transport: meter}), endpoint: server.URL,
		limits: &v1alpha1.ProviderLimits{RequestsPerMinute: new(int32(b.PerMinute)), Concurrency: new(int32(16))},
	}
	server.Models = []string{s.spec().Model}
	allowed := float64(b.PerMinute) * b.GateFor.Minutes()
	err := b.operated(ctx, "gate", s, func(ctx context.Context, namespace string) error {
		// More than can be done, so that the limit is what work waits for.
		if err := each(ctx, int(allowed)+b.PerMinute, b.Writers, func(ctx context.Context, i int) error {
			return b.world.Client.Create(ctx, job(namespace, i))
		}); err != nil {
			return err
		}
		select {
		case <-meter.first:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		return hold(ctx, time.Until(meter.start().Add(b.GateFor)))
	})
	if err != nil {
		return err
	}
	start := meter.start()
	sold, refused, late := 0, 0, 0
	for _, a := range meter.answers() {
		switch at := a.began.Sub(start); {
		case at >= b.GateFor:
		case a.code == http.StatusOK:
			sold++
		case a.code == http.StatusTooManyRequests:
			refused++
			if at >= time.Minute {
				late++
			}
		}
	}
	w.add("gate_requests_per_minute", "%d", b.PerMinute)
	w.add("gate_seconds", "%.0f", b.GateFor.Seconds())
	w.add("gate_utilisation", "%.3f", float64(sold)/allowed)
	w.add("gate_429s", "%d", refused)
	w.add("sustained_429s", "%d", late)
	return nil
}

// answered is what came of a call.
type answered struct {
	began time.Time
	code  int
}

// meter notes every call of chat completions on its way.
type meter struct {
	next  http.RoundTripper
	first chan struct{} // closed by the first call

	mu    sync.Mutex
	calls []answered
	began time.Time
}

// RoundTrip implements http.RoundTripper.
func (m *meter) RoundTrip(request *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(request.URL.Path, "/chat/completions") {
		return m.next.RoundTrip(request)
	}
	began := time.Now()
	m.mu.Lock()
	if m.began.IsZero() {
		m.began = began
		close(m.first)
	}
	m.mu.Unlock()
	response, err := m.next.RoundTrip(request)
	if err == nil {
		m.mu.Lock()
		m.calls = append(m.calls, answered{began: began, code: response.StatusCode})
		m.mu.Unlock()
	}
	return response, err
}

func (m *meter) start() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.began
}

func (m *meter) answers() []answered {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls
}
