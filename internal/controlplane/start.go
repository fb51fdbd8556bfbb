//go:build unix

package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

const (
	// startTimeout bounds the start of each program. It takes 1–5 s; a busy machine
	// with a cold disk has taken half a minute.
	startTimeout = 2 * time.Minute
	// stopGrace is how long a program may take to end in order before the shim
	// kills it, and stopTimeout how long envtest waits for the shim.
	stopGrace   = 20 * time.Second
	stopTimeout = stopGrace + 5*time.Second
)

// Options say how to start a control plane.
type Options struct {
	// Binaries are the programs.
	Binaries Binaries
	// Address is where kube-apiserver listens, as host:port; port 0 takes any free
	// one. AddressFlag is how the user sets it; it is named in messages.
	Address, AddressFlag string
	// Namespace is the default namespace of the kubeconfig.
	Namespace string
	// CRDs hold the resource definitions to install, as YAML files; nil for none.
	CRDs fs.FS
	// Supervisor is the command that calls Supervision.Run; the arguments
	// "--parent PID --pid-file FILE --grace DURATION -- PROGRAM ARG…" are added.
	Supervisor []string
	// Clock tells the time that certificates are made for and checked at.
	Clock func() time.Time
}

// ControlPlane is a running kube-apiserver with its etcd.
type ControlPlane struct {
	// Config reaches the server as an administrator.
	Config *rest.Config
	// Kubeconfig is the path of a file that does the same. Only its owner may read it.
	Kubeconfig string

	plane  *envtest.ControlPlane
	files  *DataDir
	cancel context.CancelFunc
	ended  chan struct{}
	cause  error
}

// Start starts etcd and kube-apiserver on the data directory, waits until the
// server answers and installs the resource definitions. On an error or when ctx
// ends first nothing is left running. The caller must call Stop, and then close
// the directory.
//
// A port in use is refused with one sentence before anything is started.
func Start(ctx context.Context, files *DataDir, opts Options) (*ControlPlane, error) {
	if err := files.CheckListen(ctx, opts.Address, apiserverProgram, opts.AddressFlag); err != nil {
		return nil, err
	}
	c := &ControlPlane{files: files, ended: make(chan struct{})}
	if err := c.start(ctx, opts); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *ControlPlane) start(ctx context.Context, opts Options) error {
	plane, err := newPlane(ctx, c.files, opts)
	if err != nil {
		return err
	}
	c.plane = plane.ControlPlane
	defer plane.closeLogs()
	if err := c.startPrograms(ctx); err != nil {
		return err
	}
	if err := c.finishStart(ctx, opts, plane.pki); err != nil {
		return errors.Join(err, c.plane.Stop())
	}
	watch, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.cancel = cancel
	go c.watch(watch)
	return nil
}

// startPrograms returns early when ctx ends: envtest knows no context, so the
// programs are ended under its hands until it gives up.
func (c *ControlPlane) startPrograms(ctx context.Context) error {
	started := make(chan error, 1)
	go func() { started <- c.plane.Start() }()
	select {
	case err := <-started:
		return c.explain(err)
	case <-ctx.Done():
	}
	poll := time.NewTicker(lockPoll)
	defer poll.Stop()
	for {
		c.files.interruptPrograms()
		select {
		case err := <-started:
			if err == nil {
				err = c.plane.Stop()
			} else {
				err = nil
			}
			return errors.Join(ctx.Err(), err)
		case <-poll.C:
		}
	}
}

// explain turns envtest's account of a failed start into one sentence with the
// failed program's own words.
func (c *ControlPlane) explain(err error) error {
	if err == nil {
		return nil
	}
	for _, program := range []string{apiserverProgram, etcdProgram} {
		if words := c.files.lastWords(program); words != "" {
			return fmt.Errorf("%s did not start: %s (more in %s)", program, words, c.files.log(program))
		}
	}
	return fmt.Errorf("the control plane did not start: %w", err)
}

func (c *ControlPlane) finishStart(ctx context.Context, opts Options, pki *pki) error {
	cfg, err := pki.clientConfig(net.JoinHostPort(c.plane.APIServer.Address, c.plane.APIServer.Port))
	if err != nil {
		return err
	}
	// The server is the only one of its user: client-go's default of 5 requests a
	// second is made for clusters with many.
	cfg.QPS, cfg.Burst = 1000, 2000
	c.Config = cfg
	if err := waitDefaultNamespace(ctx, cfg); err != nil {
		return err
	}
	if err := installCRDs(cfg, opts.CRDs); err != nil {
		return err
	}
	c.Kubeconfig = c.files.Path("kubeconfig")
	return writeKubeconfig(c.Kubeconfig, cfg, opts.Namespace)
}

// waitDefaultNamespace waits for the last thing a new server makes by itself.
func waitDefaultNamespace(ctx context.Context, cfg *rest.Config) error {
	c, err := client.New(cfg, client.Options{})
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	var last error
	err = wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, startTimeout, true, func(ctx context.Context) (bool, error) {
		last = c.Get(ctx, types.NamespacedName{Name: "default"}, &corev1.Namespace{})
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the namespace default: %w", errors.Join(last, err))
	}
	return nil
}

// Ended is closed when the control plane is no longer there: after Stop, or when
// one of its programs ended by itself.
func (c *ControlPlane) Ended() <-chan struct{} { return c.ended }

// Err says why the control plane ended by itself. It is nil until Ended is
// closed, and after Stop.
func (c *ControlPlane) Err() error {
	select {
	case <-c.ended:
		return c.cause
	default:
		return nil
	}
}

// Stop ends kube-apiserver and then etcd, each in order within 20 s. Call it once.
func (c *ControlPlane) Stop() error {
	c.cancel()
	<-c.ended
	err := c.plane.Stop()
	c.files.removeRunFiles()
	if err != nil {
		return fmt.Errorf("stop the control plane: %w", err)
	}
	return nil
}

// watch notices that a program has ended. envtest keeps that to itself, so the
// process table is asked.
func (c *ControlPlane) watch(ctx context.Context) {
	defer close(c.ended)
	poll := time.NewTicker(parentPoll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
		}
		for _, program := range []string{etcdProgram, apiserverProgram} {
			if c.files.running(program) {
				continue
			}
			c.cause = fmt.Errorf("%s ended by itself; the last it said was: %s (more in %s)",
				program, c.files.lastWords(program), c.files.log(program))
			return
		}
	}
}

// plane is envtest's control plane with what has to be closed after its start.
type plane struct {
	*envtest.ControlPlane
	pki  *pki
	logs []*os.File
}

func (p *plane) closeLogs() {
	for _, log := range p.logs {
		// The programs have their own handle; nothing was written through this one.
		_ = log.Close()
	}
}

func newPlane(ctx context.Context, files *DataDir, opts Options) (*plane, error) {
	host, port, err := net.SplitHostPort(opts.Address)
	if err != nil {
		return nil, fmt.Errorf("read the address of kube-apiserver: %w", err)
	}
	ports, err := freePorts(ctx, 3)
	if err != nil {
		return nil, err
	}
	if port == "0" {
		port = fmt.Sprint(ports[0])
	}
	certs, err := openPKI(files.pki(), host, opts.Clock())
	if err != nil {
		return nil, err
	}
	admin, err := certs.clientConfig("")
	if err != nil {
		return nil, err
	}
	if err := files.prepareRun(opts); err != nil {
		return nil, err
	}
	p := &plane{pki: certs}
	etcdLog, err := files.OpenLog(etcdProgram)
	if err != nil {
		return nil, err
	}
	p.logs = append(p.logs, etcdLog)
	apiserverLog, err := files.OpenLog(apiserverProgram)
	if err != nil {
		p.closeLogs()
		return nil, err
	}
	p.logs = append(p.logs, apiserverLog)
	etcd := &envtest.Etcd{
		Path: files.script(etcdProgram), DataDir: files.Path("etcd"),
		Out: etcdLog, Err: etcdLog, StartTimeout: startTimeout, StopTimeout: stopTimeout,
	}
	apiserver := &envtest.APIServer{
		Path: files.script(apiserverProgram), CertDir: files.pki(),
		Out: apiserverLog, Err: apiserverLog, StartTimeout: startTimeout, StopTimeout: stopTimeout,
	}
	apiserver.SecureServing = envtest.SecureServing{
		ListenAddr: envtest.ListenAddr{Address: host, Port: port},
		CA:         admin.CAData,
		Authn:      certAuthn{pki: certs},
	}
	configureEtcd(etcd, certs, ports[1], ports[2])
	configureAPIServer(apiserver, certs, ports[1])
	p.ControlPlane = &envtest.ControlPlane{Etcd: etcd, APIServer: apiserver}
	return p, nil
}
