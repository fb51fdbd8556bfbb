// Package apy is the engine for Apertium APY, the web service around the programs of
// Apertium, where somebody runs one. On a machine with the programs package apertium
// is several times faster.
//
// It owns the protocol and a guard against the service's habit of cutting long texts
// short without a word. How texts are prepared and answers read is package apertium's.
// It keeps no text, tries no call again on its own and reads nothing from the
// environment. It must not import controllers or client-go.
package apy

import (
	"context"
	"sync"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
)

// Name of the engine, as it stands in metrics.
const Name = "apertiumapy"

// A call makes at least one exchange for each segment, of some 20 ms on an idle
// service, one after the other: the service does not do them at the same time.
const (
	maxSegments = 40
	maxRunes    = 8000
)

// Engine asks one service. It is safe for concurrent use.
type Engine struct {
	client *httpcall.Client
	paid   bool

	// mu guards what was learned of the service: nil until it was asked.
	mu      sync.Mutex
	learned *catalogue
	// broken pairs are listed and answered nothing to a text, until a probe gets an
	// answer.
	broken map[engine.Pair]bool
}

var _ engine.Engine = (*Engine)(nil)

// Factory returns a factory of engines with these options.
func Factory(opts httpcall.Options) engine.Factory {
	return func(cfg engine.Config) (engine.Engine, error) {
		e, err := New(cfg, opts)
		if err != nil {
			return nil, err
		}
		return e, nil
	}
}

// New makes an engine. It connects to nothing. An endpoint that cannot work is
// Misconfigured. Config.Timeout bounds one HTTP exchange.
func New(cfg engine.Config, opts httpcall.Options) (*Engine, error) {
	client, err := httpcall.New(cfg.Endpoint, cfg.Timeout, opts)
	if err != nil {
		return nil, err
	}
	return &Engine{client: client, paid: cfg.Priced, broken: map[engine.Pair]bool{}}, nil
}

// Info describes the engine.
func (e *Engine) Info() engine.Info {
	return engine.Info{Name: Name, Paid: e.paid, MaxSegments: maxSegments, MaxRunes: maxRunes}
}

// Close ends the calls under way and the engine's own connections.
func (e *Engine) Close() error {
	e.client.Close()
	return nil
}

// known returns the pairs, and asks for them when nobody has yet.
func (e *Engine) known(ctx context.Context) (*catalogue, error) {
	e.mu.Lock()
	learned := e.learned
	e.mu.Unlock()
	if learned != nil {
		return learned, nil
	}
	return e.learn(ctx)
}

func (e *Engine) learn(ctx context.Context) (*catalogue, error) {
	learned, err := e.list(ctx)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.learned = learned
	return learned, nil
}

// mark notes whether a pair works.
func (e *Engine) mark(pair engine.Pair, broken bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if broken {
		e.broken[pair] = true
		return
	}
	delete(e.broken, pair)
}

func (e *Engine) isBroken(pair engine.Pair) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.broken[pair]
}
