package metrics

import (
	"context"
	"errors"

	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Observed returns a factory whose engines have their calls counted. Probes are not.
func (m *Manager) Observed(factory engine.Factory, c clock.PassiveClock) engine.Factory {
	return func(config engine.Config) (engine.Engine, error) {
		made, err := factory(config)
		if err != nil {
			return nil, err
		}
		return &observed{Engine: made, metrics: m, clock: c}, nil
	}
}

// observed counts the calls of an engine.
type observed struct {
	engine.Engine

	metrics *Manager
	clock   clock.PassiveClock
}

// Translate implements engine.Engine.
func (o *observed) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	name, began := o.Info().Name, o.clock.Now()
	response, err := o.Engine.Translate(ctx, req)
	o.metrics.EngineCalled(name, ResultOf(ctx, err), o.clock.Since(began), response.Usage)
	o.metrics.CallsUncertain(name, response.Uncertain)
	return response, err
}

// ResultOf names what came of a call. An error after the caller gave up is the
// caller's doing, whatever the engine made of it.
func ResultOf(ctx context.Context, err error) string {
	switch {
	case err == nil:
		return CallAnswered
	case errors.Is(ctx.Err(), context.Canceled):
		return CallCancelled
	default:
		return engine.AsError(err).Class.String()
	}
}
