package payload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
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
	// Grace is the least age of what is swept, but for what the end of a job has left;
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
	// another result than this one, or to none, for so long that nobody reads the
	// other one any more. The result is given by the name in a reference. Who does not
	// know says no. It must find out when it is asked, as Completed: a run writes into
	// the status that it begins before it stores a result.
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

// SweepLeftOvers deletes the pages of Completed jobs, and results that their job does
// not refer to, as Sweep does, and nothing else. They are what a killed process has
// left: one that did not come to drop the pages, or stored a result and did not come
// to write it into the status, while the next one had another. It lists pages and
// results alone where the backend can. Of the input it needs Completed and Superseded.
func (s Store) SweepLeftOvers(ctx context.Context, in SweepInput) (Swept, error) {
	infos, err := ownedIn(ctx, s.backend)
	if err != nil {
		return Swept{}, fmt.Errorf("sweep what was left over: %w", err)
	}
	swept, err := s.sweep(ctx, infos, in.leftOver)
	if err != nil {
		return swept, fmt.Errorf("sweep what was left over: %w", err)
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
	return !in.Alive(info.Namespace, info.Owner)
}

// leftOver says whether a blob is one that the end of its job has left. Such a one may
// go whatever its age.
//
// When the job is edited at this very moment, its next run may have found the page and
// count on its number. What is lost then, should that run be killed too, are pages of
// its own after the gap: some calls that the memory cannot answer. A result that the
// next run stores once more is younger than the list says, and stays.
func (in SweepInput) leftOver(info Info) bool {
	if info.Owner.UID == "" {
		return false
	}
	switch kindOf(info.Name) {
	case PageKind:
		return in.Completed(info.Namespace, info.Owner)
	case ResultKind:
		return in.Superseded(info.Namespace, info.Owner, unsharded(info.Name))
	default:
		return false
	}
}

// unsharded returns the name that a reference has for a shard.
func unsharded(name string) string {
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		return name[:i]
	}
	return name
}

// remove deletes a blob, unless it has been put once more since it was listed.
func (s Store) remove(ctx context.Context, info Info) (bool, error) {
	if refresher, ok := s.backend.(Refresher); ok {
		return refresher.DeleteUnchanged(ctx, info)
	}
	err := s.backend.Delete(ctx, info.Namespace, info.Name)
	return err == nil, err
}

// ownedIn lists the pages and results in a backend. ConfigMaps can be asked for some
// kinds; where names are all there is, the rest is left out here.
func ownedIn(ctx context.Context, backend Backend) ([]Info, error) {
	if o, ok := backend.(*observed); ok {
		infos, err := ownedIn(ctx, o.Unwrap())
		o.failed(ListOp, err)
		return infos, err
	}
	if c, ok := backend.(ConfigMaps); ok {
		c.Reader = ownedReader{c.Reader}
		backend = c
	}
	infos, err := backend.List(ctx, "", "")
	return slices.DeleteFunc(infos, func(info Info) bool {
		kind := kindOf(info.Name)
		return kind != PageKind && kind != ResultKind
	}), err
}

// ownedReader lists objects with the label of pages or results alone.
type ownedReader struct{ client.Reader }

// List implements client.Reader.
func (r ownedReader) List(ctx context.Context, list client.ObjectList, opts ...client.ListOption) error {
	owned, err := labels.NewRequirement(kindLabel, selection.In, []string{string(PageKind), string(ResultKind)})
	if err != nil {
		return fmt.Errorf("select pages and results: %w", err)
	}
	// The first, for the others add to it.
	return r.Reader.List(ctx, list, append([]client.ListOption{client.MatchingLabelsSelector{Selector: labels.NewSelector().Add(*owned)}}, opts...)...)
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
