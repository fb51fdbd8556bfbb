package translationjob

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/budget"
	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// reserve asks the ledger whether a job may spend an amount of what it shares with
// others.
func (r *Reconciler) reserve(ctx context.Context, a *attempt, amount money.Euro) error {
	job := a.owner()
	limits, err := r.limits(ctx, job)
	if err != nil || len(limits) == 0 {
		return err
	}
	err = r.opts.Ledger.Reserve(ctx, budget.Request{
		Namespace: job.Namespace, Job: job.UID, Amount: amount, Spent: a.run.Report().Committed, Limits: limits,
	})
	refusal := r.refusalOf(err)
	if _, ok := errors.AsType[*pipeline.Refusal](refusal); !ok { // also when nobody knows what became of the write
		a.mu.Lock()
		defer a.mu.Unlock()
		a.reserved = true
	}
	return refusal
}

// refusalOf says what the ledger's answer means for the job. Only what no waiting can
// change ends it.
func (r *Reconciler) refusalOf(err error) error {
	scope := func(l budget.Limit) string {
		if l.Scope.IsBatch() {
			return metrics.BatchBudget
		}
		return metrics.NamespaceBudget
	}
	if e, ok := errors.AsType[*budget.Exceeded](err); ok {
		r.opts.Metrics.BudgetRefused(scope(e.Limit))
		return &pipeline.Refusal{End: pipeline.Fatal, Reason: v1alpha1.BudgetExceededReason, Message: err.Error()}
	}
	if _, ok := errors.AsType[*budget.Occupied](err); ok {
		return &pipeline.Refusal{End: pipeline.Waits, Reason: v1alpha1.AwaitingBudgetReason, Message: err.Error()}
	}
	if _, ok := errors.AsType[*budget.Full](err); ok {
		return &pipeline.Refusal{End: pipeline.Waits, Reason: v1alpha1.AwaitingBudgetReason, Message: err.Error()}
	}
	return err
}

// settle replaces what an ended attempt has reserved by what the job has cost.
func (r *Reconciler) settle(a *attempt) {
	a.mu.Lock()
	reserved, job := a.reserved, a.job
	a.reserved = false
	a.mu.Unlock()
	if reserved {
		r.opts.Ledger.Settle(job.Namespace, job.UID, a.run.Report().Committed)
	}
}

// limits that a job shares with others: that of its batch and that of its namespace.
func (r *Reconciler) limits(ctx context.Context, job *v1alpha1.TranslationJob) ([]budget.Limit, error) {
	var limits []budget.Limit
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := r.client.Get(ctx, client.ObjectKey{Name: job.Namespace}, namespace); err != nil {
		return nil, fmt.Errorf("read Namespace %q: %w", job.Namespace, err)
	}
	if text := namespace.Annotations[v1alpha1.MonthlyBudgetAnnotation]; text != "" {
		most, err := money.Parse(v1alpha1.Decimal(text))
		if err != nil {
			// Without a number to hold, nothing is spent.
			return nil, &pipeline.Refusal{End: pipeline.Waits, Reason: v1alpha1.AwaitingBudgetReason,
				Message: fmt.Sprintf("annotation %s of Namespace %q: %v; the job goes on when it is one", v1alpha1.MonthlyBudgetAnnotation, job.Namespace, err)}
		}
		month := budget.Month(r.opts.Clock.Now())
		limits = append(limits, budget.Limit{Scope: month, Max: most, Label: fmt.Sprintf("the budget of Namespace %q for %s", job.Namespace, month.Name())})
	}
	owner := metav1.GetControllerOf(job)
	if owner == nil || owner.Kind != "TranslationBatch" {
		return limits, nil
	}
	batch := &v1alpha1.TranslationBatch{}
	err := r.client.Get(ctx, client.ObjectKey{Namespace: job.Namespace, Name: owner.Name}, batch)
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("read TranslationBatch %q: %w", owner.Name, err)
	}
	if err != nil || batch.UID != owner.UID || batch.Spec.MaxCost == "" {
		return limits, nil // a job without its batch is about to be deleted
	}
	most, err := money.Parse(batch.Spec.MaxCost)
	if err != nil {
		return nil, fmt.Errorf("read maxCost of TranslationBatch %q: %w", owner.Name, err)
	}
	return append(limits, budget.Limit{Scope: budget.Batch(owner.UID), Max: most, Label: fmt.Sprintf("the budget of TranslationBatch %q", owner.Name)}), nil
}

// reconcileLedgers settles what jobs reserved that ended, or went, while no manager
// looked.
func (r *Reconciler) reconcileLedgers(ctx context.Context) error {
	namespaces, err := r.opts.Ledger.Namespaces(ctx)
	if err != nil {
		return fmt.Errorf("find the ledgers: %w", err)
	}
	var errs []error
	for _, namespace := range namespaces {
		w := &census{ctx: ctx, reader: r.live, namespace: namespace}
		errs = append(errs, r.opts.Ledger.Reconcile(ctx, namespace, w), w.err)
	}
	return errors.Join(errs...)
}

// pageOfJobs bounds one answer of the API server: whole jobs are read.
const pageOfJobs = 500

// census is what there is in a namespace, read past the cache, and only when a ledger
// has something open. What cannot be read counts as there and at work.
type census struct {
	ctx       context.Context
	reader    client.Reader
	namespace string

	costs   map[types.UID]endOf
	batches map[types.UID]bool
	err     error
}

// endOf is what a job has cost, and whether it has ended.
type endOf struct {
	cost  money.Euro
	ended bool
}

// Job implements budget.World.
func (w *census) Job(uid types.UID) (cost money.Euro, open, exists bool) {
	if w.costs == nil && w.err == nil {
		w.err = w.list()
	}
	if w.err != nil {
		return 0, true, true
	}
	end, exists := w.costs[uid]
	return end.cost, !end.ended, exists
}

func (w *census) list() error {
	w.costs = map[types.UID]endOf{}
	var page v1alpha1.TranslationJobList
	for {
		err := w.reader.List(w.ctx, &page, client.InNamespace(w.namespace), client.Limit(pageOfJobs), client.Continue(page.Continue))
		if err != nil {
			return fmt.Errorf("list jobs: %w", err)
		}
		for i := range page.Items {
			job := &page.Items[i]
			w.costs[job.UID] = endOf{cost: recorded(job.Status.Cost), ended: settled(job)}
		}
		if page.Continue == "" {
			return nil
		}
	}
}

// Batch implements budget.World.
func (w *census) Batch(uid types.UID) bool {
	if w.batches == nil && w.err == nil {
		w.err = w.listBatches()
	}
	return w.err != nil || w.batches[uid]
}

func (w *census) listBatches() error {
	var list metav1.PartialObjectMetadataList
	list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("TranslationBatchList"))
	if err := w.reader.List(w.ctx, &list, client.InNamespace(w.namespace)); err != nil {
		return fmt.Errorf("list batches: %w", err)
	}
	w.batches = map[types.UID]bool{}
	for _, batch := range list.Items {
		w.batches[batch.UID] = true
	}
	return nil
}
