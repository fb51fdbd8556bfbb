package runner

import (
	"context"
	"runtime/debug"
	"slices"
	"time"
)

// dispatch lets claims go on while there is a free worker and an open gate: gates
// take turns, and behind a gate the lanes share by their clocks. A gate that can let
// nothing in leaves the ring, and comes back when something changes that may open
// it: a claim, a slot, a result, a limit, or its timer. So the cost is that of what
// happens, and not of what waits. The caller holds the lock, here and below.
func (p *pool) dispatch() {
	if p.ctx == nil || p.ctx.Err() != nil {
		return
	}
	now := p.opts.Clock.Now()
	for p.active < p.opts.Workers && len(p.ring) > 0 {
		g := p.ring[0]
		p.ring = p.ring[1:]
		g.ringed = false
		e := g.best()
		if e == nil {
			continue
		}
		if w := g.barrier(now, g.callOf(e)); w.Reason != 0 {
			p.lookAgain(g, now, w.Until)
			continue
		}
		p.grant(e, now)
		p.consider(g)
	}
}

// consider puts a gate that may be open in the ring.
func (p *pool) consider(g *gate) {
	if !g.ringed {
		g.ringed = true
		p.ring = append(p.ring, g)
	}
}

// lookAgain considers a gate at a time; the zero time stands for something that is
// noticed when it happens.
func (p *pool) lookAgain(g *gate, now, at time.Time) {
	if at.IsZero() || g.timer != nil && !at.Before(g.alarm) {
		return
	}
	if g.timer != nil {
		g.timer.Stop()
	}
	g.alarm = at
	g.timer = p.opts.Clock.AfterFunc(at.Sub(now), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if g.alarm.Equal(at) {
			g.timer = nil
		}
		p.consider(g)
		p.dispatch()
	})
}

// grant lets the best claim of a lane go on: it starts, or begins its call.
func (p *pool) grant(e *entry, now time.Time) {
	l := e.lane
	g := l.gate
	weight, waited := p.weight(l.namespace), now.Sub(e.waits)
	p.active++
	g.active++
	g.level = max(g.level, l.settled)
	g.served++
	l.turn = g.served
	g.circuit.admit(e)
	if e.state == Queued {
		p.start(e, now)
		g.fresh++
		l.charge(e.turn, g.typical.Tokens, weight)
		p.dequeue(e)
		if e.ticket.Suspect {
			p.revise()
		}
		p.opts.Observer.WorkWaited(g.kind, waited)
		return
	}
	t := e.turn
	t.holds, t.calling, t.began = true, true, now
	t.mark = g.rate.begin(now, t.call.Tokens)
	g.typical = t.call
	l.charge(t, t.call.Tokens, weight)
	p.dequeue(e)
	p.opts.Observer.CallWaited(g.kind, waited)
	if t.granted != nil {
		close(t.granted)
		t.granted = nil
	}
}

// start runs work.
func (p *pool) start(e *entry, now time.Time) {
	ctx, cancel := context.WithCancel(p.ctx)
	t := &Turn{pool: p, entry: e, ctx: ctx, stop: cancel, holds: true, fresh: true}
	e.state, e.since, e.turn = Running, now, t
	if e.ticket.Suspect {
		p.suspect = e
	}
	p.running.Go(func() {
		p.do(t)
		p.finish(t)
	})
}

func (p *pool) do(t *Turn) {
	e := t.entry
	defer func() {
		if v := recover(); v != nil {
			// The value may quote the text that was worked on; the stack does not.
			p.opts.Panicked(e.ticket.Key, debug.Stack())
			e.work.Crashed()
		}
	}()
	e.work.Do(t.ctx, t)
}

// finish ends work that has returned, and whatever it left open.
func (p *pool) finish(t *Turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t.stop()
	e, l := t.entry, t.entry.lane
	if e.row != nil {
		p.dequeue(e)
	}
	p.settle(t, Result{Outcome: Other})
	if t.fresh { // it made no call at all
		l.settle(t, 1, p.weight(l.namespace))
	}
	p.release(t)
	if p.suspect == e {
		p.suspect = nil
		p.revise()
	}
	l.gate.leave(l)
	p.end(e)
	p.dispatch()
}

// release takes back what was granted: the slot, the worker, and what was charged
// for a start.
func (p *pool) release(t *Turn) {
	if !t.holds {
		return
	}
	l := t.entry.lane
	t.holds = false
	p.active--
	l.gate.active--
	if t.fresh {
		t.fresh = false
		l.gate.fresh--
	}
	l.refund(t)
	l.gate.circuit.release(t.entry)
	p.place(l)
	p.consider(l.gate)
}

// settle ends a call, and draws from its result what it means for others.
func (p *pool) settle(t *Turn, result Result) {
	if !t.calling {
		return
	}
	t.calling = false
	l, now := t.entry.lane, p.opts.Clock.Now()
	g := l.gate
	used := result.Tokens
	if used == 0 {
		used = t.call.Tokens
	}
	l.settle(t, max(used, int64(result.Requests)), p.weight(l.namespace))
	g.rate.end(now, t.mark, result.Tokens, result.Requests)
	switch result.Outcome {
	case RateLimited:
		p.pause(g, now.Add(g.pause.after(now, t.began, result.After)))
	case Answered:
		g.pause.answered(t.began)
	}
	if g.circuit.result(t.entry, result.Outcome, now) {
		p.opts.Observer.GatePaused(g.kind, CircuitOpen)
	}
	p.place(l)
	p.consider(g)
}

func (p *pool) pause(g *gate, until time.Time) {
	if !until.After(g.pause.until) {
		return
	}
	if now := p.opts.Clock.Now(); !g.pause.until.After(now) && until.After(now) {
		p.opts.Observer.GatePaused(g.kind, Paused)
	}
	g.pause.until = until
}

func (p *pool) weight(namespace string) int {
	if w, ok := p.weights[namespace]; ok {
		return w
	}
	return 1
}

// enqueue makes work wait.
func (p *pool) enqueue(e *entry) {
	l := e.lane
	if l.top == nil {
		l.catchUp()
	}
	e.waits = p.opts.Clock.Now()
	if e.state == Queued && e.ticket.Suspect {
		l.suspects.add(e)
		p.watch(l)
	} else {
		l.ready.add(e)
	}
	l.gate.waiting++
	p.place(l)
	p.consider(l.gate)
}

// dequeue takes waiting work out of its row.
func (p *pool) dequeue(e *entry) {
	l := e.lane
	suspect := e.row == &l.suspects
	e.row.remove(e)
	if suspect {
		p.watch(l)
	}
	l.gate.waiting--
	p.place(l)
	p.consider(l.gate) // the next may need less
}

// watch keeps the lanes with suspects, in the order of their coming.
func (p *pool) watch(l *lane) {
	i := slices.Index(p.wary, l)
	switch has := l.suspects.root != nil; {
	case has && i < 0:
		p.wary = append(p.wary, l)
	case !has && i >= 0:
		p.wary = slices.Delete(p.wary, i, i+1)
	}
}

// revise lets the suspects wait, or one of them go on, after another started or
// ended. They are few: what was under way when a process ended.
func (p *pool) revise() {
	for _, l := range p.wary {
		p.place(l)
		p.consider(l.gate)
	}
}

// place puts a lane where it belongs among those of its gate.
func (p *pool) place(l *lane) { l.gate.ready.place(l, p.suspect == nil) }
