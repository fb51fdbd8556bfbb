package pipeline

import (
	"fmt"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// backoffBase and backoffMax bound the delay after a failed attempt.
const (
	backoffBase = time.Second
	backoffMax  = 5 * time.Minute
)

// afterFailure backs off, and gives up when the limit is used up.
func (d Decision) afterFailure(o Observation) Decision {
	a := o.Attempt
	if o.recorded() {
		return d.afterBackoff(o)
	}
	d = d.count(a)
	d.Failed++
	if failed := o.failures() + 1; failed > o.BackoffLimit {
		return d.stopFor(o, v1alpha1.FailedReason, v1alpha1.BackoffLimitExceededReason,
			fmt.Sprintf("%d attempts failed and backoffLimit is %d; the last: %s", failed, o.BackoffLimit, a.Outcome.Message))
	}
	return d.backOff(o, max(backoff(d.Failed, o.Jitter), a.Outcome.After), a.Outcome.Message)
}

// afterCrash backs off, and gives a job up that keeps crashing.
func (d Decision) afterCrash(o Observation) Decision {
	if o.recorded() {
		return d.afterBackoff(o)
	}
	d = d.count(o.Attempt)
	d.Lost++
	message := fmt.Sprintf("%d of at most %d attempts crashed or were lost", d.Lost, MaxLost)
	if d.Lost >= MaxLost {
		// What the run holds may be what crashed it, so it is not concluded.
		return d.end(v1alpha1.DeadReason, "", "given up: "+message)
	}
	return d.backOff(o, backoff(d.Lost, o.Jitter), message)
}

// recorded says whether the end of the attempt has been written already.
func (o Observation) recorded() bool {
	return o.Status.NextAttemptTime != nil && o.Status.Attempts >= o.Attempt.Number
}

func (d Decision) afterBackoff(o Observation) Decision {
	if wait := o.backingOff(); wait > 0 {
		d.Quiet, d.Stage, d.After = true, Working, o.untilDeadline(wait)
		return d
	}
	return d.start(o)
}

func (d Decision) backOff(o Observation, delay time.Duration, message string) Decision {
	d.Stage, d.Reason = Working, v1alpha1.BackingOffReason
	d.NextAttempt = o.Now.Add(delay)
	d.Message = fmt.Sprintf("attempt %d failed and is repeated: %s", d.Attempts, message)
	d.After = o.untilDeadline(delay)
	return d
}

// backoff doubles with each failure, within its bounds, and is spread over the
// upper half of the time, so that jobs that failed together do not return together.
func backoff(failures int32, jitter float64) time.Duration {
	delay := backoffMax
	if shift := failures - 1; shift < 16 {
		delay = min(backoffBase<<shift, backoffMax)
	}
	return delay/2 + time.Duration(jitter*float64(delay/2))
}
