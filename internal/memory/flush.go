package memory

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

const (
	// minRetry and maxRetry are how long a store that fails is left alone.
	minRetry = 2 * time.Second
	maxRetry = time.Minute
	// nameTries before a taken name is an error. Two chances of 64 bits in the same
	// millisecond do not meet; a broken source of chance does.
	nameTries = 3
)

// retry spaces the attempts at what has failed.
type retry struct {
	wait time.Duration
	at   time.Time
}

func (r *retry) ended(now time.Time, err error) {
	if err == nil {
		*r = retry{}
		return
	}
	r.wait = min(max(2*r.wait, minRetry), maxRetry)
	r.at = now.Add(r.wait)
}

func (r *retry) due(now time.Time) bool { return !r.at.After(now) }

// Flush stores what waits in every namespace. The error names the namespaces whose
// entries still wait.
func (m *Embedded) Flush(ctx context.Context) error {
	return m.forSpaces(func(s *space) bool { return s.waiting() > 0 }, func(s *space) error {
		return s.store(ctx)
	})
}

// forSpaces calls a function for each namespace that is chosen, some at a time, and
// joins the errors.
func (m *Embedded) forSpaces(choose func(*space) bool, call func(*space) error) error {
	m.mu.Lock()
	chosen := map[string]*space{}
	for name, s := range m.spaces {
		chosen[name] = s
	}
	m.mu.Unlock()
	var names []string
	for name, s := range chosen {
		if choose(s) {
			names = append(names, name)
		}
	}
	errs := make(chan error, len(names))
	// The function is called for all of them: no error is returned to each.
	_ = each(names, func(name string) error {
		if err := call(chosen[name]); err != nil {
			errs <- fmt.Errorf("memory of namespace %q: %w", name, err)
		}
		return nil
	})
	close(errs)
	var all []error
	for err := range errs {
		all = append(all, err)
	}
	return errors.Join(all...)
}

func (s *space) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pending)
}

// store writes the entries that wait, and tells how that went.
func (s *space) store(ctx context.Context) error {
	if err := lock(ctx, s.writing); err != nil {
		return err
	}
	defer unlock(s.writing)
	n, err := s.storePending(ctx)
	now := s.memory.opts.Clock.Now()
	s.mu.Lock()
	s.flush.ended(now, err)
	waits := len(s.pending)
	s.mu.Unlock()
	if n > 0 {
		s.memory.opts.Observer.Stored(n, nil)
	}
	if err != nil {
		s.memory.opts.Observer.Stored(waits, err)
		return fmt.Errorf("%d entries wait for the store: %w", waits, err)
	}
	return nil
}

// storePending writes the entries that wait in as few segments as hold them, and
// returns how many it wrote.
func (s *space) storePending(ctx context.Context) (int, error) {
	// A namespace is known before it is written to: a machine entry that a human one
	// outranks need not be written, and the bounds hold.
	if v := s.look(nil); v.listed.IsZero() {
		if err := s.relist(ctx, v.listing); err != nil {
			return 0, err
		}
	}
	total := 0
	for _, page := range pages(s.unstored()) {
		segments, err := pack(page, s.memory.maxBlob)
		if err != nil {
			return total, err
		}
		for _, p := range segments {
			err := s.write(ctx, p, nil)
			if errors.Is(err, payload.ErrNotFound) || apierrors.IsNotFound(err) {
				// The namespace has gone, and nobody will ask for its entries.
				s.settle(p.records)
			}
			if err != nil {
				return total, err
			}
			s.settle(p.records)
			total += len(p.records)
		}
	}
	return total, nil
}

// unstored returns the entries that wait. Those that have been outranked since by
// what another process stored wait no longer.
func (s *space) unstored() []record {
	oldest := s.memory.oldest()
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]record, 0, len(s.pending))
	for k, r := range s.pending {
		if !s.stands(r, oldest) || !r.stamp.created().After(oldest) {
			s.unpend(k)
			continue
		}
		out = append(out, *r)
	}
	return out
}

// settle ends the wait of records that were stored, but for those that a later Put
// has replaced.
func (s *space) settle(records []record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		if waits := s.pending[r.key]; waits != nil && waits.stamp == r.stamp && waits.masked == r.masked {
			s.unpend(r.key)
		}
	}
}

func (s *space) unpend(k key) {
	s.pendingBytes -= s.pending[k].size()
	delete(s.pending, k)
}

// write stores a segment, in place of others that have been merged into it, and
// learns it.
func (s *space) write(ctx context.Context, p packed, merged []string) error {
	one, err := parse(p.raw)
	if err != nil {
		return err
	}
	// The later name stands when two segments hold entries of one rank: so it has to
	// be later than our own last one, and than those that are merged, also where
	// another process with a fast clock has named them.
	made := later(s.memory.opts.Clock.Now(), s.named.Add(time.Millisecond))
	for _, name := range merged {
		made = later(made, madeAt(name).Add(time.Millisecond))
	}
	s.named = made
	name, err := s.memory.name(made)
	for try := 1; err == nil; try++ {
		err = s.memory.create(ctx, s.namespace, name, p.data)
		if !errors.Is(err, payload.ErrExists) || try == nameTries {
			break
		}
		name, err = s.memory.name(made)
	}
	if err != nil {
		return err
	}
	s.memory.segments.add(cacheKey{s.namespace, name}, one)
	oldest := s.memory.oldest()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tidy = true
	if _, known := s.index.names[name]; !known {
		s.index.learn(name, len(p.data), one, oldest)
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
