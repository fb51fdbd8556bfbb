package translationjob

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/runner"
)

// observation is what a pass has seen: the part that decides, and the things
// behind it that the decision is carried out with.
type observation struct {
	pipeline.Observation
	// attempt in the runner, or nil.
	attempt *attempt
	// inputs of a new attempt; nil when they were not needed or not there.
	inputs *inputs
	// provider of the attempt, or of the next one.
	provider *pipeline.Provider
}

// observe reads what the decision needs, and no more: a job that has ended costs
// nothing, and one that is under way only a look at the runner.
func (r *Reconciler) observe(ctx context.Context, job *v1alpha1.TranslationJob) (observation, error) {
	seen := observation{Observation: pipeline.Observation{
		Now:        r.opts.Clock.Now(),
		Jitter:     jitter(),
		Pace:       r.opts.Pace,
		Generation: job.Generation,
		Suspend:    isTrue(job.Spec.Suspend),
		Cancel:     isTrue(job.Spec.Cancel),
		Status:     job.Status,
	}}
	if limit := job.Spec.BackoffLimit; limit != nil {
		seen.BackoffLimit = *limit
	}
	if deadline := job.Spec.ActiveDeadlineSeconds; deadline != nil {
		seen.Deadline = time.Duration(*deadline) * time.Second
	}
	r.observeAttempt(job, &seen)
	if !needsInputs(job, seen) {
		return seen, nil
	}
	return seen, r.observeInputs(ctx, job, &seen)
}

// observeAttempt looks at the runner. An attempt at an object that was deleted and
// made again under the same name is not this job's.
func (r *Reconciler) observeAttempt(job *v1alpha1.TranslationJob, seen *observation) {
	key := keyOf(client.ObjectKeyFromObject(job))
	view, ok := r.runner.Look(key)
	if !ok {
		return
	}
	if view.Work.job.UID != job.UID {
		r.runner.Forget(key)
		return
	}
	seen.attempt = view.Work
	seen.provider = &view.Work.provider
	seen.Attempt = view.Work.view(attemptState(view.State), view.Since)
	seen.Paid = view.Work.provider.Paid()
}

func attemptState(s runner.State) pipeline.AttemptState {
	switch s {
	case runner.Queued:
		return pipeline.AttemptQueued
	case runner.Running:
		return pipeline.AttemptActive
	default:
		return pipeline.AttemptOver
	}
}

// needsInputs says whether a new attempt may have to be made in this pass.
func needsInputs(job *v1alpha1.TranslationJob, seen observation) bool {
	ended := job.Status.ObservedGeneration == job.Generation && job.Status.CompletedAt != nil
	if ended || seen.Suspend {
		return false
	}
	if seen.attempt == nil {
		return !seen.Cancel || kept(job)
	}
	return seen.attempt.job.Generation != job.Generation && seen.Attempt.State == pipeline.AttemptOver
}

// kept says whether an earlier attempt in another process may have left finished
// segments.
func kept(job *v1alpha1.TranslationJob) bool {
	p := job.Status.Progress
	return job.Status.ObservedGeneration == job.Generation && p != nil && p.Done > 0
}

func (r *Reconciler) observeInputs(ctx context.Context, job *v1alpha1.TranslationJob, seen *observation) error {
	in, blocker, err := r.gather(ctx, job)
	if err != nil {
		return err
	}
	seen.Blocker = blocker
	if blocker != nil {
		return nil
	}
	seen.inputs, seen.provider = in, &in.provider
	seen.Paid = in.provider.Paid()
	seen.Kept = kept(job)
	return nil
}

func isTrue(b *bool) bool { return b != nil && *b }
