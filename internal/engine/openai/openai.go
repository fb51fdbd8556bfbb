// Package openai is the engine for any server that speaks the OpenAI chat
// completions API: OpenAI itself, vLLM, llama.cpp, Ollama, LM Studio, gateways.
//
// It owns the wire format, the forms that servers take and the meaning of the
// provider's errors; the prompts and the reading of answers are package llm's. It
// must not import controllers, client-go or an SDK.
package openai

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/llm"
)

// Name of the engine, as it stands in metrics.
const Name = "openai"

// Options are what an engine needs from outside. The zero value works.
type Options = llm.Options

// Engine asks one model of one provider. It is safe for concurrent use.
type Engine struct {
	wire *llm.Wire

	// format, ownTemperature, limit and tooLarge are what was learned of the provider
	// (see form).
	format         atomic.Int32
	ownTemperature atomic.Bool
	limit          atomic.Int32
	tooLarge       atomic.Int64
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
	wire, err := llm.NewWire(cfg, opts, func(header http.Header, key string) {
		if key != "" {
			header.Set("Authorization", "Bearer "+key)
		}
	})
	if err != nil {
		return nil, err
	}
	return &Engine{wire: wire}, nil
}

// Info describes the engine. Calls are taken to cost money when the provider has
// prices or asks for a key.
func (e *Engine) Info() engine.Info {
	return engine.Info{
		Name:        Name,
		Model:       e.wire.Model,
		Prompt:      llm.PromptVersion,
		Corrects:    true,
		Creates:     true,
		Rates:       true,
		Terms:       true,
		Paid:        e.wire.Paid,
		MaxSegments: llm.MaxSegments,
		MaxRunes:    llm.MaxRunes,
	}
}

// Translate asks the model, as llm.Translate says.
func (e *Engine) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	return llm.Translate(ctx, e.wire, e, req)
}

// Close ends the calls under way and the engine's own connections. It may be
// called more than once.
func (e *Engine) Close() error { return e.wire.Close() }
