package retention

import (
	"context"
	"errors"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

// sweeper deletes payloads that nobody needs, from time to time.
type sweeper struct {
	store       payload.Store
	cache, live client.Reader
	clock       clock.Clock
	grace       time.Duration
	every       time.Duration
	log         logr.Logger
}

// Start implements manager.Runnable. It runs in the leader alone, once the caches
// have what there is.
func (s *sweeper) Start(ctx context.Context) error {
	// What the leader before this one was killed over, it will not clear away.
	s.sweep(ctx, s.store.SweepLeftOvers)
	timer := s.clock.NewTimer(s.every / firstSweep)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C():
			s.sweep(ctx, s.store.Sweep)
			timer.Reset(s.every)
		}
	}
}

// sweep goes through the store once, or through a part of it. What fails is tried again the next time.
func (s *sweeper) sweep(ctx context.Context, in func(context.Context, payload.SweepInput) (payload.Swept, error)) {
	known, err := look(ctx, s.cache, s.live, s.clock.Now())
	if err != nil {
		s.log.Error(err, "Failed to find out which payloads are needed")
		return
	}
	swept, err := in(ctx, payload.SweepInput{
		Now: s.clock.Now(), Grace: s.grace,
		Alive:    func(namespace string, owner payload.Owner) bool { return known.alive(ctx, namespace, owner) },
		Referred: func(namespace, input string) bool { return known.referred(ctx, namespace, input) },
		Completed: func(namespace string, owner payload.Owner) bool {
			return known.completed(ctx, namespace, owner)
		},
		Superseded: func(namespace string, owner payload.Owner, result string) bool {
			return known.superseded(ctx, namespace, owner, result)
		},
	})
	if err := errors.Join(err, known.err); err != nil && ctx.Err() == nil {
		s.log.Error(err, "Failed to sweep all payloads")
	}
	if swept.Count > 0 {
		s.log.Info("Swept payloads that nobody needs", "count", swept.Count, "bytes", swept.Bytes)
	}
}
