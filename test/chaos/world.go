package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/test/cluster"
)

const (
	etcdProgram      = "etcd"
	apiserverProgram = "kube-apiserver"
	// startTimeout bounds the start of each, on a machine that is busy.
	startTimeout = 2 * time.Minute
	// deathTimeout bounds the wait for a process that was killed.
	deathTimeout = 10 * time.Second
)

// world is a control plane whose programs can be killed one by one. They run through
// the program's own shim, so that none is left behind however this one ends.
type world struct {
	Client client.WithWatch
	// Kubeconfig is the path of a file that leads to the API server.
	Kubeconfig string

	dir   string
	plane *envtest.ControlPlane
}

// startWorld starts etcd and kube-apiserver with their data in a directory.
func startWorld(dir, binary string) (*world, error) {
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		return nil, errors.New("KUBEBUILDER_ASSETS is not set: run this by make chaos or make test")
	}
	w := &world{dir: dir, Kubeconfig: filepath.Join(dir, "kubeconfig")}
	for _, program := range []string{etcdProgram, apiserverProgram} {
		if err := w.writeScript(program, binary, filepath.Join(assets, program)); err != nil {
			return nil, err
		}
	}
	certs := filepath.Join(dir, "certs")
	if err := os.Mkdir(certs, 0o700); err != nil {
		return nil, fmt.Errorf("make a directory for certificates: %w", err)
	}
	// A Writer and not a file: the end of the shim is then waited for until what it ran
	// has ended as well.
	says := &tail{}
	w.plane = &envtest.ControlPlane{
		Etcd: &envtest.Etcd{
			Path: w.script(etcdProgram), DataDir: filepath.Join(dir, "data"), Out: says, Err: says, StartTimeout: startTimeout,
		},
		APIServer: &envtest.APIServer{
			Path: w.script(apiserverProgram), CertDir: certs, Out: says, Err: says, StartTimeout: startTimeout,
		},
	}
	if err := w.plane.Start(); err != nil {
		return nil, fmt.Errorf("start the control plane: %w; the last it said: %s", err, says.last())
	}
	if err := w.connect(); err != nil {
		return nil, errors.Join(err, w.Stop())
	}
	return w, nil
}

// connect installs the kinds and makes the client.
func (w *world) connect() error {
	user, err := w.plane.AddUser(envtest.User{Name: "chaos", Groups: []string{"system:masters"}}, &rest.Config{QPS: -1})
	if err != nil {
		return fmt.Errorf("make a user: %w", err)
	}
	kubeconfig, err := user.KubeConfig()
	if err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	if err := os.WriteFile(w.Kubeconfig, kubeconfig, 0o600); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	crds := envtest.CRDInstallOptions{Paths: []string{cluster.Path("config/components/crd/bases")}, ErrorIfPathMissing: true}
	if _, err := envtest.InstallCRDs(user.Config(), crds); err != nil {
		return fmt.Errorf("install the kinds: %w", err)
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return err
	}
	w.Client, err = client.NewWithWatch(user.Config(), client.Options{Scheme: scheme})
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	return nil
}

// Restart kills a program and starts it again on its data and port.
func (w *world) Restart(program string) error {
	if err := w.kill(program); err != nil {
		return err
	}
	var err error
	if program == etcdProgram {
		err = w.plane.Etcd.Start()
	} else {
		err = w.plane.APIServer.Start()
	}
	if err != nil {
		return fmt.Errorf("start %s again: %w", program, err)
	}
	return nil
}

// Stop kills both: an orderly stop of kube-apiserver waits a minute for watches.
func (w *world) Stop() error {
	return errors.Join(w.kill(apiserverProgram), w.kill(etcdProgram))
}

// kill ends a program as a crash would, and waits until it is gone.
func (w *world) kill(program string) error {
	pid, err := w.pid(program)
	if err != nil {
		return err
	}
	// The kernel ends the program with its shim. One that is gone is what is wanted.
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill %s: %w", program, err)
	}
	stop := w.plane.Etcd.Stop
	if program == apiserverProgram {
		stop = w.plane.APIServer.Stop
	}
	// Stop does nothing once the end was seen; before, there is nobody to signal.
	return poll(context.Background(), deathTimeout, stop)
}

func (w *world) pid(program string) (int, error) {
	content, err := os.ReadFile(w.pidFile(program))
	if err != nil {
		return 0, fmt.Errorf("find %s: %w", program, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0, fmt.Errorf("find %s: %w", program, err)
	}
	return pid, nil
}

func (w *world) script(program string) string  { return filepath.Join(w.dir, program) }
func (w *world) pidFile(program string) string { return filepath.Join(w.dir, program+".pid") }

// writeScript writes what envtest takes for a program. envtest also asks for --help,
// to find the flags of old versions by; no answer is the right one.
func (w *world) writeScript(program, binary, path string) error {
	args := supervised(binary, path, "--pid-file", w.pidFile(program))
	for i, arg := range args {
		args[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	script := fmt.Sprintf("#!/bin/sh\n[ \"$1\" = --help ] && exit 0\nexec %s \"$@\"\n", strings.Join(args, " "))
	if err := os.WriteFile(w.script(program), []byte(script), 0o700); err != nil {
		return fmt.Errorf("write the start script of %s: %w", program, err)
	}
	return nil
}

// supervised is the command that runs a program until this process ends.
func supervised(binary, path string, flags ...string) []string {
	args := append([]string{binary, "supervise", "--parent", strconv.Itoa(os.Getpid())}, flags...)
	return append(args, "--", path)
}

// poll calls a function until it succeeds; its last error is returned when the time
// is over.
func poll(ctx context.Context, patience time.Duration, do func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	every := time.NewTicker(50 * time.Millisecond)
	defer every.Stop()
	for {
		err := do()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-every.C:
		}
	}
}
