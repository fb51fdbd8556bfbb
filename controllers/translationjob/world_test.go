package translationjob

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/kstatus"
)

// world is one job, its object, a runner with one place, and everything that can
// happen to them. Passes are made as the reconciler makes them: see, decide, write
// the status, act; a write from an old copy is refused.
type world struct {
	t     *testing.T
	dice  *rand.Rand
	clock *clocktesting.FakeClock
	story []string

	job     *v1alpha1.TranslationJob // as stored
	old     *v1alpha1.TranslationJob // as stored before the last write
	current bool                     // the cache has what is stored, and never goes back
	digest  int
	paid    bool
	blocked bool
	// maxLimit is the highest backoffLimit the job has had.
	maxLimit int32

	attempt *attempt
	state   pipeline.AttemptState
	since   time.Time
	// after is what the last decision asked for.
	after time.Duration
}

var beginning = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		t: t, dice: rand.New(rand.NewPCG(seed, 0)), clock: clocktesting.NewFakeClock(beginning),
		job: build.Job("job", "world").Text("Hola.").Obj(),
	}
	w.job.Generation, w.job.Status.ObservedGeneration = 1, -1
	w.paid = w.dice.IntN(2) == 0
	w.limit(int32(w.dice.IntN(3)))
	if w.dice.IntN(3) == 0 {
		w.job.Spec.ActiveDeadlineSeconds = new(int32(20))
	}
	w.old = w.job.DeepCopy()
	return w
}

func (w *world) limit(n int32) {
	w.job.Spec.BackoffLimit, w.maxLimit = &n, max(w.maxLimit, n)
}

func (w *world) tell(format string, args ...any) {
	w.story = append(w.story, w.clock.Now().Format("04:05.000 ")+fmt.Sprintf(format, args...))
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	for _, line := range w.story {
		w.t.Log(line)
	}
	w.t.Fatalf(format, args...)
}

// edit is a change of the spec.
func (w *world) edit(what string, change func(*v1alpha1.TranslationJobSpec)) {
	w.old, w.current = w.job.DeepCopy(), false
	change(&w.job.Spec)
	w.job.Generation++
	w.tell("edit: %s, generation %d", what, w.job.Generation)
}

func (w *world) observe(job *v1alpha1.TranslationJob) pipeline.Observation {
	o := pipeline.Observation{
		Now: w.clock.Now(), Jitter: w.dice.Float64(), Pace: pipeline.DefaultPace,
		Generation: job.Generation, Digest: fmt.Sprintf("%064d", w.digest),
		Suspend: isTrue(job.Spec.Suspend), Cancel: isTrue(job.Spec.Cancel),
		BackoffLimit: *job.Spec.BackoffLimit, Status: *job.Status.DeepCopy(), Paid: w.paid,
	}
	if d := job.Spec.ActiveDeadlineSeconds; d != nil {
		o.Deadline = time.Duration(*d) * time.Second
	}
	if w.blocked {
		o.Blocker = &pipeline.Blocker{Reason: v1alpha1.SourceNotFoundReason, Message: "no source"}
	}
	if w.attempt != nil {
		o.Attempt = w.attempt.view(w.state, w.since)
	}
	o.Kept = o.Blocker == nil && o.Recorded().Progress != nil
	return o
}

// pass is one reconcile. A stale one works from the copy before the last write.
func (w *world) pass(stale bool) {
	w.t.Helper()
	job := w.job
	if stale && !w.current {
		job = w.old
	} else {
		w.current = true
	}
	fresh := job.Generation == w.job.Generation && cmp.Equal(job.Status, w.job.Status)
	o := w.observe(job)
	d := pipeline.Decide(o)
	w.tell("pass (fresh %v): verb %d number %d quiet %v stage %d reason %q attempts %d failed %d lost %d after %s",
		fresh, d.Verb, d.Number, d.Quiet, d.Stage, d.Reason, d.Attempts, d.Failed, d.Lost, d.After)
	w.after = d.After
	w.check(o, d)
	if !d.Quiet && !w.write(job, fresh, o, d) {
		w.after = 0
		return
	}
	w.act(o, d)
}

// check holds a decision to what must be true of every one.
func (w *world) check(o pipeline.Observation, d pipeline.Decision) {
	w.t.Helper()
	busy := w.attempt != nil && w.state != pipeline.AttemptOver
	if busy && (d.Verb == pipeline.Start || d.Verb == pipeline.Conclude) {
		w.fail("verb %d while an attempt is queued or active", d.Verb)
	}
	if !busy && d.Verb == pipeline.Halt {
		w.fail("nothing is under way that could be halted")
	}
	if o.Recorded().CompletedAt != nil && d.Verb != pipeline.Nothing && d.Verb != pipeline.Forget {
		w.fail("verb %d for a job that has ended", d.Verb)
	}
	if d.Stage != pipeline.Ended && d.Stage != pipeline.Held && d.Verb == pipeline.Nothing && d.After <= 0 && !busy {
		w.fail("the job goes on, and nobody will look at it again")
	}
	if o.Suspend && (d.Verb == pipeline.Start || d.Verb == pipeline.Conclude && !o.Cancel) {
		w.fail("verb %d for a suspended job", d.Verb)
	}
	if d.Lost > pipeline.MaxLost || d.Failed > w.maxLimit+1 {
		w.fail("%d attempts lost and %d failed are more than the job may have", d.Lost, d.Failed)
	}
}

func (w *world) write(job *v1alpha1.TranslationJob, fresh bool, o pipeline.Observation, d pipeline.Decision) bool {
	w.t.Helper()
	next := job.DeepCopy()
	next.Status = statusOf(o, nil, d)
	if o.Attempt != nil && d.Attempts > 0 && d.Stage != pipeline.Waiting {
		next.Status.Progress = &v1alpha1.Progress{Total: 1, Done: 1}
	}
	if cmp.Equal(next.Status, job.Status) {
		return true
	}
	if !fresh {
		w.tell("conflict")
		return false
	}
	if settled(w.job) {
		w.fail("the status of an ended job changes:\n%s", cmp.Diff(w.job.Status, next.Status))
	}
	if broken := kstatus.Broken(kstatus.Job(next)); len(broken) > 0 {
		w.fail("broken rules: %v", broken)
	}
	w.old, w.job, w.current = w.job, next, false
	if w.attempt != nil {
		w.attempt.reported(w.clock.Now())
		if d.Stage == pipeline.Held {
			w.attempt.rest()
		}
	}
	return true
}

func (w *world) act(o pipeline.Observation, d pipeline.Decision) {
	w.t.Helper()
	switch d.Verb {
	case pipeline.Start, pipeline.Conclude:
		if w.attempt == nil || w.attempt.digest != o.Digest {
			w.attempt = &attempt{digest: o.Digest, clock: w.clock, job: w.job, run: pipeline.New(pipeline.Job{}, pipeline.Tools{}, pipeline.Checkpoint{})}
		}
		w.attempt.next(d)
		w.enter(pipeline.AttemptQueued)
		if s := w.observe(w.job).Recorded(); w.paid && w.attempt.announced && d.Verb == pipeline.Start && (s.Attempts < d.Number || s.StartedAt == nil) {
			w.fail("paid attempt %d starts and only %d are recorded, the start %v", d.Number, s.Attempts, s.StartedAt)
		}
	case pipeline.Announce:
		if s := w.observe(w.job).Recorded(); s.Attempts < w.attempt.number || s.StartedAt == nil {
			w.fail("attempt %d may buy and only %d are recorded, the start %v", w.attempt.number, s.Attempts, s.StartedAt)
		}
		w.attempt.letBuy()
	case pipeline.Halt:
		w.attempt.planned = false
		if w.state == pipeline.AttemptActive {
			w.endAttempt(func(a *attempt) {
				if a.conclude {
					a.conclusion = pipeline.Conclusion{Err: errors.New("context canceled")}
					return
				}
				a.outcome = pipeline.Outcome{End: pipeline.Stopped, Message: "stopped"}
			})
			return
		}
		w.enter(pipeline.AttemptOver)
	case pipeline.Forget:
		w.attempt = nil
	}
}

func (w *world) enter(s pipeline.AttemptState) { w.state, w.since = s, w.clock.Now() }

func (w *world) endAttempt(how func(*attempt)) {
	how(w.attempt)
	w.enter(pipeline.AttemptOver)
	w.tell("attempt %d is over: end %d crashed %v conclusion %+v", w.attempt.number, w.attempt.outcome.End, w.attempt.crashed, w.attempt.conclusion)
}

func (w *world) elapse(d time.Duration) { w.clock.SetTime(w.clock.Now().Add(d)) }

// work lets the runner go on: a queued attempt begins, an active one ends.
func (w *world) work(faults bool) {
	switch {
	case w.attempt == nil || w.state == pipeline.AttemptOver:
	case w.state == pipeline.AttemptQueued:
		w.enter(pipeline.AttemptActive)
		if w.attempt.startedAt.IsZero() {
			w.attempt.startedAt = w.clock.Now()
		}
	case w.paid && !w.attempt.announced && !w.attempt.conclude:
		w.attempt.planned, w.attempt.goAhead = true, make(chan struct{})
	case faults:
		w.endAttempt(w.anyEnd)
	default:
		w.endAttempt(goodEnd)
	}
}

func goodEnd(a *attempt) {
	if a.conclude {
		a.conclusion = pipeline.Conclusion{Done: true}
		return
	}
	a.outcome = pipeline.Outcome{End: pipeline.Finished, Reason: v1alpha1.CompletedReason, Message: "done"}
}

func (w *world) anyEnd(a *attempt) {
	n := w.dice.IntN(8)
	switch {
	case n == 0:
		a.crashed = true
	case a.conclude && n < 5:
		a.conclusion = pipeline.Conclusion{Err: errors.New("disk full")}
	case a.conclude || n == 1:
		goodEnd(a)
	case n == 2:
		a.outcome = pipeline.Outcome{End: pipeline.Fatal, Reason: v1alpha1.MisconfiguredReason, Message: "bad key"}
	case n == 3:
		a.outcome = pipeline.Outcome{End: pipeline.Limited, Reason: v1alpha1.RateLimitedReason, Message: "slow down"}
	case n == 4:
		a.outcome = pipeline.Outcome{End: pipeline.Waits, Reason: v1alpha1.StorageFailedReason, Message: "disk full"}
	default:
		a.outcome = pipeline.Outcome{End: pipeline.Retry, Reason: v1alpha1.BackingOffReason, Message: "no answer"}
	}
}

// anything lets one thing happen.
func (w *world) anything() {
	switch n := w.dice.IntN(20); {
	case n < 6:
		w.work(true)
	case n < 9:
		w.elapse(time.Duration(w.dice.IntN(3000)) * time.Millisecond)
	case n < 12:
		w.elapse(w.after)
	case n == 12:
		w.tell("the process dies")
		w.attempt, w.current = nil, true // the next one reads what is stored
	case n == 13:
		w.edit("suspend", func(s *v1alpha1.TranslationJobSpec) { s.Suspend = new(!isTrue(s.Suspend)) })
	case n == 14 && w.dice.IntN(3) == 0:
		w.edit("cancel", func(s *v1alpha1.TranslationJobSpec) { s.Cancel = new(!isTrue(s.Cancel)) })
	case n == 15 && w.dice.IntN(3) == 0:
		w.edit("another text", func(*v1alpha1.TranslationJobSpec) { w.digest++ })
	case n == 16:
		w.edit("backoffLimit", func(*v1alpha1.TranslationJobSpec) { w.limit(int32(w.dice.IntN(4))) })
	case n == 17:
		w.blocked = !w.blocked
		w.tell("blocked %v", w.blocked)
	case n == 18:
		// A copy from before a change of the spec is another story: its text is another.
		w.pass(w.old.Generation == w.job.Generation)
	default:
		w.pass(false)
	}
}

// calm is when nothing fails any more.
func (w *world) calm() {
	w.t.Helper()
	w.tell("from here on nothing fails")
	w.blocked = false
	if isTrue(w.job.Spec.Suspend) {
		w.edit("resume", func(s *v1alpha1.TranslationJobSpec) { s.Suspend = nil })
	}
	const enough = 40
	for range enough {
		w.pass(false)
		if settled(w.job) && w.attempt == nil {
			return
		}
		if w.attempt == nil || w.state == pipeline.AttemptOver {
			w.elapse(w.after)
		}
		w.work(false)
	}
	w.fail("the job has not ended after %d passes without a fault", enough)
}

func TestEveryJobEndsWhateverHappens(t *testing.T) {
	const worlds, events = 600, 80
	for seed := range uint64(worlds) {
		w := newWorld(t, seed)
		w.tell("seed %d, paid %v", seed, w.paid)
		for range events {
			w.anything()
		}
		w.calm()
		before := w.job.DeepCopy()
		for range 5 { // an ended job stays as it is, whoever looks
			w.elapse(time.Minute)
			w.pass(false)
		}
		if diff := cmp.Diff(before, w.job); diff != "" {
			w.fail("the ended job changed (-before +after):\n%s", diff)
		}
	}
}
