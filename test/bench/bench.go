package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/test/cluster"
)

// bench is one run.
type bench struct {
	plan
	world    *cluster.Cluster
	gauge    *gauge
	stored   *stored
	progress io.Writer
	// finished is the status of a job that the operator has ended. The ceiling
	// writes the same, so that both send the same bytes.
	finished v1alpha1.TranslationJobStatus
	// finishes counts the jobs that the manager of the round has ended.
	finishes finishes
}

func newBench(p plan, world *cluster.Cluster, progress io.Writer) (*bench, error) {
	g, err := newGauge(world.Config)
	if err != nil {
		return nil, err
	}
	return &bench{plan: p, world: world, gauge: g, stored: newStored(), progress: progress}, nil
}

// round is what was seen in one.
type round struct {
	jobs   int
	took   time.Duration
	before counters
	after  counters
	// settled are what was written for the jobs of the round, also after the last of
	// them had ended.
	settled writes
}

func (r round) rate() float64 { return float64(r.jobs) / r.took.Seconds() }

// per returns a number of the round for each of its jobs.
func (r round) per(total float64) float64 { return total / float64(r.jobs) }

// timed runs a round between two looks at the counters.
func (b *bench) timed(ctx context.Context, jobs int, do func() error) (round, error) {
	r := round{jobs: jobs}
	runtime.GC() // the garbage of an earlier round is not this one's
	var err error
	if r.before, err = b.gauge.read(ctx); err != nil {
		return r, err
	}
	start := time.Now()
	if err := do(); err != nil {
		return r, err
	}
	r.took = time.Since(start)
	r.after, err = b.gauge.read(ctx)
	return r, err
}

// operator is what the same client gets when it only creates the jobs and the
// manager brings them to their end.
func (b *bench) operator(ctx context.Context) (round, error) {
	var r round
	err := b.operated(ctx, "operator", at(v1alpha1.OpenAIProvider), func(ctx context.Context, namespace string) (err error) {
		r, err = b.created(ctx, b.Jobs, func(i int) *v1alpha1.TranslationJob { return job(namespace, i) })
		return err
	})
	return r, err
}

// created creates jobs of one namespace, and ends when the last of them has.
func (b *bench) created(ctx context.Context, n int, job func(i int) *v1alpha1.TranslationJob) (round, error) {
	wait := b.finishes.wait
	if b.finishes.registry == nil { // the manager is a process of its own
		jobs, err := watchJobs(ctx, b.world.Client, job(0).Namespace)
		if err != nil {
			return round{}, err
		}
		wait = jobs.wait
	}
	stop, err := b.profile()
	if err != nil {
		return round{}, err
	}
	defer stop()
	r, err := b.timed(ctx, n, func() error {
		ended := make(chan error, 1)
		go func() { ended <- wait(ctx, n) }()
		err := each(ctx, n, b.Writers, func(ctx context.Context, i int) error {
			return b.world.Client.Create(ctx, job(i))
		})
		if err != nil {
			return fmt.Errorf("create a job: %w", err)
		}
		return <-ended
	})
	if err == nil {
		b.finished, err = b.check(ctx, job(0).Namespace, n)
	}
	return r, err
}

// goWait waits beside the caller, who must receive the outcome.
func goWait(ctx context.Context, jobs *ending, n int) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- jobs.wait(ctx, n) }()
	return ended
}

// profile writes the CPU profile of one round after the warm-up, when one is asked
// for.
func (b *bench) profile() (stop func(), err error) {
	if b.Profile == "" || b.finished.CompletedAt == nil {
		return func() {}, nil
	}
	file, err := os.Create(b.Profile)
	if err != nil {
		return nil, err
	}
	b.Profile = ""
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		if err := file.Close(); err != nil {
			fmt.Fprintln(b.progress, "Could not write the profile:", err)
		}
	}, nil
}
