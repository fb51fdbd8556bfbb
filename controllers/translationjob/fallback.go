package translationjob

import (
	"context"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/condition"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// maxGivenUp is how many providers a run may give up: a chain has no more. With those of
// the next chain that are only passed over they fit status.passedOver.
const maxGivenUp = 6

// observeNext looks for a provider to go on with when the one of the attempt has been
// of no use. Without one the job ends as it would with a single provider.
func (r *Reconciler) observeNext(ctx context.Context, job *v1alpha1.TranslationJob, seen *observation) error {
	if !seen.attempt.provider.Fallbacks {
		return nil
	}
	failed := seen.GiveUp(seen.attempt.provider.Reference)
	failed.Message = condition.Cut(failed.Message)
	givenUp := append(pipeline.GivenUp(seen.Recorded().PassedOver), failed)
	if len(givenUp) > maxGivenUp {
		return nil
	}
	in, blocker, err := r.gather(ctx, job, givenUp)
	if err != nil || blocker != nil {
		return err
	}
	seen.take(in)
	return nil
}

// mayChange says whether an attempt is about to be repeated that other providers could
// make. An attempt that is under way keeps its provider.
func mayChange(seen observation) bool {
	if seen.attempt == nil || !seen.attempt.provider.Fallbacks || seen.Suspend || seen.Cancel {
		return false
	}
	next := seen.Recorded().NextAttemptTime
	return seen.Attempt.State == pipeline.AttemptOver && seen.Attempt.Outcome.End == pipeline.Retry &&
		next != nil && !seen.Now.Before(next.Time)
}

// observeChange looks whether another provider is to make the next attempt.
func (r *Reconciler) observeChange(ctx context.Context, job *v1alpha1.TranslationJob, seen *observation) error {
	in, blocker, err := r.gather(ctx, job, pipeline.GivenUp(seen.Recorded().PassedOver))
	if err != nil || blocker != nil {
		return err
	}
	if !same(in.provider, seen.attempt.provider) {
		seen.take(in)
	}
	return nil
}

// take has the next attempt made with these inputs.
func (seen *observation) take(in *inputs) {
	seen.inputs, seen.provider, seen.Paid = in, &in.provider, in.provider.Paid()
	seen.Next = pipeline.Label(in.provider.Reference.Kind, in.provider.Reference.Name)
}

// changesProvider says whether the next attempt is made with another provider than the
// one before it in this process.
func (seen observation) changesProvider() bool {
	return seen.attempt != nil && seen.inputs != nil && !same(seen.attempt.provider, seen.inputs.provider)
}

// same says whether two providers are the same object.
func same(a, b pipeline.Provider) bool {
	return a.Reference.Kind == b.Reference.Kind && a.Reference.Name == b.Reference.Name
}
