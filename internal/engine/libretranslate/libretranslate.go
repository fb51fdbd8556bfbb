// Package libretranslate is the engine for a LibreTranslate server: neural translation
// that people run themselves, or rent.
//
// It owns the protocol, the server's names of languages and what its errors mean. It
// keeps no text, tries no call again on its own (the runner backs off) and reads
// nothing from the environment. It must not import controllers or client-go.
package libretranslate

import (
	"context"
	"sync"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
)

// Name of the engine, as it stands in metrics.
const Name = "libretranslate"

// A server on two cores translates some hundred characters a second, so a call of this
// size ends well within the two minutes it has by default.
const (
	maxSegments = 40
	maxRunes    = 4000
)

// Engine asks one server. It is safe for concurrent use.
type Engine struct {
	client *httpcall.Client
	key    string
	paid   bool

	// mu guards what was learned of the server: nil until it was asked.
	mu      sync.Mutex
	learned *server
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

// New makes an engine. It connects to nothing. Settings that cannot work are
// Misconfigured. Config.Timeout bounds one HTTP exchange, of which a call makes two at
// the most, and more where the server limits the length of a request.
func New(cfg engine.Config, opts httpcall.Options) (*Engine, error) {
	key, err := httpcall.Key(cfg.APIKey)
	if err != nil {
		return nil, err
	}
	client, err := httpcall.New(cfg.Endpoint, cfg.Timeout, opts)
	if err != nil {
		return nil, err
	}
	return &Engine{client: client, key: key, paid: cfg.Priced || key != ""}, nil
}

// Info describes the engine. Calls are taken to cost money when the provider has
// prices or a key.
func (e *Engine) Info() engine.Info {
	return engine.Info{Name: Name, Paid: e.paid, MaxSegments: maxSegments, MaxRunes: maxRunes}
}

// Close ends the calls under way and the engine's own connections.
func (e *Engine) Close() error {
	e.client.Close()
	return nil
}

// known returns what was learned of the server, and asks it when nothing was.
func (e *Engine) known(ctx context.Context) (*server, error) {
	e.mu.Lock()
	learned := e.learned
	e.mu.Unlock()
	if learned != nil {
		return learned, nil
	}
	return e.learn(ctx)
}

// learn asks the server for its languages and limits, and keeps them.
func (e *Engine) learn(ctx context.Context) (*server, error) {
	learned, err := e.ask(ctx)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.learned = learned
	return learned, nil
}
