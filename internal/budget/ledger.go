package budget

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/internal/money"
)

// Errors of a store, and of a ledger that was closed.
var (
	// ErrConflict: the ledger was written by another since it was loaded.
	ErrConflict = errors.New("the ledger was written by another")
	// ErrGone: the namespace is gone, or on its way out.
	ErrGone = errors.New("the namespace is gone")
	// ErrClosed: the process ends.
	ErrClosed = errors.New("the ledger is closed")
)

// Store keeps one ledger for each namespace, as bytes. Its methods may be called from
// many goroutines and processes.
type Store interface {
	// Load returns a ledger as it is stored now, not as a cache has it, and the version
	// to save on; nothing and "" when there is none.
	Load(ctx context.Context, namespace string) (data []byte, version string, err error)
	// Save replaces the version and returns the new one. ErrConflict when it is not the
	// stored one any more. Another error says nothing of whether it was stored.
	Save(ctx context.Context, namespace string, data []byte, version string) (string, error)
	// Namespaces returns those that have a ledger.
	Namespaces(ctx context.Context) ([]string, error)
}

// Options of a ledger. The zero value works.
type Options struct {
	// Clock paces the commits; nil for the real one.
	Clock clock.Clock
	// Interval is the least time between two commits of a namespace; 0 for 50 ms. All
	// that comes in between goes into one write, so a namespace costs twenty writes a
	// second at most, and the first request after a pause does not wait. A job that
	// reserves holds its turn at the provider for so long.
	Interval time.Duration
}

const (
	defaultInterval = 50 * time.Millisecond
	// maxBackoff bounds the pause after a commit that failed.
	maxBackoff = 5 * time.Second
	// commitTimeout bounds one read or write of the store.
	commitTimeout = 15 * time.Second
)

// Ledger is one process's way to the ledgers of all namespaces. Several processes
// may have one each: what counts is what the store has. Its methods may be called
// from many goroutines.
type Ledger struct {
	store    Store
	clock    clock.Clock
	interval time.Duration

	// life ends with Close, and every commit with it; closing begins the end.
	life    context.Context
	end     context.CancelFunc
	closing chan struct{}
	serving sync.WaitGroup

	mu     sync.Mutex
	closed bool
	books  map[string]*book
}

// New returns a ledger on a store. It reads nothing before it is asked.
func New(store Store, o Options) *Ledger {
	l := &Ledger{
		store: store, clock: o.Clock, interval: o.Interval,
		closing: make(chan struct{}), books: map[string]*book{},
	}
	if l.clock == nil {
		l.clock = clock.RealClock{}
	}
	if l.interval <= 0 {
		l.interval = defaultInterval
	}
	l.life, l.end = context.WithCancel(context.Background())
	return l
}

// Reserve lets a job spend up to an amount, and returns once that is stored. A job
// that holds a reservation gets the new amount in its place when that is larger; when
// it is smaller, or refused, it keeps the old one until it settles. A request without limits, or for nothing, touches no ledger.
//
// *Exceeded when the job can never fit, *Occupied when it may fit once other jobs
// have ended, *Full when the ledger has no room for another entry. Any other error
// is the store's, or the context's: whether the job holds a reservation is then not
// known, and to ask again, or to settle, is safe.
func (l *Ledger) Reserve(ctx context.Context, r Request) error {
	if len(r.Limits) == 0 || r.Amount == 0 {
		return nil
	}
	if err := r.check(); err != nil {
		return err
	}
	return l.do(ctx, r.Namespace, func(s *state) error { return s.reserve(r) })
}

// Settle puts what a job has cost in all, over all of its runs, in the place of its
// reservation; what was settled before is not counted again. It does not wait: the
// next commit takes it along, and it is tried until it is stored. A job without a
// reservation changes nothing, so it may be called twice. What is lost when the
// process is killed is for Reconcile to find.
func (l *Ledger) Settle(namespace string, job types.UID, cost money.Euro) {
	l.later(namespace, func(s *state) { s.settle(job, max(cost, 0)) })
}

// Release ends the reservation of a job that has spent nothing since it reserved. It
// does not wait, as Settle.
func (l *Ledger) Release(namespace string, job types.UID) {
	l.later(namespace, func(s *state) { s.release(job) })
}

// Namespaces returns those that have a ledger, for Reconcile.
func (l *Ledger) Namespaces(ctx context.Context) ([]string, error) { return l.store.Namespaces(ctx) }

// Close waits until all that was settled is stored, or the context ends, and ends
// the ledger. A request after it fails with ErrClosed.
func (l *Ledger) Close(ctx context.Context) error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.closing)
	}
	l.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		l.serving.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		l.end()
		return nil
	case <-ctx.Done():
		l.end()
		<-idle
		return fmt.Errorf("store what was settled: %w", ctx.Err())
	}
}

// do has a change made and waits for its commit.
func (l *Ledger) do(ctx context.Context, namespace string, change func(*state) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o := &operation{change: change, done: make(chan error, 1)}
	b, ok := l.enqueue(namespace, o, true)
	if !ok {
		return ErrClosed
	}
	select {
	case err := <-o.done:
		return err
	case <-ctx.Done():
		b.withdraw(o)
		return ctx.Err()
	}
}

// later has a change made with the next commit. In a namespace whose ledger this
// process has not opened there is nothing that it could change.
func (l *Ledger) later(namespace string, change func(*state)) {
	l.enqueue(namespace, &operation{change: func(s *state) error {
		change(s)
		return nil
	}}, false)
}

// enqueue gives an operation to the book of a namespace, and makes one if asked to.
func (l *Ledger) enqueue(namespace string, o *operation, open bool) (*book, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.books[namespace]
	if l.closed || !ok && !open {
		return nil, false
	}
	if !ok {
		b = &book{ledger: l, namespace: namespace}
		l.books[namespace] = b
	}
	if b.add(o) {
		l.serving.Go(b.serve)
	}
	return b, true
}
