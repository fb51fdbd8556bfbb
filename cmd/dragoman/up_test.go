//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/dragoman-dev/dragoman/internal/controlplane"
)

const (
	// patience bounds each wait for something that takes seconds on a free machine.
	patience = 3 * time.Minute
	pause    = 100 * time.Millisecond
	// serving ends the block that is printed when everything is ready.
	serving = "Ctrl-C stops everything and keeps the data in "
)

// A newcomer starts everything, is told about mistakes, presses Ctrl-C, starts
// again for the demonstration, and in the end the process is killed: all on one
// data directory.
func TestUp(t *testing.T) {
	g := NewWithT(t)
	dir := filepath.Join(t.TempDir(), "data")
	ports := freePorts(t, g, 2)
	listen := fmt.Sprintf("127.0.0.1:%d", ports[1])
	args := []string{"up", "--data-dir", dir, "--kube-port", fmt.Sprint(ports[0]), "--listen", listen}

	t.Log("everything starts")
	first := start(t, g, args...)
	g.Eventually(first.out.String, patience, pause).Should(ContainSubstring(serving), first.errors.String)
	key := readKey(g, dir)
	g.Expect(first.out.String()).To(And(
		ContainSubstring("\n  API key     "+key+"\n"),
		ContainSubstring("\n  kubeconfig  "+dir+"/kubeconfig (namespace demo)\n"),
		ContainSubstring("\n  REST API    http://"+listen+"/v1 (documentation: http://"+listen+"/docs)\n"),
		ContainSubstring("pseudo: pseudo-localisation for tests, only when a job names it\n"),
	))
	g.Expect(first.errors.String()).To(Equal("Starting kube-apiserver and etcd ...\nStarting the controllers and the REST adapter ...\n"))
	g.Expect(status(t, g, "http://"+listen+"/v1/jobs", key)).To(Equal(http.StatusOK))
	g.Expect(status(t, g, "http://"+listen+"/v1/jobs", key+"x")).To(Equal(http.StatusUnauthorized))

	t.Log("a second one is refused in one sentence, whatever it shares with the first")
	for name, refused := range map[string]struct {
		args []string
		want string
	}{
		"directory": {
			args: []string{"up", "--data-dir", dir},
			want: fmt.Sprintf("dragoman: the data directory %s is in use by another dragoman (process %d): stop that one or choose another directory with --data-dir\n",
				dir, first.cmd.Process.Pid),
		},
		"port of kube-apiserver": {
			args: []string{"up", "--data-dir", t.TempDir(), "--kube-port", fmt.Sprint(ports[0]), "--listen", "127.0.0.1:0"},
			want: fmt.Sprintf("dragoman: port %d is in use by another program and kube-apiserver needs it: stop that program or choose another port with --kube-port\n", ports[0]),
		},
		"port of the adapter": {
			args: []string{"up", "--data-dir", t.TempDir(), "--kube-port", "0", "--listen", listen},
			want: fmt.Sprintf("dragoman: port %d is in use by another program and the REST adapter needs it: stop that program or choose another port with --listen\n", ports[1]),
		},
	} {
		second := start(t, g, refused.args...)
		g.Expect(second.end(g)).To(Equal(1), name)
		g.Expect(second.errors.String()).To(Equal(refused.want), name)
		g.Expect(second.out.String()).To(BeEmpty(), name)
	}

	t.Log("a deleted batch takes its jobs along, as in a cluster")
	batch := `{"mode":"translation","source_lang":"es","target_lang":["ca","pt"],"text":"El tren sale a las ocho."}`
	g.Expect(post(t, g, "http://"+listen+"/v1/jobs", key, batch)).To(Equal(http.StatusAccepted))
	kubeconfig := filepath.Join(dir, "kubeconfig")
	g.Eventually(kubectl, patience, pause).WithArguments(t, g, kubeconfig, "get", "tj", "-o", "name").ShouldNot(BeEmpty())
	kubectl(t, g, kubeconfig, "delete", "tb", "--all")
	g.Eventually(kubectl, patience, pause).WithArguments(t, g, kubeconfig, "get", "tj", "-o", "name").Should(BeEmpty())

	t.Log("Ctrl-C stops everything")
	g.Expect(first.cmd.Process.Signal(os.Interrupt)).To(Succeed())
	g.Expect(first.end(g)).To(Equal(0), first.errors.String)
	g.Expect(first.errors.String()).To(HaveSuffix(
		"The controllers and the REST adapter have stopped.\nkube-apiserver and etcd have stopped; the data is kept in " + dir + ".\n"))
	g.Expect(processesOf(t, g, dir)).To(BeEmpty())

	t.Log("the next start goes on with the same key, gives the demonstration and ends")
	second := start(t, g, append(args, "--demo", "--exit")...)
	g.Expect(second.end(g)).To(Equal(0), second.errors.String)
	g.Expect(second.out.String()).To(And(
		ContainSubstring("\n  → El tren surt a les vuit del matí. Compri el bitllet abans de pujar.\n    score 100.0 of 100\n"),
		ContainSubstring("\n  → El museo abre todos los días. La exposición nueva es muy interesante.\n    score 100"),
	))
	g.Expect(readKey(g, dir)).To(Equal(key))
	g.Expect(processesOf(t, g, dir)).To(BeEmpty())

	t.Log("killed, it leaves no process behind")
	third := start(t, g, args...)
	g.Eventually(third.out.String, patience, pause).Should(ContainSubstring(serving), third.errors.String)
	g.Expect(processesOf(t, g, dir)).To(ContainElements(ContainSubstring("/etcd "), ContainSubstring("/kube-apiserver ")))
	g.Expect(third.cmd.Process.Kill()).To(Succeed())
	g.Expect(third.end(g)).To(Equal(-1))
	g.Eventually(processesOf, patience, pause).WithArguments(t, g, dir).Should(BeEmpty())
}

// Ctrl-C during the start is no success, and leaves nothing behind.
func TestUpIsInterruptedDuringTheStart(t *testing.T) {
	g := NewWithT(t)
	dir := filepath.Join(t.TempDir(), "data")
	ports := freePorts(t, g, 2)
	p := start(t, g, "up", "--data-dir", dir, "--kube-port", fmt.Sprint(ports[0]), "--listen", fmt.Sprintf("127.0.0.1:%d", ports[1]))
	g.Eventually(filepath.Join(dir, "run", "etcd.pid"), patience, pause).Should(BeAnExistingFile())

	g.Expect(p.cmd.Process.Signal(os.Interrupt)).To(Succeed())

	g.Expect(p.end(g)).To(Equal(130), p.errors.String)
	g.Expect(p.errors.String()).To(HaveSuffix("\ndragoman: interrupted\n"))
	g.Expect(processesOf(t, g, dir)).To(BeEmpty())
}

func TestBinariesOnlyPrintsTheirDirectory(t *testing.T) {
	g := NewWithT(t)
	p := start(t, g, "up", "--binaries-only")
	g.Expect(p.end(g)).To(Equal(0), p.errors.String)
	dir, ok := strings.CutSuffix(p.out.String(), "\n")
	g.Expect(ok).To(BeTrue())
	g.Expect(filepath.Join(dir, "kube-apiserver")).To(BeARegularFile())
	g.Expect(filepath.Join(dir, "etcd")).To(BeARegularFile())
}

// program is dragoman in a process of its own.
type program struct {
	cmd         *exec.Cmd
	out, errors *text
}

func start(t *testing.T, g *WithT, args ...string) program {
	t.Helper()
	self, err := os.Executable()
	g.Expect(err).NotTo(HaveOccurred())
	found, _ := programs(t)
	p := program{cmd: exec.CommandContext(t.Context(), self, args...), out: &text{}, errors: &text{}}
	p.cmd.Env = append(os.Environ(), asProgram+"=1", "KUBEBUILDER_ASSETS="+found.Dir)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.errors
	g.Expect(p.cmd.Start()).To(Succeed())
	return p
}

// programs returns the control plane's programs and kubectl.
func programs(t *testing.T) (found controlplane.Binaries, kubectl string) {
	t.Helper()
	finder := controlplane.NewFinder("../../hack/controlplane", os.Getenv("KUBEBUILDER_ASSETS"), nil, os.Stderr)
	found, ok := finder.Locate()
	if ok {
		kubectl, ok = finder.LocateKubectl(found)
	}
	if !ok {
		t.Fatal("this test runs kube-apiserver, etcd and kubectl, which are not there: run `dragoman up --binaries-only` first")
	}
	return found, kubectl
}

// end waits for the end of the program and returns its exit code, -1 when a
// signal ended it.
func (p program) end(g *WithT) int {
	err := p.cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	g.Expect(err).NotTo(HaveOccurred())
	return 0
}

// text collects what a program writes while others read it.
type text struct {
	mu      sync.Mutex
	content bytes.Buffer
}

func (x *text) Write(b []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.content.Write(b)
}

func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.content.String()
}

func readKey(g *WithT, dir string) string {
	path := filepath.Join(dir, "api-key")
	info, err := os.Stat(path)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(info.Mode().Perm()).To(Equal(fs.FileMode(0o600)))
	content, err := os.ReadFile(path)
	g.Expect(err).NotTo(HaveOccurred())
	return strings.TrimSpace(string(content))
}

func status(t *testing.T, g *WithT, url, key string) int {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	g.Expect(err).NotTo(HaveOccurred())
	request.Header.Set("X-API-Key", key)
	response, err := http.DefaultClient.Do(request)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(response.Body.Close()).To(Succeed())
	return response.StatusCode
}

func post(t *testing.T, g *WithT, url, key, body string) int {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	g.Expect(err).NotTo(HaveOccurred())
	request.Header.Set("X-API-Key", key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(response.Body.Close()).To(Succeed())
	return response.StatusCode
}

func kubectl(t *testing.T, g *WithT, kubeconfig string, args ...string) string {
	_, path := programs(t)
	answer, err := exec.CommandContext(t.Context(), path, append([]string{"--kubeconfig", kubeconfig}, args...)...).CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(answer))
	return string(answer)
}

// processesOf returns the command lines in the process table that name a
// directory.
func processesOf(t *testing.T, g *WithT, dir string) []string {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	table, err := exec.CommandContext(ctx, "ps", "-eo", "pid=,args=").Output()
	g.Expect(err).NotTo(HaveOccurred())
	var found []string
	for line := range strings.Lines(string(table)) {
		if strings.Contains(line, dir) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

func freePorts(t *testing.T, g *WithT, n int) (ports []int) {
	for range n {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		g.Expect(err).NotTo(HaveOccurred())
		defer func() { g.Expect(listener.Close()).To(Succeed()) }()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports
}
