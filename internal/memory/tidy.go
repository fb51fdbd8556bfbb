package memory

import (
	"context"
	"errors"
	"time"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

const (
	// mergeAt segments of one size are merged into one of the next size. So an entry
	// is written once for each size, three times in all, and a namespace has at most
	// mergeAt segments of each size but the last.
	mergeAt = 16
	// mergeMost bounds what one merge holds unpacked.
	mergeMost = 32
	// tidyEvery is how often a namespace is looked at for segments that have expired.
	tidyEvery = time.Hour
	// tidyRounds of merging follow each other at most.
	tidyRounds = 64
)

// sizes tells segments apart, by the unpacked bytes that are still of use. Those
// above the last are left as they are: two of them would not go into one.
var sizes = [...]int{16 << 10, 128 << 10, rawBytes / 2}

// enoughBytes as stored leave a segment as it is too. What hardly compresses is cut
// into parts above that, and would be cut into the same parts again.
const enoughBytes = segmentBytes / 4

// class of a segment; len(sizes) for a large one.
func (s *stored) class() int {
	of := max(s.entries, 1)
	if s.bytes*s.live/of >= enoughBytes {
		return len(sizes)
	}
	raw := s.raw * s.live / of
	for i, size := range sizes {
		if raw < size {
			return i
		}
	}
	return len(sizes)
}

// plan is what to do about the segments of a namespace.
type plan struct {
	// drop these: they have expired, hold nothing of use, or are over the bound.
	drop []string
	// merge these into fewer; nil when there are too few of one size.
	merge []string
}

// planTidying decides. Segments whose news is not after oldest have expired.
func planTidying(x *index, oldest time.Time, maxBytes int) plan {
	var p plan
	var stay []*stored
	total := 0
	for _, s := range x.byAge() {
		if !s.newest.After(oldest) || s.live == 0 && !s.damaged {
			p.drop = append(p.drop, s.name)
			continue
		}
		stay = append(stay, s)
		total += s.bytes
	}
	for total > maxBytes && len(stay) > 0 {
		p.drop = append(p.drop, stay[0].name)
		total -= stay[0].bytes
		stay = stay[1:]
	}
	classes := make([][]string, len(sizes))
	for _, s := range stay {
		if c := s.class(); c < len(sizes) && !s.damaged {
			classes[c] = append(classes[c], s.name)
		}
	}
	for _, names := range classes {
		if len(names) >= mergeAt {
			p.merge = names[:min(len(names), mergeMost)]
			break
		}
	}
	return p
}

// tidyUp drops and merges segments, and tells how that went.
func (s *space) tidyUp(ctx context.Context) error {
	if err := lock(ctx, s.writing); err != nil {
		return err
	}
	defer unlock(s.writing)
	removed, err := 0, error(nil)
	for range tidyRounds {
		s.mu.Lock()
		s.tidy = false
		p := planTidying(s.index, s.memory.oldest(), s.memory.opts.MaxBytes)
		s.mu.Unlock()
		if len(p.drop) == 0 && len(p.merge) == 0 {
			break
		}
		if err = s.drop(ctx, p.drop); err != nil {
			break
		}
		removed += len(p.drop)
		if err = s.merge(ctx, p.merge); err != nil {
			break
		}
		removed += len(p.merge)
	}
	now := s.memory.opts.Clock.Now()
	s.mu.Lock()
	s.index.prune()
	s.tidying.ended(now, err)
	s.tidied = now
	s.tidy = s.tidy || err != nil
	s.mu.Unlock()
	if removed > 0 || err != nil {
		s.memory.opts.Observer.Tidied(removed, err)
	}
	return err
}

// drop removes segments from the index and then from the store. One that stays in
// the store is found by the next listing, and dropped again.
func (s *space) drop(ctx context.Context, names []string) error {
	for _, name := range names {
		s.forget(name)
	}
	return each(names, func(name string) error { return s.memory.remove(ctx, s.namespace, name) })
}

// merge writes what is of use in some segments into new ones, and then drops them.
// A process that ends in between leaves both; the next one drops the old ones.
func (s *space) merge(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	var records []record
	for _, name := range names {
		some, err := s.useful(ctx, name)
		if err != nil {
			return err
		}
		records = append(records, some...)
	}
	for _, page := range pages(records) {
		segments, err := pack(page, s.memory.maxBlob)
		if err != nil {
			return err
		}
		for _, p := range segments {
			if err := s.write(ctx, p, names); err != nil {
				return err
			}
		}
	}
	return s.drop(ctx, names)
}

// useful returns the records of a segment that the index points to.
func (s *space) useful(ctx context.Context, name string) ([]record, error) {
	if err := lock(ctx, s.reading); err != nil {
		return nil, err
	}
	one, err := s.segment(ctx, name)
	unlock(s.reading)
	if errors.Is(err, payload.ErrNotFound) || errors.Is(err, errDamaged) {
		return nil, nil // another process has merged it, or nobody can
	}
	if err != nil {
		return nil, err
	}
	oldest := s.memory.oldest()
	s.mu.Lock()
	defer s.mu.Unlock()
	number := s.index.names[name]
	var out []record
	for i := range one.len() {
		k := one.key(i)
		if at, ok := s.index.get(k); ok && at.segment == number && one.stamp(i).created().After(oldest) {
			out = append(out, one.record(i))
		}
	}
	return out, nil
}
