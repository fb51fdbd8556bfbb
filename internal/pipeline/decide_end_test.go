package pipeline_test

import (
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

const (
	cancelMessage = "spec.cancel was set; finished segments are in the result"
	holdMessage   = "spec.suspend holds the job; finished segments are kept"
	lateMessage   = "not ended within activeDeadlineSeconds (10)"
	goesOn        = "the attempt goes on"
	planMessage   = "the plan is made and the attempt has begun"
	lostMessage   = "given up: 5 attempts in a row ended with the process that made them"
)

var (
	stopped = outcome(pipeline.Outcome{End: pipeline.Stopped, Message: "the attempt was stopped"})
	failure = outcome(pipeline.Outcome{End: pipeline.Retry, Reason: v1alpha1.BackingOffReason, Message: "no answer"})
	full    = pipeline.Conclusion{Err: &pipeline.Refusal{Reason: v1alpha1.StorageFailedReason, Message: "store the result: disk full"}}
	done    = pipeline.Conclusion{Done: true}
)

// again is a try that was put off by a failing store.
func again(attempts, failed, lost int32, after time.Duration) pipeline.Decision {
	return pipeline.Decision{
		Number: attempts, Stage: pipeline.Working, Reason: v1alpha1.StorageFailedReason, Message: "store the result: disk full",
		Attempts: attempts, Failed: failed, Lost: lost, After: after,
	}
}

func TestDecideAfterAnAttempt(t *testing.T) {
	review := pipeline.Outcome{End: pipeline.Finished, Reason: v1alpha1.NeedsReviewReason, Message: "look at it"}
	unstored := func(ended time.Duration) see {
		return attempt(pipeline.AttemptOver, 2, announced, outcome(pipeline.Outcome{
			End: pipeline.Waits, Reason: v1alpha1.StorageFailedReason, Message: "store the result: disk full",
		}), func(a *pipeline.Attempt) { a.EndedAt = now.Add(ended) })
	}
	fatal := outcome(pipeline.Outcome{End: pipeline.Fatal, Reason: v1alpha1.MisconfiguredReason, Message: "bad key"})
	checkDecisions(t, map[string]decides{
		"it came to its end": {
			seen: seen(attempt(pipeline.AttemptOver, 1, outcome(review))),
			want: pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.NeedsReviewReason, Message: "look at it", Attempts: 1},
		},
		"its end counts before cancel, deadline and suspend": {
			seen: seen(recorded(1, 0, 0), started(time.Minute), cancel, suspend, deadline(second), attempt(pipeline.AttemptOver, 1, outcome(review))),
			want: pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.NeedsReviewReason, Message: "look at it", Attempts: 1},
		},
		"an end does not count while it works again": {
			seen: seen(attempt(pipeline.AttemptActive, 1, outcome(review))),
			want: pipeline.Decision{
				Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: running, Attempts: 1, After: 900 * time.Millisecond,
			},
		},
		"nor after a crash": {
			seen: seen(attempt(pipeline.AttemptOver, 1, outcome(review), crashed), recorded(1, 0, 1), backsOff(second)),
			want: pipeline.Decision{Quiet: true, Stage: pipeline.Working, Attempts: 1, Lost: 1, After: second},
		},
		"nor when it was concluded since": {
			seen: seen(cancel, attempt(pipeline.AttemptOver, 1, outcome(review), concluded(done))),
			want: pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.CancelledReason, Message: cancelMessage, Attempts: 1},
		},
		"a stopped attempt goes on under its number": {
			seen: seen(recorded(1, 0, 0), attempt(pipeline.AttemptOver, 1, stopped)),
			want: pipeline.Decision{Verb: pipeline.Start, Number: 1, Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: goesOn, Attempts: 1},
		},
		"a paid attempt that was stopped is recorded again": {
			seen: seen(paid, recorded(1, 0, 0), attempt(pipeline.AttemptOver, 1, announced, stopped)),
			want: pipeline.Decision{Verb: pipeline.Start, Number: 1, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: goesOn, Attempts: 1},
		},
		"a paid attempt whose record is gone is recorded again": {
			seen: seen(paid, started(second), attempt(pipeline.AttemptOver, 2, announced, stopped)),
			want: pipeline.Decision{Verb: pipeline.Start, Number: 2, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: goesOn, Attempts: 2},
		},
		"a paid attempt that was limited is recorded already": {
			seen: seen(paid, recorded(1, 0, 0), started(second), attempt(pipeline.AttemptOver, 1, announced, outcome(pipeline.Outcome{End: pipeline.Limited}))),
			want: pipeline.Decision{Verb: pipeline.Start, Number: 1, Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: goesOn, Attempts: 1, After: second},
		},
		"a paid attempt that was stopped before its plan was announced plans on without a word": {
			seen: seen(paid, attempt(pipeline.AttemptOver, 1, stopped)),
			want: pipeline.Decision{Verb: pipeline.Start, Number: 1, Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: goesOn},
		},
		"others hold the budget, and nothing is bought": {
			seen: seen(paid, attempt(pipeline.AttemptOver, 1, outcome(pipeline.Outcome{End: pipeline.Waits, Reason: v1alpha1.AwaitingBudgetReason, Message: "no room"}))),
			want: pipeline.Decision{Number: 1, Stage: pipeline.Waiting, Reason: v1alpha1.AwaitingBudgetReason, Message: "no room", After: 5 * second},
		},
		"the budget is asked for again": {
			seen: seen(paid, attempt(pipeline.AttemptOver, 1, outcome(pipeline.Outcome{End: pipeline.Waits, Reason: v1alpha1.AwaitingBudgetReason, Message: "no room"}),
				func(a *pipeline.Attempt) { a.EndedAt = now.Add(-5 * second) })),
			want: pipeline.Decision{Verb: pipeline.Start, Number: 1, Quiet: true, Stage: pipeline.Waiting, Reason: v1alpha1.AwaitingBudgetReason, Message: "no room"},
		},
		"another process has taken the job over": {
			seen: seen(paid, recorded(1, 0, 0), attempt(pipeline.AttemptOver, 1, announced, outcome(pipeline.Outcome{End: pipeline.TakenOver}))),
			want: pipeline.Decision{Verb: pipeline.Forget, Quiet: true, Stage: pipeline.Working, Attempts: 1, After: 5 * second},
		},
		"a limited attempt goes on under its number": {
			seen: seen(attempt(pipeline.AttemptOver, 1, outcome(pipeline.Outcome{End: pipeline.Limited, Message: "slow down"}))),
			want: pipeline.Decision{Verb: pipeline.Start, Number: 1, Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: goesOn, After: second},
		},
		"an attempt that was halted before its turn goes on": {
			seen: seen(attempt(pipeline.AttemptOver, 1)),
			want: pipeline.Decision{Verb: pipeline.Start, Number: 1, Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: goesOn},
		},
		"what could not be stored waits a little": {
			seen: seen(recorded(1, 1, 0), unstored(-2*second)),
			want: again(2, 1, 0, 3*second),
		},
		"what could not be stored is stored again": {
			seen: seen(recorded(2, 1, 0), unstored(-5*second)),
			want: pipeline.Decision{
				Verb: pipeline.Start, Number: 2, Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.StorageFailedReason,
				Message: "store the result: disk full", Attempts: 2, Failed: 1,
			},
		},
		"what a paid attempt could not store is recorded again after a suspension": {
			seen: seen(paid, recorded(2, 1, 0), unstored(-5*second)),
			want: pipeline.Decision{
				Verb: pipeline.Start, Number: 2, Stage: pipeline.Working, Reason: v1alpha1.StorageFailedReason,
				Message: "store the result: disk full", Attempts: 2, Failed: 1,
			},
		},
		"no retry helps, so what there is gets published": {
			seen: seen(attempt(pipeline.AttemptOver, 1, fatal)),
			want: pipeline.Decision{Verb: pipeline.Conclude, Quiet: true, Stage: pipeline.Working, Attempts: 1},
		},
		"no retry helps, and what there is has been published": {
			seen: seen(attempt(pipeline.AttemptOver, 1, fatal, concluded(done))),
			want: pipeline.Decision{
				Stage: pipeline.Ended, Reason: v1alpha1.FailedReason, Cause: v1alpha1.MisconfiguredReason, Message: "bad key", Attempts: 1,
			},
		},
	})
}

func TestDecideBacksOff(t *testing.T) {
	backOff := func(attempts, failed, lost int32, delay time.Duration, message string) pipeline.Decision {
		return pipeline.Decision{
			Stage: pipeline.Working, Reason: v1alpha1.BackingOffReason, Message: message,
			Attempts: attempts, Failed: failed, Lost: lost, NextAttempt: now.Add(delay), After: delay,
		}
	}
	jitter := func(j float64) see { return func(o *pipeline.Observation) { o.Jitter = j } }
	wait := func(attempts, failed, lost int32, after time.Duration) pipeline.Decision {
		return pipeline.Decision{Quiet: true, Stage: pipeline.Working, Attempts: attempts, Failed: failed, Lost: lost, After: after}
	}
	next := func(number, attempts, failed, lost int32) pipeline.Decision {
		return pipeline.Decision{
			Verb: pipeline.Start, Number: number, Quiet: true, Stage: pipeline.Working, Attempts: attempts, Failed: failed, Lost: lost,
			Reason: v1alpha1.ProcessingReason, Message: starting,
		}
	}
	checkDecisions(t, map[string]decides{
		"the first failure": {
			seen: seen(attempt(pipeline.AttemptOver, 1, failure)),
			want: backOff(1, 1, 0, 500*time.Millisecond, "attempt 1 failed and is repeated: no answer"),
		},
		"jitter spreads over the upper half": {
			seen: seen(jitter(1), attempt(pipeline.AttemptOver, 1, failure)),
			want: backOff(1, 1, 0, second, "attempt 1 failed and is repeated: no answer"),
		},
		"each failure doubles the delay": {
			seen: seen(jitter(1), recorded(2, 1, 0), attempt(pipeline.AttemptOver, 2, failure)),
			want: backOff(2, 2, 0, 2*second, "attempt 2 failed and is repeated: no answer"),
		},
		"the delay has an upper bound": {
			seen: seen(jitter(1), recorded(9, 9, 0), func(o *pipeline.Observation) { o.BackoffLimit = 100 }, attempt(pipeline.AttemptOver, 10, failure)),
			want: backOff(10, 10, 0, 5*time.Minute, "attempt 10 failed and is repeated: no answer"),
		},
		"and never overflows": {
			seen: seen(jitter(1), recorded(99, 99, 0), func(o *pipeline.Observation) { o.BackoffLimit = 100 }, attempt(pipeline.AttemptOver, 100, failure)),
			want: backOff(100, 100, 0, 5*time.Minute, "attempt 100 failed and is repeated: no answer"),
		},
		"the provider asked for a longer pause": {
			seen: seen(attempt(pipeline.AttemptOver, 1, outcome(pipeline.Outcome{End: pipeline.Retry, Message: "no answer", After: time.Minute}))),
			want: backOff(1, 1, 0, time.Minute, "attempt 1 failed and is repeated: no answer"),
		},
		"the deadline comes before the next attempt": {
			seen: seen(recorded(1, 0, 0), started(8*second), deadline(10*second),
				attempt(pipeline.AttemptOver, 1, outcome(pipeline.Outcome{End: pipeline.Retry, Message: "no answer", After: time.Minute}))),
			want: func() pipeline.Decision {
				d := backOff(1, 1, 0, time.Minute, "attempt 1 failed and is repeated: no answer")
				d.After = 2 * second
				return d
			}(),
		},
		"a failure that was recorded is not counted twice": {
			seen: seen(recorded(1, 1, 0), backsOff(3*second), attempt(pipeline.AttemptOver, 1, failure)),
			want: wait(1, 1, 0, 3*second),
		},
		"the next attempt after the delay": {
			seen: seen(recorded(1, 1, 0), backsOff(0), attempt(pipeline.AttemptOver, 1, failure)),
			want: next(2, 1, 1, 0),
		},
		"the next paid attempt is recorded, its plan being announced": {
			seen: seen(paid, recorded(1, 1, 0), backsOff(0), attempt(pipeline.AttemptOver, 1, announced, failure)),
			want: func() pipeline.Decision {
				d := next(2, 2, 1, 0)
				d.Quiet = false
				return d
			}(),
		},
		"the next failure, while the last delay is all that is recorded": {
			seen: seen(recorded(1, 1, 0), backsOff(-second), attempt(pipeline.AttemptOver, 2, failure)),
			want: backOff(2, 2, 0, second, "attempt 2 failed and is repeated: no answer"),
		},
		"the limit is used up, so what there is gets published": {
			seen: seen(recorded(3, 2, 0), attempt(pipeline.AttemptOver, 3, failure)),
			want: pipeline.Decision{Verb: pipeline.Conclude, Quiet: true, Stage: pipeline.Working, Attempts: 3, Failed: 3},
		},
		"the limit is used up, and what there is has been published": {
			seen: seen(recorded(3, 2, 0), attempt(pipeline.AttemptOver, 3, failure, concluded(done))),
			want: pipeline.Decision{
				Stage: pipeline.Ended, Reason: v1alpha1.FailedReason, Cause: v1alpha1.BackoffLimitExceededReason, Attempts: 3, Failed: 3,
				Message: "3 attempts failed and backoffLimit is 2; the last: no answer",
			},
		},
		"a store that fails at the end adds no failed attempt": {
			seen: seen(recorded(3, 2, 0), attempt(pipeline.AttemptOver, 3, failure, concluded(full))),
			want: again(3, 2, 0, 5*second),
		},
		"the first crash": {
			seen: seen(attempt(pipeline.AttemptOver, 1, crashed)),
			want: backOff(1, 0, 1, 500*time.Millisecond, "attempt 1 failed and is repeated: 1 of at most 5 attempts crashed or were lost"),
		},
		"a crash that was recorded is not counted twice": {
			seen: seen(recorded(1, 0, 1), backsOff(second), attempt(pipeline.AttemptOver, 1, crashed)),
			want: wait(1, 0, 1, second),
		},
		"the next attempt after a crash": {
			seen: seen(recorded(1, 0, 1), backsOff(-second), attempt(pipeline.AttemptOver, 1, crashed)),
			want: next(2, 1, 0, 1),
		},
		"the fifth crash is the last, and nothing is published": {
			seen: seen(recorded(5, 0, 4), kept, attempt(pipeline.AttemptOver, 5, crashed)),
			want: pipeline.Decision{
				Stage: pipeline.Ended, Reason: v1alpha1.DeadReason, Message: "given up: 5 of at most 5 attempts crashed or were lost",
				Attempts: 5, Lost: 5,
			},
		},
		"another process goes on backing off": {
			seen: seen(recorded(1, 1, 0), started(second), backsOff(2*second)),
			want: wait(1, 1, 0, 2*second),
		},
		"another process starts the next attempt": {
			seen: seen(recorded(1, 1, 0), started(second), backsOff(-second)),
			want: next(2, 1, 1, 0),
		},
	})
}

func TestDecideWhenTheProcessDied(t *testing.T) {
	checkDecisions(t, map[string]decides{
		"a recorded attempt is lost": {
			seen: seen(recorded(1, 0, 0), started(time.Minute)),
			want: pipeline.Decision{
				Verb: pipeline.Start, Number: 2, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: starting,
				Attempts: 2, Lost: 1,
			},
		},
		"an attempt that was waiting to start is not lost": {
			seen: seen(recorded(1, 0, 0)),
			want: pipeline.Decision{
				Verb: pipeline.Start, Number: 2, Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: starting,
				Attempts: 1,
			},
		},
		"a lost attempt is counted with the next, not while the job waits": {
			seen: seen(recorded(1, 0, 0), started(time.Minute), blocked(false)),
			want: pipeline.Decision{
				Stage: pipeline.Waiting, Reason: v1alpha1.SourceNotFoundReason, Message: "no source",
				Attempts: 1, After: pipeline.LookAgain,
			},
		},
		"and one that has been counted stays so": {
			seen: seen(recorded(1, 0, 1), started(time.Minute), blocked(false)),
			want: pipeline.Decision{
				Stage: pipeline.Waiting, Reason: v1alpha1.SourceNotFoundReason, Message: "no source",
				Attempts: 1, Lost: 1, After: pipeline.LookAgain,
			},
		},
		"after a lost paid attempt the next makes its plan first": {
			seen: seen(paid, recorded(1, 0, 0), started(time.Minute)),
			want: pipeline.Decision{
				Verb: pipeline.Start, Number: 2, Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: starting,
				Attempts: 1, Lost: 1,
			},
		},
		"one that finished segments before it was lost is the first of a new row": {
			seen: seen(recorded(5, 0, 4), started(time.Minute), func(o *pipeline.Observation) { o.Progressed = true }),
			want: pipeline.Decision{
				Verb: pipeline.Start, Number: 6, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: starting,
				Attempts: 6, Lost: 1,
			},
		},
		"the fifth loss ends it": {
			seen: seen(recorded(5, 0, 4), started(time.Minute)),
			want: pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.DeadReason, Message: lostMessage, Attempts: 5, Lost: 5},
		},
		"the fifth loss publishes what is kept": {
			seen: seen(recorded(5, 0, 4), started(time.Minute), kept),
			want: pipeline.Decision{Verb: pipeline.Conclude, Quiet: true, Stage: pipeline.Working, Attempts: 5, Lost: 5},
		},
		"what was kept is published": {
			seen: seen(recorded(5, 0, 4), started(time.Minute), attempt(pipeline.AttemptOver, 0, concluded(done))),
			want: pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.DeadReason, Message: lostMessage, Attempts: 5, Lost: 5},
		},
		"what was kept could not be published": {
			seen: seen(recorded(5, 0, 4), started(time.Minute), attempt(pipeline.AttemptOver, 0, concluded(full))),
			want: func() pipeline.Decision { d := again(5, 0, 4, 5*second); d.Number = 0; return d }(),
		},
		"it is tried again after a while": {
			seen: seen(recorded(5, 0, 4), started(time.Minute), attempt(pipeline.AttemptOver, 0, concluded(full),
				func(a *pipeline.Attempt) { a.EndedAt = now.Add(-5 * second) })),
			want: pipeline.Decision{
				Verb: pipeline.Conclude, Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.StorageFailedReason,
				Message: "store the result: disk full", Attempts: 5, Lost: 4,
			},
		},
		"a job that only was to be concluded, and is wanted again": {
			seen: seen(recorded(1, 1, 0), attempt(pipeline.AttemptOver, 0, concluded(done))),
			want: pipeline.Decision{
				Verb: pipeline.Start, Number: 2, Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: starting,
				Attempts: 1, Failed: 1,
			},
		},
	})
}

func TestDecideCancelAndDeadline(t *testing.T) {
	halt := pipeline.Decision{Verb: pipeline.Halt, Quiet: true, Stage: pipeline.Working}
	conclude := pipeline.Decision{Verb: pipeline.Conclude, Quiet: true, Stage: pipeline.Working}
	end := pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.CancelledReason, Message: cancelMessage}
	with := func(d pipeline.Decision, attempts int32) pipeline.Decision { d.Attempts = attempts; return d }
	late := pipeline.Decision{
		Stage: pipeline.Ended, Reason: v1alpha1.FailedReason, Cause: v1alpha1.DeadlineExceededReason, Message: lateMessage, Attempts: 1,
	}
	overdue := func(o *pipeline.Observation) {
		recorded(1, 0, 0)(o)
		started(10 * second)(o)
		deadline(10 * second)(o)
	}
	checkDecisions(t, map[string]decides{
		"cancel before anything was done":              {seen: seen(cancel), want: end},
		"cancel what waits for its source":             {seen: seen(cancel, blocked(false)), want: end},
		"cancel what another process kept":             {seen: seen(cancel, recorded(1, 0, 0), kept), want: with(conclude, 1)},
		"cancel a queued attempt":                      {seen: seen(cancel, attempt(pipeline.AttemptQueued, 1)), want: halt},
		"cancel an attempt at work":                    {seen: seen(cancel, attempt(pipeline.AttemptActive, 1)), want: halt},
		"a cancelled attempt has stopped":              {seen: seen(cancel, attempt(pipeline.AttemptOver, 1, stopped)), want: conclude},
		"what it finished is being published":          {seen: seen(cancel, attempt(pipeline.AttemptActive, 1, stopped, concluding)), want: pipeline.Decision{Quiet: true, Stage: pipeline.Working, After: 5 * second}},
		"its publishing waits for a worker":            {seen: seen(overdue, attempt(pipeline.AttemptQueued, 1, stopped, concluding)), want: pipeline.Decision{Quiet: true, Stage: pipeline.Working, Attempts: 1, After: 5 * second}},
		"what it finished is published":                {seen: seen(cancel, attempt(pipeline.AttemptOver, 1, stopped, concluded(done))), want: with(end, 1)},
		"what it finished could not be stored":         {seen: seen(cancel, attempt(pipeline.AttemptOver, 1, stopped, concluded(full))), want: again(1, 0, 0, 5*second)},
		"cancel while it backs off":                    {seen: seen(cancel, recorded(1, 1, 0), backsOff(second), attempt(pipeline.AttemptOver, 1, failure)), want: pipeline.Decision{Verb: pipeline.Conclude, Quiet: true, Stage: pipeline.Working, Attempts: 1, Failed: 1}},
		"cancel counts before suspend":                 {seen: seen(cancel, suspend), want: end},
		"cancel after a crash publishes nothing":       {seen: seen(cancel, attempt(pipeline.AttemptOver, 1, crashed)), want: pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.CancelledReason, Message: cancelMessage + "; the last attempt crashed, so nothing of it is published", Attempts: 1}},
		"the deadline has passed for an attempt":       {seen: seen(overdue, attempt(pipeline.AttemptActive, 1)), want: with(halt, 1)},
		"the overdue attempt has stopped":              {seen: seen(overdue, attempt(pipeline.AttemptOver, 1, stopped)), want: with(conclude, 1)},
		"the overdue job ends":                         {seen: seen(overdue, attempt(pipeline.AttemptOver, 1, stopped, concluded(done))), want: late},
		"the deadline passes in another process":       {seen: seen(overdue), want: late},
		"the clock of an attempt that nobody wrote of": {seen: seen(deadline(10*second), attempt(pipeline.AttemptActive, 1, func(a *pipeline.Attempt) { a.StartedAt = now.Add(-10 * second) })), want: halt},
		"a moment before the deadline": {
			seen: seen(recorded(1, 0, 0), started(10*second-time.Microsecond), deadline(10*second), attempt(pipeline.AttemptActive, 1)),
			want: pipeline.Decision{Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: running, Attempts: 1, After: time.Millisecond},
		},
		"a job that has not started has no deadline": {
			seen: seen(deadline(second), blocked(false)),
			want: pipeline.Decision{Stage: pipeline.Waiting, Reason: v1alpha1.SourceNotFoundReason, Message: "no source", After: pipeline.LookAgain},
		},
		"a suspended job has no deadline": {
			seen: seen(overdue, suspend),
			want: pipeline.Decision{Stage: pipeline.Held, Reason: v1alpha1.SuspendedReason, Message: holdMessage, Attempts: 1},
		},
	})
}

func TestDecideSuspend(t *testing.T) {
	held := pipeline.Decision{Stage: pipeline.Held, Reason: v1alpha1.SuspendedReason, Message: holdMessage}
	halt := held
	halt.Verb, halt.Quiet = pipeline.Halt, true
	with := func(d pipeline.Decision, attempts, failed, lost int32) pipeline.Decision {
		d.Attempts, d.Failed, d.Lost = attempts, failed, lost
		return d
	}
	backingOff := func(d pipeline.Decision, in time.Duration) pipeline.Decision { d.NextAttempt = now.Add(in); return d }
	checkDecisions(t, map[string]decides{
		"before anything was done":        {seen: seen(suspend), want: held},
		"while it waits for its source":   {seen: seen(suspend, blocked(false)), want: held},
		"a source that will never do":     {seen: seen(suspend, blocked(true)), want: held},
		"a queued attempt":                {seen: seen(suspend, attempt(pipeline.AttemptQueued, 1)), want: halt},
		"an attempt at work":              {seen: seen(suspend, attempt(pipeline.AttemptActive, 1)), want: halt},
		"an attempt that is concluded":    {seen: seen(suspend, recorded(3, 0, 2), attempt(pipeline.AttemptActive, 0, concluding)), want: with(halt, 3, 0, 2)},
		"an attempt that has stopped":     {seen: seen(suspend, attempt(pipeline.AttemptOver, 1, stopped)), want: held},
		"a lost attempt is not given up":  {seen: seen(suspend, recorded(3, 0, 2), started(time.Minute)), want: with(held, 3, 0, 2)},
		"an attempt that failed for ever": {seen: seen(suspend, recorded(1, 0, 0), attempt(pipeline.AttemptOver, 1, outcome(pipeline.Outcome{End: pipeline.Fatal}))), want: with(held, 1, 0, 0)},
		"while it backs off, whose end is kept so that the failure is not counted again": {
			seen: seen(suspend, recorded(1, 1, 0), backsOff(second), attempt(pipeline.AttemptOver, 1, failure)),
			want: backingOff(with(held, 1, 1, 0), second),
		},
		"it backs off, resumed after the delay": {
			seen: seen(recorded(1, 1, 0), backsOff(-time.Hour), attempt(pipeline.AttemptOver, 1, failure)),
			want: pipeline.Decision{
				Verb: pipeline.Start, Number: 2, Quiet: true, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason,
				Message: starting, Attempts: 1, Failed: 1,
			},
		},
	})
}
