package runner

import (
	"time"

	"k8s.io/utils/clock"
)

// Pauses that a provider asks for without saying how long: the first is short,
// because most of these limits count seconds. It doubles while the provider keeps
// asking, up to the minute that the longest of them count.
const (
	firstPause = 5 * time.Second
	maxPause   = time.Minute
)

// gate holds the work that needs one provider: a lane for each namespace.
type gate struct {
	kind   string
	limits Limits
	active int // pieces of work that hold a slot

	lanes map[string]*lane // those with work, and those whose clock is ahead
	ready lanes            // those that have something to let in
	sweep int              // number of lanes at which the unused ones are looked for
	// level is the clock that a lane gets that comes to the gate: what the lane that
	// was last served had settled.
	level  int64
	served uint64
	// members and waiting count work that has not ended, and that waits.
	members, waiting int
	// fresh counts work that has started and made no call yet. Its calls are expected:
	// or what is not urgent would take the place that what is was started for.
	fresh int
	// typical is the call that began last, taken for the first one of fresh work.
	typical Call

	rate    rate
	circuit circuit
	pause   pause

	ringed bool        // in the pool's ring
	timer  clock.Timer // to look at the gate again; nil for none
	alarm  time.Time   // when it goes off
}

// sweepAfter is how many lanes are kept without a look at whether they are used.
const sweepAfter = 64

func newGate() *gate {
	return &gate{limits: Limits{Concurrency: DefaultGateLimit}, lanes: map[string]*lane{}, sweep: sweepAfter, rate: newRate()}
}

// join counts new work in its lane.
func (g *gate) join(namespace string) *lane {
	l, ok := g.lanes[namespace]
	if !ok {
		l = &lane{gate: g, namespace: namespace, index: -1}
		g.lanes[namespace] = l
	}
	l.members++
	g.members++
	return l
}

// leave counts work out. A lane without work is kept while its clock is ahead, or a
// namespace that sends one job after the other would begin anew with each.
func (g *gate) leave(l *lane) {
	l.members--
	g.members--
	switch {
	case g.members == 0:
		g.lanes, g.level, g.sweep = map[string]*lane{}, 0, sweepAfter
	case l.members == 0 && l.settled <= g.level:
		delete(g.lanes, l.namespace)
	case len(g.lanes) >= g.sweep:
		for name, l := range g.lanes {
			if l.members == 0 && l.settled <= g.level {
				delete(g.lanes, name)
			}
		}
		g.sweep = 2*len(g.lanes) + sweepAfter
	}
}

// best returns the claim that is next, or nil.
func (g *gate) best() *entry {
	if len(g.ready) == 0 {
		return nil
	}
	return g.ready[0].top
}

// barrier says what keeps a claim from going on now. Work that starts is held to the
// rate like a call, because it will make one.
func (g *gate) barrier(now time.Time, call Call) Wait {
	if until, shut := g.circuit.shut(now); shut {
		return Wait{Reason: CircuitOpen, Until: until}
	}
	if now.Before(g.pause.until) {
		return Wait{Reason: Paused, Until: g.pause.until}
	}
	if g.active >= g.limits.Concurrency {
		return Wait{Reason: ForSlot}
	}
	return g.rate.ready(now, call.Tokens, g.typical, g.fresh)
}

// callOf returns the call that a claim is for.
func (g *gate) callOf(e *entry) Call {
	if e == nil || e.turn == nil {
		return g.typical
	}
	return e.turn.call
}

// pause is the rest that a provider asked for.
type pause struct {
	until time.Time
	step  time.Duration // the last one that was not named
	asked time.Time     // when the step last changed
}

// after returns how long to rest when a call that began at some time was told to.
// Calls that were under way together are told together: only the first of them makes
// the next pause longer.
func (p *pause) after(now, began time.Time, named time.Duration) time.Duration {
	if p.step == 0 || !began.Before(p.asked) {
		p.step = min(max(firstPause, 2*p.step), maxPause)
		p.asked = now
	}
	if named > 0 {
		return named
	}
	return p.step
}

// answered ends the growth of pauses, unless the call began before the last.
func (p *pause) answered(began time.Time) {
	if !began.Before(p.asked) {
		p.step = 0
	}
}
