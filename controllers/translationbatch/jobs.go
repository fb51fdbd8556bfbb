package translationbatch

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// ownerIndex finds the jobs of a batch by its UID.
const ownerIndex = "batch"

// jobIndex finds the jobs of a batch in the manager's cache. What it returns is the
// cache's own, and nobody may change it: a list by the client copies each job, which
// for a batch of 10,000 is 12 MB in each pass.
type jobIndex struct{ jobs toolscache.Indexer }

// indexJobs has the cache index the jobs. It is called before the cache is started.
func indexJobs(from cache.Cache) (jobIndex, error) {
	informer, err := from.GetInformer(context.Background(), &v1alpha1.TranslationJob{}, cache.BlockUntilSynced(false))
	if err != nil {
		return jobIndex{}, fmt.Errorf("watch TranslationJobs: %w", err)
	}
	shared, ok := informer.(toolscache.SharedIndexInformer)
	if !ok {
		return jobIndex{}, errors.New("the cache of TranslationJobs has no index")
	}
	err = shared.AddIndexers(toolscache.Indexers{ownerIndex: func(object any) ([]string, error) {
		if job, ok := object.(client.Object); ok {
			if owner := ownerOf(job); owner != nil {
				return []string{string(owner.UID)}, nil
			}
		}
		return nil, nil
	}})
	if err != nil {
		return jobIndex{}, err
	}
	return jobIndex{jobs: shared.GetIndexer()}, nil
}

// ownerOf returns the batch that a job belongs to; nil for one of no batch.
func ownerOf(job client.Object) *metav1.OwnerReference {
	if owner := metav1.GetControllerOf(job); owner != nil && owner.Kind == batchKind {
		return owner
	}
	return nil
}

// of returns the jobs of a batch, in no order.
func (i jobIndex) of(batch *v1alpha1.TranslationBatch) ([]*v1alpha1.TranslationJob, error) {
	found, err := i.jobs.ByIndex(ownerIndex, string(batch.UID))
	if err != nil {
		return nil, fmt.Errorf("list the jobs of the batch: %w", err)
	}
	jobs := make([]*v1alpha1.TranslationJob, 0, len(found))
	for _, object := range found {
		if job, ok := object.(*v1alpha1.TranslationJob); ok {
			jobs = append(jobs, job)
		}
	}
	return jobs, nil
}
