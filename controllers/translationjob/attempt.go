package translationjob

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/runner"
)

// saveTimeout bounds the writing of what was finished, which goes on after the
// attempt was cancelled.
const saveTimeout = 5 * time.Second

// attempt is the work of one job in the runner. It lives through several tries of
// the same generation.
type attempt struct {
	uid      types.UID
	digest   string // of the spec it works on
	provider pipeline.Provider
	run      *pipeline.Run
	pages    *pages
	gated    *gated
	watch    *stopwatch
	clock    clock.WithDelayedExecution
	metrics  *metrics.Manager
	// announce has the job looked at when a try has gone on for so long.
	announceAfter time.Duration
	announce      func()

	mu         sync.Mutex
	job        *v1alpha1.TranslationJob // newest that asks for this work
	number     int32
	lost       int32 // attempts in a row before it
	conclude   bool
	planned    bool
	announced  bool
	goAhead    chan struct{} // closed when a planned attempt may buy
	reserved   bool
	queuedAt   time.Time
	startedAt  time.Time
	reportedAt time.Time
	outcome    pipeline.Outcome
	conclusion pipeline.Conclusion
	crashed    bool
	replaced   string // version of the job before the last write of its status
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

// maxCost is the limit of the spec as it is now.
func (a *attempt) maxCost() v1alpha1.Decimal { return a.owner().Spec.MaxCost }

// next readies the attempt for another try.
func (a *attempt) next(d pipeline.Decision) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d.Number != 0 && d.Number != a.number {
		// A new attempt has no outcome yet. A repeat keeps it, to say why it waits.
		a.number, a.lost, a.outcome = d.Number, d.Lost, pipeline.Outcome{}
	}
	a.conclude, a.crashed, a.queuedAt = d.Verb == pipeline.Conclude, false, a.clock.Now()
	a.conclusion = pipeline.Conclusion{} // of the last time; there is more to say now
}

// letBuy lets a planned attempt go on, whose plan is on record now.
func (a *attempt) letBuy() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.planned {
		a.planned, a.announced = false, true
		close(a.goAhead)
	}
}

// awaitRecord waits until the plan is on record. The attempt keeps its turn: as long
// as one waits for that, the next job is not planned, so that no more of them are
// announced, and counted as lost in a crash, than can go on.
func (a *attempt) awaitRecord(ctx context.Context) bool {
	goAhead := make(chan struct{})
	a.mu.Lock()
	a.planned, a.goAhead = true, goAhead
	a.mu.Unlock()
	a.announce()
	select {
	case <-goAhead:
		a.run.Announce()
		return true
	case <-ctx.Done():
		a.mu.Lock()
		defer a.mu.Unlock()
		a.planned = false
		return false
	}
}

// rest stops the clock of a held job: when it goes on it starts anew.
func (a *attempt) rest() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.startedAt = time.Time{}
}

// Do implements runner.Work.
func (a *attempt) Do(ctx context.Context, turn *runner.Turn) {
	a.mu.Lock()
	conclude := a.conclude
	if a.startedAt.IsZero() {
		a.startedAt = a.clock.Now()
	}
	a.mu.Unlock()
	defer a.watch.stop()

	if conclude {
		err := a.run.Conclude(ctx)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.conclusion = pipeline.Conclusion{Done: err == nil, Err: err}
		return
	}
	soon := a.clock.AfterFunc(a.announceAfter, a.announce)
	defer soon.Stop()
	a.gated.turn = turn
	outcome := a.run.Do(ctx)
	if outcome.End == pipeline.Planned {
		outcome = pipeline.Outcome{End: pipeline.Stopped, Message: "the attempt was stopped before it bought anything"}
		if a.awaitRecord(ctx) {
			outcome = a.run.Do(ctx)
		}
	}
	if outcome.End == pipeline.Stopped {
		a.save(ctx)
	}
	a.count(outcome.End)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.outcome = outcome
}

func (a *attempt) count(end pipeline.End) {
	switch end {
	case pipeline.Finished, pipeline.Fatal:
		a.metrics.AttemptEnded(metrics.AttemptFinished)
	case pipeline.Retry:
		a.metrics.AttemptEnded(metrics.AttemptFailed)
	}
}

// Crashed implements runner.Work.
func (a *attempt) Crashed() {
	a.metrics.AttemptEnded(metrics.AttemptCrashed)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.crashed = true
}

// save keeps what a stopped attempt has finished. A failure costs what it would have
// kept: the attempt goes on from memory, or the next one does the work again.
func (a *attempt) save(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	if err := a.run.Save(ctx); err != nil {
		return
	}
}

// ended says which attempt it is, and how it ended the last time; 0 when it never did.
func (a *attempt) ended() (number int32, end pipeline.End) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.number, a.outcome.End
}

// reported notes that the status speaks of the attempt as it is now.
func (a *attempt) reported(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reportedAt = at
}

// replace notes the version of the job that a write of its status has replaced.
func (a *attempt) replace(version string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.replaced = version
}

// hasReplaced says whether a copy of the job is the one that was replaced last.
func (a *attempt) hasReplaced(version string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return version != "" && a.replaced == version
}

// succeed takes over what an attempt of this process leaves to the next one: its pages,
// its reservation, and what it knows of the cache.
func (a *attempt) succeed(before *attempt) {
	before.mu.Lock()
	defer before.mu.Unlock()
	a.pages, a.replaced, a.reserved = before.pages, before.replaced, before.reserved
	before.reserved = false
}

// view returns the attempt as the decision sees it.
func (a *attempt) view(state pipeline.AttemptState, since time.Time) *pipeline.Attempt {
	report := a.run.Report()
	a.mu.Lock()
	defer a.mu.Unlock()
	v := &pipeline.Attempt{
		State:      state,
		Number:     a.number,
		Lost:       a.lost,
		Digest:     a.digest,
		Planned:    a.planned,
		Announced:  a.announced,
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

// stopwatch times the steps of an attempt.
type stopwatch struct {
	clock   clock.PassiveClock
	metrics *metrics.Manager
	step    v1alpha1.Step
	since   time.Time
}

// enter ends the step before and begins another.
func (w *stopwatch) enter(step v1alpha1.Step) {
	w.stop()
	w.step, w.since = step, w.clock.Now()
}

func (w *stopwatch) stop() {
	if w.step != "" {
		w.metrics.StepEnded(string(w.step), w.clock.Since(w.since))
	}
	w.step = ""
}
