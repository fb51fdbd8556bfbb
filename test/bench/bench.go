package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/test/cluster"
)

// bench is one run.
type bench struct {
	plan
	world    *cluster.Cluster
	gauge    *gauge
	progress io.Writer
	// finished is the status of a job that the operator has ended. The ceiling
	// writes the same, so that both send the same bytes.
	finished v1alpha1.TranslationJobStatus
}

func newBench(p plan, world *cluster.Cluster, progress io.Writer) (*bench, error) {
	g, err := newGauge(world.Config)
	if err != nil {
		return nil, err
	}
	return &bench{plan: p, world: world, gauge: g, progress: progress}, nil
}

// round is what was seen in one.
type round struct {
	jobs   int
	took   time.Duration
	before counters
	after  counters
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

// measure alternates the figures, so that a change of the machine's pace meets
// all of them.
func (b *bench) measure(ctx context.Context) (*report, error) {
	sent, err := json.Marshal(job("namespace", 0))
	if err != nil {
		return nil, err
	}
	report := &report{plan: b.plan, jobBytes: len(sent)}
	if err := b.warmUp(ctx); err != nil {
		return nil, fmt.Errorf("warm up: %w", err)
	}
	figures := []struct {
		name string
		into *[]round
		do   func(context.Context) (round, error)
	}{
		{"ceiling", &report.ceiling, b.ceiling},
		{"operator", &report.operator, b.operator},
		{"ceiling of a small status", &report.small, b.smallCeiling},
		{"rest", &report.rest, b.rest},
		{"apertium", &report.apertium, b.apertium},
		{"pipe", &report.pipe, b.pipe},
	}
	for i := range b.Rounds {
		for _, figure := range figures {
			if !b.wanted(figure.name) {
				continue
			}
			r, err := figure.do(ctx)
			if err != nil {
				return nil, fmt.Errorf("round %d of %s: %w", i+1, figure.name, err)
			}
			fmt.Fprintf(b.progress, "Round %d of %d: %-26s %8.1f/s\n", i+1, b.Rounds, figure.name, r.rate())
			*figure.into = append(*figure.into, r)
		}
	}
	return report, nil
}

// wanted says whether a figure is measured. One alone comes with what it is
// measured against.
func (b *bench) wanted(name string) bool {
	if b.Only == "" || name == b.Only {
		return true
	}
	switch name {
	case "ceiling":
		return true
	case "pipe":
		return b.Only == "apertium"
	default:
		return false
	}
}

// warmUp runs each path once before it counts, and learns what an ended job's
// status looks like.
func (b *bench) warmUp(ctx context.Context) error {
	fmt.Fprintf(b.progress, "Warming up with %d jobs ...\n", b.WarmUp)
	full := b.Jobs
	b.Jobs = b.WarmUp
	defer func() { b.Jobs = full }()
	if _, err := b.operator(ctx); err != nil {
		return err
	}
	_, err := b.ceiling(ctx)
	return err
}

// ceiling is what one client gets that creates jobs and writes each one's status
// once, as the operator would, while nobody else is there.
func (b *bench) ceiling(ctx context.Context) (round, error) {
	return b.pairs(ctx, func() v1alpha1.TranslationJobStatus {
		status := *b.finished.DeepCopy()
		status.CompletedAt = &metav1.Time{Time: time.Now()}
		return status
	})
}

// smallCeiling is the same with the least of a status: what the size of a real one
// costs is the difference.
func (b *bench) smallCeiling(ctx context.Context) (round, error) {
	return b.pairs(ctx, func() v1alpha1.TranslationJobStatus {
		return v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Phase: b.finished.Phase}
	})
}

// pairs creates jobs and writes the status of each.
func (b *bench) pairs(ctx context.Context, status func() v1alpha1.TranslationJobStatus) (round, error) {
	namespace, err := b.world.Namespace(ctx, "ceiling")
	if err != nil {
		return round{}, err
	}
	r, err := b.timed(ctx, b.Jobs, func() error {
		return each(ctx, b.Jobs, b.Writers, func(ctx context.Context, i int) error {
			job := job(namespace, i)
			if err := b.world.Client.Create(ctx, job); err != nil {
				return fmt.Errorf("create a job: %w", err)
			}
			job.Status = status()
			if err := b.world.Client.Status().Update(ctx, job); err != nil {
				return fmt.Errorf("write a status: %w", err)
			}
			return nil
		})
	})
	if err != nil {
		return r, err
	}
	return r, b.clear(ctx, namespace)
}

// operator is what the same client gets when it only creates the jobs and the
// manager brings them to their end.
func (b *bench) operator(ctx context.Context) (round, error) {
	var r round
	err := b.operated(ctx, "operator", v1alpha1.OpenAIProvider, func(ctx context.Context, namespace string) (err error) {
		r, err = b.created(ctx, b.Jobs, func(i int) *v1alpha1.TranslationJob { return job(namespace, i) })
		return err
	})
	return r, err
}

// created creates jobs of one namespace, and ends when the last of them has.
func (b *bench) created(ctx context.Context, n int, job func(i int) *v1alpha1.TranslationJob) (round, error) {
	jobs, err := watchJobs(ctx, b.world.Client, job(0).Namespace)
	if err != nil {
		return round{}, err
	}
	stop, err := b.profile()
	if err != nil {
		return round{}, err
	}
	defer stop()
	r, err := b.timed(ctx, n, func() error {
		ended := goWait(ctx, jobs, n)
		err := each(ctx, n, b.Writers, func(ctx context.Context, i int) error {
			return b.world.Client.Create(ctx, job(i))
		})
		if err != nil {
			return fmt.Errorf("create a job: %w", err)
		}
		return <-ended
	})
	if err == nil {
		b.finished = jobs.last.Status
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
