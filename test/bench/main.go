// Command bench measures how fast jobs go through Dragoman, against what a bare
// client gets from the same API server in the same run.
//
// It owns the rounds and the rows; docs/benchmarks.md says what each row means. It
// starts a control plane of its own (KUBEBUILDER_ASSETS names the binaries), and
// runs the manager and the REST adapter in its own process, so that a profile of it
// shows them. Rows go to stdout, progress to stderr.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/dragoman-dev/dragoman/test/cluster"
)

// plan is how much is measured.
type plan struct {
	// Jobs of a round.
	Jobs int
	// WarmUp is how many jobs run before the first round.
	WarmUp int
	// Rounds of each figure; the median counts.
	Rounds int
	// Writers is how many jobs a client creates at one time, and Callers how many
	// requests are sent to the REST adapter at one time.
	Writers, Callers int
	// Sentences is how many the bare Apertium pipe translates in a round, and
	// ApertiumJobs how many go through the operator.
	Sentences, ApertiumJobs int
	// PaidJobs is how many of a round go to a paid engine.
	PaidJobs int
	// Profile is a file for the CPU profile of the first round that a manager runs in;
	// "" for none.
	Profile string
	// Only names the one figure to measure beside the ceiling; "" for all.
	Only string
}

func main() {
	p := plan{Writers: 16, Callers: 16}
	flag.IntVar(&p.Jobs, "jobs", 1500, "jobs of a round")
	flag.IntVar(&p.WarmUp, "warm-up", 300, "jobs before the first round")
	flag.IntVar(&p.Rounds, "rounds", 3, "rounds of each figure; the median counts")
	flag.IntVar(&p.Sentences, "sentences", 5000, "sentences through the bare Apertium pipe in a round")
	flag.IntVar(&p.ApertiumJobs, "apertium-jobs", 1000, "jobs on Apertium in a round")
	flag.IntVar(&p.PaidJobs, "paid-jobs", 600, "jobs on a paid engine in a round")
	flag.StringVar(&p.Profile, "cpuprofile", "", "write a CPU profile of this process, in the first round that a manager runs in, to this file")
	flag.StringVar(&p.Only, "only", "", "measure only this beside the ceiling: operator, rest or apertium")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, p, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, p plan, to, progress io.Writer) (err error) {
	ctrl.SetLogger(logr.Discard())
	fmt.Fprintln(progress, "Starting a control plane ...")
	world, err := cluster.Start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, world.Stop()) }()
	b, err := newBench(p, world, progress)
	if err != nil {
		return err
	}
	if err := b.warmUp(ctx); err != nil {
		return fmt.Errorf("warm up: %w", err)
	}
	report, err := b.measure(ctx)
	if err != nil {
		return err
	}
	out := &rows{to: to}
	report.print(out)
	return out.err
}
