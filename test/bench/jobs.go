package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/test/build"
)

// text is the source of a job, in four sentences. With it the manifest has some
// 500 bytes. The number keeps the sentences of all jobs apart, so that no memory of
// translations can help.
func text(i int) string {
	return fmt.Sprintf("El pedido %06[1]d ha salido del almacén y llega mañana por la tarde. "+
		"Puede seguir el envío %06[1]d en su cuenta de cliente. "+
		"Si no está en casa, el aviso %06[1]d queda en el buzón. "+
		"La devolución %06[1]d es gratuita durante 30 días.", i)
}

// sentence is the source of a job on Apertium.
func sentence(i int) string {
	return fmt.Sprintf("El pedido %06d llega mañana por la tarde.", i)
}

func job(namespace string, i int) *v1alpha1.TranslationJob {
	return build.Job(fmt.Sprintf("job-%06d", i), namespace).Languages("es", "pt").Text(text(i)).Provider(providerName).Obj()
}

// each calls do for 0 to n-1 from so many workers, until one fails.
func each(ctx context.Context, n, workers int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(ctx, i); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

// patience bounds the wait for the next job to end, and for other things that are a
// matter of moments.
const patience = 30 * time.Second

// hasBegun selects the jobs that somebody has written a status of: a new one is Queued.
// A job that ends within a second has it once, so that the watch brings one event for
// each.
var hasBegun = fields.OneTermNotEqualSelector("status.phase", string(v1alpha1.QueuedPhase))

// ending waits for the jobs of a namespace to end. It is one watch for all of them:
// that costs the API server little, where polling would compete with what is
// measured.
type ending struct {
	client    client.WithWatch
	namespace string
	// at is the version that was seen last.
	at    string
	watch watch.Interface
	last  *v1alpha1.TranslationJob
}

// watchJobs begins to watch a namespace that has no jobs.
func watchJobs(ctx context.Context, c client.WithWatch, namespace string) (*ending, error) {
	var none v1alpha1.TranslationJobList
	if err := c.List(ctx, &none, client.InNamespace(namespace)); err != nil {
		return nil, fmt.Errorf("list the jobs: %w", err)
	}
	e := &ending{client: c, namespace: namespace, at: none.ResourceVersion}
	return e, e.open(ctx)
}

// open watches from what was seen last: an API server that is short of CPU ends a
// watch whose reader is.
func (e *ending) open(ctx context.Context) (err error) {
	e.watch, err = e.client.Watch(ctx, &v1alpha1.TranslationJobList{}, &client.ListOptions{
		Namespace: e.namespace, FieldSelector: hasBegun, Raw: &metav1.ListOptions{ResourceVersion: e.at},
	})
	if err != nil {
		return fmt.Errorf("watch the jobs: %w", err)
	}
	return nil
}

// wait returns when so many jobs are Completed. Any other end is an error.
func (e *ending) wait(ctx context.Context, n int) error {
	defer e.close()
	done := map[string]bool{}
	for len(done) < n {
		if err := e.next(ctx, patience); err != nil {
			return fmt.Errorf("%d of %d jobs had ended: %w", len(done), n, err)
		}
		done[e.last.Name] = true
	}
	return nil
}

// next returns when one more event has told of the end of a job, which is the last
// one then.
func (e *ending) next(ctx context.Context, patience time.Duration) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			return fmt.Errorf("no job has ended for %s", patience)
		case event, open := <-e.watch.ResultChan():
			if !open {
				if err := e.open(ctx); err != nil {
					return err
				}
				continue
			}
			if ended, err := e.take(event); ended || err != nil {
				return err
			}
		}
	}
}

func (e *ending) close() { e.watch.Stop() }

// take notes an event, and says whether it tells of a job's end.
func (e *ending) take(event watch.Event) (bool, error) {
	job, ok := event.Object.(*v1alpha1.TranslationJob)
	if !ok {
		return false, fmt.Errorf("watch the jobs: %w", apierrors.FromObject(event.Object))
	}
	e.at = job.ResourceVersion
	finished := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.FinishedCondition)
	if finished == nil || finished.Status != metav1.ConditionTrue {
		return false, nil
	}
	if finished.Reason != v1alpha1.CompletedReason {
		return false, fmt.Errorf("job %s ended as %s: %s", job.Name, finished.Reason, finished.Message)
	}
	e.last = job
	return true, nil
}
