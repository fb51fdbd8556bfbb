// Package runner does slow work away from the reconcile workers.
//
// It owns the order in which work starts (fair between namespaces, then by
// priority, then by age), how much of it runs at one time, in all and for each
// provider, and the pause that a provider may ask for. It knows nothing of
// translation or of the cluster: a reconciler submits work under a key, is told
// when it has ended, looks at it, and forgets it.
package runner

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// Key names a piece of work: the object it is done for.
type Key struct {
	Namespace, Name string
}

// Ticket says when a piece of work may start.
type Ticket struct {
	Key Key
	// Gate is the provider the work needs. Work behind one gate shares its limit
	// and its pause.
	Gate string
	// Priority within the namespace, higher first.
	Priority int32
	// Created orders work of the same priority, older first.
	Created time.Time
}

// Work is done once.
type Work interface {
	// Do returns when the work has ended, well or badly, or soon after the context
	// is cancelled. How it ended is the work's own to keep.
	Do(ctx context.Context)
	// Crashed is called in place of Do's return when Do panicked.
	Crashed()
}

// State of work in the runner.
type State int

const (
	// Queued work waits for its turn.
	Queued State = iota + 1
	// Running work is in Do.
	Running
	// Ended work has returned, or was stopped before its turn. It stays until it is
	// forgotten or submitted again.
	Ended
)

// View is what the runner knows of a piece of work.
type View[W Work] struct {
	State State
	Work  W
	// Since is when the state began.
	Since time.Time
}

// Options of a runner.
type Options struct {
	// Workers is the most pieces of work that run at one time.
	Workers int
	// Notify is called after work has ended. It must not block.
	Notify func(Key)
	// Panicked is told of work that panicked, with the stack of the goroutine.
	Panicked func(key Key, stack []byte)
	// Clock tells the time.
	Clock clock.WithDelayedExecution
}

// DefaultGateLimit is how much work of one provider runs at one time when nothing
// else is said.
const DefaultGateLimit = 4

// Runner runs work of type W. Its methods may be called from many goroutines.
type Runner[W Work] struct {
	opts Options

	mu      sync.Mutex
	ctx     context.Context // nil before Start and after the end
	entries map[Key]*entry[W]
	gates   []*gate[W] // in the order they were first seen; turns go round
	active  int
	running sync.WaitGroup
}

// entry is one piece of work.
type entry[W Work] struct {
	ticket Ticket
	work   W
	state  State
	since  time.Time
	stop   context.CancelFunc // while running
	index  int                // in its lane's heap, while queued
}

// New returns a runner that queues work until Start.
func New[W Work](opts Options) *Runner[W] {
	return &Runner[W]{opts: opts, entries: map[Key]*entry[W]{}}
}

// Start runs work until the context ends, then cancels what is running and waits
// for it. Work that is queued stays queued.
func (r *Runner[W]) Start(ctx context.Context) error {
	r.mu.Lock()
	r.ctx = ctx
	r.dispatch()
	r.mu.Unlock()

	<-ctx.Done()

	r.mu.Lock()
	r.ctx = nil
	r.mu.Unlock()
	r.running.Wait()
	return nil
}

// Submit queues work, unless work is queued or running under the key already.
// Ended work is replaced.
func (r *Runner[W]) Submit(t Ticket, work W) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.entries[t.Key]; ok && e.state != Ended {
		return
	}
	e := &entry[W]{ticket: t, work: work, state: Queued, since: r.opts.Clock.Now()}
	r.entries[t.Key] = e
	r.gate(t.Gate).push(e)
	r.dispatch()
}

// Look returns the work under the key.
func (r *Runner[W]) Look(key Key) (View[W], bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.entries[key]
	if !ok {
		return View[W]{}, false
	}
	return View[W]{State: e.state, Work: e.work, Since: e.since}, true
}

// All returns the work of every key, in no order.
func (r *Runner[W]) All() []W {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]W, 0, len(r.entries))
	for _, e := range r.entries {
		all = append(all, e.work)
	}
	return all
}

// Stop cancels running work, and ends queued work before its turn. It does not
// wait; Notify tells when the work has ended.
func (r *Runner[W]) Stop(key Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.entries[key]
	if !ok {
		return
	}
	switch e.state {
	case Running:
		e.stop()
	case Queued:
		r.gate(e.ticket.Gate).remove(e)
		r.end(e)
	}
}

// Forget drops ended work. Other work is stopped, and dropped when it has ended.
func (r *Runner[W]) Forget(key Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.entries[key]
	if !ok {
		return
	}
	switch e.state {
	case Running:
		e.stop()
	case Queued:
		r.gate(e.ticket.Gate).remove(e)
	}
	delete(r.entries, key)
}

// Limit sets how much work runs behind a gate at one time.
func (r *Runner[W]) Limit(gate string, limit int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gate(gate).limit = limit
	r.dispatch()
}

// Pause lets no work behind a gate start before the given time. An earlier end
// of a pause that is under way is ignored.
func (r *Runner[W]) Pause(gate string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.gate(gate)
	if !until.After(g.pausedUntil) {
		return
	}
	g.pausedUntil = until
	r.opts.Clock.AfterFunc(until.Sub(r.opts.Clock.Now()), func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.dispatch()
	})
}

// PausedUntil returns the end of a gate's pause; a time in the past means none.
func (r *Runner[W]) PausedUntil(gate string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gate(gate).pausedUntil
}

// dispatch starts work while there is a free worker and an open gate. The caller
// holds the lock.
func (r *Runner[W]) dispatch() {
	if r.ctx == nil || r.ctx.Err() != nil {
		return
	}
	for r.active < r.opts.Workers {
		e := r.next()
		if e == nil {
			return
		}
		r.run(e)
	}
}

// next takes the entry whose turn it is: gates take turns, and behind a gate the
// namespaces do. A gate that has been served goes to the end of the row.
func (r *Runner[W]) next() *entry[W] {
	now := r.opts.Clock.Now()
	for i, g := range r.gates {
		if !g.open(now) {
			continue
		}
		r.gates = append(append(r.gates[:i:i], r.gates[i+1:]...), g)
		return g.pop()
	}
	return nil
}

func (r *Runner[W]) run(e *entry[W]) {
	ctx, cancel := context.WithCancel(r.ctx)
	g := r.gate(e.ticket.Gate)
	e.state, e.since, e.stop = Running, r.opts.Clock.Now(), cancel
	r.active++
	g.active++
	r.running.Go(func() {
		defer cancel()
		r.do(ctx, e)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.active--
		g.active--
		r.end(e)
		r.dispatch()
	})
}

func (r *Runner[W]) do(ctx context.Context, e *entry[W]) {
	defer func() {
		if p := recover(); p != nil {
			// The value may quote the text that was worked on; the stack does not.
			r.opts.Panicked(e.ticket.Key, debug.Stack())
			e.work.Crashed()
		}
	}()
	e.work.Do(ctx)
}

// end marks work as ended and tells so. The caller holds the lock.
func (r *Runner[W]) end(e *entry[W]) {
	e.state, e.since, e.stop = Ended, r.opts.Clock.Now(), nil
	if r.entries[e.ticket.Key] == e {
		r.opts.Notify(e.ticket.Key)
	}
}

// gate returns the gate of that name, and makes it when it is new.
func (r *Runner[W]) gate(name string) *gate[W] {
	for _, g := range r.gates {
		if g.name == name {
			return g
		}
	}
	g := &gate[W]{name: name, limit: DefaultGateLimit, lanes: map[string]*lane[W]{}}
	r.gates = append(r.gates, g)
	return g
}
