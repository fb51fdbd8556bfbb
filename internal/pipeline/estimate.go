package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
)

// Estimate is what a job amounts to before anything was bought, and before the
// translation memory was asked: all of it is an upper bound.
type Estimate struct {
	// Segments of the source.
	Segments int
	// Words of the source, and those to bill when every segment is translated.
	Words, BilledWords int32
	// PlannedMax is the most the job can cost: the figure that a run of it announces.
	PlannedMax money.Euro
	// WithinBudget says that a run with the job's maxCost would begin.
	WithinBudget bool
}

// NewEstimate estimates a job for an engine, without the engine: it parses and
// plans as the supervisor of a run does. The error says in one sentence why the job
// would be refused whatever its budget.
func NewEstimate(job Job, info engine.Info) (Estimate, error) {
	limit, err := money.Parse(job.Options.MaxCost)
	if err != nil {
		return Estimate{}, fmt.Errorf("read maxCost: %w", err)
	}
	run := New(job, Tools{Engine: described{info: info}}, Checkpoint{})
	if err := run.parse(); err != nil {
		return Estimate{}, err
	}
	if err := run.checkBriefing(); err != nil {
		return Estimate{}, err
	}
	out := Estimate{
		Segments:     len(run.items),
		WithinBudget: job.Options.MaxCost == "" || run.maximum() <= limit,
	}
	if err := run.checkBudget(); err != nil && out.WithinBudget {
		return Estimate{}, err
	}
	report := run.summarize()
	out.Words, out.BilledWords, out.PlannedMax = report.Words, job.billed(report.Words), report.PlannedMax
	return out, nil
}

// described stands for an engine that is known by its description alone.
type described struct{ info engine.Info }

var errDescribed = errors.New("this engine is a description; it cannot be called")

// Info returns the description.
func (d described) Info() engine.Info { return d.info }

// Probe fails.
func (described) Probe(context.Context) (engine.Offer, error) { return engine.Offer{}, errDescribed }

// Translate fails.
func (described) Translate(context.Context, engine.Request) (engine.Response, error) {
	return engine.Response{}, errDescribed
}

// Close does nothing.
func (described) Close() error { return nil }
