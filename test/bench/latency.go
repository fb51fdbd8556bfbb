package main

import (
	"context"
	"fmt"
	"time"
)

// latencies makes jobs one after the other, and returns how long each took from its
// creation until it was seen Completed. Numbers begin with the first.
func (b *bench) latencies(ctx context.Context, namespace string, first int) ([]time.Duration, error) {
	took := make([]time.Duration, 0, b.Latencies)
	jobs, err := watchJobs(ctx, b.world.Client, namespace)
	if err != nil {
		return nil, err
	}
	defer jobs.close()
	for i := range b.Latencies {
		job := job(namespace, first+i)
		start := time.Now()
		if err := b.world.Client.Create(ctx, job); err != nil {
			return nil, fmt.Errorf("create a job: %w", err)
		}
		for jobs.last == nil || jobs.last.Name != job.Name {
			if err := jobs.next(ctx, patience); err != nil {
				return nil, err
			}
		}
		took = append(took, time.Since(start))
	}
	return took, nil
}
