package budget

import (
	"context"
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/types"

	"github.com/dragoman-dev/dragoman/internal/money"
)

// World says what there is in a namespace. It is asked after the ledger was read, and
// must then know of every job and batch that existed at that time, also of those that
// another manager works on: a cache that lags behind, or a shard, is not enough.
type World interface {
	// Job returns what a job has cost in all, and whether it may still spend under its
	// reservation. A job that does not exist has no cost that anybody knows.
	Job(uid types.UID) (cost money.Euro, open, exists bool)
	// Batch says whether a batch exists.
	Batch(uid types.UID) bool
}

// judgement is what became of a job that holds reservations.
type judgement struct {
	holds map[Scope]hold
	// lost says that the job is gone: it counts with all that it held.
	lost bool
	cost money.Euro
}

// Reconcile settles the reservations of jobs that ended, or went, without being
// settled: after a crash, say. A job that is gone counts with all that it held, as
// nobody knows better. Batches that are gone leave the ledger once nothing is
// reserved in them. A namespace without a ledger gets none.
func (l *Ledger) Reconcile(ctx context.Context, namespace string, w World) error {
	data, _, err := l.store.Load(ctx, namespace)
	if err != nil {
		return fmt.Errorf("load the ledger of namespace %q: %w", namespace, err)
	}
	if len(data) == 0 {
		return nil
	}
	s, err := decode(data)
	if err != nil {
		return fmt.Errorf("namespace %q: %w", namespace, err)
	}
	ended := map[types.UID]judgement{}
	for job, holds := range s.holds() {
		if cost, open, exists := w.Job(job); !exists || !open {
			ended[job] = judgement{holds: holds, lost: !exists, cost: max(cost, 0)}
		}
	}
	gone := map[string]bool{}
	for name := range s.Batches {
		gone[name] = !w.Batch(types.UID(name))
	}
	return l.do(ctx, namespace, func(s *state) error {
		s.close(ended, gone)
		return nil
	})
}

// close settles jobs that ended and drops batches that are gone. A job that has
// reserved again in the meantime is under way, and left alone.
func (s *state) close(ended map[types.UID]judgement, gone map[string]bool) {
	current := s.holds()
	for job, j := range ended {
		if !maps.Equal(current[job], j.holds) {
			continue
		}
		for scope, h := range j.holds {
			cost := j.cost
			if j.lost {
				cost = money.Euro(h.Max)
			}
			s.account(scope).settle(job, cost)
		}
	}
	maps.DeleteFunc(s.Batches, func(name string, a *account) bool { return gone[name] && len(a.Open) == 0 })
}
