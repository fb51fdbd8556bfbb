// Package pipeline is the work of a translation job: its five steps, and the
// decisions about a job that need no cluster.
//
//	supervisor → source_review → translator → qa → finalizing
//
// It owns the state of a run (segments, candidates, corrections), how a run ends,
// and Decide, which says what a controller has to do next. It imports no client,
// no logger and no concrete engine.
package pipeline

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// Job is what a run needs to know of a TranslationJob and of what it refers to.
type Job struct {
	// Pair as the engine offers it, which may be less specific than the languages.
	Pair engine.Pair
	// SourceLanguage and TargetLanguage are canonical BCP-47 tags.
	SourceLanguage, TargetLanguage string
	Options                        v1alpha1.JobOptions
	// Text is the source, unless Texts is set.
	Text  string
	Texts []string
	// Terms of all glossaries, in order of priority.
	Terms []glossary.Entry
	// Prices of the provider.
	Prices money.Prices
}

// Tools are what a run works with.
type Tools struct {
	Engine engine.Engine
	Checks []qa.Check
	// Entered is called at the beginning of each step, before its work. A test may
	// hold the run there.
	Entered func(context.Context, v1alpha1.Step)
	// Publish stores a result and returns what the object shall hold of it.
	Publish func(context.Context, document.Result) (*v1alpha1.Result, error)
}

// Run is one job under way. It keeps finished segments between attempts: Do may
// be called again after an attempt that ended early, and buys nothing twice.
// Do and Conclude are called by one goroutine at a time; Report by any.
type Run struct {
	job   Job
	tools Tools

	doc   document.Document
	items []*item
	first map[string]*item // the first segment of each key: the one that is asked for
	notes []v1alpha1.Finding
	spent engine.Usage
	plan  money.Euro

	// mu guards view, the part that Report reads while the run goes on.
	mu   sync.Mutex
	view Report
}

// Report is what there is to say of a run at a moment.
type Report struct {
	// Step is "" before the first and after the last.
	Step     v1alpha1.Step
	Progress v1alpha1.Progress
	// Segments in source order.
	Segments []v1alpha1.SegmentStatus
	// Score of the job, when Scored is not 0.
	Score  qa.Score
	Scored int32
	// Words of the source, and those to bill.
	Words, BilledWords int32
	Usage              engine.Usage
	// Cost so far, and the most the plan can cost.
	Cost, PlannedMax money.Euro
	// Result is what was published, once there is anything.
	Result *v1alpha1.Result
}

// End says how an attempt ended.
type End int

const (
	// Finished: the run came to its end; the outcome's reason says which.
	Finished End = iota + 1
	// Stopped: the context was cancelled. Finished segments are kept.
	Stopped
	// Retry: something failed that may pass by itself.
	Retry
	// Limited: the provider asked every job to wait.
	Limited
	// Unstored: the result could not be stored. It is tried again for as long as it
	// takes, because the work is done.
	Unstored
	// Fatal: no retry helps.
	Fatal
)

// Outcome of an attempt.
type Outcome struct {
	End End
	// Reason is the reason of condition Finished when End is Finished, and else of
	// the condition that says why the job does not go on.
	Reason, Message string
	// Cause says more when the reason is Failed: the reason of condition Stalled.
	Cause string
	// After is how long the provider asked to wait; 0 when it did not say.
	After time.Duration
}

// Checkpoint is what a later run can take over: answers of the engine, by the
// fingerprint of what was asked.
type Checkpoint struct {
	Segments map[string]Saved `json:"segments"`
	Usage    engine.Usage     `json:"usage"`
}

// Saved is one answer.
type Saved struct {
	Masked  string   `json:"masked"`
	Unknown []string `json:"unknown,omitempty"`
	Retries int      `json:"retries,omitempty"`
}

// New makes a run. What the checkpoint has is not asked for again.
func New(job Job, tools Tools, from Checkpoint) *Run {
	r := &Run{job: job, tools: tools, spent: from.Usage}
	r.restore(from)
	return r
}

// Do goes through the five steps. A run that was supervised before goes on where
// it stopped.
func (r *Run) Do(ctx context.Context) Outcome {
	steps := []struct {
		name v1alpha1.Step
		do   func(context.Context) error
	}{
		{v1alpha1.SupervisorStep, r.supervise},
		{v1alpha1.SourceReviewStep, r.reviewSource},
		{v1alpha1.TranslatorStep, r.translate},
		{v1alpha1.QAStep, r.assure},
		{v1alpha1.FinalizingStep, r.finalize},
	}
	for _, step := range steps {
		if step.name == v1alpha1.SourceReviewStep && !r.job.reviewsSource() {
			continue
		}
		r.enter(ctx, step.name)
		if err := step.do(ctx); err != nil {
			r.publishView("")
			return outcomeOf(ctx, err)
		}
	}
	r.publishView("")
	return r.ending()
}

// Conclude publishes what there is, without asking the engine for more. It serves
// a job that ends before its time: cancelled, over its deadline, out of attempts.
func (r *Run) Conclude(ctx context.Context) error {
	r.enter(ctx, v1alpha1.FinalizingStep)
	defer r.publishView("")
	for _, it := range r.items {
		r.settle(it)
	}
	return r.finalize(ctx)
}

// Report says how far the run is.
func (r *Run) Report() Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.view
}

// Checkpoint returns what is worth keeping if the process ends now.
func (r *Run) Checkpoint() Checkpoint {
	cp := Checkpoint{Segments: map[string]Saved{}, Usage: r.spent}
	for key, it := range r.first {
		if it.answer == nil {
			continue
		}
		saved := *it.answer
		saved.Retries = it.corrections // also those that brought nothing better
		cp.Segments[key] = saved
	}
	return cp
}

func (r *Run) enter(ctx context.Context, step v1alpha1.Step) {
	r.publishView(step)
	if r.tools.Entered != nil {
		r.tools.Entered(ctx, step)
	}
}

// publishView makes the present state readable for Report.
func (r *Run) publishView(step v1alpha1.Step) {
	view := r.summarize()
	view.Step = step
	r.mu.Lock()
	defer r.mu.Unlock()
	view.Result = r.view.Result
	r.view = view
}

// reasonError is an error whose condition reason is known where it is born.
type reasonError struct {
	end     End
	reason  string
	message string
}

func (e *reasonError) Error() string { return e.message }

// outcomeOf turns the error of a step into an outcome, in this one place.
func outcomeOf(ctx context.Context, err error) Outcome {
	if ctx.Err() != nil {
		return Outcome{End: Stopped, Message: "the attempt was stopped"}
	}
	if e, ok := errors.AsType[*reasonError](err); ok {
		return Outcome{End: e.end, Reason: e.reason, Message: e.message}
	}
	e := engine.AsError(err)
	switch e.Class {
	case engine.RateLimited:
		return Outcome{End: Limited, Reason: v1alpha1.RateLimitedReason, Message: err.Error(), After: e.After}
	case engine.Rejected:
		return Outcome{End: Fatal, Reason: v1alpha1.EngineRejectedReason, Message: err.Error()}
	case engine.Misconfigured:
		return Outcome{End: Fatal, Reason: v1alpha1.MisconfiguredReason, Message: err.Error()}
	default:
		return Outcome{End: Retry, Reason: v1alpha1.BackingOffReason, Message: err.Error(), After: e.After}
	}
}
