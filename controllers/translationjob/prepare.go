package translationjob

import (
	"context"
	"encoding/json"
	"errors"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/memory"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// prepare returns the attempt to submit: the one that is there, or a new one that
// takes over what an earlier one finished.
func (r *Reconciler) prepare(ctx context.Context, job *v1alpha1.TranslationJob, seen observation) (*attempt, error) {
	if seen.inputs == nil {
		return seen.attempt, nil
	}
	key := client.ObjectKeyFromObject(job)
	a := &attempt{
		uid: job.UID, digest: seen.Digest, job: seen.inputs.job, provider: seen.inputs.provider,
		clock: r.opts.Clock, metrics: r.opts.Metrics,
		announceAfter: r.opts.Pace.AnnounceAfter,
		announce:      func() { r.wake.Add(key) },
		watch:         &stopwatch{clock: r.opts.Clock, metrics: r.opts.Metrics},
	}
	a.gated = &gated{Engine: a.provider.Engine, provider: a.provider, metrics: r.opts.Metrics, leads: r.opts.Leads}
	from, err := r.takeOver(ctx, a, seen)
	if err != nil {
		return nil, err
	}
	a.run = pipeline.New(workOf(job, seen), r.tools(a), from)
	return a, nil
}

// workOf is the work of a job as its status and its inputs have it.
func workOf(job *v1alpha1.TranslationJob, seen observation) pipeline.Job {
	work := seen.inputs.work
	work.Paid, work.Retry = seen.Paid, seen.Retried()
	work.Lost = seen.Paid && seen.LostAttempt() && (seen.attempt == nil || seen.attempt.run.MissesLostCall())
	work.Cost = recorded(job.Status.Cost)
	if seen.changesProvider() {
		work.Cost = seen.attempt.run.Report().Cost // at the prices of the one before
	}
	if s := seen.Recorded(); seen.Paid && s.Provider != nil && *s.Provider == seen.inputs.provider.Reference {
		work.Announced = recorded(s.PlannedMaxCost) // what another engine may cost is another plan
	}
	return work
}

// recorded reads an amount that we have written ourselves.
func recorded(amount v1alpha1.Decimal) money.Euro {
	euro, err := money.Parse(amount)
	if err != nil {
		return 0
	}
	return euro
}

// takeOver returns what earlier attempts have finished: those of this process from
// memory, those of others from their pages, which are then closed to them.
func (r *Reconciler) takeOver(ctx context.Context, a *attempt, seen observation) (pipeline.Checkpoint, error) {
	var from pipeline.Checkpoint
	if seen.attempt != nil {
		a.succeed(seen.attempt)
		from = seen.attempt.run.Checkpoint()
		if seen.changesProvider() {
			from.Usage = engine.Usage{} // it is paid for, at other prices
		}
		return from, nil
	}
	a.pages = &pages{store: r.store, job: a.owner}
	s := seen.Status
	if s.Progress == nil && s.Attempts == 0 {
		return from, nil // nobody has worked on it
	}
	found, err := a.pages.takeOver(ctx)
	if err != nil {
		return from, err
	}
	for _, data := range found {
		var page pipeline.Checkpoint
		if json.Unmarshal(data, &page) == nil { // a damaged one costs what it held, not the job
			from.Add(page)
		}
	}
	if len(seen.inputs.provider.PassedOver) > 0 && s.Attempts <= s.FailedAttempts+s.LostAttempts {
		from.Usage = engine.Usage{} // of a provider before: this one has sold nothing yet
	}
	return from, nil
}

// tools are what the run of an attempt works with.
func (r *Reconciler) tools(a *attempt) pipeline.Tools {
	t := pipeline.Tools{
		Engine: a.gated,
		Checks: r.opts.Checks,
		Entered: func(ctx context.Context, step v1alpha1.Step) {
			a.watch.enter(step)
			if r.opts.Entered != nil {
				r.opts.Entered(ctx, client.ObjectKeyFromObject(a.owner()), step)
			}
		},
		Publish: func(ctx context.Context, result document.Result) (*v1alpha1.Result, error) {
			return r.publish(ctx, a.owner(), result)
		},
		Deliver: func(ctx context.Context, result document.Result) error {
			return r.deliver(ctx, a.owner(), result)
		},
		Keep:    a.pages.keep,
		MaxCost: a.maxCost,
		Now:     r.opts.Clock.Now,
	}
	if a.owner().Spec.Source.Payload != nil {
		t.Read = func(ctx context.Context) (string, []string, error) { return r.readPayload(ctx, a.owner()) }
	}
	if a.provider.Paid() {
		t.Reserve = func(ctx context.Context, amount money.Euro) error { return r.reserve(ctx, a, amount) }
		if r.opts.Memory != nil {
			t.Recall, t.Remember = r.recall(a), r.remember(a)
		}
	}
	return t
}

// publish stores a result where its size allows.
func (r *Reconciler) publish(ctx context.Context, job *v1alpha1.TranslationJob, result document.Result) (*v1alpha1.Result, error) {
	if result.FitsInline() {
		return result.Inline(), nil
	}
	data, err := result.Marshal()
	if err != nil {
		return nil, err
	}
	ref, err := r.store.Put(ctx, job, data)
	if err != nil {
		return nil, err
	}
	return result.Referenced(ref), nil
}

// recall asks the translation memory of the job's namespace.
func (r *Reconciler) recall(a *attempt) func(context.Context, []string) (map[string]pipeline.Saved, error) {
	return func(ctx context.Context, keys []string) (map[string]pipeline.Saved, error) {
		entries, err := r.opts.Memory.Get(ctx, a.owner().Namespace, keys)
		if err != nil {
			return nil, err
		}
		found := make(map[string]pipeline.Saved, len(entries))
		for key, entry := range entries {
			found[key] = pipeline.Saved{Masked: entry.Masked, Unknown: entry.Unknown}
		}
		r.opts.Metrics.MemoryLookedUp(len(found), len(keys)-len(found))
		return found, nil
	}
}

// remember gives the translation memory what was bought. What it does not take is
// bought again some day; the job has its result.
func (r *Reconciler) remember(a *attempt) func(context.Context, map[string]pipeline.Saved) {
	return func(ctx context.Context, good map[string]pipeline.Saved) {
		entries := make([]memory.Entry, 0, len(good))
		for key, saved := range good {
			entry := memory.Entry{
				Key: key, Masked: saved.Masked, Unknown: saved.Unknown,
				Origin: memory.Machine, Created: r.opts.Clock.Now(),
			}
			if entry.Check() == nil { // else it is too large to be worth a place
				entries = append(entries, entry)
			}
		}
		if err := r.opts.Memory.Put(ctx, a.owner().Namespace, entries); err != nil {
			r.log.V(1).Info("Translation memory took nothing", "TranslationJob", client.ObjectKeyFromObject(a.owner()).String(), "reason", err.Error())
		}
	}
}

// pages is the checkpoint of a job, opened when there is something to write.
type pages struct {
	store payload.Store
	job   func() *v1alpha1.TranslationJob
	open  *payload.Pages
}

// takeOver opens the pages for an attempt after the first, and returns what is there.
func (p *pages) takeOver(ctx context.Context) ([][]byte, error) {
	open, found, err := p.store.OpenPages(ctx, p.job(), true)
	if err != nil {
		return nil, err
	}
	p.open = open
	return found, nil
}

// keep writes a page.
func (p *pages) keep(ctx context.Context, page pipeline.Checkpoint) error {
	data, err := json.Marshal(page)
	if err != nil {
		return err
	}
	if p.open == nil {
		if p.open, _, err = p.store.OpenPages(ctx, p.job(), false); err != nil {
			return err
		}
	}
	err = p.open.Append(ctx, data)
	if errors.Is(err, payload.ErrFenced) {
		return &pipeline.Refusal{End: pipeline.TakenOver, Message: err.Error()}
	}
	return err
}

// drop removes the pages of a job that needs them no more.
func (p *pages) drop(ctx context.Context) error {
	if p.open == nil {
		return nil
	}
	return p.open.Drop(ctx)
}
