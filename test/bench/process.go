package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/dragoman-dev/dragoman/test/cluster"
)

// program is the built program, for what is measured of a process.
type program struct {
	dir, binary, kubeconfig string
}

// buildProgram builds it, and writes down how it reaches the cluster. The caller
// removes it.
func (b *bench) buildProgram(ctx context.Context) (*program, error) {
	dir, err := os.MkdirTemp("", "dragoman-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the program: %w", err)
	}
	p := &program{dir: dir, binary: filepath.Join(dir, "dragoman"), kubeconfig: filepath.Join(dir, "kubeconfig")}
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", p.binary, "./cmd/dragoman")
	build.Dir = cluster.Path()
	if output, err := build.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("build the program: %w: %s", err, output), p.remove())
	}
	if err := clientcmd.WriteToFile(kubeconfigOf(b.world.Config), p.kubeconfig); err != nil {
		return nil, errors.Join(fmt.Errorf("write the kubeconfig: %w", err), p.remove())
	}
	return p, nil
}

func (p *program) remove() error { return os.RemoveAll(p.dir) }

// kubeconfigOf writes out how to reach a cluster.
func kubeconfigOf(config *rest.Config) clientcmdapi.Config {
	const name = "bench"
	server := clientcmdapi.NewCluster()
	server.Server, server.CertificateAuthorityData = config.Host, config.CAData
	if !strings.Contains(server.Server, "://") {
		server.Server = "https://" + server.Server
	}
	user := clientcmdapi.NewAuthInfo()
	user.ClientCertificateData, user.ClientKeyData = config.CertData, config.KeyData
	both := clientcmdapi.NewContext()
	both.Cluster, both.AuthInfo = name, name
	out := clientcmdapi.NewConfig()
	out.Clusters[name], out.AuthInfos[name], out.Contexts[name], out.CurrentContext = server, user, both, name
	return *out
}

// process is the running program.
type process struct {
	command *exec.Cmd
	log     *os.File
	ended   chan error
	started time.Time
	// url of what it serves, and of its profiles.
	url, profiles string
}

// start runs the program with a subcommand. The flag is the one for the address of
// what it serves.
func (p *program) start(ctx context.Context, subcommand, flag string, more ...string) (*process, error) {
	serves, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	profiles, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.CreateTemp(p.dir, subcommand+"-*.log")
	if err != nil {
		return nil, fmt.Errorf("make a log: %w", err)
	}
	args := append([]string{subcommand, "--metrics-addr=0", flag + "=" + serves, "--pprof-addr=" + profiles}, more...)
	run := &process{log: log, ended: make(chan error, 1), url: "http://" + serves, profiles: "http://" + profiles, started: time.Now()}
	run.command = exec.Command(p.binary, args...)
	run.command.Env = append(os.Environ(), "KUBECONFIG="+p.kubeconfig)
	run.command.Stdout, run.command.Stderr = log, log
	if err := run.command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the %s: %w", subcommand, err), log.Close())
	}
	go func() { run.ended <- run.command.Wait() }()
	return run, nil
}

// freeAddress finds a port of the loopback interface that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

// stopTimeout is more than any part takes to end in order.
const stopTimeout = 40 * time.Second

// stop ends the process as a signal does.
func (p *process) stop() error {
	defer func() { _ = p.log.Close() }()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end %s: %w", p.command.Args[1], err)
	}
	timer := time.NewTimer(stopTimeout)
	defer timer.Stop()
	select {
	case err := <-p.ended:
		if err != nil {
			return fmt.Errorf("%s ended: %w: %s", p.command.Args[1], err, p.lastWords())
		}
		return nil
	case <-timer.C:
		return errors.Join(fmt.Errorf("%s did not end within %s", p.command.Args[1], stopTimeout), p.command.Process.Kill())
	}
}

// lastWords are the end of what the process has said.
func (p *process) lastWords() string {
	const most = 2000
	said, err := os.ReadFile(p.log.Name())
	if err != nil {
		return ""
	}
	return string(said[max(len(said)-most, 0):])
}

// answers says whether a page of the process is there.
func (p *process) answers(ctx context.Context, url string) (bool, error) {
	return p.fetch(ctx, url, io.Discard)
}

// fetch reads a page of the process, and says whether it is there.
func (p *process) fetch(ctx context.Context, url string, to io.Writer) (bool, error) {
	select {
	case err := <-p.ended:
		p.ended <- err
		return false, fmt.Errorf("%s ended by itself: %w: %s", p.command.Args[1], err, p.lastWords())
	default:
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, nil //nolint:nilerr // nobody listens yet
	}
	defer response.Body.Close()
	_, err = io.Copy(to, response.Body)
	return response.StatusCode == http.StatusOK, err
}

// ready waits until the process says that it is.
func (p *process) ready(ctx context.Context) error {
	return until(ctx, 5*time.Minute, "wait until "+p.command.Args[1]+" is ready", func(ctx context.Context) (bool, error) {
		return p.answers(ctx, p.url+"/readyz")
	})
}
