package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// urgentJobs are made one after the other; the worst counts.
const urgentJobs = 5

// overtake has urgent jobs come to a queue of a provider with one slot, and counts the
// calls of others that begin after the API server has taken one and before its own.
func (b *bench) overtake(ctx context.Context, w *rows) error {
	const urgent = 1
	others := 0
	arrived := make(chan int, urgentJobs)
	turnstile := newTurnstile(func(whose int) {
		if whose == urgent {
			arrived <- others
			return
		}
		others++
	})
	overtaken := make([]int, 0, urgentJobs)
	s := setting{kind: v1alpha1.OpenAIProvider, factory: turnstile.factory(), limits: slots(1)}
	err := b.operated(ctx, "overtake", s, func(ctx context.Context, namespace string) error {
		if err := each(ctx, b.Queued, b.Writers, func(ctx context.Context, i int) error {
			return b.world.Client.Create(ctx, numbered(namespace, 0, i).Obj())
		}); err != nil {
			return fmt.Errorf("create a job: %w", err)
		}
		if err := calm(ctx); err != nil {
			return err
		}
		close(turnstile.open)
		for i := range urgentJobs {
			job := numbered(namespace, urgent, i).With(func(s *v1alpha1.TranslationJobSpec) { s.Priority = new(int32(1000)) })
			if err := b.world.Client.Create(ctx, job.Obj()); err != nil {
				return fmt.Errorf("create an urgent job: %w", err)
			}
			turnstile.mu.Lock()
			before := others
			turnstile.mu.Unlock()
			select {
			case n := <-arrived:
				overtaken = append(overtaken, n-before)
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			// From another place in the turn of a call each time.
			if err := hold(ctx, time.Duration(i+1)*turnstileLatency*7/5); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.add("overtake_queued", "%d", b.Queued)
	w.add("overtake_slots", "%d", slices.Max(overtaken))
	return nil
}
