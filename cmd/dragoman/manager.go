package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/apertium"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/pseudo"
)

// managerOptions are the flags of `dragoman manager`.
type managerOptions struct {
	// Namespace holds the lease and the Secrets of cluster providers.
	Namespace string
	// LeaderElect lets one of several managers lead.
	LeaderElect bool
	// MetricsAddr and ProbeAddr are host:port; "0" serves nothing.
	MetricsAddr, ProbeAddr string
	// Workers is the most jobs in the pipeline at one time.
	Workers int
}

func defaultManagerOptions() managerOptions {
	d := controllers.DefaultOptions()
	return managerOptions{
		Namespace:   d.Namespace,
		MetricsAddr: ":8090",
		ProbeAddr:   ":8091",
		Workers:     d.Workers,
	}
}

func newManagerCommand() *cobra.Command {
	o := defaultManagerOptions()
	cmd := &cobra.Command{
		Use:   "manager",
		Short: "Run the controllers",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctrl.SetLogger(zap.New())
			cfg, err := ctrl.GetConfig()
			if err != nil {
				return fmt.Errorf("find the cluster: %w", err)
			}
			return runManager(cmd.Context(), cfg, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Namespace, "namespace", o.Namespace, "namespace of the lease and of the Secrets of cluster providers")
	f.BoolVar(&o.LeaderElect, "leader-elect", o.LeaderElect, "let one of several managers lead")
	f.StringVar(&o.MetricsAddr, "metrics-addr", o.MetricsAddr, "address of the metrics; 0 for none")
	f.StringVar(&o.ProbeAddr, "probe-addr", o.ProbeAddr, "address of /healthz and /readyz; 0 for none")
	f.IntVar(&o.Workers, "workers", o.Workers, "most jobs in the pipeline at one time")
	return cmd
}

// runManager runs the controllers until the context ends.
func runManager(ctx context.Context, cfg *rest.Config, o managerOptions) (err error) {
	mgr, err := controllers.NewManager(cfg, ctrl.Options{
		Metrics:                       metricsserver.Options{BindAddress: o.MetricsAddr},
		HealthProbeBindAddress:        o.ProbeAddr,
		LeaderElection:                o.LeaderElect,
		LeaderElectionID:              "dragoman-manager",
		LeaderElectionNamespace:       o.Namespace,
		LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return err
	}
	for _, add := range []func(string, healthz.Checker) error{mgr.AddHealthzCheck, mgr.AddReadyzCheck} {
		if err := add("ping", healthz.Ping); err != nil {
			return fmt.Errorf("add the health checks: %w", err)
		}
	}
	options := controllers.DefaultOptions()
	options.Namespace, options.Workers, options.Factories = o.Namespace, o.Workers, factories()
	engines, err := controllers.Add(mgr, options)
	if err != nil {
		return err
	}
	runErr := mgr.Start(ctx)
	closeErr := engines.Close()
	if runErr != nil {
		return fmt.Errorf("run the controllers: %w", runErr)
	}
	return closeErr
}

// factories are the engines of this binary.
func factories() map[v1alpha1.ProviderType]engine.Factory {
	return map[v1alpha1.ProviderType]engine.Factory{
		v1alpha1.ApertiumProvider: apertium.Factory(apertium.Options{}),
		v1alpha1.OpenAIProvider:   openai.Factory(openai.Options{}),
		v1alpha1.PseudoProvider:   pseudo.Factory,
	}
}
