// Package runner does slow work away from the reconcile workers.
//
// It owns the order in which work starts and calls its providers (fair between
// namespaces, then by priority, then by age), how much of it goes on at one time
// in all and behind each gate, the rate of calls, the pauses a provider asks for,
// and the circuit breaker. It knows nothing of translation or of the cluster, and
// imports neither: a reconciler submits work under a key, is told when it has
// ended, looks at it, and forgets it.
//
// Work is let in call by call. It starts when its turn comes, and before each call
// it stands in line again, with what has not started yet:
//
//	Submit → queued ──picked──▶ Do ──Begin──▶ waits ──picked──▶ call ──End──┐
//	                             ▲                                         │
//	                             └─────────────────────────────────────────┘
//
// So one order decides about all claims (dispatch.go), and long work never holds a
// provider against what is more urgent. Work that has started is older or more
// urgent than what has not, within its namespace; so no more is started than there
// are slots, and what was overtaken since.
package runner

import (
	"context"
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
	// Gate is the provider the work needs. Work behind one gate shares its limits,
	// its pauses and its circuit breaker.
	Gate string
	// Kind of provider behind the gate, for metrics: one of a closed set.
	Kind string
	// Priority within the namespace, higher first.
	Priority int32
	// Created orders work of the same priority, older first.
	Created time.Time
	// Suspect work may bring the process down. One suspect runs at a time, so that
	// it takes no other with it again and again.
	Suspect bool
}

// Work is done once.
type Work interface {
	// Do returns when the work has ended, well or badly, or soon after the context
	// is cancelled. It asks for a turn before each call to its provider. How it ended
	// is the work's own to keep.
	Do(ctx context.Context, turn *Turn)
	// Crashed is called in place of Do's return when Do panicked.
	Crashed()
}

// State of work in the runner.
type State int

const (
	// Queued work waits for its turn to start.
	Queued State = iota + 1
	// Running work is in Do. It may wait there for a call's turn.
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
	// Wait says what the work waits for; its Reason is 0 when it doesn't.
	Wait Wait
}

// Options of a runner.
type Options struct {
	// Workers is the most pieces of work that go on at one time. Work that waits for
	// a call's turn does not count.
	Workers int
	// Notify is called after work has ended. It must not block.
	Notify func(Key)
	// Panicked is told of work that panicked, with the stack of the goroutine.
	Panicked func(key Key, stack []byte)
	// Observer is told of waits and pauses; nil for nobody.
	Observer Observer
	// Clock tells the time.
	Clock clock.WithDelayedExecution
}

// DefaultGateLimit is how many calls of one provider go on at one time when nothing
// else is said.
const DefaultGateLimit = 4

// Limits of a gate.
type Limits struct {
	// Concurrency is how much work goes on behind the gate at one time, waiting work
	// left out; 0 means DefaultGateLimit.
	Concurrency int
	// RequestsPerMinute is the most calls begun within any 60 seconds; 0 for no limit.
	RequestsPerMinute int
	// TokensPerMinute is the most tokens within any 60 seconds, each call counted when
	// it began; 0 for no limit.
	TokensPerMinute int64
}

// maxWeight of a namespace.
const maxWeight = 100

// Runner runs work of type W. Its methods may be called from many goroutines.
type Runner[W Work] struct{ pool *pool }

// New returns a runner that queues work until Start.
func New[W Work](opts Options) *Runner[W] {
	if opts.Observer == nil {
		opts.Observer = nobody{}
	}
	return &Runner[W]{pool: &pool{
		opts: opts, entries: map[Key]*entry{}, gates: map[string]*gate{}, weights: map[string]int{},
	}}
}

// Start runs work until the context ends, then cancels what is running and waits
// for it. Work that is queued stays queued.
func (r *Runner[W]) Start(ctx context.Context) error {
	r.pool.open(ctx)
	<-ctx.Done()
	r.pool.close()
	return nil
}

// Submit queues work, unless work is queued or running under the key already.
// Ended work is replaced.
func (r *Runner[W]) Submit(t Ticket, work W) {
	r.pool.submit(t, work)
}

// Look returns the work under the key, and what it waits for. It takes the time of
// a look-up, however much is queued.
func (r *Runner[W]) Look(key Key) (View[W], bool) {
	p := r.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	e, ok := p.entries[key]
	if !ok {
		return View[W]{}, false
	}
	return View[W]{State: e.state, Work: e.work.(W), Since: e.since, Wait: p.wait(e)}, true
}

// All returns the work of every key, in no order.
func (r *Runner[W]) All() []W {
	p := r.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]W, 0, len(p.entries))
	for _, e := range p.entries {
		all = append(all, e.work.(W))
	}
	return all
}

// Stop cancels running work, and ends queued work before its turn. It does not
// wait; Notify tells when the work has ended.
func (r *Runner[W]) Stop(key Key) {
	p := r.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, ok := p.entries[key]; ok {
		if p.halt(e) {
			p.end(e)
		}
		p.dispatch()
	}
}

// Forget drops ended work. Other work is stopped, and dropped when it has ended.
func (r *Runner[W]) Forget(key Key) {
	p := r.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, ok := p.entries[key]; ok {
		p.halt(e)
		delete(p.entries, key)
		p.dispatch()
	}
}

// Limit sets the limits of a gate. It may be called at any time: what goes on is
// never interrupted, and what a higher limit admits begins at once.
func (r *Runner[W]) Limit(gate string, limits Limits) {
	if limits.Concurrency <= 0 {
		limits.Concurrency = DefaultGateLimit
	}
	p := r.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.gate(gate)
	if g.limits == limits {
		return
	}
	g.limits = limits
	g.rate.limit(p.opts.Clock.Now(), limits)
	p.consider(g)
	p.dispatch()
}

// Weigh sets the share of a namespace behind every gate, from 1 to 100: of two
// namespaces that always have work, one of weight 2 gets twice as many tokens as
// one of weight 1, or twice as many calls where none count tokens. It is 1 when
// nothing else is said, and holds from the next call on.
func (r *Runner[W]) Weigh(namespace string, weight int) {
	p := r.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if weight = min(max(weight, 1), maxWeight); weight == 1 {
		delete(p.weights, namespace)
		return
	}
	p.weights[namespace] = weight
}

// Pause lets nothing behind a gate start or begin a call before the given time. An
// earlier end of a pause that is under way is ignored.
func (r *Runner[W]) Pause(gate string, until time.Time) {
	p := r.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pause(p.gate(gate), until)
}

// Broken says whether nothing is sent through a gate for now, because its calls have
// failed one after the other.
func (r *Runner[W]) Broken(gate string) bool {
	p := r.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := p.gates[gate]
	return ok && g.circuit.open && p.opts.Clock.Now().Before(g.circuit.until)
}

// Waiting counts the work that waits, to start or for a call's turn, by kind and by
// what it waits for. It looks at every gate, not at every piece of work.
func (r *Runner[W]) Waiting() map[string]map[Reason]int {
	r.pool.mu.Lock()
	defer r.pool.mu.Unlock()
	return r.pool.count()
}

// pool is a runner without the type of its work.
type pool struct {
	opts Options

	mu      sync.Mutex
	ctx     context.Context // nil before Start and after the end
	entries map[Key]*entry
	gates   map[string]*gate
	weights map[string]int // of namespaces, where it is not 1
	ring    []*gate        // gates that may let something in, next one first
	active  int            // pieces of work that hold a worker and a slot
	suspect *entry         // the one that runs
	wary    []*lane        // with suspects that have not started
	running sync.WaitGroup
}

// entry is one piece of work.
type entry struct {
	ticket Ticket
	work   Work
	state  State
	since  time.Time
	lane   *lane
	turn   *Turn // since it started

	// While it waits: since when, in which row, and its place in the row's tree.
	waits       time.Time
	row         *row
	left, right *entry
	size        int
}

// before puts higher priority first, then older work, then the name, so that the
// order never depends on chance.
func (e *entry) before(other *entry) bool {
	a, b := &e.ticket, &other.ticket
	if a.Priority != b.Priority {
		return a.Priority > b.Priority
	}
	if !a.Created.Equal(b.Created) {
		return a.Created.Before(b.Created)
	}
	return a.Key.Name < b.Key.Name
}

func (p *pool) open(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ctx = ctx
	p.dispatch()
}

func (p *pool) close() {
	p.mu.Lock()
	p.ctx = nil
	p.mu.Unlock()
	p.running.Wait()
}

func (p *pool) submit(t Ticket, work Work) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, ok := p.entries[t.Key]; ok && e.state != Ended {
		return
	}
	g := p.gate(t.Gate)
	g.kind = t.Kind
	e := &entry{ticket: t, work: work, state: Queued, since: p.opts.Clock.Now(), lane: g.join(t.Key.Namespace)}
	p.entries[t.Key] = e
	p.enqueue(e)
	p.dispatch()
}

// halt keeps work from going on: what waits leaves its row, what runs is told. It
// says whether the work never ran, so that nobody else will end it.
func (p *pool) halt(e *entry) bool {
	if e.row != nil {
		p.dequeue(e)
	}
	switch e.state {
	case Running:
		e.turn.stop()
	case Queued:
		e.lane.gate.leave(e.lane)
		return true
	}
	return false
}

// end marks work as ended and tells so.
func (p *pool) end(e *entry) {
	e.state, e.since, e.turn = Ended, p.opts.Clock.Now(), nil
	if p.entries[e.ticket.Key] == e {
		p.opts.Notify(e.ticket.Key)
	}
}

// gate returns the gate of that name, and makes it when it is new.
func (p *pool) gate(name string) *gate {
	g, ok := p.gates[name]
	if !ok {
		g = newGate()
		p.gates[name] = g
	}
	return g
}
