package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/dragoman-dev/dragoman/config/components/crd"
	"github.com/dragoman-dev/dragoman/internal/controlplane"
)

// demoNamespace is the account that `dragoman up` makes.
const demoNamespace = "demo"

// upOptions are the flags of `dragoman up`.
type upOptions struct {
	// DataDir keeps the control plane, the API key and the logs.
	DataDir string
	// Listen is host:port of the REST adapter.
	Listen string
	// KubePort is kube-apiserver's port on the loopback interface.
	KubePort int
	// Source is the folder that builds the control plane's programs.
	Source string
	// BinariesOnly makes the programs ready and does no more.
	BinariesOnly bool
	// Demo translates two texts once everything runs; Exit ends after that.
	Demo, Exit bool
	// Verbose writes the log to the terminal.
	Verbose bool
}

func newUpCommand() *cobra.Command {
	var o upOptions
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run everything on this machine, without a cluster",
		Long: `Run everything on this machine, without a cluster: kube-apiserver and etcd, the
controllers and the REST adapter. The data is kept in a directory, and the next
start goes on with it. Ctrl-C stops all of it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Exit && !o.Demo {
				return errors.New("--exit goes with --demo: it ends after the demonstration")
			}
			self, err := os.Executable()
			if err != nil {
				return fmt.Errorf("find the path of this program: %w", err)
			}
			u := &up{
				upOptions:  o,
				supervisor: []string{self, "supervise"},
				out:        cmd.OutOrStdout(),
				messages:   cmd.ErrOrStderr(),
			}
			u.finder = controlplane.NewFinder(o.Source, os.Getenv("KUBEBUILDER_ASSETS"), u.supervisor, u.messages)
			if o.BinariesOnly {
				return u.binaries(cmd.Context())
			}
			return u.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.DataDir, "data-dir", ".dragoman", "directory that keeps the data")
	f.StringVar(&o.Listen, "listen", "127.0.0.1:8080", "address of the REST adapter")
	f.IntVar(&o.KubePort, "kube-port", 16443, "port of kube-apiserver on 127.0.0.1")
	f.StringVar(&o.Source, "source", "hack/controlplane", "folder of a checkout that builds kube-apiserver and etcd")
	f.BoolVar(&o.BinariesOnly, "binaries-only", false, "make kube-apiserver, etcd and kubectl ready, print their directory and end")
	f.BoolVar(&o.Demo, "demo", false, "translate one text by kubectl and one by curl, and show how")
	f.BoolVar(&o.Exit, "exit", false, "end after --demo")
	f.BoolVarP(&o.Verbose, "verbose", "v", false, "write the log to the terminal, not to a file in the data directory")
	return cmd
}

// up is one run of `dragoman up`.
type up struct {
	upOptions
	supervisor    []string
	finder        controlplane.Finder
	out, messages io.Writer

	data     *controlplane.DataDir
	programs controlplane.Binaries
	plane    *controlplane.ControlPlane
	client   client.Client
	key      string
}

// binaries makes the programs ready and prints where they are.
func (u *up) binaries(ctx context.Context) error {
	found, err := u.finder.Find(ctx)
	if err != nil {
		return err
	}
	if _, err := u.finder.Kubectl(ctx, found); err != nil {
		return err
	}
	_, err = fmt.Fprintln(u.out, found.Dir)
	return err
}

// run starts everything, serves until ctx ends and stops everything.
func (u *up) run(ctx context.Context) (err error) {
	u.data, err = controlplane.OpenDataDir(u.DataDir, "--data-dir")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, u.data.Close()) }()
	// Before a build that takes minutes, not after it.
	if err := u.data.CheckListen(ctx, u.kubeAddress(), "kube-apiserver", "--kube-port"); err != nil {
		return err
	}
	if err := controlplane.CheckListen(ctx, u.Listen, "the REST adapter", "--listen"); err != nil {
		return err
	}
	if strings.HasSuffix(u.Listen, ":0") {
		return errors.New("the REST adapter needs a port that people can be told: give one with --listen")
	}
	closeLog, err := u.openLog()
	if err != nil {
		return err
	}
	defer closeLog()
	if u.programs, err = u.finder.Find(ctx); err != nil {
		return err
	}
	fmt.Fprintln(u.messages, "Starting kube-apiserver and etcd ...")
	u.plane, err = controlplane.Start(ctx, u.data, controlplane.Options{
		Binaries:    u.programs,
		Address:     u.kubeAddress(),
		AddressFlag: "--kube-port",
		Namespace:   demoNamespace,
		CRDs:        crd.Bases,
		Supervisor:  u.supervisor,
		Clock:       time.Now,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, u.stop()) }()
	if err := u.setUp(ctx); err != nil {
		return err
	}
	return u.serve(ctx)
}

// errDemoDone ends everything after a demonstration that went well.
var errDemoDone = errors.New("the demonstration is over")

// serve runs the manager and the adapter until ctx ends or one of them fails.
func (u *up) serve(ctx context.Context) error {
	manager := defaultManagerOptions()
	// Ports that nobody asked for could be taken; /readyz of the adapter is there.
	manager.MetricsAddr, manager.ProbeAddr = "0", "0"
	err := together(ctx,
		func(ctx context.Context) error { return runManager(ctx, u.plane.Config, manager) },
		func(ctx context.Context) error {
			return runAPIServer(ctx, u.plane.Config, apiserverOptions{Listen: u.Listen})
		},
		controlplane.Collector{Config: u.plane.Config, Owners: ownerKinds(), Dependents: dependentKinds()}.Run,
		u.watch,
		u.welcome,
	)
	switch {
	case errors.Is(err, errDemoDone):
		return nil
	case errors.Is(err, context.Canceled) && !u.Exit:
		return nil
	default:
		return err
	}
}

// watch fails when kube-apiserver or etcd ends by itself.
func (u *up) watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-u.plane.Ended():
		return u.plane.Err()
	}
}

// welcome waits until everything is ready, gives the demonstration and says what
// to do next. Then it waits for the end, as the others do.
func (u *up) welcome(ctx context.Context) error {
	engines, err := u.waitReady(ctx)
	if err != nil {
		return err
	}
	if u.Demo {
		err := u.demonstrate(ctx)
		switch {
		case u.Exit && err == nil:
			return errDemoDone
		case u.Exit:
			return err
		case err != nil && ctx.Err() == nil:
			// People came to use it; what failed does not keep them from that.
			fmt.Fprintln(u.messages, err)
		}
	}
	if ctx.Err() == nil {
		fmt.Fprint(u.out, u.summary(engines))
	}
	<-ctx.Done()
	return nil
}

// stop ends the control plane, after everything that uses it.
func (u *up) stop() error {
	fmt.Fprintln(u.messages, "The controllers and the REST adapter have stopped.")
	if err := u.plane.Stop(); err != nil {
		return err
	}
	fmt.Fprintf(u.messages, "kube-apiserver and etcd have stopped; the data is kept in %s.\n", u.DataDir)
	return nil
}

// openLog sends the logs of all parts to a file, or to the terminal.
func (u *up) openLog() (closeLog func(), err error) {
	to, closeLog := u.messages, func() {}
	if !u.Verbose {
		file, err := u.data.OpenLog("dragoman")
		if err != nil {
			return nil, err
		}
		// Written as it came; there is nothing to lose at the end.
		to, closeLog = file, func() { _ = file.Close() }
	}
	logger := zap.New(zap.WriteTo(to))
	ctrl.SetLogger(logger)
	klog.SetLogger(logger)
	return closeLog, nil
}

func (u *up) kubeAddress() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(u.KubePort)) }

// demonstrate shows how to translate with kubectl and with curl.
func (u *up) demonstrate(ctx context.Context) error {
	kubectl, err := u.finder.Kubectl(ctx, u.programs)
	if err != nil {
		return err
	}
	_, noCurl := exec.LookPath("curl")
	d := demo{
		kubectl: kubectl, curl: noCurl == nil,
		kubeconfig: u.path("kubeconfig"), keyFile: u.path("api-key"),
		base: "http://" + u.Listen, key: u.key,
		out: u.out, client: u.client,
	}
	return d.run(ctx)
}

// together runs functions side by side. The first error ends the context of the
// others; together returns it when all have returned. A function that returns
// nil has done its work.
func together(ctx context.Context, functions ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	for _, function := range functions {
		running.Go(func() {
			if err := function(ctx); err != nil {
				cancel(err)
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}
