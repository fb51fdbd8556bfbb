package payload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
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
	// Grace is the least age of what is swept, but for the pages of Completed jobs;
	// DefaultGrace when zero.
	Grace time.Duration
	// Alive says whether a job exists. Who does not know says yes. The owner has no
	// name when that is too long for the name of a blob.
	Alive func(namespace string, owner Owner) bool
	// Referred says whether a job or a batch refers to an input, by the name in its
	// reference. Who does not know says yes.
	Referred func(namespace, input string) bool
	// Completed says whether a job has ended as Completed for the spec it has: it goes
	// on from its pages no more. Who does not know says no.
	//
	// It must find out when it is asked, which is after the blob was listed. A run
	// writes into the status that it begins before it adds a page: so a page that was
	// listed before its job was seen to be Completed is not one of a run that goes on.
	Completed func(namespace string, owner Owner) bool
	// Superseded says whether a job has ended for the spec it has, and refers to
	// another result than this one, or to none. The result is given by the name in a
	// reference. Who does not know says no. It must find out when it is asked.
	Superseded func(namespace string, owner Owner, result string) bool
}

// Swept is what a sweep has deleted.
type Swept struct {
	Count int
	// Bytes as stored, as far as the backend's list says them.
	Bytes int64
}

// Sweep deletes results and pages whose job is gone, pages of Completed jobs, results
// that their job does not refer to, and inputs that nobody refers to. It leaves alone
// what it does not know, and all of the memory. A blob that cannot be deleted does
// not keep it from the rest.
func (s Store) Sweep(ctx context.Context, in SweepInput) (Swept, error) {
	if in.Grace == 0 {
		in.Grace = DefaultGrace
	}
	infos, err := s.backend.List(ctx, "", "")
	if err != nil {
		return Swept{}, fmt.Errorf("sweep payloads: %w", err)
	}
	swept, err := s.sweep(ctx, infos, in.needless)
	if err := errors.Join(err, s.tidy(in.Now.Add(-in.Grace))); err != nil {
		return swept, fmt.Errorf("sweep payloads: %w", err)
	}
	return swept, nil
}

// SweepPages deletes the pages of Completed jobs, as Sweep does, and nothing else: a
// process that was killed between the end of a job and the delete has left them. It
// lists pages alone where the backend can. Of the input it needs Completed.
func (s Store) SweepPages(ctx context.Context, in SweepInput) (Swept, error) {
	infos, err := pagesIn(ctx, s.backend)
	if err != nil {
		return Swept{}, fmt.Errorf("sweep pages: %w", err)
	}
	swept, err := s.sweep(ctx, infos, in.leftOver)
	if err != nil {
		return swept, fmt.Errorf("sweep pages: %w", err)
	}
	return swept, nil
}

// sweep deletes what is needless, the last names first: when it is interrupted, the
// pages that are left can still be found by their numbers.
func (s Store) sweep(ctx context.Context, infos []Info, needless func(Info) bool) (Swept, error) {
	var (
		swept Swept
		errs  []error
		mu    sync.Mutex
		wg    sync.WaitGroup
		slots = make(chan struct{}, sweepParallel)
	)
	for _, info := range slices.Backward(infos) {
		if ctx.Err() != nil {
			break
		}
		// The slot first: what was found out is used at once.
		slots <- struct{}{}
		if !needless(info) {
			<-slots
			continue
		}
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
	return swept, errors.Join(append(errs, ctx.Err())...)
}

// needless says whether a blob may go.
func (in SweepInput) needless(info Info) bool {
	if in.leftOver(info) {
		return true
	}
	kind := kindOf(info.Name)
	if kind == MemoryKind || info.Created.IsZero() || in.Now.Sub(info.Created) < in.Grace {
		return false
	}
	if input := inputOf(info.Name); input != "" {
		return !in.Referred(info.Namespace, input)
	}
	if info.Owner.UID == "" {
		return false
	}
	return !in.Alive(info.Namespace, info.Owner) ||
		kind == ResultKind && in.Superseded(info.Namespace, info.Owner, unsharded(info.Name))
}

// leftOver says whether a blob is a page of a Completed job. Such a one may go
// whatever its age. When the job is edited at this very moment, its next run may have
// found the page and count on its number. What is lost then, should that run be
// killed too, are pages of its own after the gap: some calls that the memory cannot
// answer.
func (in SweepInput) leftOver(info Info) bool {
	return kindOf(info.Name) == PageKind && info.Owner.UID != "" && in.Completed(info.Namespace, info.Owner)
}

// unsharded returns the name that a reference has for a shard.
func unsharded(name string) string {
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		return name[:i]
	}
	return name
}

// remove deletes a blob. An input may have been put once more since it was listed,
// and a page may be one of the same number by now. A result is never put again while
// its job is at an end.
func (s Store) remove(ctx context.Context, info Info) (bool, error) {
	refresher, ok := s.backend.(Refresher)
	if ok && (inputOf(info.Name) != "" || kindOf(info.Name) == PageKind) {
		return refresher.DeleteUnchanged(ctx, info)
	}
	err := s.backend.Delete(ctx, info.Namespace, info.Name)
	return err == nil, err
}

// pagesIn lists the pages in a backend. ConfigMaps can be asked for one kind; where
// names are all there is, the rest is left out here.
func pagesIn(ctx context.Context, backend Backend) ([]Info, error) {
	if o, ok := backend.(*observed); ok {
		infos, err := pagesIn(ctx, o.Unwrap())
		o.failed(ListOp, err)
		return infos, err
	}
	if c, ok := backend.(ConfigMaps); ok {
		c.Reader = pageReader{c.Reader}
		backend = c
	}
	infos, err := backend.List(ctx, "", "")
	return slices.DeleteFunc(infos, func(info Info) bool { return kindOf(info.Name) != PageKind }), err
}

// pageReader lists objects with the label of pages alone.
type pageReader struct{ client.Reader }

// List implements client.Reader.
func (r pageReader) List(ctx context.Context, list client.ObjectList, opts ...client.ListOption) error {
	return r.Reader.List(ctx, list, append(slices.Clone(opts), client.MatchingLabels{kindLabel: string(PageKind)})...)
}

// tidy clears up after processes that were killed while they wrote.
func (s Store) tidy(before time.Time) error {
	backend := s.backend
	if o, ok := backend.(*observed); ok {
		backend = o.Unwrap()
	}
	if d, ok := backend.(*Directory); ok {
		return d.tidy(before)
	}
	return nil
}
