// Package controllers assembles the controllers of Dragoman.
//
// It owns which of them run in a manager and what the manager's cache holds.
// Engines come from the caller as factories: neither this package nor any below it
// imports a concrete engine.
package controllers

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers/provider"
	"github.com/dragoman-dev/dragoman/controllers/retention"
	"github.com/dragoman-dev/dragoman/controllers/translationbatch"
	"github.com/dragoman-dev/dragoman/controllers/translationjob"
	"github.com/dragoman-dev/dragoman/internal/budget"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/memory"
	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// reconcileTimeout bounds a pass: a call to the API server that hangs frees its
// worker.
const reconcileTimeout = time.Minute

// Options of the controllers.
type Options struct {
	// Namespace holds the Secrets of cluster providers.
	Namespace string
	// Workers is the most jobs in the pipeline at one time.
	Workers int
	// Reconciles is the most reconciles of a kind at one time.
	Reconciles int
	// Factories make the engines.
	Factories map[v1alpha1.ProviderType]engine.Factory
	// Pace of status writes.
	Pace pipeline.Pace
	// Store of sources, results and pages; ConfigMaps without one.
	Store payload.Backend
	// SweepEvery is the time between two sweeps of Store, and SweepGrace the least age
	// of what they delete; an hour each when zero.
	SweepEvery, SweepGrace time.Duration
	// Memory of translations; without one it is kept in Store.
	Memory translationjob.Memory
	// Metrics of what happens; nobody's without them.
	Metrics *metrics.Manager
	// Entered is told when a job enters a step, and may hold it there; nil for nobody.
	Entered func(ctx context.Context, job client.ObjectKey, step v1alpha1.Step)
	// Leads says whether this process leads still; when it says no, the manager has to
	// be told to end. Nil for one that is alone.
	Leads func() bool
	Clock clock.WithTickerAndDelayedExecution
}

// DefaultOptions are for a manager on two cores and more. A job waits for its
// engine most of its time, so there may be many at one time. A reconcile does nothing
// but write to the API server: 4 at one time bring a small one to its limit, and with
// 16 everybody else's calls took twice as long.
func DefaultOptions() Options {
	return Options{
		Namespace:  "dragoman-system",
		Workers:    64,
		Reconciles: 4,
		Pace:       pipeline.DefaultPace,
		Clock:      clock.RealClock{},
	}
}

// NewManager makes a manager whose cache holds what the controllers need, and no
// texts.
func NewManager(cfg *rest.Config, o ctrl.Options) (ctrl.Manager, error) {
	return NewShardManager(cfg, o, labels.Everything())
}

// NewShardManager makes a manager for the jobs and batches that a selector matches;
// it never sees the others. The Lease should be that of LeaseID.
func NewShardManager(cfg *rest.Config, o ctrl.Options, shard labels.Selector) (ctrl.Manager, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("register kinds: %w", err)
		}
	}
	ofUsers, err := labels.Parse("!" + v1alpha1.PayloadLabel + ",!" + budget.Label)
	if err != nil {
		return nil, fmt.Errorf("select ConfigMaps: %w", err)
	}
	configMaps := &metav1.PartialObjectMetadata{}
	configMaps.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
	o.Scheme = scheme
	o.Cache = cache.Options{
		DefaultTransform: cache.TransformStripManagedFields(),
		ByObject: map[client.Object]cache.ByObject{
			&v1alpha1.TranslationJob{}:   {Label: shard, Transform: translationjob.Strip},
			&v1alpha1.TranslationBatch{}: {Label: shard},
			configMaps:                   {Label: ofUsers},
		},
	}
	// Names of controllers are checked once for a process, but tests make managers
	// one after the other.
	o.Controller = config.Controller{ReconciliationTimeout: reconcileTimeout, SkipNameValidation: new(true)}
	cfg = rest.CopyConfig(cfg)
	// The API server's own priority and fairness keeps order; a limit here would
	// only make the manager slower than it lets us be.
	cfg.QPS = -1
	mgr, err := ctrl.NewManager(cfg, o)
	if err != nil {
		return nil, fmt.Errorf("make the manager: %w", err)
	}
	return mgr, nil
}

// complete fills in what the caller left open.
func (o *Options) complete(mgr ctrl.Manager) error {
	if o.Metrics == nil {
		o.Metrics = metrics.NopManager()
	}
	if o.Store == nil {
		o.Store = payload.ConfigMaps{Client: mgr.GetClient(), Reader: mgr.GetAPIReader()}
	}
	if o.Memory != nil {
		return nil
	}
	embedded, err := memory.NewEmbedded(payload.Observe(o.Store, storeObserver{o.Metrics}), memory.Options{
		Clock: o.Clock, Observer: MemoryObserver{Log: mgr.GetLogger().WithName("memory")},
	})
	if err != nil {
		return fmt.Errorf("make the translation memory: %w", err)
	}
	o.Memory = embedded
	if err := mgr.Add(embedded); err != nil {
		return fmt.Errorf("add the translation memory: %w", err)
	}
	return nil
}

// Add adds the controllers to a manager. The directory holds the engines; the
// caller closes it when the manager has ended.
func Add(mgr ctrl.Manager, o Options) (*provider.Directory, error) {
	directory := provider.NewDirectory(mgr.GetClient())
	if err := o.complete(mgr); err != nil {
		return nil, err
	}
	ledger := budget.New(budget.ConfigMaps{Writer: mgr.GetClient(), Reader: mgr.GetAPIReader()}, budget.Options{Clock: o.Clock})
	store := payload.New(payload.Observe(o.Store, storeObserver{o.Metrics}), o.Clock)
	jobs, err := translationjob.New(mgr, directory, translationjob.Options{
		Workers: o.Workers, Reconciles: o.Reconciles,
		Pace: o.Pace, Checks: qa.Default(), Entered: o.Entered, Clock: o.Clock,
		Store: store, Memory: o.Memory, Ledger: ledger, Metrics: o.Metrics, Leads: o.Leads,
	})
	if err != nil {
		return nil, fmt.Errorf("add the controller of jobs: %w", err)
	}
	directory.OnChange(jobs.EnginesChanged)
	if _, err := translationbatch.New(mgr, translationbatch.Options{Reconciles: o.Reconciles, Clock: o.Clock}); err != nil {
		return nil, fmt.Errorf("add the controller of batches: %w", err)
	}
	if err := retention.New(mgr, retention.Options{Store: store, Clock: o.Clock, Grace: o.SweepGrace, Every: o.SweepEvery}); err != nil {
		return nil, fmt.Errorf("add the controllers of retention: %w", err)
	}
	if err := provider.Setup(mgr, directory, provider.Options{
		Namespace: o.Namespace, Clock: o.Clock, Factories: o.Factories,
	}); err != nil {
		return nil, fmt.Errorf("add the controllers of providers: %w", err)
	}
	return directory, nil
}
