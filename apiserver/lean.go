package apiserver

import (
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

// CacheByObject returns what a cache for the adapter holds of each kind: no texts,
// no results, and of Secrets only API keys. Texts and results are read when they
// are asked for.
func CacheByObject() map[client.Object]cache.ByObject {
	lean := cache.ByObject{Transform: transform}
	return map[client.Object]cache.ByObject{
		&v1alpha1.TranslationJob{}:   lean,
		&v1alpha1.TranslationBatch{}: lean,
		&corev1.Namespace{}:          {Transform: cache.TransformStripManagedFields()},
		&corev1.Secret{}:             tenancy.KeysInCache(),
	}
}

// transform drops what lists and details do not show. A job that has ended becomes a
// compactJob: jobs are read from the shelf, never from the cache.
func transform(object any) (any, error) {
	switch typed := object.(type) {
	case *v1alpha1.TranslationJob:
		if small, ok := keepJob(typed).(*compactJob); ok {
			return small, nil
		}
		return leanJob(typed), nil
	case *v1alpha1.TranslationBatch:
		return leanBatch(typed), nil
	default:
		// A tombstone of the informer, or a kind that has nothing large.
		return object, nil
	}
}

// leanJob returns a copy without texts. It still says which kind of source the job
// has.
func leanJob(job *v1alpha1.TranslationJob) *v1alpha1.TranslationJob {
	out := *job
	out.ManagedFields = nil
	source := &out.Spec.Source
	if source.Text != nil {
		source.Text = new(string)
	}
	if source.Texts != nil {
		source.Texts = []v1alpha1.TextItem{}
	}
	out.Spec.StyleReference = ""
	out.Spec.Instructions = ""
	out.Spec.Glossary = nil
	out.Status.Result = nil
	return &out
}

// leanBatch returns a copy without texts. It keeps the number of items, and which
// of them have metadata.
func leanBatch(batch *v1alpha1.TranslationBatch) *v1alpha1.TranslationBatch {
	out := *batch
	out.ManagedFields = nil
	out.Spec.Template = v1alpha1.JobOptions{Mode: batch.Spec.Template.Mode}
	out.Spec.Items = make([]v1alpha1.BatchItem, len(batch.Spec.Items))
	for i, item := range batch.Spec.Items {
		if item.Metadata != nil {
			out.Spec.Items[i].Metadata = &v1alpha1.Metadata{}
		}
	}
	return &out
}

func keepBatch(batch *v1alpha1.TranslationBatch) kept[*v1alpha1.TranslationBatch] {
	return whole[*v1alpha1.TranslationBatch]{it: leanBatch(batch)}
}
