package apiserver

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// maxTombstones bounds how many deleted uids are remembered. They matter for the
// moment between a deletion and the end of a request that still holds the object.
const maxTombstones = 4096

// shelf keeps the newest known version of objects by uid. Two sources fill it: an
// informer, and the answers to this replica's own writes, so that what a caller
// just made is there at once:
//
//	POST ──create──▶ API server ──watch──▶ informer ──put(confirmed)──▶ shelf
//	  └───────────────────put(provisional)──────────────────────────────▲
//
// The objects on it are shared and must not be changed.
type shelf[T client.Object] struct {
	// keep says how an object is kept.
	keep func(T) kept[T]
	// changed is told of every change, under the lock; old or new may be absent.
	changed func(uid types.UID, old, current *T)

	mu      sync.RWMutex
	objects map[types.UID]kept[T]
	// provisional holds what no informer has confirmed, and since when.
	provisional map[types.UID]time.Time
	// gone and goneRing are the deleted uids, oldest overwritten first.
	gone     map[types.UID]bool
	goneRing []types.UID
	goneNext int
	waiters  map[types.UID]map[chan struct{}]bool
}

func newShelf[T client.Object](keep func(T) kept[T], changed func(types.UID, *T, *T)) *shelf[T] {
	return &shelf[T]{
		keep:        keep,
		changed:     changed,
		objects:     map[types.UID]kept[T]{},
		provisional: map[types.UID]time.Time{},
		gone:        map[types.UID]bool{},
		goneRing:    make([]types.UID, maxTombstones),
		waiters:     map[types.UID]map[chan struct{}]bool{},
	}
}

// confirm takes an object from the API server.
func (s *shelf[T]) confirm(object T) { s.confirmKept(s.keep(object)) }

// confirmKept takes an object from the informer, which keeps it as the shelf does.
func (s *shelf[T]) confirmKept(object kept[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.provisional, object.id())
	s.put(object)
}

// expect takes an object from the answer to a write.
func (s *shelf[T]) expect(object T, now time.Time) {
	lean := s.keep(object)
	s.mu.Lock()
	defer s.mu.Unlock()
	uid := lean.id()
	if s.gone[uid] {
		return
	}
	if _, known := s.objects[uid]; !known {
		s.provisional[uid] = now
	}
	s.put(lean)
}

// put stores an object unless a newer version is there. The caller holds the lock.
func (s *shelf[T]) put(lean kept[T]) {
	uid := lean.id()
	var before *T
	if old, known := s.objects[uid]; known {
		// Versions that cannot be compared are taken in the order they come.
		if order, err := resourceversion.CompareResourceVersion(lean.version(), old.version()); err == nil && order < 0 {
			return
		}
		was := old.object()
		before = &was
	}
	s.objects[uid] = lean
	is := lean.object()
	s.changed(uid, before, &is)
	s.wake(uid)
}

// remove takes an object off the shelf for good.
func (s *shelf[T]) remove(uid types.UID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.provisional, uid)
	if !s.gone[uid] {
		delete(s.gone, s.goneRing[s.goneNext])
		s.goneRing[s.goneNext] = uid
		s.goneNext = (s.goneNext + 1) % len(s.goneRing)
		s.gone[uid] = true
	}
	old, known := s.objects[uid]
	if !known {
		return
	}
	delete(s.objects, uid)
	was := old.object()
	s.changed(uid, &was, nil)
	s.wake(uid)
}

// get returns the object with a uid in a namespace.
func (s *shelf[T]) get(namespace string, uid types.UID) (T, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	lean, known := s.objects[uid]
	if !known || lean.home() != namespace {
		var none T
		return none, false
	}
	return lean.object(), true
}

// await returns the object with a uid as soon as it satisfies a condition. When
// the context ends first it returns the latest version, if there is one, and false.
func (s *shelf[T]) await(ctx context.Context, namespace string, uid types.UID, enough func(T) bool) (object T, known, satisfied bool) {
	woken, stop := s.watch(uid)
	defer stop()
	for {
		object, known = s.get(namespace, uid)
		if known && enough(object) {
			return object, true, true
		}
		select {
		case <-woken:
		case <-ctx.Done():
			return object, known, false
		}
	}
}

// watch returns a channel that is sent to after a change of the object.
func (s *shelf[T]) watch(uid types.UID) (<-chan struct{}, func()) {
	woken := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiters[uid] == nil {
		s.waiters[uid] = map[chan struct{}]bool{}
	}
	s.waiters[uid][woken] = true
	return woken, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.waiters[uid], woken)
		if len(s.waiters[uid]) == 0 {
			delete(s.waiters, uid)
		}
	}
}

// wake tells those who watch. The caller holds the lock.
func (s *shelf[T]) wake(uid types.UID) {
	for woken := range s.waiters[uid] {
		select {
		case woken <- struct{}{}:
		default:
			// It has been told and has not looked yet.
		}
	}
}

// unconfirmed returns the objects that no informer has confirmed since a time.
func (s *shelf[T]) unconfirmed(since time.Time) []T {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []T
	for uid, at := range s.provisional {
		if at.Before(since) {
			out = append(out, s.objects[uid].object())
		}
	}
	return out
}

// all returns the objects that match.
func (s *shelf[T]) all(matches func(T) bool) []T {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []T
	for _, lean := range s.objects {
		if object := lean.object(); matches(object) {
			out = append(out, object)
		}
	}
	return out
}
