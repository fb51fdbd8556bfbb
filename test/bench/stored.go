package main

import (
	"context"
	"maps"
	"sync"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

// stored counts what the managers of this process put into the payload store.
type stored struct {
	mu    sync.Mutex
	kinds map[payload.Kind]float64
}

var _ payload.Observer = (*stored)(nil)

func newStored() *stored { return &stored{kinds: map[payload.Kind]float64{}} }

// Wrote implements payload.Observer.
func (s *stored) Wrote(kind payload.Kind, _ int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kinds[kind]++
}

// Read implements payload.Observer.
func (*stored) Read(payload.Kind, int) {}

// Failed implements payload.Observer.
func (*stored) Failed(payload.Op) {}

func (s *stored) look() map[payload.Kind]float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.kinds)
}

// writes are those beside the jobs: of ConfigMaps as the API server counts them, and
// those of them that were of the payload store.
type writes struct {
	configMaps float64
	kinds      map[payload.Kind]float64
}

// written counts from the start of the run.
func (b *bench) written(ctx context.Context) (writes, error) {
	now, err := b.gauge.read(ctx)
	return writes{configMaps: now.writes(counters{}, configMaps), kinds: b.stored.look()}, err
}

func (w writes) since(before writes) writes {
	out := writes{configMaps: w.configMaps - before.configMaps, kinds: map[payload.Kind]float64{}}
	for kind, n := range w.kinds {
		out.kinds[kind] = n - before.kinds[kind]
	}
	return out
}

// total of the payload store.
func (w writes) total() float64 {
	var n float64
	for _, of := range w.kinds {
		n += of
	}
	return n
}
