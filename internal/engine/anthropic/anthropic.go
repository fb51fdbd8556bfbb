// Package anthropic is the engine for servers that speak the Anthropic messages API.
//
// It owns the wire format, the forms that servers take and the meaning of the
// provider's errors; the prompts and the reading of answers are package llm's. It
// must not import controllers, client-go or an SDK.
package anthropic

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/llm"
)

// Name of the engine, as it stands in metrics.
const Name = "anthropic"

const (
	// version of the API, which every request names.
	version = "2023-06-01"
	// api is what an endpoint may lack.
	api = "messages API"
)

// Options are what an engine needs from outside. The zero value works.
type Options = llm.Options

// Engine asks one model of one provider. It is safe for concurrent use.
type Engine struct {
	wire *llm.Wire

	// plain, ownTemperature and most are what was learned of the provider (see form).
	plain, ownTemperature atomic.Bool
	most                  atomic.Int64
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

// New makes an engine. It connects to nothing. The endpoint is the base URL with the
// version in its path, such as https://api.anthropic.com/v1. Settings that cannot work
// are Misconfigured. Config.Timeout bounds one HTTP exchange: a call that has to be
// divided makes several, and the caller's context bounds them all.
func New(cfg engine.Config, opts Options) (*Engine, error) {
	wire, err := llm.NewWire(cfg, opts, func(header http.Header, key string) {
		header.Set("Anthropic-Version", version)
		if key != "" {
			header.Set("X-Api-Key", key)
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

// Probe asks for the model, which costs nothing, and waits at most 10 s. A model
// offers every pair.
//
// A server that does not tell of its models (404 without the error of the API, 405,
// 501) is accepted as working: gateways have only the messages.
func (e *Engine) Probe(ctx context.Context) (engine.Offer, error) {
	reply, err := e.wire.Get(ctx, "models/"+e.wire.Model)
	if err != nil {
		return engine.Offer{}, err
	}
	switch reply.Status {
	case http.StatusOK:
		return e.readModel(reply.Body)
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return engine.Offer{Any: true}, nil
	}
	a := parseError(reply.Status, reply.Body)
	if reply.Status == http.StatusNotFound {
		if a.Kind != "not_found_error" {
			return engine.Offer{Any: true}, nil
		}
		return engine.Offer{}, engine.Errorf(engine.Misconfigured, "the provider does not have model %q", e.wire.Model)
	}
	return engine.Offer{}, e.classify(a, reply.Header, e.wire.NoRequest()).Err
}

// readModel reads what the provider says of the model. Its id may be another one: a
// name such as "…-latest" stands for it.
func (e *Engine) readModel(body []byte) (engine.Offer, error) {
	var model struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(body, &model) != nil || model.ID == "" {
		return engine.Offer{}, engine.Errorf(engine.Misconfigured, "the endpoint does not speak the Anthropic API: what it says of the model is not JSON of a model")
	}
	return engine.Offer{Any: true}, nil
}
