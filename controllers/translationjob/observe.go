package translationjob

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/runner"
)

// maxRetryBytes bounds status.lastHandledRetry.
const maxRetryBytes = 64

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
		Retry:      retryOf(job),
		Status:     job.Status,
	}}
	if limit := job.Spec.BackoffLimit; limit != nil {
		seen.BackoffLimit = *limit
	}
	if deadline := job.Spec.ActiveDeadlineSeconds; deadline != nil {
		seen.Deadline = time.Duration(*deadline) * time.Second
	}
	r.observeAttempt(job, &seen)
	if err := r.observeDigest(ctx, job, &seen); err != nil {
		return seen, err
	}
	switch {
	case seen.Exhausted():
		return seen, r.observeNext(ctx, job, &seen)
	case needsInputs(seen):
		return seen, r.observeInputs(ctx, job, &seen)
	case mayChange(seen):
		return seen, r.observeChange(ctx, job, &seen)
	}
	return seen, nil
}

// observeDigest finds out which translation the spec asks for. The texts are only
// looked at when the spec is new.
func (r *Reconciler) observeDigest(ctx context.Context, job *v1alpha1.TranslationJob, seen *observation) error {
	switch {
	case seen.attempt != nil && seen.attempt.generation() == job.Generation:
		seen.Digest = seen.attempt.digest
		return nil
	case job.Status.ObservedGeneration == job.Generation:
		seen.Digest = job.Status.WorkDigest
		return nil
	}
	whole, err := r.whole(ctx, job)
	if err != nil {
		return err
	}
	seen.Digest = pipeline.Digest(whole.Spec)
	if seen.attempt != nil && seen.attempt.digest == seen.Digest {
		seen.attempt.adopt(whole)
	}
	return nil
}

// observeAttempt looks at the runner. An attempt at an object that was deleted and
// made again under the same name is not this job's.
func (r *Reconciler) observeAttempt(job *v1alpha1.TranslationJob, seen *observation) {
	key := keyOf(client.ObjectKeyFromObject(job))
	view, ok := r.runner.Look(key)
	if !ok {
		return
	}
	if view.Work.uid != job.UID {
		r.settle(view.Work)
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
func needsInputs(seen observation) bool {
	if seen.Recorded().CompletedAt != nil || seen.Suspend {
		return false
	}
	if seen.attempt == nil {
		return !seen.Cancel || kept(seen)
	}
	// An attempt whose provider has another engine by now would only fail again.
	outdated := seen.attempt.digest != seen.Digest || seen.attempt.provider.IsOutdated()
	return outdated && seen.Attempt.State == pipeline.AttemptOver
}

// kept says whether an earlier attempt in another process may have left finished
// segments.
func kept(seen observation) bool {
	return seen.Recorded().Progress != nil
}

func (r *Reconciler) observeInputs(ctx context.Context, job *v1alpha1.TranslationJob, seen *observation) error {
	if seen.LostAttempt() {
		progressed, err := r.store.Progressed(ctx, job)
		if err != nil {
			return err
		}
		seen.Progressed = progressed
	}
	in, blocker, err := r.gather(ctx, job, pipeline.GivenUp(seen.Recorded().PassedOver))
	if err != nil {
		return err
	}
	seen.Blocker = blocker
	if blocker != nil {
		return nil
	}
	seen.inputs, seen.provider = in, &in.provider
	seen.Paid = in.provider.Paid()
	seen.Kept = kept(*seen)
	return nil
}

// retryOf returns what the retry annotation asks for, in as many bytes as the status
// can hold.
func retryOf(job *v1alpha1.TranslationJob) string {
	value := job.Annotations[v1alpha1.RetryAnnotation]
	return value[:min(len(value), maxRetryBytes)]
}

func isTrue(b *bool) bool { return b != nil && *b }
