package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/anthropic"
	"github.com/dragoman-dev/dragoman/internal/engine/apertium"
	"github.com/dragoman-dev/dragoman/internal/engine/apy"
	"github.com/dragoman-dev/dragoman/internal/engine/deepl"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
	"github.com/dragoman-dev/dragoman/internal/engine/libretranslate"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/pseudo"
	"github.com/dragoman-dev/dragoman/internal/lease"
	"github.com/dragoman-dev/dragoman/internal/metrics"
)

// managerOptions are the flags of `dragoman manager`.
type managerOptions struct {
	// Namespace holds the lease and the Secrets of cluster providers.
	Namespace string
	// LeaderElect lets one of several managers lead.
	LeaderElect bool
	// MetricsAddr and ProbeAddr are host:port; "0" serves nothing.
	MetricsAddr, ProbeAddr string
	// LeaseDuration is how long a leader that fell silent is waited for.
	LeaseDuration time.Duration
	// Shard selects the jobs and batches to work on.
	Shard string
	// MemoryURLFile holds the URL of the database that remembers translations.
	MemoryURLFile string
	// Workers is the most jobs in the pipeline at one time.
	Workers int
	// Reconciles is the most reconciles of a kind at one time.
	Reconciles int
	// PayloadStore is the URL of the payload store; "" for ConfigMaps.
	PayloadStore string
}

func defaultManagerOptions() managerOptions {
	d := controllers.DefaultOptions()
	return managerOptions{
		Namespace:     d.Namespace,
		MetricsAddr:   ":8090",
		ProbeAddr:     ":8091",
		LeaseDuration: 15 * time.Second,
		Workers:       d.Workers,
		Reconciles:    d.Reconciles,
	}
}

func newManagerCommand() *cobra.Command {
	o, debug := defaultManagerOptions(), debugOptions{}
	cmd := &cobra.Command{
		Use:   "manager",
		Short: "Run the controllers",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return debug.run(cmd.Context(), func(ctx context.Context) error {
				cfg, err := ctrl.GetConfig()
				if err != nil {
					return fmt.Errorf("find the cluster: %w", err)
				}
				return runManager(ctx, cfg, o)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Namespace, "namespace", o.Namespace, "namespace of the lease and of the Secrets of cluster providers")
	f.BoolVar(&o.LeaderElect, "leader-elect", o.LeaderElect, "let one of several managers lead")
	f.DurationVar(&o.LeaseDuration, "lease-duration", o.LeaseDuration, "how long a leader that fell silent is waited for, 1s or more")
	f.StringVar(&o.Shard, "shard-selector", o.Shard, "label selector of the TranslationJobs and TranslationBatches to work on; all by default. Each must be in one shard")
	f.StringVar(&o.MetricsAddr, "metrics-addr", o.MetricsAddr, "address of the metrics; 0 for none")
	f.StringVar(&o.ProbeAddr, "probe-addr", o.ProbeAddr, "address of /healthz and /readyz; 0 for none")
	f.StringVar(&o.PayloadStore, "payload-store", o.PayloadStore, payloadStoreUsage)
	f.StringVar(&o.MemoryURLFile, "memory-url-file", o.MemoryURLFile, "file with the URL of the PostgreSQL database that remembers translations; the payload store does by default")
	f.IntVar(&o.Workers, "workers", o.Workers, "most jobs in the pipeline at one time")
	f.IntVar(&o.Reconciles, "reconciles", o.Reconciles, "most reconciles of a kind at one time, each with at most one write to the API server under way; more help where it is far away")
	debug.addFlags(f)
	return cmd
}

// check refuses numbers that a manager cannot work with.
func (o managerOptions) check() error {
	if o.LeaseDuration < time.Second {
		return fmt.Errorf("read --lease-duration: %s is less than 1s", o.LeaseDuration)
	}
	if least := min(o.Workers, o.Reconciles); least < 1 {
		return fmt.Errorf("read --workers and --reconciles: %d is less than 1", least)
	}
	return nil
}

// runManager runs the controllers until the context ends.
func runManager(ctx context.Context, cfg *rest.Config, o managerOptions) (err error) {
	shard, err := labels.Parse(o.Shard)
	if err != nil {
		return fmt.Errorf("read --shard-selector: %w", err)
	}
	if err := o.check(); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	settings := ctrl.Options{
		Metrics:                metricsserver.Options{BindAddress: o.MetricsAddr},
		HealthProbeBindAddress: o.ProbeAddr,
	}
	leads, err := o.elect(cfg, shard, &settings, func() { stop(errLeaseLost) })
	if err != nil {
		return err
	}
	mgr, err := controllers.NewShardManager(cfg, settings, shard)
	if err != nil {
		return err
	}
	measured, err := metrics.NewManager(ctrlmetrics.Registry)
	if err != nil {
		return err
	}
	defer measured.Close()
	if err := measured.CountJobs(ctx, mgr.GetCache()); err != nil {
		return err
	}
	for _, add := range []func(string, healthz.Checker) error{mgr.AddHealthzCheck, mgr.AddReadyzCheck} {
		if err := add("ping", healthz.Ping); err != nil {
			return fmt.Errorf("add the health checks: %w", err)
		}
	}
	options := controllers.DefaultOptions()
	options.Namespace, options.Workers, options.Reconciles = o.Namespace, o.Workers, o.Reconciles
	options.Factories, options.Metrics, options.Leads = factories(measured), measured, leads
	if options.Store, err = openPayloads(ctx, o.PayloadStore, mgr.GetClient(), mgr.GetAPIReader()); err != nil {
		return err
	}
	forget, err := useMemory(ctx, mgr, o.MemoryURLFile, &options)
	if err != nil {
		return err
	}
	engines, err := controllers.Add(mgr, options)
	if err != nil {
		return errors.Join(err, forget())
	}
	runErr := mgr.Start(ctx)
	if cause := context.Cause(ctx); runErr == nil && errors.Is(cause, errLeaseLost) {
		runErr = cause
	}
	closeErr := errors.Join(engines.Close(), forget())
	if runErr != nil {
		return fmt.Errorf("run the controllers: %w", runErr)
	}
	return closeErr
}

// errLeaseLost ends a manager that leads no more.
var errLeaseLost = errors.New("the Lease is lost: this process stood still, or another one leads")

// elect has the manager lead only while it holds the Lease. It returns what says
// whether it does; nil without an election.
func (o managerOptions) elect(cfg *rest.Config, shard labels.Selector, settings *ctrl.Options, lost func()) (leads func() bool, err error) {
	if !o.LeaderElect {
		return nil, nil
	}
	renewDeadline, retryPeriod := leaseTimes(o.LeaseDuration)
	lock, err := lease.Lock(cfg, o.Namespace, controllers.LeaseID(shard), renewDeadline)
	if err != nil {
		return nil, err
	}
	guard := lease.Watch(lock, o.LeaseDuration, clock.RealClock{}, lost)
	settings.LeaderElection, settings.LeaderElectionResourceLockInterface = true, guard
	settings.LeaderElectionID, settings.LeaderElectionNamespace = controllers.LeaseID(shard), o.Namespace
	settings.LeaderElectionReleaseOnCancel = true
	settings.LeaseDuration, settings.RenewDeadline, settings.RetryPeriod = &o.LeaseDuration, &renewDeadline, &retryPeriod
	return guard.Holds, nil
}

// leaseTimes says how long a lease lasts, and how its holder keeps it, in the
// proportions of Kubernetes' own controllers (15, 10 and 2 seconds): the holder gives
// up before anybody else may begin.
func leaseTimes(lease time.Duration) (renewDeadline, retryPeriod time.Duration) {
	return lease * 2 / 3, lease * 2 / 15
}

// factories are the engines of this binary, with their calls counted.
func factories(measured *metrics.Manager) map[v1alpha1.ProviderType]engine.Factory {
	all := map[v1alpha1.ProviderType]engine.Factory{
		v1alpha1.AnthropicProvider:      anthropic.Factory(anthropic.Options{}),
		v1alpha1.ApertiumProvider:       apertium.Factory(apertium.Options{}),
		v1alpha1.ApertiumAPYProvider:    apy.Factory(httpcall.Options{}),
		v1alpha1.DeepLProvider:          deepl.Factory(httpcall.Options{}),
		v1alpha1.LibreTranslateProvider: libretranslate.Factory(httpcall.Options{}),
		v1alpha1.OpenAIProvider:         openai.Factory(openai.Options{}),
		v1alpha1.PseudoProvider:         pseudo.Factory,
	}
	for kind, factory := range all {
		all[kind] = measured.Observed(factory, clock.RealClock{})
	}
	return all
}
