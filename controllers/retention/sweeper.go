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

// Start implements manager.Runnable. It runs in the leader alone.
func (s *sweeper) Start(ctx context.Context) error {
	timer := s.clock.NewTimer(s.every / firstSweep)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C():
			s.sweep(ctx)
			timer.Reset(s.every)
		}
	}
}

// sweep goes through the store once. What fails is tried again the next time.
func (s *sweeper) sweep(ctx context.Context) {
	known, err := look(ctx, s.cache, s.live)
	if err != nil {
		s.log.Error(err, "Failed to find out which payloads are needed")
		return
	}
	swept, err := s.store.Sweep(ctx, payload.SweepInput{
		Now: s.clock.Now(), Grace: s.grace,
		Alive:    func(namespace string, owner payload.Owner) bool { return known.alive(ctx, namespace, owner) },
		Referred: func(namespace, input string) bool { return known.referred(ctx, namespace, input) },
	})
	if err := errors.Join(err, known.err); err != nil && ctx.Err() == nil {
		s.log.Error(err, "Failed to sweep all payloads")
	}
	if swept.Count > 0 {
		s.log.Info("Swept payloads that nobody needs", "count", swept.Count, "bytes", swept.Bytes)
	}
}
