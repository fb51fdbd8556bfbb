// Command quality measures how well texts are cut, masked, checked and defended, and
// prints a row for each figure. Its parts are the packages below it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/test/quality/injection"
	"github.com/dragoman-dev/dragoman/test/quality/llm"
	"github.com/dragoman-dev/dragoman/test/quality/placeables"
	"github.com/dragoman-dev/dragoman/test/quality/qa"
	"github.com/dragoman-dev/dragoman/test/quality/rows"
	"github.com/dragoman-dev/dragoman/test/quality/segmentation"
)

// part measures one subject.
type part struct {
	name string
	run  func(context.Context, *rows.Rows) error
}

// parts in the order in which they run.
func parts() []part {
	return []part{
		// One line for each part, in alphabetical order.
		{"injection", injection.Run},
		{"llm", llm.Run},
		{"placeables", placeables.Run},
		{"qa", qa.Run},
		{"segmentation", segmentation.Run},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("quality", flag.ContinueOnError)
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	only := flags.String("only", "", "measure only these parts, separated by commas: "+strings.Join(names, ", "))
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	wanted := strings.Split(*only, ",")
	for _, name := range wanted {
		if *only != "" && !slices.Contains(names, name) {
			return fmt.Errorf("there is no part %q; there are %s", name, strings.Join(names, ", "))
		}
	}
	out := rows.New(os.Stdout, os.Stderr)
	for _, p := range parts() {
		if *only != "" && !slices.Contains(wanted, p.name) {
			continue
		}
		out.Progressf("Measuring %s ...", p.name)
		if err := p.run(ctx, out); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}
