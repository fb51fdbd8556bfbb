package pipeline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// The decisions are tables of values: what is seen, and what has to come of it.
// Everything happens at now, and the work asked for is called "work".
var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

type see = func(*pipeline.Observation)

// seen returns a job that nobody has looked at, changed by what a case says.
func seen(changes ...see) pipeline.Observation {
	o := pipeline.Observation{
		Now: now, Pace: pipeline.DefaultPace,
		Generation: 1, Digest: "work", BackoffLimit: 2,
		Status: v1alpha1.TranslationJobStatus{ObservedGeneration: -1},
	}
	for _, change := range changes {
		change(&o)
	}
	return o
}

// recorded says that the status speaks of this generation, with these counters.
func recorded(attempts, failed, lost int32) see {
	return func(o *pipeline.Observation) {
		o.Status.ObservedGeneration, o.Status.WorkDigest = o.Generation, o.Digest
		o.Status.Attempts, o.Status.FailedAttempts, o.Status.LostAttempts = attempts, failed, lost
	}
}

// started says when the recorded clock of the job began, before now.
func started(ago time.Duration) see {
	return func(o *pipeline.Observation) {
		o.Status.ObservedGeneration, o.Status.WorkDigest = o.Generation, o.Digest
		o.Status.StartedAt = at(-ago)
	}
}

// backsOff says when the recorded back-off ends, after now.
func backsOff(in time.Duration) see {
	return func(o *pipeline.Observation) { o.Status.NextAttemptTime = at(in) }
}

// ended says that the job has ended.
func ended(reason string) see {
	return func(o *pipeline.Observation) {
		o.Status.CompletedAt = at(-time.Hour)
		o.Status.Conditions = []metav1.Condition{{
			Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: reason, Message: "as it was",
		}}
	}
}

// edited says that the spec has been changed since the status was written, and
// whether it asks for another translation.
func edited(digest string) see {
	return func(o *pipeline.Observation) { o.Generation++; o.Digest = digest }
}

// attempt puts one in the runner, at the work that is asked for.
func attempt(state pipeline.AttemptState, number int32, changes ...func(*pipeline.Attempt)) see {
	return func(o *pipeline.Observation) {
		a := &pipeline.Attempt{State: state, Number: number, Digest: "work", QueuedAt: now.Add(-100 * time.Millisecond)}
		if state == pipeline.AttemptOver {
			a.EndedAt = now
		}
		for _, change := range changes {
			change(a)
		}
		o.Attempt = a
	}
}

// afterLost follows an attempt that was lost, which is not recorded before this one is.
func afterLost(a *pipeline.Attempt) { a.Lost = 1 }

func outcome(out pipeline.Outcome) func(*pipeline.Attempt) {
	return func(a *pipeline.Attempt) { a.Outcome = out }
}

func concluded(c pipeline.Conclusion) func(*pipeline.Attempt) {
	return func(a *pipeline.Attempt) { a.Conclusion = c }
}

func concluding(a *pipeline.Attempt) { a.Concluding = true }

func planned(a *pipeline.Attempt) { a.Planned = true }

func announced(a *pipeline.Attempt) { a.Announced = true }

func crashed(a *pipeline.Attempt) { a.Crashed = true }

func paid(o *pipeline.Observation) { o.Paid = true }

func kept(o *pipeline.Observation) { o.Kept = true }

func cancel(o *pipeline.Observation) { o.Cancel = true }

func suspend(o *pipeline.Observation) { o.Suspend = true }

func deadline(d time.Duration) see { return func(o *pipeline.Observation) { o.Deadline = d } }

func blocked(terminal bool) see {
	return func(o *pipeline.Observation) {
		o.Blocker = &pipeline.Blocker{Reason: v1alpha1.SourceNotFoundReason, Message: "no source", Terminal: terminal}
	}
}

func at(d time.Duration) *metav1.Time { return &metav1.Time{Time: now.Add(d)} }

// decides is one row of a table.
type decides struct {
	seen pipeline.Observation
	want pipeline.Decision
}

func checkDecisions(t *testing.T, cases map[string]decides) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, pipeline.Decide(tc.seen)); diff != "" {
				t.Errorf("Decide() (-want +got):\n%s", diff)
			}
		})
	}
}

const (
	second   = time.Second
	starting = "the attempt has begun"
	running  = "the pipeline is running"
)

func TestDecideStartsAJob(t *testing.T) {
	checkDecisions(t, map[string]decides{
		"a free job starts without a word": {
			seen: seen(),
			want: pipeline.Decision{
				Verb: pipeline.Start, Number: 1, Quiet: true, Stage: pipeline.Working,
				Reason: v1alpha1.ProcessingReason, Message: starting,
			},
		},
		"a paid job makes its plan without a word": {
			seen: seen(paid),
			want: pipeline.Decision{
				Verb: pipeline.Start, Number: 1, Quiet: true, Stage: pipeline.Working,
				Reason: v1alpha1.ProcessingReason, Message: starting,
			},
		},
		"a near deadline is looked for earlier": {
			seen: seen(recorded(1, 1, 0), started(9500*time.Millisecond), backsOff(-second), deadline(10*second)),
			want: pipeline.Decision{
				Verb: pipeline.Start, Number: 2, Quiet: true, Stage: pipeline.Working, Attempts: 1, Failed: 1,
				Reason: v1alpha1.ProcessingReason, Message: starting, After: 500 * time.Millisecond,
			},
		},
		"what it refers to is not there yet": {
			seen: seen(blocked(false)),
			want: pipeline.Decision{
				Stage: pipeline.Waiting, Reason: v1alpha1.SourceNotFoundReason, Message: "no source", After: pipeline.LookAgain,
			},
		},
		"waiting is cut short by the deadline": {
			seen: seen(blocked(false), recorded(0, 0, 0), started(second), deadline(4*second)),
			want: pipeline.Decision{
				Stage: pipeline.Waiting, Reason: v1alpha1.SourceNotFoundReason, Message: "no source", After: 3 * second,
			},
		},
		"what it refers to will never do": {
			seen: seen(blocked(true)),
			want: pipeline.Decision{
				Stage: pipeline.Ended, Reason: v1alpha1.FailedReason, Cause: v1alpha1.SourceNotFoundReason, Message: "no source",
			},
		},
	})
}

func TestDecideWhileAnAttemptIsUnderWay(t *testing.T) {
	waited := func(d time.Duration) func(*pipeline.Attempt) {
		return func(a *pipeline.Attempt) { a.QueuedAt = now.Add(-d) }
	}
	reported := func(ago time.Duration) func(*pipeline.Attempt) {
		return func(a *pipeline.Attempt) { a.QueuedAt, a.ReportedAt = now.Add(-time.Hour), now.Add(-ago) }
	}
	working := func(quiet bool, after time.Duration) pipeline.Decision {
		return pipeline.Decision{
			Quiet: quiet, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: running, Attempts: 1, After: after,
		}
	}
	checkDecisions(t, map[string]decides{
		"too early to speak of it": {
			seen: seen(attempt(pipeline.AttemptActive, 1, waited(400*time.Millisecond))),
			want: working(true, 600*time.Millisecond),
		},
		"time to announce it": {
			seen: seen(attempt(pipeline.AttemptActive, 1, waited(second))),
			want: working(false, 5*second),
		},
		"reported a moment ago": {
			seen: seen(recorded(1, 0, 0), attempt(pipeline.AttemptActive, 1, reported(2*second))),
			want: working(true, 3*second),
		},
		"time to report again": {
			seen: seen(recorded(1, 0, 0), attempt(pipeline.AttemptActive, 1, reported(5*second))),
			want: working(false, 5*second),
		},
		"the deadline comes before the next report": {
			seen: seen(recorded(1, 0, 0), started(8*second), deadline(10*second), attempt(pipeline.AttemptActive, 1, reported(5*second))),
			want: working(false, 2*second),
		},
		"the deadline comes before the announcement": {
			seen: seen(deadline(10*second), attempt(pipeline.AttemptActive, 1, waited(0),
				func(a *pipeline.Attempt) { a.StartedAt = now.Add(-9900 * time.Millisecond) })),
			want: working(true, 100*time.Millisecond),
		},
		"its plan is announced before it buys": {
			seen: seen(paid, attempt(pipeline.AttemptActive, 1, planned)),
			want: pipeline.Decision{Verb: pipeline.Announce, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: planMessage, Attempts: 1},
		},
		"the plan of the attempt after one that was lost": {
			seen: seen(paid, recorded(1, 0, 0), started(time.Minute), attempt(pipeline.AttemptActive, 2, planned, afterLost)),
			want: pipeline.Decision{Verb: pipeline.Announce, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: planMessage, Attempts: 2, Lost: 1},
		},
		"a loss is not counted before the attempt after it may buy": {
			seen: seen(paid, recorded(1, 0, 0), started(time.Minute), attempt(pipeline.AttemptQueued, 2, afterLost,
				outcome(pipeline.Outcome{End: pipeline.Limited, Message: "a pause"}),
				func(a *pipeline.Attempt) { a.QueuedAt = now.Add(-time.Minute) })),
			want: pipeline.Decision{
				Stage: pipeline.Waiting, Reason: v1alpha1.RateLimitedReason, Message: "a pause", Attempts: 1, After: 5 * time.Second,
			},
		},
		"a planned attempt of a job that is cancelled": {
			seen: seen(paid, cancel, attempt(pipeline.AttemptActive, 1, planned)),
			want: pipeline.Decision{Verb: pipeline.Halt, Quiet: true, Stage: pipeline.Working},
		},
		"it waits for a worker": {
			seen: seen(attempt(pipeline.AttemptQueued, 1, waited(second))),
			want: pipeline.Decision{
				Quiet: true, Stage: pipeline.Waiting, Reason: v1alpha1.ProcessingReason, Message: running, Attempts: 1,
			},
		},
		"it waits for its provider": {
			seen: seen(attempt(pipeline.AttemptQueued, 1, waited(second), outcome(pipeline.Outcome{End: pipeline.Limited, Message: "slow down"}))),
			want: pipeline.Decision{
				Stage: pipeline.Waiting, Reason: v1alpha1.RateLimitedReason, Message: "slow down", Attempts: 1, After: 5 * second,
			},
		},
		"an attempt that was limited before and works again": {
			seen: seen(attempt(pipeline.AttemptActive, 1, waited(second), outcome(pipeline.Outcome{End: pipeline.Limited, Message: "slow down"}))),
			want: working(false, 5*second),
		},
		"the attempts that were recorded are more": {
			seen: seen(recorded(3, 0, 0), attempt(pipeline.AttemptActive, 1, reported(5*second))),
			want: pipeline.Decision{Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: running, Attempts: 3, After: 5 * second},
		},
	})
}

func TestDecideAfterASpecChange(t *testing.T) {
	start := func(attempts int32) pipeline.Decision {
		return pipeline.Decision{
			Verb: pipeline.Start, Number: attempts + 1, Quiet: true, Stage: pipeline.Working, Attempts: attempts,
			Reason: v1alpha1.ProcessingReason, Message: starting,
		}
	}
	end := func(reason string, quiet bool) pipeline.Decision {
		return pipeline.Decision{Quiet: quiet, Stage: pipeline.Ended, Reason: reason, Message: "as it was", Attempts: 1}
	}
	cases := map[string]decides{
		"an ended job is left alone": {
			seen: seen(recorded(1, 0, 0), ended(v1alpha1.CompletedReason)),
			want: end(v1alpha1.CompletedReason, true),
		},
		"an ended attempt is dropped": {
			seen: seen(recorded(1, 0, 0), ended(v1alpha1.CompletedReason), attempt(pipeline.AttemptOver, 1)),
			want: func() pipeline.Decision {
				d := end(v1alpha1.CompletedReason, true)
				d.Verb = pipeline.Forget
				return d
			}(),
		},
		"an ended job asks for another translation": {
			seen: seen(recorded(1, 0, 0), ended(v1alpha1.CompletedReason), edited("other")),
			want: start(0),
		},
		"an attempt at an older spec is halted": {
			seen: seen(edited("other"), attempt(pipeline.AttemptActive, 1)),
			want: pipeline.Decision{Verb: pipeline.Halt, Quiet: true, Stage: pipeline.Working},
		},
		"a queued attempt at an older spec is halted": {
			seen: seen(edited("other"), attempt(pipeline.AttemptQueued, 1)),
			want: pipeline.Decision{Verb: pipeline.Halt, Quiet: true, Stage: pipeline.Working},
		},
		"an ended attempt at an older spec does not count": {
			seen: seen(recorded(1, 0, 0), edited("other"), attempt(pipeline.AttemptOver, 1,
				outcome(pipeline.Outcome{End: pipeline.Finished, Reason: v1alpha1.CompletedReason}))),
			want: start(0),
		},
		"an older attempt and cancel": {
			seen: seen(recorded(1, 0, 0), edited("other"), cancel, attempt(pipeline.AttemptOver, 1)),
			want: pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.CancelledReason, Message: cancelMessage},
		},
		"a change of the rest while it works": {
			seen: seen(recorded(1, 0, 0), started(time.Minute), edited("work"), attempt(pipeline.AttemptActive, 1,
				func(a *pipeline.Attempt) { a.ReportedAt = now })),
			want: pipeline.Decision{
				Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: running, Attempts: 1, After: 5 * second,
			},
		},
		"suspend after a completed job records the same end": {
			seen: seen(recorded(1, 0, 0), ended(v1alpha1.CompletedReason), edited("work"), suspend),
			want: end(v1alpha1.CompletedReason, false),
		},
		"suspend after a failed job holds it": {
			seen: seen(recorded(1, 0, 0), ended(v1alpha1.FailedReason), edited("work"), suspend),
			want: pipeline.Decision{Stage: pipeline.Held, Reason: v1alpha1.SuspendedReason, Message: holdMessage},
		},
	}
	for reason, restarts := range map[string]bool{
		v1alpha1.CompletedReason: false, v1alpha1.CompletedWithBlocksReason: false, v1alpha1.NeedsReviewReason: false,
		v1alpha1.FailedReason: true, v1alpha1.DeadReason: true, v1alpha1.CancelledReason: true,
	} {
		tc := decides{seen: seen(recorded(1, 0, 0), ended(reason), edited("work")), want: end(reason, false)}
		if restarts {
			tc.want = start(0)
		}
		cases["any change after "+reason] = tc
	}
	checkDecisions(t, cases)
}

// A retry runs a job again that ended without being Completed, once for each value
// of the annotation.
func TestDecideRetry(t *testing.T) {
	retry := func(asked, handled string) see {
		return func(o *pipeline.Observation) { o.Retry, o.Status.LastHandledRetry = asked, handled }
	}
	start := pipeline.Decision{
		Verb: pipeline.Start, Number: 1, Quiet: true, Stage: pipeline.Working,
		Reason: v1alpha1.ProcessingReason, Message: starting,
	}
	stays := func(reason string) pipeline.Decision {
		return pipeline.Decision{Quiet: true, Stage: pipeline.Ended, Reason: reason, Message: "as it was", Attempts: 1}
	}
	checkDecisions(t, map[string]decides{
		"of a failed job":          {seen: seen(recorded(1, 0, 0), ended(v1alpha1.FailedReason), retry("now", "")), want: start},
		"of a dead job":            {seen: seen(recorded(1, 0, 0), ended(v1alpha1.DeadReason), retry("now", "")), want: start},
		"of a job to review":       {seen: seen(recorded(1, 0, 0), ended(v1alpha1.NeedsReviewReason), retry("now", "before")), want: start},
		"of a completed job":       {seen: seen(recorded(1, 0, 0), ended(v1alpha1.CompletedReason), retry("now", "")), want: stays(v1alpha1.CompletedReason)},
		"of a cancelled job":       {seen: seen(recorded(1, 0, 0), ended(v1alpha1.CancelledReason), retry("now", "")), want: stays(v1alpha1.CancelledReason)},
		"that was handled":         {seen: seen(recorded(1, 0, 0), ended(v1alpha1.FailedReason), retry("now", "now")), want: stays(v1alpha1.FailedReason)},
		"whose annotation is gone": {seen: seen(recorded(1, 0, 0), ended(v1alpha1.FailedReason), retry("", "before")), want: stays(v1alpha1.FailedReason)},
		"while it still works": {
			seen: seen(recorded(1, 0, 0), retry("now", ""), attempt(pipeline.AttemptQueued, 1)),
			want: pipeline.Decision{Quiet: true, Stage: pipeline.Waiting, Reason: v1alpha1.ProcessingReason, Message: running, Attempts: 1},
		},
	})
}

func TestRecordedKeepsConditionsOnly(t *testing.T) {
	o := seen(recorded(3, 2, 1), started(time.Minute), ended(v1alpha1.CompletedReason), edited("other"))
	want := v1alpha1.TranslationJobStatus{Conditions: o.Status.Conditions}
	if diff := cmp.Diff(want, o.Recorded()); diff != "" {
		t.Errorf("Recorded() for another translation (-want +got):\n%s", diff)
	}
	noCondition := seen(recorded(1, 0, 0), ended(v1alpha1.CompletedReason), edited("work"))
	noCondition.Status.Conditions = nil
	if diff := cmp.Diff(v1alpha1.TranslationJobStatus{}, noCondition.Recorded()); diff != "" {
		t.Errorf("Recorded() of an end without its condition (-want +got):\n%s", diff)
	}
}
