package budget

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// maxConflicts bounds how often one commit is tried while others write. Each
// conflict is another's commit, and those come a few times a second.
const maxConflicts = 20

// operation is a change that waits for a commit.
type operation struct {
	// change makes the change, or leaves the state as it is and returns why not. It may
	// be called several times, each on the state of another moment.
	change func(*state) error
	// done takes the outcome; nil when nobody waits, and then the operation is tried
	// until it is stored.
	done chan error
}

// book is the ledger of one namespace: a queue, and a goroutine that empties it and
// lives as long as there is anything in it.
//
//	Reserve ─┐
//	Reserve ─┼─► queue ─► one commit: load if need be, change, save ─► all are answered
//	Settle ──┘              ▲ again from the start when another has written
type book struct {
	ledger    *Ledger
	namespace string

	mu      sync.Mutex
	queue   []*operation
	serving bool

	// What was stored last, as far as this process knows. Only the goroutine that
	// serves touches it.
	known   bool
	data    []byte
	version string
}

// add puts an operation in the queue, and returns whether nobody serves it yet.
func (b *book) add(o *operation) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue = append(b.queue, o)
	idle := !b.serving
	b.serving = true
	return idle
}

// withdraw takes back an operation that no commit has taken yet.
func (b *book) withdraw(o *operation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.queue, o); i >= 0 {
		b.queue = slices.Delete(b.queue, i, i+1)
	}
}

// take empties the queue. When there was nothing in it, nobody serves any more.
func (b *book) take() []*operation {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := b.queue
	b.queue = nil
	b.serving = len(taken) > 0
	return taken
}

// putBack puts operations first in the queue.
func (b *book) putBack(operations []*operation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue = append(operations, b.queue...)
}

// serve commits what is in the queue until it is empty.
func (b *book) serve() {
	pause := b.ledger.interval
	for {
		operations := b.take()
		if len(operations) == 0 {
			return
		}
		refusals, err := b.commit(operations)
		var unsaved []*operation
		for i, o := range operations {
			switch {
			case o.done != nil && err != nil:
				o.done <- err
			case o.done != nil:
				o.done <- refusals[i]
			case err != nil && !errors.Is(err, ErrGone):
				unsaved = append(unsaved, o)
			}
		}
		if err == nil {
			pause = b.ledger.interval
		} else {
			pause = min(2*pause, maxBackoff)
		}
		b.putBack(unsaved)
		b.wait(pause)
	}
}

// wait lets some time pass. While the ledger closes only failures are waited for:
// the context of Close bounds how often.
func (b *book) wait(pause time.Duration) {
	timer := b.ledger.clock.NewTimer(pause)
	defer timer.Stop()
	closing := b.ledger.closing
	if pause > b.ledger.interval {
		closing = nil
	}
	select {
	case <-timer.C():
	case <-closing:
	case <-b.ledger.life.Done():
		b.abandon()
	}
}

// abandon answers everybody who waits, when the process ends.
func (b *book) abandon() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.queue {
		if o.done != nil {
			o.done <- ErrClosed
		}
	}
	b.queue = nil
}

// commit makes operations one after the other on what is stored, and stores the
// outcome in one write. It returns the refusal of each; an error holds for all.
//
// What this process knows is good enough to try a write on, as the version tells when
// it was too old. It is not good enough to refuse anybody, or to say that nothing has
// to be written: then the ledger is read anew first.
func (b *book) commit(operations []*operation) ([]error, error) {
	for conflicts := 0; conflicts < maxConflicts; {
		fresh := !b.known
		if fresh {
			if err := b.load(); err != nil {
				return nil, err
			}
		}
		data, refusals, err := b.change(operations)
		if err != nil {
			b.known = false // it may have been mended when it is asked for again
			return nil, err
		}
		unchanged := bytes.Equal(data, b.data)
		refused := slices.ContainsFunc(refusals, func(err error) bool { return err != nil })
		switch {
		case !fresh && (unchanged || refused):
			b.known = false
			continue
		case unchanged:
			return refusals, nil
		}
		err = b.save(data)
		if err == nil {
			return refusals, nil
		}
		b.known = false // whether it was stored or not
		if !errors.Is(err, ErrConflict) {
			return nil, err
		}
		conflicts++
	}
	return nil, fmt.Errorf("save the ledger of namespace %q: %w %d times", b.namespace, ErrConflict, maxConflicts)
}

// change makes operations on what is known, and returns the ledger that shall be:
// nothing for one that is not there and stays empty.
func (b *book) change(operations []*operation) ([]byte, []error, error) {
	s, err := decode(b.data)
	if err != nil {
		return nil, nil, fmt.Errorf("namespace %q: %w", b.namespace, err)
	}
	refusals := make([]error, len(operations))
	for i, o := range operations {
		refusals[i] = o.change(s)
	}
	s.prune()
	if len(b.data) == 0 && s.entries() == 0 {
		return nil, refusals, nil
	}
	data, err := s.encode()
	if err != nil {
		return nil, nil, fmt.Errorf("encode the ledger of namespace %q: %w", b.namespace, err)
	}
	return data, refusals, nil
}

// load reads what is stored.
func (b *book) load() error {
	ctx, cancel := context.WithTimeout(b.ledger.life, commitTimeout)
	defer cancel()
	data, version, err := b.ledger.store.Load(ctx, b.namespace)
	if err != nil {
		return fmt.Errorf("load the ledger of namespace %q: %w", b.namespace, err)
	}
	b.data, b.version, b.known = data, version, true
	return nil
}

// save stores what shall be.
func (b *book) save(data []byte) error {
	ctx, cancel := context.WithTimeout(b.ledger.life, commitTimeout)
	defer cancel()
	version, err := b.ledger.store.Save(ctx, b.namespace, data, b.version)
	if err != nil {
		return fmt.Errorf("save the ledger of namespace %q: %w", b.namespace, err)
	}
	b.data, b.version = data, version
	return nil
}
