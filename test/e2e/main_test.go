// Package e2e_test runs the program as a user does: `dragoman up` as one process,
// real engines, kubectl, and the clients of the REST reference.
//
// It looks at nothing inside. What it needs beside Go, `make test` installs.
package e2e_test

import (
	"bytes"
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
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/test/cluster"
)

// readyWithin bounds the start of everything on a busy machine.
const readyWithin = 3 * time.Minute

// home is the running program, set before the first test.
var home *instance

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return 0, errors.New("KUBEBUILDER_ASSETS is not set: run these tests by make test or make test-integration")
	}
	dir, err := os.MkdirTemp("", "dragoman-e2e-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary := filepath.Join(dir, "dragoman")
	build := exec.Command("go", "build", "-o", binary, "./cmd/dragoman")
	build.Dir = cluster.Path()
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build the program: %w\n%s", err, out)
	}
	home, err = start(binary, filepath.Join(dir, "data"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, home.stop()) }()
	return m.Run(), nil
}

// instance is a running `dragoman up`.
type instance struct {
	binary, dir string
	url         string // of the REST adapter
	kubePort    int
	cmd         *exec.Cmd
	output      *buffer
	ended       chan error
}

// start runs the program on free ports and waits until it is ready.
func start(binary, dir string) (*instance, error) {
	rest, err := freePort()
	if err != nil {
		return nil, err
	}
	kube, err := freePort()
	if err != nil {
		return nil, err
	}
	i := &instance{binary: binary, dir: dir, kubePort: kube, url: fmt.Sprintf("http://127.0.0.1:%d", rest)}
	return i, i.up()
}

// up starts the program on the instance's data and ports.
func (i *instance) up() error {
	i.output, i.ended = &buffer{}, make(chan error, 1)
	i.cmd = exec.Command(i.binary, "up", "--data-dir", i.dir,
		"--listen", strings.TrimPrefix(i.url, "http://"), "--kube-port", fmt.Sprint(i.kubePort))
	i.cmd.Stdout, i.cmd.Stderr = i.output, i.output
	if err := i.cmd.Start(); err != nil {
		return fmt.Errorf("start the program: %w", err)
	}
	go func() { i.ended <- i.cmd.Wait() }()
	deadline := time.After(readyWithin)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-i.ended:
			return fmt.Errorf("the program ended before it was ready: %w\n%s", err, i.output)
		case <-deadline:
			return fmt.Errorf("not ready after %s\n%s", readyWithin, i.output)
		case <-tick.C:
			if strings.Contains(i.output.String(), "Ctrl-C") {
				return nil
			}
		}
	}
}

// stop ends the program as Ctrl-C does.
func (i *instance) stop() error {
	if err := i.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return fmt.Errorf("stop the program: %w", err)
	}
	select {
	case err := <-i.ended:
		if err != nil {
			return fmt.Errorf("the program ended badly: %w\n%s", err, i.output)
		}
		return nil
	case <-time.After(time.Minute):
		return errors.Join(fmt.Errorf("still running a minute after Ctrl-C\n%s", i.output), i.cmd.Process.Kill())
	}
}

// kubectl runs kubectl in a namespace.
func (i *instance) kubectl(ctx context.Context, namespace string, args ...string) (string, error) {
	path, err := exec.LookPath("kubectl")
	if err != nil {
		path = filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl")
	}
	return i.command(ctx, path, append([]string{"--kubeconfig", filepath.Join(i.dir, "kubeconfig"), "-n", namespace}, args...)...)
}

// account makes a namespace with an API key, as an operator does.
func (i *instance) account(t *testing.T, namespace string) (key string) {
	t.Helper()
	if out, err := i.kubectl(t.Context(), namespace, "create", "namespace", namespace); err != nil {
		t.Fatalf("make a namespace: %v\n%s", err, out)
	}
	out, err := i.command(t.Context(), i.binary, "apikey", "create", "--namespace", namespace, "--name", "test")
	if err != nil {
		t.Fatalf("make an API key: %v\n%s", err, out)
	}
	at := strings.Index(out, "sk_live_")
	if at < 0 {
		t.Fatalf("no key in %q", out)
	}
	return strings.Fields(out[at:])[0]
}

func (i *instance) command(ctx context.Context, path string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+filepath.Join(i.dir, "kubeconfig"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// call makes a REST call and returns status and body.
func (i *instance) call(t *testing.T, key, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, i.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-API-Key", key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return response.StatusCode, string(answer)
}

func freePort() (int, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// buffer collects output that is read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String returns all that was written.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
