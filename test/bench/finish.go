package main

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/metrics"
)

// finishes counts the jobs that the manager of a round has brought to their end, as its
// own metrics do. To watch the jobs would cost the API server and this process as much
// as a second manager, which the ceiling does not have.
type finishes struct{ registry *prometheus.Registry }

// newFinishes returns the count, and the metrics to give to the manager.
func newFinishes() (finishes, *metrics.Manager, error) {
	f := finishes{registry: prometheus.NewRegistry()}
	m, err := metrics.NewManager(f.registry)
	return f, m, err
}

// lookEvery is the time between two looks at the count: of rounds that take seconds it
// is nothing.
const lookEvery = 25 * time.Millisecond

// wait returns when so many jobs are Completed. Any other end is an error.
func (f finishes) wait(ctx context.Context, n int) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	last, since := 0, time.Now()
	for {
		done, err := f.completed()
		switch {
		case err != nil || done >= n:
			return err
		case done > last:
			last, since = done, time.Now()
		case time.Since(since) > patience:
			return fmt.Errorf("no job has ended for %s; %d of %d had", patience, done, n)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

func (f finishes) completed() (int, error) {
	families, err := f.registry.Gather()
	if err != nil {
		return 0, fmt.Errorf("read the metrics of the manager: %w", err)
	}
	for _, family := range families {
		if family.GetName() != "dragoman_jobs_finished_total" {
			continue
		}
		for _, metric := range family.GetMetric() {
			reason, count := metric.GetLabel()[0].GetValue(), int(metric.GetCounter().GetValue())
			if reason != v1alpha1.CompletedReason && count > 0 {
				return 0, fmt.Errorf("%d jobs ended as %s", count, reason)
			}
			if reason == v1alpha1.CompletedReason {
				return count, nil
			}
		}
	}
	return 0, nil
}

// check makes sure of the jobs themselves, after the time was taken: so many are there
// and Completed. It returns the status of one.
func (b *bench) check(ctx context.Context, namespace string, n int) (v1alpha1.TranslationJobStatus, error) {
	var jobs v1alpha1.TranslationJobList
	if err := b.world.Client.List(ctx, &jobs, client.InNamespace(namespace), client.MatchingFields{"status.phase": string(v1alpha1.CompletedPhase)}); err != nil {
		return v1alpha1.TranslationJobStatus{}, fmt.Errorf("list the jobs: %w", err)
	}
	if len(jobs.Items) != n {
		return v1alpha1.TranslationJobStatus{}, fmt.Errorf("%d of %d jobs are Completed, and the manager has counted all", len(jobs.Items), n)
	}
	return jobs.Items[0].Status, nil
}
