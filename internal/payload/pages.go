package payload

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// ErrFenced says that another process has taken the job over: this one must stop
// working on it, and write nothing more.
var ErrFenced = errors.New("another process has taken the job over")

// dropParallel is how many pages are deleted at one time.
const dropParallel = 8

// Pages is the checkpoint of a job: numbered pages of finished work, each a blob that
// is created and never changed. Two processes that both believe they work on the job
// meet at the number of the next page:
//
//	A: page 0, page 1 ─────── (asleep) ────────── page 2: exists ─► ErrFenced
//	B:                 reads 0 and 1, mark as 2, page 3 …
//
// There is no list: pages are read by number until one is missing.
type Pages struct {
	backend Backend
	job     *v1alpha1.TranslationJob
	writer  string // tells our pages from those of others

	mu         sync.Mutex
	next       int
	fenced     bool
	progressed bool
}

// OpenPages returns the pages of a job in their order, and where the next one goes.
// When there are pages already, or takeOver is set, it first writes a mark that stops
// whoever else adds pages: one write. Set takeOver for every attempt but the first of
// a job, whose earlier process may still live. A page that is damaged is left out.
func (s Store) OpenPages(ctx context.Context, job *v1alpha1.TranslationJob, takeOver bool) (*Pages, [][]byte, error) {
	p := &Pages{backend: s.backend, job: job, writer: rand.Text()}
	var seen book
	if err := seen.read(ctx, p.backend, job); err != nil {
		return nil, nil, fmt.Errorf("read the pages of a job: %w", err)
	}
	p.progressed = seen.progressed
	if takeOver || seen.next > 0 {
		if err := p.takeOver(ctx, &seen); err != nil {
			return nil, nil, fmt.Errorf("take the pages of a job over: %w", err)
		}
	}
	p.next = seen.next
	return p, seen.pages, nil
}

// read reads on until a page is missing.
func (b *book) read(ctx context.Context, backend Backend, job *v1alpha1.TranslationJob) error {
	for {
		packed, err := backend.Read(ctx, job.Namespace, pageName(job, b.next))
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		b.add(packed)
	}
}

// takeOver writes a mark behind the last page. What another process adds meanwhile
// is read as well.
func (p *Pages) takeOver(ctx context.Context, seen *book) error {
	mark, err := page{writer: p.writer, mark: true, part: 1, parts: 1}.pack()
	if err != nil {
		return err
	}
	for {
		ours, err := p.create(ctx, seen.next, mark)
		if err != nil {
			return err
		}
		if ours {
			seen.next++
			return nil
		}
		before := seen.next
		if err := seen.read(ctx, p.backend, p.job); err != nil {
			return err
		}
		p.progressed = seen.progressed
		if seen.next == before {
			return fmt.Errorf("page %d exists and cannot be read", before)
		}
	}
}

// create writes a page, and says whether the one of that number is ours now.
func (p *Pages) create(ctx context.Context, number int, packed []byte) (bool, error) {
	err := p.backend.Create(ctx, Blob{
		Namespace: p.job.Namespace, Name: pageName(p.job, number), Data: packed,
		Owner: Owner{Name: p.job.Name, UID: string(p.job.UID)},
	})
	if !errors.Is(err, ErrExists) {
		return err == nil, err
	}
	there, err := p.backend.Read(ctx, p.job.Namespace, pageName(p.job, number))
	if err != nil {
		return false, err
	}
	return string(there) == string(packed), nil
}

// Progressed says whether the process before this one has added a page.
func (p *Pages) Progressed() bool { return p.progressed }

// Append adds a page: one write, more only for data that is too large for one blob
// of the store when compressed. After an error other than ErrFenced the page may be
// there or not; append the same data again, or more that includes it. ErrFenced is
// for good.
func (p *Pages) Append(ctx context.Context, data []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fenced {
		return ErrFenced
	}
	blobs, err := page{writer: p.writer, data: data}.split(p.backend.MaxBytes())
	if err != nil {
		return fmt.Errorf("append a page: %w", err)
	}
	for _, packed := range blobs {
		if err := p.append(ctx, packed); err != nil {
			return fmt.Errorf("append page %d: %w", p.next, err)
		}
	}
	return nil
}

// append writes one blob at the next number that is free or holds it already.
func (p *Pages) append(ctx context.Context, packed []byte) error {
	for {
		ours, err := p.create(ctx, p.next, packed)
		switch {
		case err != nil:
			return err
		case ours:
			p.next++
			return nil
		}
		there, err := p.backend.Read(ctx, p.job.Namespace, pageName(p.job, p.next))
		if err != nil {
			return err
		}
		// A damaged page of ours is ours all the same.
		if found, _ := unpackPage(there); found.writer != p.writer {
			p.fenced = true
			return ErrFenced
		}
		p.next++ // the answer to an earlier append was lost, its page was not
	}
}

// Drop removes the pages of a job that has ended.
func (p *Pages) Drop(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return dropPages(ctx, p.backend, p.job, p.next)
}

// DropPages removes the pages of a job that has ended. It reads them to know how many
// there are; Pages.Drop knows.
func (s Store) DropPages(ctx context.Context, job *v1alpha1.TranslationJob) error {
	var seen book
	if err := seen.read(ctx, s.backend, job); err != nil {
		return fmt.Errorf("read the pages of a job: %w", err)
	}
	return dropPages(ctx, s.backend, job, seen.next)
}

// dropPages deletes the last pages first: when it is interrupted, those that are left
// can still be found by their numbers.
func dropPages(ctx context.Context, backend Backend, job *v1alpha1.TranslationJob, count int) error {
	for end := count; end > 0; end -= dropParallel {
		begin := max(end-dropParallel, 0)
		errs := make([]error, end-begin)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = backend.Delete(ctx, job.Namespace, pageName(job, begin+i)) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return fmt.Errorf("drop the pages of a job: %w", err)
		}
	}
	return nil
}

// Progressed says whether a page came after the last take-over of a job: whoever had
// it last has finished something, or took it over from nobody and has.
func (s Store) Progressed(ctx context.Context, job *v1alpha1.TranslationJob) (bool, error) {
	var seen book
	if err := seen.read(ctx, s.backend, job); err != nil {
		return false, fmt.Errorf("read the pages of a job: %w", err)
	}
	return seen.progressed, nil
}
