// Package rows prints what the quality programs measure: one "name: value" a line.
package rows

import (
	"fmt"
	"io"
)

// Rows takes the figures of one part.
type Rows struct {
	out, progress io.Writer
}

// New returns rows that go to one writer, and progress to another.
func New(out, progress io.Writer) *Rows { return &Rows{out: out, progress: progress} }

// Add prints a figure. The format is of its value.
func (r *Rows) Add(name, format string, value any) {
	_, _ = fmt.Fprintf(r.out, "%s: %s\n", name, fmt.Sprintf(format, value)) // of a console that is gone nobody reads
}

// Percent prints a share as a percentage with two decimals; 0 of 0 is 0.
func (r *Rows) Percent(name string, part, whole int) {
	r.Add(name, "%.2f", 100*float64(part)/float64(max(whole, 1)))
}

// Progressf tells somebody who waits what goes on.
func (r *Rows) Progressf(format string, args ...any) {
	_, _ = fmt.Fprintf(r.progress, format+"\n", args...)
}
