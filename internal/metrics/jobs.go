package metrics

import (
	"context"
	"fmt"

	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// CountJobs keeps the number of jobs by phase in step with a cache, from events: a
// scrape reads nine numbers. To list a hundred thousand jobs for it would copy all of
// them. Call it before the cache starts or later, once for each cache.
func (m *Manager) CountJobs(ctx context.Context, from cache.Informers) error {
	informer, err := from.GetInformer(ctx, &v1alpha1.TranslationJob{}, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("count jobs: %w", err)
	}
	if _, err := informer.AddEventHandler(m.jobEvents()); err != nil {
		return fmt.Errorf("count jobs: %w", err)
	}
	return nil
}

// jobEvents returns the handler. An informer hands out the old object with the new
// one, and the last one it had with a deletion, so nothing has to be remembered.
func (m *Manager) jobEvents() toolscache.ResourceEventHandlerFuncs {
	count := func(object any, amount float64) {
		if job, ok := object.(*v1alpha1.TranslationJob); ok {
			m.jobs.add(amount, phaseOf(job))
		}
	}
	return toolscache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { count(object, 1) },
		UpdateFunc: func(was, is any) {
			count(was, -1)
			count(is, 1)
		},
		DeleteFunc: func(object any) {
			if lost, ok := object.(toolscache.DeletedFinalStateUnknown); ok {
				object = lost.Obj
			}
			count(object, -1)
		},
	}
}

// phaseOf is Queued for a job that no controller has seen.
func phaseOf(job *v1alpha1.TranslationJob) string {
	if job.Status.Phase == "" {
		return string(v1alpha1.QueuedPhase)
	}
	return string(job.Status.Phase)
}
