package main

import (
	"context"
	"fmt"
	"slices"
)

// measure alternates the figures, so that a change of the machine's pace meets
// all of them.
func (b *bench) measure(ctx context.Context, report *report) error {
	figures := []struct {
		name string
		into *[]round
		do   func(context.Context) (round, error)
	}{
		{"ceiling", &report.ceiling, b.ceiling},
		{"operator", &report.operator, b.operator},
		{"paid", &report.paid, b.paid},
		{"budget", &report.budget, b.budget},
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
				return fmt.Errorf("round %d of %s: %w", i+1, figure.name, err)
			}
			fmt.Fprintf(b.progress, "Round %d of %d: %-26s %8.1f/s\n", i+1, b.Rounds, figure.name, r.rate())
			*figure.into = append(*figure.into, r)
		}
	}
	return nil
}

// inRounds are the figures that come by themselves with -only, and with what they are
// measured against.
var inRounds = map[string][]string{
	"operator": {"ceiling"},
	"paid":     {"ceiling"},
	"budget":   {"ceiling", "paid"},
	"rest":     {"ceiling"},
	"apertium": {"ceiling", "pipe"},
}

// wanted says whether a figure is measured. One alone comes with what it is
// measured against.
func (b *bench) wanted(name string) bool {
	return b.Only == "" || name == b.Only || slices.Contains(inRounds[b.Only], name)
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
