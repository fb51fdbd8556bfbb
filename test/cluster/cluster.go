// Package cluster gives tests a real API server and etcd, with the kinds of
// Dragoman installed, and managers to run on them.
//
// It owns the start and the end of both. It imports no test framework, so that
// benchmarks can use it too.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
)

// Cluster is a running control plane.
type Cluster struct {
	// Config is for an administrator, without a rate limit.
	Config *rest.Config
	// Client reads and writes past any cache.
	Client client.WithWatch

	env   *envtest.Environment
	certs string
}

// Start starts a control plane. The caller stops it.
func Start() (*Cluster, error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return nil, errors.New("KUBEBUILDER_ASSETS is not set: run these tests by make test or make test-integration")
	}
	// A directory of our own keeps the certificates when the API server is restarted.
	certs, err := os.MkdirTemp("", "dragoman-test-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for certificates: %w", err)
	}
	env := &envtest.Environment{CRDDirectoryPaths: []string{Path("config/components/crd/bases")}, ErrorIfCRDPathMissing: true}
	env.ControlPlane.APIServer = &envtest.APIServer{CertDir: certs}
	cfg, err := env.Start()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the control plane: %w", err), env.Stop())
	}
	cfg.QPS = -1
	scheme := clientgoscheme.Scheme
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	c, err := client.NewWithWatch(cfg, client.Options{Scheme: scheme})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a client: %w", err), env.Stop())
	}
	return &Cluster{Config: cfg, Client: c, env: env, certs: certs}, nil
}

// Main runs the tests of a package on a control plane and returns the exit code of
// their process, for TestMain. The tests, a *testing.M, begin when ready has taken the
// control plane over.
func Main(tests interface{ Run() int }, ready func(*Cluster) error) int {
	code, err := run(tests, ready)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func run(tests interface{ Run() int }, ready func(*Cluster) error) (code int, err error) {
	c, err := Start()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.Stop()) }()
	if err := ready(c); err != nil {
		return 0, err
	}
	return tests.Run(), nil
}

// Stop ends the control plane.
func (c *Cluster) Stop() error { return errors.Join(c.env.Stop(), os.RemoveAll(c.certs)) }

// RestartAPIServer kills kube-apiserver, lets the caller act while it is down, and
// starts it again on the same address and data.
func (c *Cluster) RestartAPIServer(whileDown func()) error {
	// An orderly stop waits a minute for open watches; a crash does not.
	kill := exec.Command("pkill", "-KILL", "-P", strconv.Itoa(os.Getpid()), "-x", "kube-apiserver")
	if out, err := kill.CombinedOutput(); err != nil {
		return fmt.Errorf("kill kube-apiserver: %w: %s", err, out)
	}
	server := c.env.ControlPlane.APIServer
	if err := server.Stop(); err != nil {
		return fmt.Errorf("stop kube-apiserver: %w", err)
	}
	whileDown()
	if err := server.Start(); err != nil {
		return fmt.Errorf("start kube-apiserver again: %w", err)
	}
	return nil
}

// Path returns the path of a file of the repository.
func Path(parts ...string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(append([]string{filepath.Dir(here), "..", ".."}, parts...)...)
}

// Namespace makes a namespace with a name of its own.
func (c *Cluster) Namespace(ctx context.Context, prefix string) (string, error) {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: prefix + "-"}}
	if err := c.Client.Create(ctx, ns); err != nil {
		return "", fmt.Errorf("make a namespace: %w", err)
	}
	return ns.Name, nil
}

// Manager is a running manager.
type Manager struct {
	stop func()
	once sync.Once
	done chan struct{}
	err  error
}

// StartManager runs the controllers against the control plane.
func (c *Cluster) StartManager(o controllers.Options) (*Manager, error) {
	mgr, err := controllers.NewManager(c.Config, ctrl.Options{
		Metrics:                metricsserver.Options{BindAddress: "0"},
		HealthProbeBindAddress: "0",
	})
	if err != nil {
		return nil, err
	}
	engines, err := controllers.Add(mgr, o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	m := &Manager{stop: cancel, done: make(chan struct{})}
	go func() {
		defer close(m.done)
		m.err = errors.Join(mgr.Start(ctx), engines.Close())
	}()
	return m, nil
}

// Stop ends the manager as a signal would, and returns what it ended with.
func (m *Manager) Stop() error {
	m.once.Do(m.stop)
	<-m.done
	return m.err
}
