package memory_test

import (
	"fmt"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/memory"
	"github.com/dragoman-dev/dragoman/internal/memory/memorytest"
)

// stocked returns a memory with many entries in a store that answers at once.
func stocked(b *testing.B, entries, cacheBytes int) *memory.Embedded {
	b.Helper()
	clock := memorytest.NewClock()
	m, err := memory.NewEmbedded(memorytest.NewStore(clock), memory.Options{Clock: clock, CacheBytes: cacheBytes})
	if err != nil {
		b.Fatal(err)
	}
	for first := 0; first < entries; first += 10_000 {
		if err := m.Put(b.Context(), "ns", memorytest.Entries(first, first+10_000, clock.Now())); err != nil {
			b.Fatal(err)
		}
		if err := m.Flush(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	return m
}

func BenchmarkGet1000(b *testing.B) {
	for name, cache := range map[string]int{"cached": 0, "read from the store": 1} {
		b.Run(name, func(b *testing.B) {
			m := stocked(b, 100_000, cache)
			keys := memorytest.Keys(memorytest.Entries(50_000, 51_000, memorytest.NewClock().Now()))
			for b.Loop() {
				if got, err := m.Get(b.Context(), "ns", keys); err != nil || len(got) != len(keys) {
					b.Fatal(len(got), err)
				}
			}
		})
	}
}

func BenchmarkPut1000(b *testing.B) {
	for _, flushed := range []bool{false, true} {
		b.Run(fmt.Sprintf("flushed=%v", flushed), func(b *testing.B) {
			m := stocked(b, 100_000, 0)
			entries := memorytest.Entries(200_000, 201_000, memorytest.NewClock().Now())
			for b.Loop() {
				if err := m.Put(b.Context(), "ns", entries); err != nil {
					b.Fatal(err)
				}
				if !flushed {
					continue
				}
				if err := m.Flush(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLoad reads a namespace after a start.
func BenchmarkLoad(b *testing.B) {
	clock := memorytest.NewClock()
	store := memorytest.NewStore(clock)
	m, err := memory.NewEmbedded(store, memory.Options{Clock: clock})
	if err != nil {
		b.Fatal(err)
	}
	for first := 0; first < 100_000; first += 5000 {
		if err := m.Put(b.Context(), "ns", memorytest.Entries(first, first+5000, clock.Now())); err != nil {
			b.Fatal(err)
		}
		if err := m.Flush(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		again, err := memory.NewEmbedded(store, memory.Options{Clock: clock})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := again.Get(b.Context(), "ns", []string{memorytest.Key("x")}); err != nil {
			b.Fatal(err)
		}
	}
}
