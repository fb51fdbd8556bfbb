package apertium

import (
	"errors"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// fleet is the running pipelines, at most one a pair. They are started when they
// are needed and stopped when nobody has needed them for a while: each holds 50
// to 350 MiB.
type fleet struct {
	programs *programs
	clock    Clock
	stall    time.Duration
	idle     time.Duration

	mu     sync.Mutex
	slots  map[engine.Pair]*slot
	closed bool
}

// slot is the place of one pair's pipeline.
type slot struct {
	mu       sync.Mutex
	pipeline *pipeline
	users    int
	lastUsed time.Time
	// crashes counts pipelines in a row that broke before they answered anything,
	// or right after.
	crashes   int
	lastCrash time.Time
	// notBefore is when the next start may be tried.
	notBefore time.Time
}

// A pipeline that breaks is started again by the next call. When it has broken
// freeRestarts times without a useful life in between, starts wait: 1 s, 2 s, 4 s
// and so on up to maxRestartWait, so that a pair that cannot work does not use up
// the machine.
const (
	freeRestarts   = 3
	maxRestartWait = 30 * time.Second
	// usefulLife, in answers, clears the count of crashes, and so does time.
	usefulLife = 100
	forgetting = 2 * maxRestartWait
)

// lease is the use of a pipeline.
type lease struct {
	*pipeline
	release func()
}

// lease returns the pipeline of a mode, started if need be.
func (f *fleet) lease(m mode) (*lease, error) {
	s, err := f.slot(m.pair)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pipeline == nil || !s.pipeline.works() {
		if err := f.start(s, m); err != nil {
			return nil, err
		}
	}
	s.users++
	return &lease{pipeline: s.pipeline, release: func() { f.release(s) }}, nil
}

func (f *fleet) slot(pair engine.Pair) (*slot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, errStopped
	}
	s := f.slots[pair]
	if s == nil {
		s = &slot{}
		f.slots[pair] = s
	}
	return s, nil
}

func (f *fleet) start(s *slot, m mode) error {
	now := f.clock.Now()
	s.noteEnd(now)
	if wait := s.notBefore.Sub(now); wait > 0 {
		seconds := (wait + time.Second - 1).Truncate(time.Second)
		return engine.Errorf(engine.Transient, "the pipeline of %s broke %d times in a row; it is started again in %s",
			m.pair, s.crashes, seconds).Wait(wait)
	}
	l, err := startPipeline(f.programs, m.recipe.stages, f.stall)
	if missing, ok := errors.AsType[*notFoundError](err); ok {
		return engine.Errorf(engine.Misconfigured, "%w: %s", missing, InstallHint)
	}
	if err != nil {
		s.crash(now)
		return engine.Errorf(engine.Transient, "%w", err)
	}
	s.pipeline = l
	// Close may have passed this slot before the pipeline was in it.
	f.mu.Lock()
	closed := f.closed
	f.mu.Unlock()
	if closed {
		l.stop()
		return errStopped
	}
	return nil
}

// noteEnd counts the end of the last pipeline, if it broke by itself.
func (s *slot) noteEnd(now time.Time) {
	last := s.pipeline
	s.pipeline = nil
	if last == nil {
		return
	}
	<-last.ended
	if errors.Is(last.broken, errStopped) {
		return
	}
	if last.answered >= usefulLife || now.Sub(s.lastCrash) > forgetting {
		s.crashes = 0
	}
	s.crash(now)
}

func (s *slot) crash(now time.Time) {
	s.crashes++
	s.lastCrash = now
	if s.crashes < freeRestarts {
		return
	}
	wait := maxRestartWait
	if doublings := s.crashes - freeRestarts; doublings < 5 {
		wait = min(wait, time.Second<<doublings)
	}
	s.notBefore = now.Add(wait)
}

func (f *fleet) release(s *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users--
	s.lastUsed = f.clock.Now()
}

// runs says whether the pipeline of a pair is running.
func (f *fleet) runs(pair engine.Pair) bool {
	f.mu.Lock()
	s := f.slots[pair]
	f.mu.Unlock()
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pipeline != nil && s.pipeline.works()
}

// stopUnused stops the pipeline of a pair when nobody uses it.
func (f *fleet) stopUnused(pair engine.Pair) {
	f.mu.Lock()
	s := f.slots[pair]
	f.mu.Unlock()
	if s != nil {
		s.stopIf(func() bool { return true })
	}
}

// sweep stops the pipelines that nobody has used for a while.
func (f *fleet) sweep(now time.Time) {
	f.mu.Lock()
	slots := make([]*slot, 0, len(f.slots))
	for _, s := range f.slots {
		slots = append(slots, s)
	}
	f.mu.Unlock()
	for _, s := range slots {
		s.stopIf(func() bool { return now.Sub(s.lastUsed) >= f.idle })
	}
}

func (s *slot) stopIf(wanted func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pipeline == nil || s.users > 0 || !s.pipeline.works() || !wanted() {
		return
	}
	s.pipeline.stop()
	s.pipeline = nil
}

// close stops every pipeline and refuses new ones.
func (f *fleet) close() {
	f.mu.Lock()
	f.closed = true
	slots := f.slots
	f.slots = nil
	f.mu.Unlock()
	var stopping sync.WaitGroup
	for _, s := range slots {
		stopping.Go(func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.pipeline != nil {
				s.pipeline.stop()
			}
		})
	}
	stopping.Wait()
}
