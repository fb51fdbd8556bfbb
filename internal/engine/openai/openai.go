// Package openai is the engine for any server that speaks the OpenAI chat
// completions API: OpenAI itself, vLLM, llama.cpp, Ollama, LM Studio, gateways.
//
// It owns the prompt, the reading of answers and the meaning of the provider's
// errors. It keeps no text, tries no call again on its own (the runner backs off)
// and reads nothing from the environment, proxy settings included. It must not
// import controllers, client-go or an SDK.
package openai

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Name of the engine, as it stands in metrics.
const Name = "openai"

const (
	// maxSegments bounds one call. Models lose count of ids in long lists; up to
	// about 40 they keep them, and one bad answer costs at most one list of 40.
	maxSegments = 40
	// maxRunes bounds one call. 8000 runes of Latin script are about 2000 tokens and
	// their translation fits the 4096 tokens that the smallest models write. CJK text
	// may need up to one token a rune; when that is cut off, the call is bisected.
	maxRunes = 8000

	// defaultTimeout applies when the configuration has none, as in the API.
	defaultTimeout = 2 * time.Minute
	// probeTimeout bounds the probe: a list of models needs no thinking.
	probeTimeout = 10 * time.Second

	// defaultMaxAnswerBytes bounds what is read of one answer. 8000 runes are at most
	// 32 KiB; the rest is room for models that send their reasoning along.
	defaultMaxAnswerBytes = 4 << 20
)

// errClosed is the cause of calls that end because the engine was closed.
var errClosed = errors.New("the engine is closed")

// Options are what an engine needs from outside. The zero value works.
type Options struct {
	// Transport carries the calls; nil for one of the engine's own, without a proxy.
	// A given transport is not closed with the engine.
	Transport http.RoundTripper
	// Random gives the bytes of the markers around the data; nil for crypto/rand. It
	// is read from many goroutines at once.
	Random io.Reader
	// MaxAnswerBytes bounds one answer of the provider; 0 for 4 MiB.
	MaxAnswerBytes int64
}

// Engine asks one model of one provider. It is safe for concurrent use.
type Engine struct {
	client   *http.Client
	owned    *http.Transport
	base     *url.URL
	key      string
	model    string
	timeout  time.Duration
	paid     bool
	random   io.Reader
	maxBytes int64

	// format, ownTemperature, limit and tooLarge are what was learned of the provider
	// (see form).
	format         atomic.Int32
	ownTemperature atomic.Bool
	limit          atomic.Int32
	tooLarge       atomic.Int64

	// life ends with Close, and every call with it.
	life context.Context
	end  context.CancelCauseFunc
}

// Factory returns a factory of engines with these options.
func Factory(opts Options) engine.Factory {
	return func(cfg engine.Config) (engine.Engine, error) {
		e, err := New(cfg, opts)
		if err != nil {
			return nil, err
		}
		return e, nil
	}
}

// New makes an engine. It connects to nothing. Settings that cannot work are
// Misconfigured. Config.Timeout bounds one HTTP exchange: a call that has to be
// divided makes several, and the caller's context bounds them all.
func New(cfg engine.Config, opts Options) (*Engine, error) {
	base, err := parseEndpoint(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(cfg.Model) == "" {
		return nil, engine.Errorf(engine.Misconfigured, "no model is set")
	}
	// Keys read from files tend to end in a newline.
	key := strings.TrimSpace(cfg.APIKey)
	if !fitsHeader(key) {
		return nil, engine.Errorf(engine.Misconfigured, "the API key holds characters that an HTTP header cannot carry")
	}
	e := &Engine{
		base:     base,
		key:      key,
		model:    strings.TrimSpace(cfg.Model),
		timeout:  cfg.Timeout,
		paid:     cfg.Priced || key != "",
		random:   opts.Random,
		maxBytes: opts.MaxAnswerBytes,
	}
	if e.timeout <= 0 {
		e.timeout = defaultTimeout
	}
	if e.random == nil {
		e.random = rand.Reader
	}
	if e.maxBytes <= 0 {
		e.maxBytes = defaultMaxAnswerBytes
	}
	transport := opts.Transport
	if transport == nil {
		e.owned = newTransport()
		transport = e.owned
	}
	e.client = &http.Client{
		Transport: transport,
		// A redirect would carry the text, and within a domain the key, to a place
		// that nobody configured. It is reported instead.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	e.life, e.end = context.WithCancelCause(context.Background())
	return e, nil
}

// newTransport is http.DefaultTransport without the proxy of the environment, and
// with a connection kept for each of a provider's concurrent calls.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// parseEndpoint reads the base URL. Its messages do not repeat it: a URL may hold
// a password.
func parseEndpoint(endpoint string) (*url.URL, error) {
	if strings.TrimSpace(endpoint) == "" {
		return nil, engine.Errorf(engine.Misconfigured, "no endpoint is set")
	}
	base, err := url.Parse(strings.TrimSpace(endpoint))
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return nil, engine.Errorf(engine.Misconfigured, "the endpoint is no http or https URL")
	case base.User != nil:
		return nil, engine.Errorf(engine.Misconfigured, "the endpoint holds a user name; the key belongs in the provider's secret")
	}
	base.Fragment = ""
	return base, nil
}

// fitsHeader says whether a key is printable ASCII.
func fitsHeader(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// Info describes the engine. Calls are taken to cost money when the provider has
// prices or asks for a key.
func (e *Engine) Info() engine.Info {
	return engine.Info{
		Name:        Name,
		Model:       e.model,
		Corrects:    true,
		Creates:     true,
		Paid:        e.paid,
		MaxSegments: maxSegments,
		MaxRunes:    maxRunes,
	}
}

// Close ends the calls under way and the engine's own connections. It may be
// called more than once.
func (e *Engine) Close() error {
	e.end(errClosed)
	if e.owned != nil {
		e.owned.CloseIdleConnections()
	}
	return nil
}

// bind returns a context that ends with the caller's and with the engine.
func (e *Engine) bind(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(e.life, func() { cancel(errClosed) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// closed returns the error of calls after Close, or nil.
func (e *Engine) closed() *engine.Error {
	if e.life.Err() == nil {
		return nil
	}
	return engine.Errorf(engine.Transient, "%w", errClosed)
}
