package main

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// ceiling is what one client gets that creates jobs and writes each one's status
// once, as the operator would, while nobody else is there.
func (b *bench) ceiling(ctx context.Context) (round, error) {
	return b.pairs(ctx, b.ended)
}

// ended is the status of a job that has just ended.
func (b *bench) ended() v1alpha1.TranslationJobStatus {
	status := *b.finished.DeepCopy()
	status.CompletedAt = &metav1.Time{Time: time.Now()}
	return status
}

// smallCeiling is the same with the least of a status: what the size of a real one
// costs is the difference.
func (b *bench) smallCeiling(ctx context.Context) (round, error) {
	return b.pairs(ctx, func() v1alpha1.TranslationJobStatus {
		return v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Phase: b.finished.Phase}
	})
}

// pairs creates jobs and writes the status of each.
func (b *bench) pairs(ctx context.Context, status func() v1alpha1.TranslationJobStatus) (round, error) {
	namespace, err := b.world.Namespace(ctx, "ceiling")
	if err != nil {
		return round{}, err
	}
	r, err := b.timed(ctx, b.Jobs, func() error {
		return each(ctx, b.Jobs, b.Writers, func(ctx context.Context, i int) error {
			return b.pair(ctx, job(namespace, i), status())
		})
	})
	if err != nil {
		return r, err
	}
	return r, b.clear(ctx, namespace)
}

// pair creates a job and writes its status.
func (b *bench) pair(ctx context.Context, job *v1alpha1.TranslationJob, status v1alpha1.TranslationJobStatus) error {
	if err := b.world.Client.Create(ctx, job); err != nil {
		return fmt.Errorf("create a job: %w", err)
	}
	job.Status = status
	if err := b.world.Client.Status().Update(ctx, job); err != nil {
		return fmt.Errorf("write a status: %w", err)
	}
	return nil
}
