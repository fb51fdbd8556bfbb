package runner

import (
	"context"
	"time"
)

// Call is what is known of a call before it begins.
type Call struct {
	// Tokens is the most it can use, sent and received; 0 where tokens do not count.
	Tokens int64
}

// Outcome is what a call says about its provider.
type Outcome int

const (
	// Answered: the provider works.
	Answered Outcome = iota + 1
	// RateLimited: the provider asked to wait.
	RateLimited
	// Unavailable: the provider failed in a way that may pass by itself.
	Unavailable
	// Other ends say nothing about the provider's health: a text it rejects, a wrong
	// setting, a call that was cancelled.
	Other
)

// Result of a call.
type Result struct {
	Outcome Outcome
	// After is how long a provider asked to wait that is RateLimited; 0 when it did
	// not say.
	After time.Duration
	// Tokens is what the call used; 0 when that is not known.
	Tokens int64
	// Requests is how many requests the call was made of; 0 counts as 1.
	Requests int
}

// Turn is how running work asks for its calls. It belongs to one goroutine at a
// time. A nil Turn lets every call begin at once, for work without a runner.
type Turn struct {
	pool  *pool
	entry *entry
	ctx   context.Context
	stop  context.CancelFunc

	// Under the pool's lock:
	holds   bool          // a worker and a slot
	granted chan struct{} // closed when it goes on; nil while nobody listens
	fresh   bool          // it has started and made no call
	call    Call          // that is to begin, or has
	charged int64         // to the lane, not settled
	calling bool
	began   time.Time
	mark    mark
}

// Begin waits until a call may begin. The work gives its slot back and stands in
// line again; when it is still the best claim, it goes on at once. A call that did
// not end is ended, with outcome Other. It returns the error of the context when
// that ends first, or when the work is stopped: then no call may be made.
func (t *Turn) Begin(ctx context.Context, call Call) error {
	if t == nil {
		return ctx.Err()
	}
	granted, err := t.claim(ctx, call)
	if granted == nil || err != nil {
		return err
	}
	select {
	case <-granted:
		return nil
	case <-ctx.Done():
		return t.withdraw(ctx)
	case <-t.ctx.Done():
		return t.withdraw(t.ctx)
	}
}

// claim stands in line, and returns what to wait for; nil when nothing.
func (t *Turn) claim(ctx context.Context, call Call) (<-chan struct{}, error) {
	p := t.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	p.settle(t, Result{Outcome: Other})
	p.release(t)
	t.call = call
	p.enqueue(t.entry)
	p.dispatch()
	if t.holds {
		return nil, nil
	}
	t.granted = make(chan struct{})
	return t.granted, nil
}

// withdraw leaves the line. When the turn came in the same moment the call may begin;
// it will see the context itself.
func (t *Turn) withdraw(ctx context.Context) error {
	p := t.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.holds {
		return nil
	}
	t.granted = nil
	if t.entry.row != nil {
		p.dequeue(t.entry)
		p.dispatch()
	}
	return ctx.Err()
}

// End tells how a call ended that was begun. The work keeps its slot until it begins
// the next or returns.
func (t *Turn) End(result Result) {
	if t == nil {
		return
	}
	p := t.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(t, result)
	p.dispatch()
}
