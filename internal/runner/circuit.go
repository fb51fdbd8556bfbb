package runner

import "time"

// A provider that fails five times in a row is hardly asked again: once after five
// seconds, the length of most restarts, and then after twice as long each time. Five
// minutes are the most that a night's work waits once the provider is back.
const (
	breakAfter = 5
	firstBreak = 5 * time.Second
	maxBreak   = 5 * time.Minute
)

// circuit is the circuit breaker of a gate. Closed, it lets calls through; open, it
// lets none until a time, and then a single one on trial.
type circuit struct {
	failures int // in a row
	open     bool
	until    time.Time
	last     time.Duration // how long it was open the last time
	trial    *entry
}

// shut says whether nothing may go on now, and until when: no time while the trial
// is under way.
func (c *circuit) shut(now time.Time) (time.Time, bool) {
	switch {
	case !c.open:
		return time.Time{}, false
	case now.Before(c.until):
		return c.until, true
	default:
		return time.Time{}, c.trial != nil
	}
}

// admit notes that work goes on: after a break it is the trial.
func (c *circuit) admit(e *entry) {
	if c.open {
		c.trial = e
	}
}

// release notes that work gave its turn back without a result.
func (c *circuit) release(e *entry) {
	if c.trial == e {
		c.trial = nil
	}
}

// result learns from a call how the provider is, and says whether the circuit opened.
// Calls from before a break say nothing about the time after it.
func (c *circuit) result(e *entry, outcome Outcome, now time.Time) bool {
	if c.open && c.trial != e {
		return false
	}
	switch outcome {
	case Answered, RateLimited:
		*c = circuit{}
		return false
	case Unavailable:
		if c.failures++; !c.open && c.failures < breakAfter {
			return false
		}
		c.last = min(max(firstBreak, 2*c.last), maxBreak)
		c.open, c.trial, c.until = true, nil, now.Add(c.last)
		return true
	default:
		c.release(e)
		return false
	}
}
