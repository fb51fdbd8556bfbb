package translationjob

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/runner"
	"github.com/dragoman-dev/dragoman/internal/statuswriter"
)

// Index keys of the manager's cache. They hold unfinished jobs only, so that an
// event costs as much as there is to wake.
const (
	unfinishedIndex = "unfinished"
	configMapIndex  = "source.configMap"
	glossaryIndex   = "glossaries"
)

// New makes a reconciler and registers it with a manager.
func New(mgr ctrl.Manager, engines Engines, opts Options) (*Reconciler, error) {
	statuses, err := statuswriter.Lean(mgr.GetClient(), mgr.GetConfig(), mgr.GetHTTPClient(), &v1alpha1.TranslationJob{})
	if err != nil {
		return nil, fmt.Errorf("make a client for statuses: %w", err)
	}
	r := &Reconciler{
		statuses: statuses,
		opts:     opts,
		client:   mgr.GetClient(),
		live:     mgr.GetAPIReader(),
		store:    opts.Store,
		engines:  engines,
		recorder: mgr.GetEventRecorder("translationjob"),
		log:      mgr.GetLogger().WithName("translationjob"),
	}
	log := mgr.GetLogger().WithName("runner")
	r.runner = runner.New[*attempt](runner.Options{
		Workers: opts.Workers,
		Notify:  func(k runner.Key) { r.wake.Add(client.ObjectKey{Namespace: k.Namespace, Name: k.Name}) },
		Panicked: func(k runner.Key, stack []byte) {
			log.Error(nil, "Attempt panicked", "TranslationJob", client.ObjectKey{Namespace: k.Namespace, Name: k.Name}.String(), "stack", string(stack))
		},
		Observer: observer{opts.Metrics},
		Clock:    opts.Clock,
	})
	opts.Metrics.ShowQueue(r.queue)
	if err := mgr.Add(manager.RunnableFunc(r.run)); err != nil {
		return nil, fmt.Errorf("add the runner: %w", err)
	}
	for key, extract := range map[string]client.IndexerFunc{
		unfinishedIndex: unfinished(func(*v1alpha1.TranslationJob) []string { return []string{"true"} }),
		configMapIndex:  unfinished(configMapsOf),
		glossaryIndex:   unfinished(glossariesOf),
	} {
		if err := mgr.GetFieldIndexer().IndexField(context.Background(), &v1alpha1.TranslationJob{}, key, extract); err != nil {
			return nil, fmt.Errorf("index %s: %w", key, err)
		}
	}
	configMaps := &metav1.PartialObjectMetadata{}
	configMaps.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
	return r, ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.TranslationJob{}).
		WatchesMetadata(configMaps, handler.EnqueueRequestsFromMapFunc(r.jobsOf(configMapIndex)), builder.OnlyMetadata).
		Watches(&v1alpha1.Glossary{}, handler.EnqueueRequestsFromMapFunc(r.jobsOf(glossaryIndex))).
		WatchesRawSource(r.wake.Source()).
		WithOptions(controller.Options{MaxConcurrentReconciles: opts.Reconciles}).
		Complete(r)
}

// EnginesChanged looks again at every unfinished job: an engine came, went or
// changed what it offers.
func (r *Reconciler) EnginesChanged(ctx context.Context) error {
	var jobs v1alpha1.TranslationJobList
	if err := r.client.List(ctx, &jobs, client.MatchingFields{unfinishedIndex: "true"}, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("list unfinished jobs: %w", err)
	}
	for i := range jobs.Items {
		r.wake.Add(client.ObjectKeyFromObject(&jobs.Items[i]))
	}
	return nil
}

// jobsOf maps an object to the unfinished jobs that refer to it.
func (r *Reconciler) jobsOf(index string) handler.MapFunc {
	return func(ctx context.Context, obj client.Object) []reconcile.Request {
		var jobs v1alpha1.TranslationJobList
		err := r.client.List(ctx, &jobs, client.InNamespace(obj.GetNamespace()),
			client.MatchingFields{index: obj.GetName()}, client.UnsafeDisableDeepCopy)
		if err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "Failed to find the jobs that wait for an object", "index", index)
			return nil
		}
		requests := make([]reconcile.Request, 0, len(jobs.Items))
		for i := range jobs.Items {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&jobs.Items[i])})
		}
		return requests
	}
}

func unfinished(values func(*v1alpha1.TranslationJob) []string) client.IndexerFunc {
	return func(obj client.Object) []string {
		job, ok := obj.(*v1alpha1.TranslationJob)
		if !ok || settled(job) {
			return nil
		}
		return values(job)
	}
}

func configMapsOf(job *v1alpha1.TranslationJob) []string {
	var names []string
	switch s := job.Spec.Source; {
	case s.ConfigMapKeyRef != nil:
		names = append(names, string(s.ConfigMapKeyRef.Name))
	case s.File != nil:
		names = append(names, string(s.File.ConfigMapKeyRef.Name))
	}
	if s := job.Spec.Segmentation; s != nil {
		names = append(names, string(s.RulesRef.Name))
	}
	return names
}

func glossariesOf(job *v1alpha1.TranslationJob) []string {
	var names []string
	for _, ref := range job.Spec.GlossaryRefs {
		names = append(names, string(ref.Name))
	}
	return names
}
