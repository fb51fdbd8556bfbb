// Command dragoman translates through Kubernetes objects: it runs the
// controllers, the REST adapter, or both with an API server of their own on one
// machine.
//
// Each subcommand has a file here that reads flags and the environment and puts
// the parts together; what the parts do is in the packages they come from.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		// A closed terminal ends it in order; under nohup it goes on.
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	// After the first signal the second one ends the process at once.
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		os.Exit(report(err, os.Stderr))
	}
}

// exitError carries the exit code of a program that was run for somebody else.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// report prints an error as one sentence and returns the exit code for it.
func report(err error, stderr io.Writer) int {
	if code, ok := errors.AsType[exitError](err); ok {
		return int(code)
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "dragoman: interrupted")
		return 128 + int(syscall.SIGINT)
	}
	fmt.Fprintf(stderr, "dragoman: %v\n", err)
	return 1
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	root := &cobra.Command{
		Use:   "dragoman",
		Short: "Translation jobs as Kubernetes objects",
		// An error is one sentence; main prints it.
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(
		newUpCommand(),
		newManagerCommand(),
		newAPIServerCommand(),
		newAPIKeyCommand(),
		newWhyCommand(),
		newVersionCommand(),
		newSuperviseCommand(),
	)
	return root.ExecuteContext(ctx)
}
