package translationjob

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/runner"
)

// limitedPause is how long a provider rests that asked to wait without saying how
// long.
const limitedPause = 5 * time.Second

// saveTimeout bounds the writing of a checkpoint, which goes on after the attempt
// was cancelled.
const saveTimeout = 10 * time.Second

// attempt is the work of one job in the runner. It lives through several tries of
// the same generation.
type attempt struct {
	uid      types.UID
	digest   string // of the spec it works on
	provider pipeline.Provider
	run      *pipeline.Run
	store    payload.Store
	clock    clock.PassiveClock
	// pause holds the provider for every job.
	pause func(gate string, until time.Time)

	mu         sync.Mutex
	job        *v1alpha1.TranslationJob // newest that asks for this work
	number     int32
	conclude   bool
	queuedAt   time.Time
	startedAt  time.Time
	reportedAt time.Time
	outcome    pipeline.Outcome
	conclusion pipeline.Conclusion
	crashed    bool
	checkpoint bool
}

// prepare returns the attempt to submit: the one that is there, or a new one that
// takes over what an earlier one finished.
func (r *Reconciler) prepare(ctx context.Context, job *v1alpha1.TranslationJob, seen observation) (*attempt, error) {
	if seen.inputs == nil {
		return seen.attempt, nil
	}
	var from pipeline.Checkpoint
	switch {
	case seen.attempt != nil:
		from = seen.attempt.run.Checkpoint()
	case seen.Kept:
		data, err := r.store.LoadCheckpoint(ctx, job)
		if err != nil {
			return nil, err
		}
		if data != nil && json.Unmarshal(data, &from) != nil {
			from = pipeline.Checkpoint{} // a damaged one costs what it held, not the job
		}
	}
	a := &attempt{
		uid: job.UID, digest: seen.Digest, job: seen.inputs.job, provider: seen.inputs.provider,
		store: r.store, clock: r.opts.Clock, pause: r.runner.Pause,
		checkpoint: seen.Kept,
	}
	a.run = pipeline.New(seen.inputs.work, pipeline.Tools{
		Engine: a.provider.Engine,
		Checks: r.opts.Checks,
		Entered: func(ctx context.Context, step v1alpha1.Step) {
			if r.opts.Entered != nil {
				r.opts.Entered(ctx, client.ObjectKeyFromObject(job), step)
			}
		},
		Publish: a.publish,
	}, from)
	return a, nil
}

// generation returns the newest generation that asks for this very work.
func (a *attempt) generation() int64 { return a.owner().Generation }

// owner returns the job that what is stored belongs to.
func (a *attempt) owner() *v1alpha1.TranslationJob {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.job
}

// adopt notes a newer spec that asks for the same work.
func (a *attempt) adopt(job *v1alpha1.TranslationJob) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.job = job
}

// next readies the attempt for another try.
func (a *attempt) next(number int32, conclude bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if number != 0 && number != a.number {
		// A new attempt has no outcome yet. A repeat keeps it, to say why it waits.
		a.number, a.outcome = number, pipeline.Outcome{}
	}
	a.conclude, a.crashed, a.queuedAt = conclude, false, a.clock.Now()
	a.conclusion = pipeline.Conclusion{} // of the last time; there is more to say now
}

// rest stops the clock of a held job: when it goes on it starts anew.
func (a *attempt) rest() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.startedAt = time.Time{}
}

// Do implements runner.Work.
func (a *attempt) Do(ctx context.Context, _ *runner.Turn) {
	a.mu.Lock()
	conclude := a.conclude
	if a.startedAt.IsZero() {
		a.startedAt = a.clock.Now()
	}
	a.mu.Unlock()

	if conclude {
		err := a.run.Conclude(ctx)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.conclusion = pipeline.Conclusion{Done: err == nil, Err: err}
		return
	}
	outcome := a.run.Do(ctx)
	switch outcome.End {
	case pipeline.Limited:
		wait := outcome.After
		if wait == 0 {
			wait = limitedPause
		}
		a.pause(a.provider.Gate, a.clock.Now().Add(wait))
	case pipeline.Stopped:
		a.save(ctx)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.outcome = outcome
}

// Crashed implements runner.Work.
func (a *attempt) Crashed() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.crashed = true
}

// save keeps the finished segments of a stopped attempt. Without it they are in
// memory still, so a failure only matters if the process ends too.
func (a *attempt) save(ctx context.Context) {
	cp := a.run.Checkpoint()
	if len(cp.Segments) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	data, err := json.Marshal(cp)
	if err != nil {
		return
	}
	if err := a.store.SaveCheckpoint(ctx, a.owner(), data); err != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.checkpoint = true
}

// ended says how the attempt ended the last time; 0 when it never did.
func (a *attempt) ended() pipeline.End {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.outcome.End
}

// saved says whether there is a checkpoint in the store.
func (a *attempt) saved() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.checkpoint
}

// publish stores a result where its size allows.
func (a *attempt) publish(ctx context.Context, result document.Result) (*v1alpha1.Result, error) {
	if result.FitsInline() {
		return result.Inline(), nil
	}
	data, err := result.Marshal()
	if err != nil {
		return nil, err
	}
	ref, err := a.store.Put(ctx, a.owner(), data)
	if err != nil {
		return nil, err
	}
	return result.Referenced(ref), nil
}

// reported notes that the status speaks of the attempt as it is now.
func (a *attempt) reported(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reportedAt = at
}

// view returns the attempt as the decision sees it.
func (a *attempt) view(state pipeline.AttemptState, since time.Time) *pipeline.Attempt {
	report := a.run.Report()
	a.mu.Lock()
	defer a.mu.Unlock()
	v := &pipeline.Attempt{
		State:      state,
		Number:     a.number,
		Digest:     a.digest,
		QueuedAt:   a.queuedAt,
		StartedAt:  a.startedAt,
		ReportedAt: a.reportedAt,
		Report:     report,
		Outcome:    a.outcome,
		Crashed:    a.crashed,
		Concluding: a.conclude && state != pipeline.AttemptOver,
		Conclusion: a.conclusion,
	}
	if state == pipeline.AttemptOver {
		v.EndedAt = since
	}
	return v
}
