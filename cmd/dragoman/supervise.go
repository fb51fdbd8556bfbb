package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-dev/dragoman/internal/controlplane"
)

// newSuperviseCommand is the shim that `dragoman up` starts its programs
// through. It is no use to people, so help does not list it.
func newSuperviseCommand() *cobra.Command {
	var s controlplane.Supervision
	cmd := &cobra.Command{
		Use:    "supervise --parent PID -- PROGRAM [ARG...]",
		Short:  "Run a program that ends when dragoman does",
		Hidden: true,
		Args:   cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s.Path, s.Args = args[0], args[1:]
			code, err := s.Run()
			if err == nil && code != 0 {
				return exitError(code)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.IntVar(&s.Parent, "parent", 0, "process whose end ends the program")
	f.StringVar(&s.PIDFile, "pid-file", "", "file that receives the id of this process")
	f.DurationVar(&s.Grace, "grace", 20*time.Second, "time that the program has to end after a signal")
	return cmd
}
