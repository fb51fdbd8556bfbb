package translationjob

import (
	"context"
	"errors"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/statuswriter"
)

// handOverTimeout bounds the writes of an orderly end. The manager gives its parts
// thirty seconds, and one that has lost its way to the API server should be gone soon.
const handOverTimeout = 5 * time.Second

// settleEvery is how often the ledgers are compared with the jobs there are: what a
// crash has left reserved is free again after so long.
const settleEvery = 10 * time.Minute

// run works until the manager ends, and then hands the attempts over to the next.
// Without a word in the status an attempt that was stopped in order would look like
// one that was lost in a crash, and three updates of the manager would end a long
// job as Dead.
func (r *Reconciler) run(ctx context.Context) error {
	var ledgers sync.WaitGroup
	ledgers.Go(func() {
		wait.UntilWithContext(ctx, func(ctx context.Context) {
			if err := r.reconcileLedgers(ctx); err != nil && ctx.Err() == nil {
				r.log.Error(err, "Failed to settle what ended while no manager looked")
			}
		}, settleEvery)
	})
	err := r.runner.Start(ctx)
	ledgers.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handOverTimeout)
	defer cancel()
	for _, a := range r.runner.All() {
		r.handOver(ctx, a)
	}
	return errors.Join(err, r.flushMemory(ctx), r.opts.Ledger.Close(ctx))
}

// flushMemory has the memory store what the last attempts have put, where it writes
// later than it is told.
func (r *Reconciler) flushMemory(ctx context.Context) error {
	if later, ok := r.opts.Memory.(interface {
		Flush(ctx context.Context) error
	}); ok {
		return later.Flush(ctx)
	}
	return nil
}

// handOver schedules the next attempt for now. What cannot be
// written is found as a lost attempt by the next manager, which goes on all the same.
func (r *Reconciler) handOver(ctx context.Context, a *attempt) {
	job := &v1alpha1.TranslationJob{}
	if err := r.live.Get(ctx, client.ObjectKeyFromObject(a.owner()), job); err != nil || job.UID != a.uid {
		return
	}
	if !runsOn(job, a) {
		return
	}
	next := *job.Status.DeepCopy()
	next.NextAttemptTime = timeOf(r.opts.Clock.Now())
	if _, err := statuswriter.Write(ctx, r.statuses, job, statusIn, next); err == nil {
		a.metrics.AttemptEnded(metrics.AttemptHandedOver)
	}
}

// runsOn says whether the status speaks of the attempt as one under way, and the
// attempt was stopped or still waits for its turn. One that failed by itself has
// something else to tell, and what is said of a lost one before it is for the next
// manager too.
func runsOn(job *v1alpha1.TranslationJob, a *attempt) bool {
	s := job.Status
	if s.CompletedAt != nil || s.StartedAt == nil || s.NextAttemptTime != nil || s.WorkDigest != a.digest {
		return false
	}
	number, end := a.ended()
	if s.Attempts < number {
		return false
	}
	switch end {
	case pipeline.Retry, pipeline.Fatal, pipeline.Waits, pipeline.Finished:
		return false
	default:
		return true
	}
}
