package memorytest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

// Store is a payload backend in the memory of the process, which may fail.
type Store struct {
	// Clock tells when a blob was created.
	Clock clock.PassiveClock
	// Limit is the most bytes of a blob.
	Limit int

	mu    sync.Mutex
	blobs map[[2]string]payload.Blob
	infos map[[2]string]payload.Info
	fail  func(verb, name string) error
	calls map[string]int
}

var _ payload.Backend = &Store{}

// NewStore returns an empty store with the limit of a ConfigMap.
func NewStore(c clock.PassiveClock) *Store {
	return &Store{
		Clock: c, Limit: 512 << 10, calls: map[string]int{},
		blobs: map[[2]string]payload.Blob{}, infos: map[[2]string]payload.Info{},
	}
}

// Fail decides from now on which calls fail; nil lets all of them pass. The verbs
// are create, read, list and delete; the name of a list is its prefix.
func (s *Store) Fail(with func(verb, name string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = with
}

// Calls of a verb so far, also those that failed.
func (s *Store) Calls(verb string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[verb]
}

// Overwrite replaces the data of a blob, as no honest caller can.
func (s *Store) Overwrite(namespace, name string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.blobs[[2]string{namespace, name}]
	b.Data = data
	s.blobs[[2]string{namespace, name}] = b
}

func (s *Store) begin(ctx context.Context, verb, name string) error {
	s.calls[verb]++
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.fail != nil {
		return s.fail(verb, name)
	}
	return nil
}

// Create stores a blob.
func (s *Store) Create(ctx context.Context, blob payload.Blob) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(ctx, "create", blob.Name); err != nil {
		return err
	}
	at := [2]string{blob.Namespace, blob.Name}
	if _, ok := s.blobs[at]; ok {
		return payload.ErrExists
	}
	blob.Data = slices.Clone(blob.Data)
	s.blobs[at] = blob
	s.infos[at] = payload.Info{
		Namespace: blob.Namespace, Name: blob.Name, Owner: blob.Owner, Bytes: int64(len(blob.Data)), Created: s.Clock.Now(),
	}
	return nil
}

// Read returns the data of a blob.
func (s *Store) Read(ctx context.Context, namespace, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(ctx, "read", name); err != nil {
		return nil, err
	}
	blob, ok := s.blobs[[2]string{namespace, name}]
	if !ok {
		return nil, payload.ErrNotFound
	}
	return slices.Clone(blob.Data), nil
}

// List returns the blobs with a prefix.
func (s *Store) List(ctx context.Context, namespace, prefix string) ([]payload.Info, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(ctx, "list", prefix); err != nil {
		return nil, err
	}
	var out []payload.Info
	for at, info := range s.infos {
		if (namespace == "" || at[0] == namespace) && strings.HasPrefix(at[1], prefix) {
			out = append(out, info)
		}
	}
	slices.SortFunc(out, func(a, b payload.Info) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

// Delete removes a blob.
func (s *Store) Delete(ctx context.Context, namespace, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(ctx, "delete", name); err != nil {
		return err
	}
	delete(s.blobs, [2]string{namespace, name})
	delete(s.infos, [2]string{namespace, name})
	return nil
}

// MaxBytes is the limit.
func (s *Store) MaxBytes() int { return s.Limit }
