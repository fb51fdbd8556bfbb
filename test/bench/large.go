package main

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/test/build"
)

// largeJob is what was seen of one.
type largeJob struct {
	round

	// live is the most that the heap of this process held while it ran, above what it
	// held before, in bytes.
	live int64
}

// large runs a large job on a paid engine, against jobs with a tenth of its segments,
// two before it and one after it, of which the median counts.
func (b *bench) large(ctx context.Context, w *rows) error {
	var peers []largeJob
	var large largeJob
	s := setting{kind: v1alpha1.OpenAIProvider, factory: paidEngine().Factory(), prices: prices()}
	err := b.operated(ctx, "large", s, func(ctx context.Context, namespace string) (err error) {
		for i, n := range []int{b.Segments / 10, b.Segments / 10, b.Segments, b.Segments / 10} {
			seen, err := b.largeRound(ctx, namespace, i, n)
			if err != nil {
				return fmt.Errorf("job of %d segments: %w", n, err)
			}
			fmt.Fprintf(b.progress, "%d segments took %s\n", n, seen.took.Round(time.Millisecond))
			if n == b.Segments {
				large = seen
			} else {
				peers = append(peers, seen)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(peers, func(a, b largeJob) int { return cmp.Compare(a.took, b.took) })
	peer := peers[len(peers)/2]
	pages := large.settled.kinds[payload.PageKind]
	written := large.settled.configMaps + large.after.writes(large.before, jobs)
	w.add("large_job_segments", "%d", b.Segments)
	w.add("large_job_bytes", "%d", len(chapter(2, b.Segments)))
	w.add("large_job_seconds", "%.1f", large.took.Seconds())
	w.add("large_job_peer_seconds", "%.2f", peer.took.Seconds())
	w.add("large_job_linear_ratio", "%.1f", large.took.Seconds()/peer.took.Seconds())
	w.add("large_job_writes", "%.0f", written)
	w.add("large_job_status_writes", "%.0f", large.after.writes(large.before, jobs))
	w.add("large_job_pages", "%.0f", pages)
	w.add("large_job_writes_per_page", "%.2f", written/pages)
	w.add("large_job_heap_mib", "%.1f", float64(large.live)/mib)
	w.add("large_job_peer_heap_mib", "%.1f", float64(peer.live)/mib)
	return nil
}

// chapter is a text of so many segments of some 50 bytes, none of which is in another
// text or twice in this one.
func chapter(number, segments int) string {
	var text strings.Builder
	for i := range segments {
		fmt.Fprintf(&text, "En la fila %d hay %05d cajas de libros usados. ", number, i)
	}
	return text.String()
}

// largeRound translates one text.
func (b *bench) largeRound(ctx context.Context, namespace string, number, segments int) (largeJob, error) {
	var out largeJob
	name := fmt.Sprintf("chapter-%d", number)
	if err := b.world.Client.Create(ctx, build.ConfigMap(name, namespace, "text", chapter(number, segments))); err != nil {
		return out, fmt.Errorf("make the source: %w", err)
	}
	ending, err := watchJobs(ctx, b.world.Client, namespace)
	if err != nil {
		return out, err
	}
	defer ending.close()
	before, err := b.written(ctx)
	if err != nil {
		return out, err
	}
	stop := watchHeap()
	out.round, err = b.timed(ctx, 1, func() error {
		job := build.Job(name, namespace).Languages("es", "pt").ConfigMap(name, "text").Provider(providerName)
		if err := b.world.Client.Create(ctx, job.Obj()); err != nil {
			return fmt.Errorf("create the job: %w", err)
		}
		return ending.next(ctx, 20*time.Minute)
	})
	out.live = stop()
	if err != nil {
		return out, err
	}
	after, err := b.written(ctx)
	out.settled = after.since(before)
	return out, err
}

// watchHeap looks at how much of the heap the garbage collector finds in use. The
// function that it returns ends it, and returns the most above what it was before.
func watchHeap() (stop func() int64) {
	runtime.GC()
	first := live()
	most := first
	end := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		look := time.NewTicker(20 * time.Millisecond)
		defer look.Stop()
		for {
			select {
			case <-look.C:
				most = max(most, live())
			case <-end:
				return
			}
		}
	})
	return func() int64 {
		close(end)
		group.Wait()
		return most - first
	}
}

// live is what the last collection found in use, in bytes.
func live() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
