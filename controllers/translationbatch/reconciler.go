// Package translationbatch makes the jobs of TranslationBatches and counts them.
//
// It owns what a batch says of its jobs (tally.go, status.go) and how many exist
// at one time. What a job of a batch looks like is in package fanout. It never
// copies the status of a job, and knows nothing of engines or of the pipeline.
package translationbatch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/fanout"
	"github.com/dragoman-dev/dragoman/internal/statuswriter"
)

const (
	// batchKind is the kind of the owner of jobs of a batch.
	batchKind = "TranslationBatch"
	// makePerPass bounds the calls of one pass, so that a large batch does not hold a
	// worker for more than about a second.
	makePerPass = 100
	// parallelCalls is how many of them are under way at one time. More make a batch
	// no faster, and everybody else at the API server slower.
	parallelCalls = 2
)

// Options of the controller.
type Options struct {
	// Reconciles is the most reconciles at one time.
	Reconciles int
	Clock      clock.PassiveClock
}

// Reconciler makes the jobs of batches and counts them.
type Reconciler struct {
	opts   Options
	client client.Client
	live   client.Reader
	// statuses are written there.
	statuses client.StatusClient
	jobs     jobIndex

	notes notebook
}

// New makes a reconciler and registers it with a manager.
func New(mgr ctrl.Manager, opts Options) (*Reconciler, error) {
	statuses, err := statuswriter.Lean(mgr.GetClient(), mgr.GetConfig(), mgr.GetHTTPClient(), &v1alpha1.TranslationBatch{})
	if err != nil {
		return nil, fmt.Errorf("make the writer of statuses: %w", err)
	}
	jobs, err := indexJobs(mgr.GetCache())
	if err != nil {
		return nil, fmt.Errorf("index jobs by batch: %w", err)
	}
	r := &Reconciler{opts: opts, client: mgr.GetClient(), live: mgr.GetAPIReader(), statuses: statuses, jobs: jobs}
	return r, ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.TranslationBatch{}).
		Watches(&v1alpha1.TranslationJob{}, r.gatherOwners()).
		WithOptions(controller.Options{MaxConcurrentReconciles: opts.Reconciles}).
		Complete(r)
}

// +kubebuilder:rbac:groups=translation.dragoman.dev,resources=translationbatches,verbs=get;list;watch
// +kubebuilder:rbac:groups=translation.dragoman.dev,resources=translationbatches/status,verbs=get;update
// +kubebuilder:rbac:groups=translation.dragoman.dev,resources=translationbatches/finalizers,verbs=update
// +kubebuilder:rbac:groups=translation.dragoman.dev,resources=translationjobs,verbs=get;list;watch;create;update;patch

// Reconcile counts the jobs of one batch, makes those that may be made, and passes
// suspend and cancel on.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	batch := &v1alpha1.TranslationBatch{}
	if err := r.client.Get(ctx, req.NamespacedName, batch); err != nil {
		r.notes.forget(req.NamespacedName)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !batch.DeletionTimestamp.IsZero() {
		r.notes.forget(req.NamespacedName)
		return ctrl.Result{}, nil
	}
	sum, err := r.count(batch)
	if err != nil {
		return ctrl.Result{}, err
	}
	if settled(batch) && !sum.reopens(batch) {
		r.notes.forget(req.NamespacedName)
		return ctrl.Result{}, nil
	}
	if err := r.carryOut(ctx, batch, sum); err != nil {
		return ctrl.Result{}, statuswriter.IgnoreStale(err)
	}
	wait, err := r.report(ctx, batch, sum)
	return ctrl.Result{RequeueAfter: sooner(wait, sum.again(r.notes.gatherFor(req.NamespacedName)))}, statuswriter.IgnoreStale(err)
}

// count counts the jobs of a batch, and notes what is worth knowing the next time.
func (r *Reconciler) count(batch *v1alpha1.TranslationBatch) (tally, error) {
	began := r.opts.Clock.Now()
	jobs, err := r.jobs.of(batch)
	if err != nil {
		return tally{}, err
	}
	sum := count(batch, jobs, r.notes.read(batch, began))
	r.notes.shown(batch, sum.shown)
	r.notes.counted(client.ObjectKeyFromObject(batch), r.opts.Clock.Since(began))
	return sum, nil
}

// refusal says why a job of the batch could not be made.
type refusal struct {
	language string
	item     int
	reason   string
	err      error
}

// carryOut makes jobs and changes jobs, a bounded number in one pass. What was made is
// noted, and what the API server will never accept; the rest of the batch goes on.
func (r *Reconciler) carryOut(ctx context.Context, batch *v1alpha1.TranslationBatch, sum tally) error {
	var (
		mu      sync.Mutex
		made    []missing
		refused []refusal
		calls   []func() error
	)
	for _, m := range sum.toMake {
		calls = append(calls, func() error {
			no, err := r.make(ctx, batch, m)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case no != nil:
				refused = append(refused, *no)
			case err == nil:
				made = append(made, m)
			}
			return err
		})
	}
	for _, job := range sum.toRenew {
		calls = append(calls, func() error { return r.renew(ctx, batch, job) })
	}
	for _, job := range sum.toSteer {
		calls = append(calls, func() error { return r.steer(ctx, batch, job) })
	}
	calls = calls[:min(len(calls), makePerPass)]
	failed := make([]error, len(calls))
	workqueue.ParallelizeUntil(ctx, parallelCalls, len(calls), func(i int) { failed[i] = calls[i]() })
	r.notes.make(batch, made, r.opts.Clock.Now())
	r.notes.refuse(batch, refused)
	return errors.Join(failed...)
}

// make creates a job. That it is there already is no error when it is the
// batch's: the cache may be behind, or the adapter was faster.
func (r *Reconciler) make(ctx context.Context, batch *v1alpha1.TranslationBatch, m missing) (*refusal, error) {
	job := fanout.BuildJob(batch, m.item, m.language)
	job.Spec.Suspend = batch.Spec.Suspend
	err := r.client.Create(ctx, job)
	switch {
	case err == nil:
		return nil, nil
	case apierrors.IsAlreadyExists(err):
		return r.adopted(ctx, batch, job, m)
	case apierrors.IsInvalid(err):
		return &refusal{language: m.language, item: m.item, reason: v1alpha1.ItemRejectedReason, err: err}, nil
	default:
		return nil, fmt.Errorf("create TranslationJob %q: %w", job.Name, err)
	}
}

func (r *Reconciler) adopted(ctx context.Context, batch *v1alpha1.TranslationBatch, job *v1alpha1.TranslationJob, m missing) (*refusal, error) {
	found := &metav1.PartialObjectMetadata{}
	found.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("TranslationJob"))
	if err := r.live.Get(ctx, client.ObjectKeyFromObject(job), found); err != nil {
		return nil, fmt.Errorf("read TranslationJob %q: %w", job.Name, err)
	}
	if metav1.IsControlledBy(found, batch) {
		return nil, nil
	}
	return &refusal{
		language: m.language, item: m.item, reason: v1alpha1.ChildConflictReason,
		err: fmt.Errorf("TranslationJob %q exists and is not this batch's; delete it or rename the batch", job.Name),
	}, nil
}

// renew gives a job the content that a changed batch asks for.
func (r *Reconciler) renew(ctx context.Context, batch *v1alpha1.TranslationBatch, cached *v1alpha1.TranslationJob) error {
	item, ok := itemOf(cached)
	if !ok {
		return nil
	}
	job := &v1alpha1.TranslationJob{}
	if err := r.live.Get(ctx, client.ObjectKeyFromObject(cached), job); err != nil {
		return client.IgnoreNotFound(err)
	}
	want := fanout.BuildJob(batch, item, string(cached.Spec.TargetLanguage))
	want.Spec.Suspend, want.Spec.Cancel = batch.Spec.Suspend, batch.Spec.Cancel
	job.Spec = want.Spec
	if job.Annotations == nil {
		job.Annotations = map[string]string{}
	}
	maps.Copy(job.Annotations, want.Annotations) // others have theirs there too
	if err := r.client.Update(ctx, job); err != nil {
		return fmt.Errorf("update TranslationJob %q: %w", job.Name, err)
	}
	return nil
}

// steer passes suspend and cancel on to a job.
func (r *Reconciler) steer(ctx context.Context, batch *v1alpha1.TranslationBatch, cached *v1alpha1.TranslationJob) error {
	job := cached.DeepCopy()
	job.Spec.Suspend = batch.Spec.Suspend
	if isTrue(batch.Spec.Cancel) {
		job.Spec.Cancel = batch.Spec.Cancel
	}
	patch := client.MergeFromWithOptions(cached, client.MergeFromWithOptimisticLock{})
	if err := r.client.Patch(ctx, job, patch); err != nil {
		return client.IgnoreNotFound(fmt.Errorf("patch TranslationJob %q: %w", job.Name, err))
	}
	return nil
}

// report writes the status: at once when the batch has ended, and else not too often.
// It returns how long the write has to wait; 0 for not at all.
func (r *Reconciler) report(ctx context.Context, batch *v1alpha1.TranslationBatch, sum tally) (time.Duration, error) {
	now := r.opts.Clock.Now()
	key := client.ObjectKeyFromObject(batch)
	if wait := r.notes.reportAt(key).Sub(now); wait > 0 && !sum.ended() {
		return wait, nil
	}
	if _, err := statuswriter.Write(ctx, r.statuses, batch, statusIn, statusOf(batch, sum, now)); err != nil {
		return 0, err
	}
	r.notes.wrote(key, now, r.opts.Clock.Since(now))
	return 0, nil
}

// sooner of two waits, of which 0 is none.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

func statusIn(b *v1alpha1.TranslationBatch) *v1alpha1.TranslationBatchStatus { return &b.Status }

// settled says whether the batch has ended for the spec it has.
func settled(batch *v1alpha1.TranslationBatch) bool {
	return batch.Status.CompletedAt != nil && batch.Status.ObservedGeneration == batch.Generation
}

// gatherOwners enqueues the batch of a job a little later, so that many events
// make one pass.
func (r *Reconciler) gatherOwners() handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	later := func(obj client.Object, q queue) {
		if owner := ownerOf(obj); owner != nil {
			key := client.ObjectKey{Namespace: obj.GetNamespace(), Name: owner.Name}
			q.AddAfter(reconcile.Request{NamespacedName: key}, r.notes.gatherFor(key))
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q queue) { later(e.Object, q) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q queue) { later(e.ObjectNew, q) },
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q queue) { later(e.Object, q) },
	}
}
