// Package memory_test keeps the embedded memory in ConfigMaps on a real API server.
package memory_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/internal/memory"
	"github.com/dragoman-dev/dragoman/internal/memory/memorytest"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/test/cluster"
)

// start starts a control plane, and returns the memory's store on it.
func start(t *testing.T) (*cluster.Cluster, payload.ConfigMaps) {
	t.Helper()
	world, err := cluster.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := world.Stop(); err != nil {
			t.Error(err)
		}
	})
	return world, payload.ConfigMaps{Client: world.Client, Reader: world.Client}
}

func open(t *testing.T, backend payload.Backend, clock *clocktesting.FakeClock) *memory.Embedded {
	t.Helper()
	m, err := memory.NewEmbedded(backend, memory.Options{Clock: clock, Expiry: memorytest.Expiry})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func namespace(t *testing.T, world *cluster.Cluster, name string) string {
	t.Helper()
	made, err := world.Namespace(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestTheMemoryInConfigMaps is the story of a team whose API server is restarted, whose
// manager is replaced, and who empty their memory.
func TestTheMemoryInConfigMaps(t *testing.T) {
	world, backend := start(t)
	clock := memorytest.NewClock()
	ns := namespace(t, world, "team")
	all := memorytest.Entries(0, 3000, clock.Now())
	m := open(t, backend, clock)

	// Many flushes, so that segments are merged.
	for i := range 30 {
		if err := m.Put(t.Context(), ns, all[100*i:100*i+100]); err != nil {
			t.Fatal(err)
		}
		clock.Step(2 * time.Second)
		m.Tick(t.Context())
	}
	memorytest.Want(t, m, ns, memorytest.Keys(all), memorytest.ByKey(all...))
	var kept corev1.ConfigMapList
	if err := world.Client.List(t.Context(), &kept, client.InNamespace(ns), client.MatchingLabels{"translation.dragoman.dev/payload-kind": "memory"}); err != nil {
		t.Fatal(err)
	}
	if n := len(kept.Items); n == 0 || n > 16 {
		t.Errorf("%d ConfigMaps hold the memory, want a few", n)
	}
	for i := range kept.Items {
		if !strings.HasPrefix(kept.Items[i].Name, memory.NamePrefix) || len(kept.Items[i].OwnerReferences) > 0 {
			t.Errorf("ConfigMap %s has owners %v", kept.Items[i].Name, kept.Items[i].OwnerReferences)
		}
	}

	// While the API server is away, nothing is thought to be missing.
	more := memorytest.Entries(5000, 5010, clock.Now())
	err := world.RestartAPIServer(func() {
		if err := m.Put(t.Context(), ns, more); err != nil {
			t.Error(err)
		}
		if err := m.Flush(t.Context()); err == nil {
			t.Error("a flush without an API server returned no error")
		}
		if _, err := open(t, backend, clock).Get(t.Context(), ns, memorytest.Keys(all)); err == nil {
			t.Error("a Get without an API server returned no error")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	all = append(all, more...)
	next := open(t, backend, clock)
	memorytest.Want(t, next, ns, memorytest.Keys(all), memorytest.ByKey(all...))

	// As docs/memory.md says.
	err = world.Client.DeleteAllOf(t.Context(), &corev1.ConfigMap{}, client.InNamespace(ns),
		client.MatchingLabels{"translation.dragoman.dev/payload-kind": "memory"})
	if err != nil {
		t.Fatal(err)
	}
	clock.Step(5 * time.Minute)
	memorytest.Want(t, next, ns, memorytest.Keys(all), map[string]memory.Entry{})
}

func TestANamespaceThatIsNotThereKeepsNothingWaiting(t *testing.T) {
	_, backend := start(t)
	clock := memorytest.NewClock()
	m := open(t, backend, clock)
	if err := m.Put(t.Context(), "nowhere", memorytest.Entries(0, 10, clock.Now())); err != nil {
		t.Fatal(err)
	}
	if err := m.Flush(t.Context()); err == nil {
		t.Error("a flush into a namespace that is not there returned no error")
	}
	if err := m.Flush(t.Context()); err != nil {
		t.Errorf("its entries still wait: %v", err)
	}
}

// TestTheMemoryInConfigMapsKeepsThePromises gives each promise namespaces of its own
// behind the names that the suite uses.
func TestTheMemoryInConfigMapsKeepsThePromises(t *testing.T) {
	world, backend := start(t)
	memorytest.Run(t, func(t *testing.T) memorytest.Bench {
		clock := memorytest.NewClock()
		store := &rooms{world: world, ConfigMaps: backend, made: map[string]string{}}
		return memorytest.Bench{
			Clock: clock,
			Open:  func(t *testing.T) memorytest.Memory { return open(t, store, clock) },
			Flush: func(t *testing.T, m memorytest.Memory) {
				if err := m.(*memory.Embedded).Flush(t.Context()); err != nil {
					t.Errorf("flush: %v", err)
				}
			},
			Lag:   30 * time.Second,
			Break: func(*testing.T) { store.broken.Store(true) },
			Mend:  func(*testing.T) { store.broken.Store(false) },
		}
	})
}

// rooms makes a namespace for each name that is used.
type rooms struct {
	payload.ConfigMaps
	world  *cluster.Cluster
	broken atomic.Bool

	mu   sync.Mutex
	made map[string]string
}

func (r *rooms) room(ctx context.Context, name string) (string, error) {
	if r.broken.Load() {
		return "", errors.New("the store is gone")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if made, ok := r.made[name]; ok {
		return made, nil
	}
	made, err := r.world.Namespace(ctx, "room")
	if err == nil {
		r.made[name] = made
	}
	return made, err
}

// Create stores a blob in the room of its namespace.
func (r *rooms) Create(ctx context.Context, blob payload.Blob) (err error) {
	if blob.Namespace, err = r.room(ctx, blob.Namespace); err != nil {
		return err
	}
	return r.ConfigMaps.Create(ctx, blob)
}

// Read reads a blob from the room of its namespace.
func (r *rooms) Read(ctx context.Context, namespace, name string) ([]byte, error) {
	room, err := r.room(ctx, namespace)
	if err != nil {
		return nil, err
	}
	return r.ConfigMaps.Read(ctx, room, name)
}

// List lists the room of a namespace.
func (r *rooms) List(ctx context.Context, namespace, prefix string) ([]payload.Info, error) {
	room, err := r.room(ctx, namespace)
	if err != nil {
		return nil, err
	}
	return r.ConfigMaps.List(ctx, room, prefix)
}

// Delete removes a blob from the room of its namespace.
func (r *rooms) Delete(ctx context.Context, namespace, name string) error {
	room, err := r.room(ctx, namespace)
	if err != nil {
		return err
	}
	return r.ConfigMaps.Delete(ctx, room, name)
}
