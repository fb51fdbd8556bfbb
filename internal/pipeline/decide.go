package pipeline

import (
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Pace of writing while an attempt is under way.
type Pace struct {
	// AnnounceAfter is how long an attempt may take before the status speaks of it.
	// Jobs that end earlier make one write in all.
	AnnounceAfter time.Duration
	// ReportEvery is the time between two writes of a long job's progress.
	ReportEvery time.Duration
}

// DefaultPace writes once for a job of a second, and twelve times a minute for a
// long one: a thousand long jobs at one time stay under the API server's means.
var DefaultPace = Pace{AnnounceAfter: time.Second, ReportEvery: 5 * time.Second}

// Limits of patience.
const (
	// LookAgain is when a job that waits is looked at without an event, in case one
	// was missed.
	LookAgain = 30 * time.Second
	// MaxLost is how many attempts in a row may crash or vanish with their process,
	// without finishing a segment, before the job is Dead.
	MaxLost = 5
	// SuspectLost is how many make a job suspect: it may be what ends the process, so
	// no two of such run at one time.
	SuspectLost = 2
)

// Decide says what to do with a job. It is the only place that does.
func Decide(o Observation) Decision {
	o.Status = o.Recorded()
	d := Decision{Attempts: o.Status.Attempts, Failed: o.Status.FailedAttempts, Lost: o.Status.LostAttempts}
	switch {
	case o.Status.CompletedAt != nil:
		return d.afterEnd(o)
	case o.Attempt != nil && o.Attempt.Digest != o.Digest:
		return d.supersede(o)
	case o.Attempt != nil && o.Attempt.finished():
		return d.finish(o)
	case o.Cancel:
		return d.stopFor(o, v1alpha1.CancelledReason, "", "spec.cancel was set; finished segments are in the result")
	case o.overdue():
		return d.stopFor(o, v1alpha1.FailedReason, v1alpha1.DeadlineExceededReason,
			fmt.Sprintf("not ended within activeDeadlineSeconds (%d)", int64(o.Deadline.Seconds())))
	case o.Suspend:
		return d.hold(o)
	case o.Attempt == nil:
		return d.withoutAttempt(o)
	case o.Attempt.State == AttemptOver:
		return d.afterAttempt(o)
	default:
		return d.underWay(o)
	}
}

// finished says whether the attempt came to its natural end. It did the work, so
// this counts before anything that would have stopped it.
func (a *Attempt) finished() bool {
	return a.State == AttemptOver && !a.Crashed && a.Conclusion == Conclusion{} && a.Outcome.End == Finished
}

// started is when the clock of the deadline began; zero for not yet.
func (o Observation) started() time.Time {
	if o.Status.StartedAt != nil {
		return o.Status.StartedAt.Time
	}
	if o.Attempt != nil {
		return o.Attempt.StartedAt
	}
	return time.Time{}
}

func (o Observation) overdue() bool {
	started := o.started()
	return o.Deadline > 0 && !started.IsZero() && !o.Suspend && !o.Now.Before(started.Add(o.Deadline))
}

// untilDeadline shortens a wait so that the deadline is noticed; 0 waits for an event.
func (o Observation) untilDeadline(after time.Duration) time.Duration {
	started := o.started()
	if o.Deadline == 0 || started.IsZero() {
		return after
	}
	left := max(started.Add(o.Deadline).Sub(o.Now), time.Millisecond)
	if after == 0 {
		return left
	}
	return min(after, left)
}

// afterEnd leaves an ended job alone. When its spec changed in a way that asks for
// no other translation, the same end is recorded for the new generation.
func (d Decision) afterEnd(o Observation) Decision {
	d.Stage, d.Quiet = Ended, o.Status.ObservedGeneration == o.Generation
	if o.Attempt != nil {
		d.Verb = Forget
	}
	if c := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.FinishedCondition); c != nil {
		d.Reason, d.Message = c.Reason, c.Message
	}
	return d
}

func (d Decision) finish(o Observation) Decision {
	d = d.count(o.Attempt)
	return d.end(o.Attempt.Outcome.Reason, o.Attempt.Outcome.Cause, o.Attempt.Outcome.Message)
}

func (d Decision) end(reason, cause, message string) Decision {
	d.Stage, d.Reason, d.Cause, d.Message = Ended, reason, cause, message
	return d
}

// supersede lets an attempt at an older spec end; the next one takes over what it
// finished.
func (d Decision) supersede(o Observation) Decision {
	if o.Attempt.State != AttemptOver {
		d.Verb, d.Quiet, d.Stage = Halt, true, Working
		return d
	}
	o.Attempt = nil
	return Decide(o)
}

// stopFor ends a job before its time: the attempt is halted, then what there is
// is published, then the end is written.
func (d Decision) stopFor(o Observation, reason, cause, message string) Decision {
	a := o.Attempt
	switch {
	case a == nil && !o.Kept:
		return d.end(reason, cause, message)
	case a == nil:
		d.Verb, d.Quiet, d.Stage = Conclude, true, Working
	case a.State != AttemptOver && a.Concluding:
		d.Quiet, d.Stage, d.After = true, Working, o.Pace.ReportEvery
	case a.State != AttemptOver:
		d.Verb, d.Quiet, d.Stage = Halt, true, Working
	case a.Crashed:
		// What the run holds may be what crashed it, and would do so again.
		d = d.count(a)
		return d.end(reason, cause, message+"; the last attempt crashed, so nothing of it is published")
	case a.Conclusion.Done:
		d = d.count(a)
		return d.end(reason, cause, message)
	case a.Conclusion.Err != nil:
		return d.again(o, Conclude, a.Conclusion.Err)
	default:
		d.Verb, d.Quiet, d.Stage = Conclude, true, Working
	}
	return d
}

// keepBackoff records the end of a back-off again: it says that the attempt before
// has been accounted for, as failed or as handed over.
func (d Decision) keepBackoff(o Observation) Decision {
	if t := o.Status.NextAttemptTime; t != nil {
		d.NextAttempt = t.Time
	}
	return d
}

// hold suspends: an attempt is halted, and stays with what it finished.
func (d Decision) hold(o Observation) Decision {
	d.Stage, d.Reason, d.Message = Held, v1alpha1.SuspendedReason, "spec.suspend holds the job; finished segments are kept"
	d = d.keepBackoff(o)
	if o.Attempt != nil && o.Attempt.State != AttemptOver {
		d.Verb, d.Quiet = Halt, true
	}
	return d
}

// count records an attempt, with the lost ones before it. Those are written down with
// their successor and not before: until then the status says that nobody has booked
// what they may have cost.
func (d Decision) count(a *Attempt) Decision {
	if a.Number > d.Attempts {
		d.Attempts, d.Lost = a.Number, a.Lost
	}
	return d
}

func (d Decision) withoutAttempt(o Observation) Decision {
	lost := d.Lost
	if o.LostAttempt() {
		if o.Progressed {
			lost = 0
		}
		lost++
		if lost >= MaxLost {
			d.Lost = lost
			return d.giveUp(o)
		}
	}
	if b := o.Blocker; b != nil {
		if b.Terminal {
			return d.end(v1alpha1.FailedReason, b.Reason, b.Message)
		}
		d.Stage, d.Reason, d.Message, d.After = Waiting, b.Reason, b.Message, o.untilDeadline(LookAgain)
		return d.keepBackoff(o)
	}
	if wait := o.backingOff(); wait > 0 {
		d.Quiet, d.Stage, d.After = true, Working, o.untilDeadline(wait)
		return d
	}
	d.Lost = lost
	return d.start(o)
}

// giveUp ends a job whose attempts keep vanishing; d.Lost counts the last one.
func (d Decision) giveUp(o Observation) Decision {
	return d.stopFor(o, v1alpha1.DeadReason, "",
		fmt.Sprintf("given up: %d attempts in a row ended with the process that made them", d.Lost))
}

func (o Observation) backingOff() time.Duration {
	if o.Status.NextAttemptTime == nil {
		return 0
	}
	return o.Status.NextAttemptTime.Sub(o.Now)
}

// start begins the next attempt. It is recorded at once when it follows a lost one,
// which is counted with it; else when there is something to say of it. A paid one is
// recorded with its plan.
func (d Decision) start(o Observation) Decision {
	d.Verb, d.Stage, d.Reason, d.Message = Start, Working, v1alpha1.ProcessingReason, "the attempt has begun"
	d.After = o.untilDeadline(0)
	d.Number = d.Attempts + 1                                            // an earlier attempt has been recorded by now
	announced := o.Attempt != nil && o.Attempt.Announced && o.Next == "" // else there is no plan yet
	if o.Paid {
		d.Quiet = !announced
	} else {
		d.Quiet = d.Lost == o.Status.LostAttempts
	}
	if !d.Quiet {
		d.Attempts = d.Number
	}
	return d
}

// announce records an attempt with the most it can cost, and lets it buy.
func (d Decision) announce(o Observation) Decision {
	d.Verb, d.Stage = Announce, Working
	d.Reason, d.Message = v1alpha1.ProcessingReason, "the plan is made and the attempt has begun"
	d = d.count(o.Attempt)
	d.After = o.untilDeadline(0)
	return d
}

// countBegun records the attempt in the runner, if it has begun: a paid one has once
// it may buy.
func (d Decision) countBegun(o Observation) Decision {
	if o.Paid && !o.Attempt.Announced {
		return d
	}
	return d.count(o.Attempt)
}

func (d Decision) afterAttempt(o Observation) Decision {
	a := o.Attempt
	switch {
	case a.Crashed:
		return d.afterCrash(o)
	case a.Number == 0: // made only to conclude: it has not begun the work
		return d.withoutAttempt(o)
	case o.Next != "" && o.Exhausted():
		return d.moveOn(o)
	case a.Outcome.End == TakenOver:
		// What the other process writes will be seen before the next look.
		d.Verb, d.Quiet, d.Stage, d.After = Forget, true, Working, o.Pace.ReportEvery
		return d
	case a.Outcome.End == Fatal:
		d = d.count(a)
		return d.stopFor(o, v1alpha1.FailedReason, a.Outcome.Reason, a.Outcome.Message)
	case a.Outcome.End == Retry:
		return d.afterFailure(o)
	case a.Outcome.End == Waits:
		return d.again(o, Start, &Refusal{Reason: a.Outcome.Reason, Message: a.Outcome.Message})
	default: // Stopped and resumed, halted before its turn, or Limited: the runner holds it until the gate opens
		return d.resume(o)
	}
}

// resume goes on with an attempt that was interrupted, under its number. A paid one
// whose record an edit of the spec or a suspension has undone is recorded again.
func (d Decision) resume(o Observation) Decision {
	number := o.Attempt.Number
	d.Verb, d.Number, d.Stage = Start, number, Working
	d.Reason, d.Message = v1alpha1.ProcessingReason, "the attempt goes on"
	d.After = o.untilDeadline(0)
	if o.Attempt.Outcome.End == Limited {
		d.After = o.untilDeadline(o.Pace.AnnounceAfter) // a long pause is worth a word
	}
	if d.Quiet = o.onRecord(number); d.Quiet {
		d.Lost = max(d.Lost, o.Attempt.Lost) // it may be a suspect
		return d
	}
	return d.count(o.Attempt)
}

// onRecord says whether an attempt may go on without being written down first: it is,
// or it buys nothing before.
func (o Observation) onRecord(number int32) bool {
	return !o.Paid || !o.Attempt.Announced || o.Status.Attempts >= number && o.Status.StartedAt != nil
}

// again repeats something that failed on our side, for as long as it takes. How
// the attempt ended is counted once it is over, so that no repeat counts it anew.
func (d Decision) again(o Observation, verb Verb, why error) Decision {
	a := o.Attempt
	d.Attempts, d.Failed, d.Lost = o.Status.Attempts, o.Status.FailedAttempts, o.Status.LostAttempts
	d, d.Number = d.countBegun(o), a.Number
	d.Stage, d.Reason, d.Message = Working, v1alpha1.StorageFailedReason, why.Error()
	if r, ok := errors.AsType[*Refusal](why); ok {
		d.Reason = r.Reason
	}
	if o.Paid && !a.Announced {
		d.Stage = Waiting // it has bought nothing
	}
	if wait := a.EndedAt.Add(o.Pace.ReportEvery).Sub(o.Now); wait > 0 {
		d.After = wait
		if !o.overdue() {
			d.After = o.untilDeadline(wait)
		}
		return d
	}
	d.Verb, d.Quiet = verb, verb != Start || o.onRecord(a.Number)
	return d
}

// underWay reports the progress of an attempt, not too early and not too often. One
// that waits for its turn is not worth a write: its status says what it said before.
func (d Decision) underWay(o Observation) Decision {
	a := o.Attempt
	if a.State == AttemptActive && a.Planned {
		return d.announce(o)
	}
	d = d.countBegun(o)
	d.Stage, d.Reason, d.Message = Working, v1alpha1.ProcessingReason, "the pipeline is running"
	if a.State == AttemptQueued {
		if a.Outcome.End != Limited {
			d.Quiet, d.Stage, d.After = true, Waiting, o.untilDeadline(0)
			return d
		}
		d.Stage, d.Reason, d.Message = Waiting, v1alpha1.RateLimitedReason, a.Outcome.Message
	}
	due := a.QueuedAt.Add(o.Pace.AnnounceAfter)
	if !a.ReportedAt.IsZero() {
		due = a.ReportedAt.Add(o.Pace.ReportEvery)
	}
	if wait := due.Sub(o.Now); wait > 0 {
		d.Quiet, d.After = true, o.untilDeadline(wait)
		return d
	}
	d.After = o.untilDeadline(o.Pace.ReportEvery)
	return d
}
