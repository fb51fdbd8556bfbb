package translationjob

import (
	"context"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/runner"
)

// gated is a provider's engine as one attempt calls it: every call waits for its
// turn, tells the gate how the provider did, and has its cost counted.
type gated struct {
	engine.Engine
	provider pipeline.Provider
	metrics  *metrics.Manager
	// leads says whether this process may call still; nil for always.
	leads func() bool
	// turn of the attempt, while it runs.
	turn *runner.Turn
}

// Translate implements engine.Engine.
func (g *gated) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	most := pipeline.MostOf(req)
	if err := g.turn.Begin(ctx, runner.Call{Tokens: tokensOf(most)}); err != nil {
		return engine.Response{}, err
	}
	if g.leads != nil && !g.leads() {
		// Another one leads, and may be at this very call. The manager is told to end.
		g.turn.End(runner.Result{Outcome: runner.Other})
		<-ctx.Done()
		return engine.Response{}, ctx.Err()
	}
	response, err := g.Engine.Translate(ctx, req)
	result := resultOf(ctx, err)
	if response.Uncertain == 0 {
		result.Tokens = tokensOf(response.Usage)
	}
	g.turn.End(result)
	g.metrics.Spent(g.Info().Name, g.provider.Prices.Cost(response.Usage))
	return response, err
}

// tokensOf is what a provider's limit of tokens counts.
func tokensOf(u engine.Usage) int64 { return u.InputTokens + u.OutputTokens }

// resultOf is what a call says about its provider.
func resultOf(ctx context.Context, err error) runner.Result {
	switch {
	case err == nil:
		return runner.Result{Outcome: runner.Answered}
	case ctx.Err() != nil:
		return runner.Result{Outcome: runner.Other}
	}
	switch e := engine.AsError(err); e.Class {
	case engine.RateLimited:
		return runner.Result{Outcome: runner.RateLimited, After: e.After}
	case engine.Transient:
		return runner.Result{Outcome: runner.Unavailable}
	default:
		return runner.Result{Outcome: runner.Other}
	}
}
