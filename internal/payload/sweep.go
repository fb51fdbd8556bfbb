package payload

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// DefaultGrace is how old a blob must be to be swept: time enough for a job to be
	// made after its source was stored, and to be seen.
	DefaultGrace = time.Hour
	// sweepParallel is how many blobs are deleted at one time.
	sweepParallel = 8
)

// SweepInput says what is still needed.
type SweepInput struct {
	Now time.Time
	// Grace is the least age of what is swept; DefaultGrace when zero.
	Grace time.Duration
	// Alive says whether a job exists. Who does not know says yes. The owner has no
	// name when that is too long for the name of a blob.
	Alive func(namespace string, owner Owner) bool
	// Referred says whether a job or a batch refers to an input, by the name in its
	// reference. Who does not know says yes.
	Referred func(namespace, input string) bool
}

// Swept is what a sweep has deleted.
type Swept struct {
	Count int
	// Bytes as stored, as far as the backend's list says them.
	Bytes int64
}

// Sweep deletes results and pages whose job is gone, and inputs that nobody refers
// to. It leaves alone what it does not know, and all of the memory. A blob that
// cannot be deleted does not keep it from the rest.
func (s Store) Sweep(ctx context.Context, in SweepInput) (Swept, error) {
	if in.Grace == 0 {
		in.Grace = DefaultGrace
	}
	infos, err := s.blobs().List(ctx, "", "")
	if err != nil {
		return Swept{}, fmt.Errorf("sweep payloads: %w", err)
	}
	var (
		swept Swept
		errs  []error
		mu    sync.Mutex
		wg    sync.WaitGroup
		slots = make(chan struct{}, sweepParallel)
	)
	for _, info := range infos {
		if ctx.Err() != nil {
			break
		}
		if !in.needless(info) {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			deleted, err := s.remove(ctx, info)
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
			if deleted {
				swept.Count, swept.Bytes = swept.Count+1, swept.Bytes+info.Bytes
			}
		})
	}
	wg.Wait()
	errs = append(errs, s.tidy(in.Now.Add(-in.Grace)), ctx.Err())
	if err := errors.Join(errs...); err != nil {
		return swept, fmt.Errorf("sweep payloads: %w", err)
	}
	return swept, nil
}

// needless says whether a blob may go.
func (in SweepInput) needless(info Info) bool {
	kind := kindOf(info.Name)
	if kind == MemoryKind || info.Created.IsZero() || in.Now.Sub(info.Created) < in.Grace {
		return false
	}
	if input := inputOf(info.Name); input != "" {
		return !in.Referred(info.Namespace, input)
	}
	return info.Owner.UID != "" && !in.Alive(info.Namespace, info.Owner)
}

// remove deletes a blob. An input may have been put once more since it was listed;
// what was a job's is never put again.
func (s Store) remove(ctx context.Context, info Info) (bool, error) {
	if refresher, ok := s.blobs().(Refresher); ok && inputOf(info.Name) != "" {
		return refresher.DeleteUnchanged(ctx, info)
	}
	err := s.blobs().Delete(ctx, info.Namespace, info.Name)
	return err == nil, err
}

// tidy clears up after processes that were killed while they wrote.
func (s Store) tidy(before time.Time) error {
	backend := s.blobs()
	if o, ok := backend.(*observed); ok {
		backend = o.Unwrap()
	}
	if d, ok := backend.(*Directory); ok {
		return d.tidy(before)
	}
	return nil
}
