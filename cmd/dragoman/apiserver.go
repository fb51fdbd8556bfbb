package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver"
	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

// apiserverOptions are the flags of `dragoman apiserver`.
type apiserverOptions struct {
	// Listen is host:port of the REST API.
	Listen string
	// MetricsAddr is host:port of the metrics; "" and "0" serve nothing.
	MetricsAddr string
	// Limits of the callers; the defaults when it is zero.
	Limits apiserver.Limits
	// PayloadStore is the URL of the payload store; "" for ConfigMaps.
	PayloadStore string
}

func newAPIServerCommand() *cobra.Command {
	o, debug := apiserverOptions{Listen: ":8080", MetricsAddr: ":8090", Limits: apiserver.DefaultLimits()}, debugOptions{}
	cmd := &cobra.Command{
		Use:   "apiserver",
		Short: "Run the REST adapter",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return debug.run(cmd.Context(), func(ctx context.Context) error {
				cfg, err := ctrl.GetConfig()
				if err != nil {
					return fmt.Errorf("find the cluster: %w", err)
				}
				return runAPIServer(ctx, cfg, o)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Listen, "listen", o.Listen, "host:port of the REST API")
	f.StringVar(&o.MetricsAddr, "metrics-addr", o.MetricsAddr, "address of the metrics; 0 for none")
	f.StringVar(&o.PayloadStore, "payload-store", o.PayloadStore, payloadStoreUsage)
	f.Float64Var(&o.Limits.RequestsPerSecond, "requests-per-second", o.Limits.RequestsPerSecond, "requests an account may send to this replica in a second")
	f.IntVar(&o.Limits.Burst, "burst", o.Limits.Burst, "requests an account may send at once")
	f.IntVar(&o.Limits.UnfinishedJobs, "max-unfinished-jobs", o.Limits.UnfinishedJobs, "jobs of an account that may be unfinished")
	debug.addFlags(f)
	return cmd
}

// Bounds of a connection. The longest answer waits a minute for a job to end and
// then has a minute for its reads.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = time.Minute
	writeTimeout      = 3 * time.Minute
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
	// shutdownGrace is how long open requests may take after the signal to end.
	shutdownGrace = 20 * time.Second
)

// runAPIServer serves the REST API until the context ends.
func runAPIServer(ctx context.Context, cfg *rest.Config, o apiserverOptions) error {
	if o.Limits == (apiserver.Limits{}) {
		o.Limits = apiserver.DefaultLimits()
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return fmt.Errorf("open the REST API: %w", err)
	}
	defer func() { _ = listener.Close() }()
	server, objects, err := newAPIServer(ctx, cfg, o)
	if err != nil {
		return err
	}
	measured, err := metrics.NewREST(ctrlmetrics.Registry)
	if err != nil {
		return err
	}
	defer measured.Close()
	web := &http.Server{
		Handler:           measured.Observed(server.Handler(), clock.RealClock{}),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}
	// The caches outlive the signal, for the requests that are still open.
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	parts := []func() error{
		func() error { return objects.Start(inner) },
		func() error { return server.Start(inner) },
		func() error { return web.Serve(listener) },
	}
	if o.MetricsAddr != "" && o.MetricsAddr != "0" {
		parts = append(parts, func() error { return serveMetrics(inner, cfg, o.MetricsAddr) })
	}
	failed := make(chan error, len(parts))
	for _, run := range parts {
		go func() { failed <- run() }()
	}
	ctrl.Log.Info("Listened for REST requests", "address", listener.Addr().String())
	ended := 0
	select {
	case err = <-failed:
		ended = 1
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if shutdownErr := web.Shutdown(grace); shutdownErr != nil {
		_ = web.Close()
	}
	stop()
	for ; ended < len(parts); ended++ {
		err = errors.Join(err, withoutClosed(<-failed))
	}
	return err
}

// serveMetrics serves /metrics until the context ends.
func serveMetrics(ctx context.Context, cfg *rest.Config, address string) error {
	server, err := metricsserver.NewServer(metricsserver.Options{BindAddress: address}, cfg, nil)
	if err != nil {
		return fmt.Errorf("make the server of the metrics: %w", err)
	}
	if err := server.Start(ctx); err != nil {
		return fmt.Errorf("serve the metrics: %w", err)
	}
	return nil
}

// withoutClosed drops the error of a server that was told to stop.
func withoutClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// newAPIServer puts the adapter together. The caller starts the cache.
func newAPIServer(ctx context.Context, cfg *rest.Config, o apiserverOptions) (*apiserver.Server, cache.Cache, error) {
	cfg = rest.CopyConfig(cfg)
	// The API server's own fairness bounds the adapter; a second bound here would
	// only add waiting.
	cfg.QPS = -1
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, nil, fmt.Errorf("build the scheme: %w", err)
		}
	}
	direct, err := client.New(cfg, client.Options{Scheme: scheme})
	if err != nil {
		return nil, nil, fmt.Errorf("reach the cluster: %w", err)
	}
	objects, err := cache.New(cfg, cache.Options{Scheme: scheme, ByObject: apiserver.CacheByObject()})
	if err != nil {
		return nil, nil, fmt.Errorf("reach the cluster: %w", err)
	}
	payloads, err := openPayloads(ctx, o.PayloadStore, direct, direct)
	if err != nil {
		return nil, nil, err
	}
	server, err := apiserver.New(apiserver.Options{
		Client:   direct,
		Reader:   direct,
		Cache:    objects,
		Payloads: payload.New(payloads, clock.RealClock{}),
		Clock:    clock.RealClock{},
		Limits:   o.Limits,
		Version:  apiVersion(),
		Log:      ctrl.Log.WithName("apiserver"),
	})
	if err != nil {
		return nil, nil, err
	}
	return server, objects, nil
}

// apiVersion is the version that the API's description shows.
func apiVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
