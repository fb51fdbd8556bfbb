package memory_test

import (
	"errors"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/internal/memory"
	"github.com/dragoman-dev/dragoman/internal/memory/memorytest"
)

// open opens an embedded memory as the suite wants it.
func open(t *testing.T, store *memorytest.Store, clock *clocktesting.FakeClock, opts memory.Options) *memory.Embedded {
	t.Helper()
	opts.Clock = clock
	if opts.Expiry == 0 {
		opts.Expiry = memorytest.Expiry
	}
	m, err := memory.NewEmbedded(store, opts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func flush(t *testing.T, m memorytest.Memory) {
	t.Helper()
	if err := m.(*memory.Embedded).Flush(t.Context()); err != nil {
		t.Errorf("flush: %v", err)
	}
}

func TestEmbeddedKeepsThePromises(t *testing.T) {
	for name, opts := range map[string]memory.Options{
		"as it is run":   {},
		"with no cache":  {CacheBytes: 1},
		"in small parts": {FlushEntries: 1, CacheBytes: 100 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			memorytest.Run(t, func(*testing.T) memorytest.Bench {
				clock := memorytest.NewClock()
				store := memorytest.NewStore(clock)
				return memorytest.Bench{
					Clock: clock,
					Open:  func(t *testing.T) memorytest.Memory { return open(t, store, clock, opts) },
					Flush: flush,
					Lag:   30 * time.Second,
					Break: func(*testing.T) {
						store.Fail(func(string, string) error { return errors.New("the store is gone") })
					},
					Mend: func(*testing.T) { store.Fail(nil) },
				}
			})
		})
	}
}
