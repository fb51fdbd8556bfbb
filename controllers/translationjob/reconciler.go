// Package translationjob brings TranslationJobs to their end.
//
// It owns the reads a decision needs (observe.go, inputs.go), the attempts in the
// runner (attempt.go), and the words of the status (status.go). What to do is
// decided in package pipeline; which engine is used comes from the caller. It
// imports no concrete engine.
package translationjob

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/budget"
	"github.com/dragoman-dev/dragoman/internal/condition"
	"github.com/dragoman-dev/dragoman/internal/memory"
	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/internal/runner"
	"github.com/dragoman-dev/dragoman/internal/statuswriter"
	"github.com/dragoman-dev/dragoman/internal/wake"
)

// Engines finds the engine for a job.
type Engines interface {
	// Choose returns the provider that a job uses: the one it names, or the first that
	// offers the pair, or where that cannot be used one of its fallbacks. A blocker says
	// why there is none.
	Choose(ctx context.Context, wish pipeline.Wish) (pipeline.Provider, *pipeline.Blocker, error)
}

// Options of the controller.
type Options struct {
	// Workers is the most jobs in the pipeline at one time.
	Workers int
	// Reconciles is the most reconciles at one time.
	Reconciles int
	// Pace of status writes.
	Pace pipeline.Pace
	// Checks of the QA step.
	Checks []qa.Check
	// Entered is told when a job enters a step. It may hold the job there; nil for
	// nobody.
	Entered func(ctx context.Context, job client.ObjectKey, step v1alpha1.Step)
	// Store of results, sources and pages.
	Store payload.Store
	// Memory of translations; nil for none.
	Memory Memory
	// Ledger of the budgets that jobs share.
	Ledger *budget.Ledger
	// Metrics of what happens.
	Metrics *metrics.Manager
	// Leads says whether this process leads still. It is asked before each call of an
	// engine, and when it says no the manager is ending; nil for one that is alone.
	Leads func() bool
	Clock clock.WithDelayedExecution
}

// Memory remembers what was bought, by the fingerprint of what was asked.
type Memory interface {
	// Get returns what it has under some keys.
	Get(ctx context.Context, namespace string, keys []string) (map[string]memory.Entry, error)
	// Put takes entries; they may be written later.
	Put(ctx context.Context, namespace string, entries []memory.Entry) error
}

// Reconciler brings TranslationJobs to their end.
type Reconciler struct {
	opts     Options
	client   client.Client
	live     client.Reader // past the cache, for what the cache leaves out
	statuses client.StatusClient
	store    payload.Store
	engines  Engines
	recorder events.EventRecorder
	log      logr.Logger
	runner   *runner.Runner[*attempt]
	wake     wake.Queue

	ruleFiles ruleFiles
}

// +kubebuilder:rbac:groups=translation.dragoman.dev,resources=translationjobs,verbs=get;list;watch
// +kubebuilder:rbac:groups=translation.dragoman.dev,resources=translationjobs/status,verbs=get;update
// +kubebuilder:rbac:groups=translation.dragoman.dev,resources=translationjobs/finalizers,verbs=update
// +kubebuilder:rbac:groups=translation.dragoman.dev,resources=glossaries,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch;create;update;patch;delete
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups="";events.k8s.io,resources=events,verbs=create;patch

// Reconcile brings one job a step further.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	job := &v1alpha1.TranslationJob{}
	if err := r.client.Get(ctx, req.NamespacedName, job); err != nil {
		r.drop(req.NamespacedName)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !job.DeletionTimestamp.IsZero() {
		r.drop(req.NamespacedName)
		return ctrl.Result{}, nil
	}
	seen, err := r.observe(ctx, job)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("observe: %w", err)
	}
	decision := pipeline.Decide(seen.Observation)
	if err := r.record(ctx, job, seen, decision); err != nil {
		return ctrl.Result{}, statuswriter.IgnoreStale(err)
	}
	if err := r.act(ctx, job, seen, decision); err != nil {
		return ctrl.Result{}, fmt.Errorf("act: %w", err)
	}
	return ctrl.Result{RequeueAfter: decision.After}, nil
}

// record writes the status, and says in an Event what needs a person.
func (r *Reconciler) record(ctx context.Context, job *v1alpha1.TranslationJob, seen observation, d pipeline.Decision) error {
	if d.Quiet {
		return nil
	}
	if seen.attempt != nil && seen.attempt.hasReplaced(job.ResourceVersion) {
		// The cache is behind our own last write, and would have us write from an old
		// copy. The new one is on its way and makes the next pass.
		return apierrors.NewConflict(v1alpha1.GroupVersion.WithResource("translationjobs").GroupResource(), job.Name, errBehind)
	}
	base, err := r.base(ctx, job)
	if err != nil {
		return err
	}
	o := seen.Observation
	o.Status = base.Status
	written, err := statuswriter.Write(ctx, r.statuses, base, statusIn, statusOf(o, seen.provider, d))
	if err != nil {
		return err
	}
	if seen.attempt != nil {
		seen.attempt.reported(seen.Now)
		if written {
			seen.attempt.replace(job.ResourceVersion)
		}
		if d.Stage == pipeline.Held {
			seen.attempt.rest()
		}
	}
	r.count(seen, d, written)
	if written && d.Stage == pipeline.Ended && needsPerson(d.Reason) {
		r.recorder.Eventf(job, nil, corev1.EventTypeWarning, d.Reason, "Translate", "%s", condition.Cut(d.Message))
	}
	return nil
}

// errBehind says that the cache has not got yet what was written last.
var errBehind = errors.New("the cache is behind")

// count tells the metrics of a status that was written.
func (r *Reconciler) count(seen observation, d pipeline.Decision, written bool) {
	if !written {
		return
	}
	m := r.opts.Metrics
	m.StatusWritten("TranslationJob")
	if seen.countsLost(d) {
		m.AttemptEnded(metrics.AttemptLost)
	}
	if d.Stage != pipeline.Ended || seen.Recorded().CompletedAt != nil {
		return
	}
	m.JobFinished(d.Reason)
	if d.Cause == v1alpha1.BudgetExceededReason {
		m.BudgetRefused(metrics.JobBudget)
	}
	if seen.Attempt != nil {
		p := seen.Attempt.Report.Progress
		m.SegmentsEnded(metrics.SegmentDone, int(p.Done-p.FromMemory))
		m.SegmentsEnded(metrics.SegmentFromMemory, int(p.FromMemory))
		m.SegmentsEnded(metrics.SegmentBlocked, int(p.Blocked))
		m.SegmentsEnded(metrics.SegmentFailed, int(p.Failed))
	}
}

func statusIn(j *v1alpha1.TranslationJob) *v1alpha1.TranslationJobStatus { return &j.Status }

// countsLost says whether a decision writes down that an attempt was lost: with the one
// after it, or with the end.
func (seen observation) countsLost(d pipeline.Decision) bool {
	next := d.Attempts > seen.Recorded().Attempts
	return seen.LostAttempt() && (next || seen.attempt == nil && d.Stage == pipeline.Ended)
}

// base returns the copy of the job that the new status is made from. A job that has
// ended or has a result needs the whole copy: what the cache has cut would be written
// as cut.
func (r *Reconciler) base(ctx context.Context, job *v1alpha1.TranslationJob) (*v1alpha1.TranslationJob, error) {
	if job.Status.Result == nil && !settled(job) {
		return job, nil
	}
	whole := &v1alpha1.TranslationJob{}
	if err := r.live.Get(ctx, client.ObjectKeyFromObject(job), whole); err != nil {
		return nil, err
	}
	whole.ResourceVersion = job.ResourceVersion // decided on the cached copy
	return whole, nil
}

// act carries the decision out, after it has been recorded.
func (r *Reconciler) act(ctx context.Context, job *v1alpha1.TranslationJob, seen observation, d pipeline.Decision) error {
	key := keyOf(client.ObjectKeyFromObject(job))
	switch d.Verb {
	case pipeline.Start, pipeline.Conclude:
		a, err := r.prepare(ctx, job, seen)
		if err != nil {
			return err
		}
		a.next(d)
		r.runner.Limit(a.provider.Gate, runner.Limits(a.provider.Limits))
		r.runner.Weigh(job.Namespace, r.weight(ctx, job.Namespace))
		r.runner.Submit(ticketOf(job, a.provider, d), a)
	case pipeline.Announce:
		seen.attempt.letBuy()
	case pipeline.Halt:
		r.runner.Stop(key)
	case pipeline.Forget:
		r.runner.Forget(key)
		return r.forget(ctx, seen)
	}
	return nil
}

// forget lets go of what an attempt held. Pages are kept of a job that a retry can go
// on with.
func (r *Reconciler) forget(ctx context.Context, seen observation) error {
	if seen.attempt == nil {
		return nil
	}
	r.settle(seen.attempt)
	if seen.Recorded().CompletedAt == nil || !meta.IsStatusConditionTrue(seen.Status.Conditions, v1alpha1.ReadyCondition) {
		return nil
	}
	return seen.attempt.pages.drop(ctx)
}

// drop ends the attempt of a job that is gone.
func (r *Reconciler) drop(name client.ObjectKey) {
	if view, ok := r.runner.Look(keyOf(name)); ok {
		r.settle(view.Work)
	}
	r.runner.Forget(keyOf(name))
}

// needsPerson says whether an outcome is one that somebody has to look at.
func needsPerson(reason string) bool {
	switch reason {
	case v1alpha1.NeedsReviewReason, v1alpha1.CompletedWithBlocksReason, v1alpha1.FailedReason, v1alpha1.DeadReason:
		return true
	default:
		return false
	}
}

func keyOf(name client.ObjectKey) runner.Key {
	return runner.Key{Namespace: name.Namespace, Name: name.Name}
}

func ticketOf(job *v1alpha1.TranslationJob, p pipeline.Provider, d pipeline.Decision) runner.Ticket {
	t := runner.Ticket{
		Key:     keyOf(client.ObjectKeyFromObject(job)),
		Gate:    p.Gate,
		Kind:    p.Engine.Info().Name,
		Suspect: d.Lost >= pipeline.SuspectLost,
		Created: job.CreationTimestamp.Time,
	}
	if job.Spec.Priority != nil {
		t.Priority = *job.Spec.Priority
	}
	return t
}

// jitter spreads retries. It is no secret, so the fast source will do.
func jitter() float64 { return rand.Float64() } //nolint:gosec // spreads retries only
