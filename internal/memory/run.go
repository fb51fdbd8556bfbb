package memory

import (
	"context"
	"time"
)

const (
	// idleAfter this long without a call the index of a namespace is let go.
	idleAfter = 30 * time.Minute
	// sweepEvery is how often expired segments are looked for in all namespaces, also
	// in those where nothing is translated any more.
	sweepEvery = time.Hour
)

// Start stores and tidies in the background until the context ends, and stores what
// waits then. It always returns nil: what could not be stored, the observer was told.
// What is put after that is stored by Close.
func (m *Embedded) Start(ctx context.Context) error {
	ticker := m.opts.Clock.NewTicker(m.opts.FlushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
			defer cancel()
			_ = m.Flush(last) // the observer was told
			return nil
		case <-m.full:
			m.flushDue(ctx, m.opts.FlushEntries)
		case <-ticker.C():
			m.Tick(ctx)
		}
	}
}

// Tick does once what Start does every FlushEvery: it stores what waits, tidies up
// where it is time, and lets go of what nobody uses. Errors go to the observer.
func (m *Embedded) Tick(ctx context.Context) {
	m.flushDue(ctx, 1)
	now := m.opts.Clock.Now()
	_ = m.forSpaces(func(s *space) bool { return s.untidy(now) }, func(s *space) error { return s.tidyUp(ctx) })
	m.unload(now)
	m.sweep(ctx, now)
}

// flushDue stores the entries of namespaces where at least so many wait, and whose
// last failure is long enough ago.
func (m *Embedded) flushDue(ctx context.Context, atLeast int) {
	now := m.opts.Clock.Now()
	due := func(s *space) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.pending) >= atLeast && s.flush.due(now)
	}
	_ = m.forSpaces(due, func(s *space) error { return s.store(ctx) }) // the observer was told
}

// untidy says whether it is time to tidy a namespace up.
func (s *space) untidy(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listed.IsZero() || !s.tidying.due(now) {
		return false
	}
	return s.tidy || now.Sub(s.tidied) >= tidyEvery
}

// unload lets go of namespaces that nobody has used for a while. Nothing is lost:
// the next call reads them again.
func (m *Embedded) unload(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, s := range m.spaces {
		s.mu.Lock()
		if len(s.pending) == 0 && now.Sub(s.used) >= idleAfter {
			s.unloaded = true
			delete(m.spaces, name)
		}
		s.mu.Unlock()
	}
}

// sweep removes the segments in all namespaces that were made so long ago that all
// they hold has expired.
func (m *Embedded) sweep(ctx context.Context, now time.Time) {
	m.mu.Lock()
	due := m.swept.IsZero() || now.Sub(m.swept) >= sweepEvery
	if due {
		m.swept = now
	}
	m.mu.Unlock()
	if !due {
		return
	}
	infos, err := m.listAll(ctx, "")
	removed := 0
	for _, info := range infos {
		if err != nil {
			break
		}
		if madeAt(info.Name).Add(m.opts.Expiry).After(now) {
			continue
		}
		if err = m.remove(ctx, info.Namespace, info.Name); err == nil {
			removed++
		}
	}
	if removed > 0 || err != nil {
		m.opts.Observer.Tidied(removed, err)
	}
}
