// Command bench measures how fast jobs go through Dragoman, against what a bare
// client gets from the same API server in the same run.
//
// It owns the rounds and the rows; docs/benchmarks.md says what each row means. It
// starts a control plane of its own (KUBEBUILDER_ASSETS names the binaries). The
// manager and the REST adapter run in its own process, so that a profile of it shows
// them, or as processes of the built program where their memory is looked at. Rows go
// to stdout, progress to stderr.
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

func main() {
	p := plan{Writers: 16, Callers: 16}
	p.flags(flag.CommandLine)
	flag.Parse()
	p.complete()

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
	out := &rows{to: to}
	if err := b.all(ctx, out); err != nil {
		return err
	}
	return out.err
}

// all measures what is wanted: first what takes turns, then one study after the other.
func (b *bench) all(ctx context.Context, out *rows) error {
	studies, err := b.studies()
	if err != nil {
		return err
	}
	report, err := newReport(b.plan)
	if err != nil {
		return err
	}
	report.conditions(out)
	if err := b.warmUp(ctx); err != nil {
		return fmt.Errorf("warm up: %w", err)
	}
	if b.Only == "" || inRounds[b.Only] != nil {
		if err := b.measure(ctx, report); err != nil {
			return err
		}
		report.print(out)
	}
	for _, s := range studies {
		fmt.Fprintf(b.progress, "Studying %s ...\n", s.name)
		if failed := s.do(ctx, out); failed != nil {
			// The rows of the others are worth having.
			err = errors.Join(err, fmt.Errorf("%s: %w", s.name, failed))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return err
}
