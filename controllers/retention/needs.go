package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

// livePage is how many whole objects one request lists: each may have 100 KiB and
// more of texts.
const livePage = 50

// needs knows which jobs exist, which inputs are referred to, and what jobs that have
// ended have left. It asks the cache about all of them, and the API server about the
// few that the cache does not have or has as ended: a cache may be behind, and it may
// hold a part of the jobs only. Nothing is deleted on the word of a cache, nor when
// the API server does not answer.
type needs struct {
	live   client.Reader
	now    time.Time
	jobs   map[types.UID]cachedJob
	inputs map[input]bool
	// What was asked of the API server: jobs by UID, and namespaces that were listed.
	asked  map[types.UID]bool
	listed map[string]bool
	err    error
}

type input struct{ namespace, name string }

// cachedJob is what is kept of a job. Its name is not in every name of a blob.
type cachedJob struct {
	name    string
	outcome outcome
}

// look takes in what the cache has.
func look(ctx context.Context, cache, live client.Reader, now time.Time) (*needs, error) {
	n := &needs{
		live: live, now: now, jobs: map[types.UID]cachedJob{}, inputs: map[input]bool{},
		asked: map[types.UID]bool{}, listed: map[string]bool{},
	}
	var jobs v1alpha1.TranslationJobList
	if err := cache.List(ctx, &jobs, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	var batches v1alpha1.TranslationBatchList
	if err := cache.List(ctx, &batches, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	n.take(&jobs, &batches)
	return n, nil
}

func (n *needs) take(jobs *v1alpha1.TranslationJobList, batches *v1alpha1.TranslationBatchList) {
	for i := range jobs.Items {
		job := &jobs.Items[i]
		n.jobs[job.UID] = cachedJob{name: job.Name, outcome: outcomeOf(job)}
		n.refer(job.Namespace, job.Spec.Source)
	}
	for i := range batches.Items {
		for _, item := range batches.Items[i].Spec.Items {
			n.refer(batches.Items[i].Namespace, item.Source)
		}
	}
}

func (n *needs) refer(namespace string, source v1alpha1.Source) {
	if source.Payload != nil {
		n.inputs[input{namespace: namespace, name: string(source.Payload.Ref.Name)}] = true
	}
}

// alive says whether a job exists; true when that cannot be found out.
func (n *needs) alive(ctx context.Context, namespace string, owner payload.Owner) bool {
	uid := types.UID(owner.UID)
	if n.exists(uid) {
		return true
	}
	if owner.Name == "" {
		return !n.list(ctx, namespace) || n.exists(uid)
	}
	if alive, ok := n.asked[uid]; ok {
		return alive
	}
	job := &metav1.PartialObjectMetadata{}
	job.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("TranslationJob"))
	err := n.live.Get(ctx, client.ObjectKey{Namespace: namespace, Name: owner.Name}, job)
	if client.IgnoreNotFound(err) != nil {
		n.err = errors.Join(n.err, fmt.Errorf("look for the job of a payload: %w", err))
	}
	n.asked[uid] = !apierrors.IsNotFound(err) && (err != nil || job.UID == uid)
	return n.asked[uid]
}

func (n *needs) exists(uid types.UID) bool {
	_, ok := n.jobs[uid]
	return ok
}

// completed says whether a job has ended as Completed; false when that cannot be
// found out.
func (n *needs) completed(ctx context.Context, namespace string, owner payload.Owner) bool {
	return n.confirmed(ctx, namespace, owner, func(o outcome) bool { return o.completed })
}

// superseded says whether a job has ended with another result than this one; false
// when that cannot be found out.
func (n *needs) superseded(ctx context.Context, namespace string, owner payload.Owner, result string) bool {
	return n.confirmed(ctx, namespace, owner, func(o outcome) bool { return o.supersedes(result, n.now) })
}

// confirmed says whether something holds for the end of a job, by the cache and by
// the API server at this moment: the job may have been edited, or asked to run again,
// since an earlier blob of it was looked at. No answer is kept.
func (n *needs) confirmed(ctx context.Context, namespace string, owner payload.Owner, holds func(outcome) bool) bool {
	cached, ok := n.jobs[types.UID(owner.UID)]
	if !ok || !holds(cached.outcome) {
		return false
	}
	job := &v1alpha1.TranslationJob{}
	err := n.live.Get(ctx, client.ObjectKey{Namespace: namespace, Name: cached.name}, job)
	if client.IgnoreNotFound(err) != nil {
		n.err = errors.Join(n.err, fmt.Errorf("look how the job of a payload ended: %w", err))
	}
	return err == nil && job.UID == types.UID(owner.UID) && holds(outcomeOf(job))
}

// referred says whether a job or a batch refers to an input; true when that cannot
// be found out.
func (n *needs) referred(ctx context.Context, namespace, name string) bool {
	in := input{namespace: namespace, name: name}
	return n.inputs[in] || !n.list(ctx, namespace) || n.inputs[in]
}

// list takes in what a namespace really has, once. It says whether it could.
func (n *needs) list(ctx context.Context, namespace string) bool {
	if done, ok := n.listed[namespace]; ok {
		return done
	}
	err := errors.Join(n.listJobs(ctx, namespace), n.listBatches(ctx, namespace))
	if err != nil {
		n.err = errors.Join(n.err, fmt.Errorf("look for who needs a payload: %w", err))
	}
	n.listed[namespace] = err == nil
	return n.listed[namespace]
}

func (n *needs) listJobs(ctx context.Context, namespace string) error {
	for next := ""; ; {
		var page v1alpha1.TranslationJobList
		if err := n.live.List(ctx, &page, client.InNamespace(namespace), client.Limit(livePage), client.Continue(next)); err != nil {
			return err
		}
		n.take(&page, &v1alpha1.TranslationBatchList{})
		if next = page.Continue; next == "" {
			return nil
		}
	}
}

func (n *needs) listBatches(ctx context.Context, namespace string) error {
	for next := ""; ; {
		var page v1alpha1.TranslationBatchList
		if err := n.live.List(ctx, &page, client.InNamespace(namespace), client.Limit(livePage), client.Continue(next)); err != nil {
			return err
		}
		n.take(&v1alpha1.TranslationJobList{}, &page)
		if next = page.Continue; next == "" {
			return nil
		}
	}
}
