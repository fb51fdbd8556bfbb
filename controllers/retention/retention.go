// Package retention deletes what is kept no longer: finished jobs and batches after
// their time, and payloads that nobody needs.
//
// It owns when an object is old enough (expiry.go) and who still needs a payload
// (needs.go). It never writes a status, and knows nothing of how work is done.
package retention

import (
	"fmt"
	"time"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

const (
	// sweepEvery is the time between two sweeps: a list of all payloads, and a delete
	// for each that nobody needs.
	sweepEvery = time.Hour
	// firstSweep is the part of that time before the first one: soon, but not while
	// everything starts.
	firstSweep = 20
	// reconciles is the most deletions of a kind at one time.
	reconciles = 4
)

// Options of the controllers.
type Options struct {
	// Store is where payloads are swept.
	Store payload.Store
	Clock clock.Clock
	// Grace is the least age of a payload that is swept; payload.DefaultGrace when 0.
	Grace time.Duration
	// Every is the time between sweeps; an hour when 0. The first comes after a
	// twentieth of it; what ends of jobs have left is swept at the start as well.
	Every time.Duration
}

// New registers the controllers with a manager. They run where it leads.
func New(mgr ctrl.Manager, o Options) error {
	if o.Every == 0 {
		o.Every = sweepEvery
	}
	for name, obj := range map[string]func() client.Object{
		"retention-jobs":    func() client.Object { return &v1alpha1.TranslationJob{} },
		"retention-batches": func() client.Object { return &v1alpha1.TranslationBatch{} },
	} {
		err := ctrl.NewControllerManagedBy(mgr).
			Named(name).
			For(obj(), builder.WithPredicates(predicate.NewPredicateFuncs(expires))).
			WithOptions(controller.Options{MaxConcurrentReconciles: reconciles}).
			Complete(&reconciler{client: mgr.GetClient(), clock: o.Clock, empty: obj})
		if err != nil {
			return fmt.Errorf("add %s: %w", name, err)
		}
	}
	s := &sweeper{
		store: o.Store, cache: mgr.GetClient(), live: mgr.GetAPIReader(),
		clock: o.Clock, grace: o.Grace, every: o.Every, log: mgr.GetLogger().WithName("sweep"),
	}
	if err := mgr.Add(s); err != nil {
		return fmt.Errorf("add the sweep of payloads: %w", err)
	}
	return nil
}
