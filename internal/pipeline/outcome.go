package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
)

// End says how an attempt ended.
type End int

const (
	// Finished: the run came to its end; the outcome's reason says which.
	Finished End = iota + 1
	// Planned: the plan of a paid run is made and nothing is bought. The run goes on
	// when Do is called again after Announce.
	Planned
	// Stopped: the context was cancelled. Finished segments are kept.
	Stopped
	// Retry: something failed that may pass by itself.
	Retry
	// Limited: the provider asked every job to wait.
	Limited
	// Waits: something on our side is not ready: a store that is full, a budget that
	// others hold. It is tried again for as long as it takes.
	Waits
	// Fatal: no retry helps.
	Fatal
	// TakenOver: another process goes on with the job, so this one must not.
	TakenOver
)

// Outcome of an attempt.
type Outcome struct {
	End End
	// Reason is the reason of condition Finished when End is Finished, and else of
	// the condition that says why the job does not go on.
	Reason, Message string
	// Cause says more when the reason is Failed: the reason of condition Stalled.
	Cause string
	// After is how long the provider asked to wait; 0 when it did not say.
	After time.Duration
}

// Refusal is an error whose meaning for the attempt is known where it is born. A
// tool of a run may return one.
type Refusal struct {
	End             End
	Reason, Message string
}

// Error returns the message.
func (r *Refusal) Error() string { return r.Message }

// refusalOr returns the refusal in a chain, or this one when there is none.
func refusalOr(err error, otherwise Refusal) error {
	if own, ok := errors.AsType[*Refusal](err); ok {
		return own
	}
	return &otherwise
}

// outcomeOf turns the error of a step into an outcome, in this one place.
func outcomeOf(ctx context.Context, err error) Outcome {
	if ctx.Err() != nil {
		return Outcome{End: Stopped, Message: "the attempt was stopped"}
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		return Outcome{End: r.End, Reason: r.Reason, Message: r.Message}
	}
	e := engine.AsError(err)
	switch e.Class {
	case engine.RateLimited:
		return Outcome{End: Limited, Reason: v1alpha1.RateLimitedReason, Message: err.Error(), After: e.After}
	case engine.Rejected:
		return Outcome{End: Fatal, Reason: v1alpha1.EngineRejectedReason, Message: err.Error()}
	case engine.Misconfigured:
		return Outcome{End: Fatal, Reason: v1alpha1.MisconfiguredReason, Message: err.Error()}
	default:
		return Outcome{End: Retry, Reason: v1alpha1.BackingOffReason, Message: err.Error(), After: e.After}
	}
}
