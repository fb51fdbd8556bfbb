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
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/internal/segment"
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
	// Breaker finds the ends of sentences in place of the built-in rules; nil for those.
	Breaker segment.Breaker
	// Terms of all glossaries, in order of priority.
	Terms []glossary.Entry
	// Prices of the provider.
	Prices money.Prices
	// Paid says that calls cost money: they are announced before the first, and each
	// answer is saved before the next.
	Paid bool
	// Announced is the bound that an earlier process has announced; 0 for none.
	Announced money.Euro
	// Lost says that an earlier process ended without a word, maybe in a call.
	Lost bool
	// Retry asks anew for the segments that an earlier run has not brought past QA.
	Retry bool
	// Cost so far as recorded; what the pages know of it counts once.
	Cost money.Euro
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

	// The rest may be nil: the run then does without.

	// Read returns the source, in place of what the job has, when the work begins: a
	// job that waits for its turn does not hold its text.
	Read func(context.Context) (text string, texts []string, err error)
	// Keep stores a page of finished segments.
	Keep func(context.Context, Checkpoint) error
	// Recall returns what the translation memory has under some keys.
	Recall func(ctx context.Context, keys []string) (map[string]Saved, error)
	// Remember gives the translation memory what is worth keeping.
	Remember func(context.Context, map[string]Saved)
	// Deliver hands a result that can be used to whoever waits for it, before the job
	// ends.
	Deliver func(context.Context, document.Result) error
	// Reserve asks whether the job may spend so much of what it shares with others.
	Reserve func(context.Context, money.Euro) error
	// MaxCost is the limit of the spec as it is now; "" for none.
	MaxCost func() v1alpha1.Decimal
	// Now tells the time.
	Now func() time.Time
}

// Run is one job under way. It keeps finished segments between attempts: Do may
// be called again after an attempt that ended early, and buys nothing twice.
// Do and Conclude are called by one goroutine at a time; Report by any.
type Run struct {
	job   Job
	tools Tools

	from  Checkpoint // until the source has been read
	doc   document.Document
	items []*item
	first map[string]*item // the first segment of each key: the one that is asked for
	notes []v1alpha1.Finding
	// told are the findings on languages, which are of no text alone.
	told []qa.Finding
	// distrust says why the translations are not to be trusted as a whole; "" for no reason.
	distrust string
	tally    tally
	final    document.Result
	spans    map[int]document.Span   // of the units in it
	caught   []v1alpha1.CaughtFaults // by the self-test

	prior     money.Euro // cost that spent does not explain
	spent     engine.Usage
	uncertain money.Euro // see Checkpoint
	bound     money.Euro // what the job may cost, once planned is true
	planned   bool
	announced bool
	recalled  bool

	unsaved  map[string]*item // what no page has yet, by key
	unbooked bool             // there is cost that no page has yet
	savedAt  time.Time

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
	// Terms of the glossary that were followed and that were not; nil when none occur.
	Terms *v1alpha1.TermCounts
	// Judge says who rated the translations, and how many; nil unless asked for.
	Judge *v1alpha1.JudgeStatus
	// SelfTest says what the checks caught of planted errors; nil unless asked for.
	SelfTest []v1alpha1.CaughtFaults
	// Words of the source, and those to bill.
	Words, BilledWords int32
	Usage              engine.Usage
	// Cost so far, the most that it can have been with the answers that were lost, and
	// the most the plan can cost.
	Cost, Committed, PlannedMax money.Euro
	// Result is what was published, once there is anything.
	Result *v1alpha1.Result
}

// New makes a run. What the checkpoint has is not asked for again.
func New(job Job, tools Tools, from Checkpoint) *Run {
	if job.Options.Mode == v1alpha1.CreationMode {
		tools.Checks = qa.OfCreation(tools.Checks)
	}
	r := &Run{job: job, tools: tools, from: from}
	r.spent, r.uncertain, r.bound = from.Usage, from.Uncertain, job.Announced
	r.prior = max(0, job.Cost-job.Prices.Cost(r.spent))
	r.markSaved()
	return r
}

// Do goes through the five steps. A run that was supervised before goes on where
// it stopped. A paid run ends as Planned after the first step, and goes on when it
// is called again after Announce.
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
		if step.name == v1alpha1.SupervisorStep && r.job.Paid && !r.announced {
			r.publishView("")
			return Outcome{End: Planned, Message: "the plan is made"}
		}
	}
	r.publishView("")
	ending := r.ending()
	if err := r.handOut(ctx, ending.Reason); err != nil {
		return outcomeOf(ctx, err)
	}
	return ending
}

// handOut does what has to be done before the end is told: a result that can be used
// as it is gets delivered, and of any but a complete one a later run can go on.
func (r *Run) handOut(ctx context.Context, reason string) error {
	if reason != v1alpha1.CompletedReason {
		if err := r.Save(ctx); err != nil {
			return err
		}
	}
	usable := reason == v1alpha1.CompletedReason || reason == v1alpha1.CompletedWithBlocksReason
	if !usable || r.tools.Deliver == nil {
		return nil
	}
	if err := r.tools.Deliver(ctx, r.final); err != nil {
		return refusalOr(err, Refusal{End: Waits, Reason: v1alpha1.DeliveryFailedReason, Message: "deliver the result: " + err.Error()})
	}
	return nil
}

// Announce says that the plan is on record, so that the run may buy.
func (r *Run) Announce() { r.announced = true }

// Conclude publishes what there is, without asking the engine for more. It serves
// a job that ends before its time: cancelled, over its deadline, out of attempts.
func (r *Run) Conclude(ctx context.Context) error {
	r.enter(ctx, v1alpha1.FinalizingStep)
	defer r.publishView("")
	if len(r.from.Segments) > 0 { // else nothing was done that would need the source
		if err := r.read(ctx); err != nil {
			return err
		}
	}
	r.bookUnknown()
	for _, it := range r.items {
		r.settle(it)
	}
	if err := r.Save(ctx); err != nil {
		return err
	}
	return r.finalize(ctx)
}

// Report says how far the run is.
func (r *Run) Report() Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.view
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
