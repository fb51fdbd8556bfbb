package llm

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
)

// Options are what an engine needs from outside. The zero value works.
type Options struct {
	// Transport carries the calls; nil for one of the engine's own, without a proxy.
	// A given transport is not closed with the engine.
	Transport http.RoundTripper
	// Random gives the bytes of the marks in a prompt; nil for crypto/rand. It is read
	// from many goroutines at once.
	Random io.Reader
	// MaxAnswerBytes bounds one answer of the provider; 0 for 4 MiB.
	MaxAnswerBytes int64
}

// Wire carries the requests of one engine to its provider, and ends with the engine.
// It is safe for concurrent use.
type Wire struct {
	// Model that is asked, and Paid, which says that calls are taken to cost money: the
	// provider has prices or asks for a key.
	Model string
	Paid  bool

	client *httpcall.Client
	key    string
	sign   func(header http.Header, key string)
	random io.Reader

	// keepsForm says that the model has answered several segments in the form asked for.
	keepsForm atomic.Bool
}

// NewWire makes the wire of an engine. It connects to nothing. Settings that cannot
// work are Misconfigured. Config.Timeout bounds one HTTP exchange. The function signs
// a request with a key that is not empty.
func NewWire(cfg engine.Config, opts Options, sign func(header http.Header, key string)) (*Wire, error) {
	client, err := httpcall.New(cfg.Endpoint, cfg.Timeout, httpcall.Options{
		Transport: opts.Transport, MaxAnswerBytes: opts.MaxAnswerBytes, Peer: "provider",
	})
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(cfg.Model) == "" {
		return nil, engine.Errorf(engine.Misconfigured, "no model is set")
	}
	key, err := httpcall.Key(cfg.APIKey)
	if err != nil {
		return nil, err
	}
	return &Wire{
		Model:  strings.TrimSpace(cfg.Model),
		Paid:   cfg.Priced || key != "",
		client: client,
		key:    key,
		sign:   sign,
		random: cmp.Or(opts.Random, rand.Reader),
	}, nil
}

// Close ends the calls under way and the engine's own connections. It may be called
// more than once.
func (w *Wire) Close() error {
	w.client.Close()
	return nil
}

// Reply is an HTTP answer.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	// Uncertain says that the provider may have charged for the request, and has not
	// said so. It counts also beside a failure.
	Uncertain bool
}

// Get asks for something small that costs nothing, and waits at most ProbeTimeout.
func (w *Wire) Get(ctx context.Context, path string) (Reply, error) {
	return w.exchange(ctx, httpcall.Request{Method: http.MethodGet, Path: path, Timeout: ProbeTimeout})
}

// Post sends a value as JSON.
func (w *Wire) Post(ctx context.Context, path string, value any) (Reply, *Failure) {
	body, err := encode(value)
	if err != nil {
		return Reply{}, &Failure{Err: engine.Errorf(engine.Transient, "encode the request: %w", err)}
	}
	reply, err := w.exchange(ctx, httpcall.Request{
		Method: http.MethodPost, Path: path, ContentType: "application/json", Body: []byte(body),
	})
	if err != nil {
		return reply, &Failure{Err: engine.AsError(err)}
	}
	// A success that is no 200 is an answer too.
	reply.Uncertain = reply.Uncertain || reply.Status > http.StatusOK && reply.Status < http.StatusMultipleChoices
	return reply, nil
}

// exchange makes a signed request.
func (w *Wire) exchange(ctx context.Context, r httpcall.Request) (Reply, error) {
	r.Header = http.Header{}
	w.sign(r.Header, w.key)
	answer, lost, err := w.client.Do(ctx, r)
	return Reply{Status: answer.Status, Header: answer.Header, Body: answer.Body, Uncertain: lost}, err
}
