package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

const (
	// relistMiss is how long a miss is believed before the store is listed again: the
	// entry may have been stored by another process.
	relistMiss = 30 * time.Second
	// relistHit is how long a hit is believed: a human edit may have come in from
	// another process.
	relistHit = 5 * time.Minute
	// rounds that a Get follows segments that are merged away under it.
	rounds = 3
)

// errUnloaded: the space has been taken out of use. Another one takes its place.
var errUnloaded = errors.New("the namespace was unloaded")

// space is the memory of one namespace.
//
// Two channels are locks that can be waited for with a deadline. reading is held
// while segments are read from the store, so that many jobs with the same texts
// read them once. writing is held while segments are written and merged. Who needs
// both takes writing first. mu guards the rest and is never held over a call.
type space struct {
	memory           *Embedded
	namespace        string
	reading, writing chan struct{}
	// named is the time in the name of the last segment written; writing guards it.
	named time.Time

	mu       sync.Mutex
	unloaded bool
	used     time.Time
	// listed is when the store was listed last; zero before the first time. Listing
	// counts how often that was.
	listed  time.Time
	listing int
	index   *index
	// pending entries wait for the store.
	pending      map[key]*record
	pendingBytes int
	// tidy says that the segments have changed since they were tidied.
	tidy           bool
	flush, tidying retry
	tidied         time.Time
}

func newSpace(m *Embedded, namespace string) *space {
	return &space{
		memory: m, namespace: namespace,
		reading: make(chan struct{}, 1), writing: make(chan struct{}, 1),
		index: newIndex(), pending: map[key]*record{},
	}
}

func (s *space) touch() {
	now := s.memory.opts.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = now
}

// lock takes one of the two locks, or gives up with the context.
func lock(ctx context.Context, c chan struct{}) error {
	select {
	case c <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func unlock(c chan struct{}) { <-c }

// put lets entries wait for the store, and returns how many wait.
func (s *space) put(entries []Entry) (int, error) {
	oldest := s.memory.oldest()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unloaded {
		return 0, errUnloaded
	}
	var refused int
	for _, e := range entries {
		r, err := newRecord(e)
		if err != nil {
			return 0, err
		}
		if !s.stands(&r, oldest) {
			continue
		}
		size := r.size()
		if old := s.pending[r.key]; old != nil {
			size -= old.size()
		}
		if s.pendingBytes+size > maxPendingBytes {
			refused++
			continue
		}
		s.pending[r.key] = &r
		s.pendingBytes += size
	}
	if refused > 0 {
		return len(s.pending), fmt.Errorf("%d of %d entries were not taken: %w", refused, len(entries), ErrFull)
	}
	return len(s.pending), nil
}

// stands says whether a record ranks above what is there.
func (s *space) stands(r *record, oldest time.Time) bool {
	above := func(st stamp) bool { return r.stamp >= st || !st.created().After(oldest) }
	if old := s.pending[r.key]; old != nil && !above(old.stamp) {
		return false
	}
	at, ok := s.index.get(r.key)
	return !ok || above(at.stamp())
}

// view is what a namespace knows of some keys at one time.
type view struct {
	found map[key]record
	// at are the keys to be read, by the name of their segment.
	at      map[string][]key
	missed  int
	listing int
	listed  time.Time
}

// look looks keys up without a call.
func (s *space) look(wanted map[key]struct{}) view {
	oldest := s.memory.oldest()
	v := view{found: map[key]record{}, at: map[string][]key{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	v.listing, v.listed = s.listing, s.listed
	for k := range wanted {
		at, indexed := s.index.get(k)
		indexed = indexed && at.stamp().created().After(oldest)
		own := s.pending[k]
		switch {
		case own != nil && own.stamp.created().After(oldest) && (!indexed || own.stamp >= at.stamp()):
			v.found[k] = *own
		case indexed:
			name := s.index.segments[at.segment].name
			v.at[name] = append(v.at[name], k)
		default:
			v.missed++
		}
	}
	return v
}

// due says whether a view is too old to be believed.
func (v view) due(now time.Time) bool {
	age := now.Sub(v.listed)
	return v.listed.IsZero() || age >= relistHit || v.missed > 0 && age >= relistMiss
}

// get returns the entries of keys. It takes the keys that it finds out of wanted.
func (s *space) get(ctx context.Context, wanted map[key]struct{}) (map[string]Entry, error) {
	out := make(map[string]Entry, len(wanted))
	take := func(r record) {
		e := r.entry()
		out[e.Key] = e
		delete(wanted, r.key)
	}
	for range rounds {
		v := s.look(wanted)
		if v.due(s.memory.opts.Clock.Now()) {
			// What was found stands, also when nobody can say whether it is the newest.
			if err := s.relist(ctx, v.listing); err != nil && (v.missed > 0 || v.listed.IsZero()) {
				return nil, err
			}
			v = s.look(wanted)
		}
		for _, r := range v.found {
			take(r)
		}
		gone, err := s.read(ctx, v.at, take)
		if err != nil {
			return nil, err
		}
		if !gone {
			return out, nil
		}
		// Another process has merged segments and removed them.
		if err := s.relist(ctx, v.listing); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("its segments are being replaced faster than they can be read")
}

// read takes records out of segments, and says whether some of them have gone.
func (s *space) read(ctx context.Context, at map[string][]key, take func(record)) (bool, error) {
	var mu sync.Mutex
	gone := false
	pick := func(name string, one *segment) {
		mu.Lock()
		defer mu.Unlock()
		for _, k := range at[name] {
			if r, ok := one.find(k); ok {
				take(r)
			}
		}
	}
	var absent []string
	for name := range at {
		if one, ok := s.memory.segments.get(cacheKey{s.namespace, name}); ok {
			pick(name, one)
			continue
		}
		absent = append(absent, name)
	}
	if len(absent) == 0 {
		return false, nil
	}
	if err := lock(ctx, s.reading); err != nil {
		return false, err
	}
	defer unlock(s.reading)
	err := each(absent, func(name string) error {
		one, err := s.segment(ctx, name)
		switch {
		case errors.Is(err, payload.ErrNotFound):
			mu.Lock()
			defer mu.Unlock()
			gone = true
			return nil
		case errors.Is(err, errDamaged):
			return nil
		case err != nil:
			return err
		}
		pick(name, one)
		return nil
	})
	return gone, err
}

// segment returns one that the index knows, from the cache or the store. When it
// has gone or is damaged, the index learns that.
func (s *space) segment(ctx context.Context, name string) (*segment, error) {
	k := cacheKey{s.namespace, name}
	if one, ok := s.memory.segments.get(k); ok {
		return one, nil
	}
	data, err := s.memory.read(ctx, s.namespace, name)
	if errors.Is(err, payload.ErrNotFound) {
		s.forget(name)
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	one, err := unpack(data)
	if err != nil {
		s.spoil(name, err)
		return nil, err
	}
	s.memory.segments.add(k, one)
	return one, nil
}

// relist lists the store, unless that was done since a view of it was taken, and
// learns the segments that are new.
func (s *space) relist(ctx context.Context, since int) error {
	if err := lock(ctx, s.reading); err != nil {
		return err
	}
	defer unlock(s.reading)
	s.mu.Lock()
	done := s.listing != since
	known := make(map[string]bool, len(s.index.names))
	for name := range s.index.names {
		known[name] = true
	}
	s.mu.Unlock()
	if done {
		return nil
	}
	names, err := s.memory.list(ctx, s.namespace)
	if err != nil {
		return err
	}
	now := s.memory.opts.Clock.Now()
	var fresh []string
	for _, name := range names {
		if !known[name] {
			fresh = append(fresh, name)
		}
		delete(known, name)
	}
	for name := range known {
		s.forget(name)
	}
	if err := each(fresh, func(name string) error { return s.learn(ctx, name) }); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listed = now
	s.listing++
	s.tidy = s.tidy || len(fresh) > 0
	return nil
}

// learn reads a segment that another process, or an earlier one, has written.
func (s *space) learn(ctx context.Context, name string) error {
	data, err := s.memory.read(ctx, s.namespace, name)
	if errors.Is(err, payload.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	one, err := unpack(data)
	if err != nil {
		s.mu.Lock()
		s.index.damaged(name, len(data), madeAt(name))
		s.mu.Unlock()
		s.memory.opts.Observer.Lost(s.namespace, name, err)
		return nil
	}
	oldest := s.memory.oldest()
	s.mu.Lock()
	if _, known := s.index.names[name]; !known {
		s.index.learn(name, len(data), one, oldest)
	}
	s.mu.Unlock()
	s.memory.segments.add(cacheKey{s.namespace, name}, one)
	return nil
}

func (s *space) forget(name string) {
	s.memory.segments.remove(cacheKey{s.namespace, name})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.index.forget(name)
}

// spoil notes that a segment cannot be read any more.
func (s *space) spoil(name string, err error) {
	s.mu.Lock()
	if number, ok := s.index.names[name]; ok {
		s.index.segments[number].damaged = true
	}
	s.mu.Unlock()
	s.memory.opts.Observer.Lost(s.namespace, name, err)
}

// each calls a function for every name, some at a time, and returns the first error.
// After it no more are begun.
func each(names []string, call func(string) error) error {
	var (
		mu    sync.Mutex
		next  int
		first error
		wg    sync.WaitGroup
	)
	slices.Sort(names)
	take := func() (string, bool) {
		mu.Lock()
		defer mu.Unlock()
		if first != nil || next == len(names) {
			return "", false
		}
		next++
		return names[next-1], true
	}
	for range min(concurrency, len(names)) {
		wg.Go(func() {
			for name, ok := take(); ok; name, ok = take() {
				if err := call(name); err != nil {
					mu.Lock()
					first = err
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return first
}
