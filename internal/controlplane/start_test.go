//go:build unix

package controlplane

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// patience bounds each wait for something that takes seconds on a free machine.
	patience = 2 * time.Minute
	pause    = 100 * time.Millisecond
)

// A control plane is started, used, stopped and started again on its data:
// objects, the kubeconfig and service account tokens are good afterwards.
func TestDataSurvivesRestart(t *testing.T) {
	g := NewWithT(t)
	opts, err := testOptions()
	g.Expect(err).NotTo(HaveOccurred())
	files := openDir(t, g, filepath.Join(t.TempDir(), "data"))

	first, err := Start(t.Context(), files, opts)
	g.Expect(err).NotTo(HaveOccurred())
	c := newClient(g, first.Kubeconfig)

	t.Log("the resource definitions are served")
	mapping, err := c.RESTMapper().RESTMapping(schema.GroupKind{Group: "translation.dragoman.dev", Kind: "TranslationJob"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(mapping.Scope.Name()).To(Equal(meta.RESTScopeNameNamespace))

	t.Log("only the owner may read the kubeconfig, and it names the namespace")
	info, err := os.Stat(first.Kubeconfig)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(info.Mode().Perm()).To(Equal(fs.FileMode(0o600)))
	kubeconfig, err := os.ReadFile(first.Kubeconfig)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(kubeconfig)).To(ContainSubstring("namespace: demo"))

	kept := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kept"},
		Data:       map[string]string{"word": "still here"},
	}
	g.Expect(c.Create(t.Context(), kept)).To(Succeed())
	token := newToken(t.Context(), g, c)
	shims := pids(g, files)
	g.Expect(first.Stop()).To(Succeed())
	g.Expect(first.Err()).NotTo(HaveOccurred())

	t.Log("both programs have ended when Stop returns")
	for _, pid := range shims {
		g.Expect(syscall.Kill(pid, 0)).To(MatchError(syscall.ESRCH))
	}

	second, err := Start(t.Context(), files, opts)
	g.Expect(err).NotTo(HaveOccurred())
	defer func() { g.Expect(second.Stop()).To(Succeed()) }()
	c = newClient(g, second.Kubeconfig)
	found := &corev1.ConfigMap{}
	g.Expect(c.Get(t.Context(), client.ObjectKeyFromObject(kept), found)).To(Succeed())
	g.Expect(found.Data).To(Equal(kept.Data))
	g.Expect(found.UID).To(Equal(kept.UID))

	t.Log("a token of the first run is good in the second")
	review := &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}
	g.Expect(c.Create(t.Context(), review)).To(Succeed())
	g.Expect(review.Status.Error).To(BeEmpty())
	g.Expect(review.Status.Authenticated).To(BeTrue())

}

func TestDirectoryHasOneOwner(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	first := openDir(t, g, dir)

	_, err := OpenDataDir(dir, "--data-dir")

	g.Expect(err).To(MatchError(fmt.Sprintf(
		"the data directory %s is in use by another dragoman (process %d): stop that one or choose another directory with --data-dir",
		dir, os.Getpid())))
	g.Expect(first.Close()).To(Succeed())
	second, err := OpenDataDir(dir, "--data-dir")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(second.Close()).To(Succeed())
}

func TestTakenPortIsRefusedBeforeAnythingStarts(t *testing.T) {
	g := NewWithT(t)
	opts, err := testOptions()
	g.Expect(err).NotTo(HaveOccurred())
	files := openDir(t, g, t.TempDir())
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())
	defer func() { g.Expect(taken.Close()).To(Succeed()) }()
	opts.Address = taken.Addr().String()

	_, err = Start(t.Context(), files, opts)

	g.Expect(err).To(MatchError(fmt.Sprintf(
		"port %d is in use by another program and kube-apiserver needs it: stop that program or choose another port with --kube-port",
		taken.Addr().(*net.TCPAddr).Port)))
	g.Expect(files.Path("etcd")).NotTo(BeADirectory())
}

func TestFailedStartSpeaksInTheWordsOfTheProgram(t *testing.T) {
	g := NewWithT(t)
	opts, err := testOptions()
	g.Expect(err).NotTo(HaveOccurred())
	files := openDir(t, g, t.TempDir())
	opts.Binaries.Etcd = script(g, t.TempDir(), "etcd", `echo "the disk has a bad day" >&2; exit 3`)

	_, err = Start(t.Context(), files, opts)

	g.Expect(err).To(MatchError(fmt.Sprintf("etcd did not start: the disk has a bad day (more in %s)",
		files.Path("etcd.log"))))
}

// A start that would never end, because etcd never answers, is broken off.
func TestStartEndsWithItsContext(t *testing.T) {
	g := NewWithT(t)
	opts, err := testOptions()
	g.Expect(err).NotTo(HaveOccurred())
	files := openDir(t, g, t.TempDir())
	opts.Binaries.Etcd = script(g, t.TempDir(), "etcd", `exec sleep 1000`)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := Start(ctx, files, opts)
		failed <- err
	}()
	g.Eventually(files.running, patience, pause).WithArguments(etcdProgram).Should(BeTrue())
	shim := files.pid(etcdProgram)

	cancel()

	g.Eventually(failed, patience, pause).Should(Receive(MatchError(context.Canceled)))
	g.Expect(syscall.Kill(shim, 0)).To(MatchError(syscall.ESRCH))
}

func TestProgramThatEndsByItselfIsNoticed(t *testing.T) {
	g := NewWithT(t)
	opts, err := testOptions()
	g.Expect(err).NotTo(HaveOccurred())
	files := openDir(t, g, t.TempDir())
	cp, err := Start(t.Context(), files, opts)
	g.Expect(err).NotTo(HaveOccurred())
	g.Consistently(cp.Ended(), 3*parentPoll).ShouldNot(BeClosed())

	g.Expect(syscall.Kill(pids(g, files)[apiserverProgram], syscall.SIGKILL)).To(Succeed())

	g.Eventually(cp.Ended(), patience, pause).Should(BeClosed())
	g.Expect(cp.Err()).To(MatchError(HavePrefix("kube-apiserver ended by itself; the last it said was: ")))
	g.Expect(cp.Stop()).To(Succeed())
}

// The owner is killed the hard way. Its programs must end all the same, and the
// directory and its port must be good for the next owner.
func TestKilledOwnerLeavesNoOrphans(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	opts, err := testOptions()
	g.Expect(err).NotTo(HaveOccurred())
	owner := exec.CommandContext(t.Context(), opts.Supervisor[0], ownerRole, dir)
	said, err := owner.StdoutPipe()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(owner.Start()).To(Succeed())
	line, err := bufio.NewReader(said).ReadString('\n')
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(line).To(Equal("started\n"))
	before := processesOf(g, dir)
	g.Expect(before).To(ContainElements(ContainSubstring("/etcd "), ContainSubstring("/kube-apiserver ")))
	var killed *exec.ExitError

	g.Expect(owner.Process.Kill()).To(Succeed())

	g.Expect(errors.As(owner.Wait(), &killed)).To(BeTrue())
	g.Eventually(func() []string { return processesOf(g, dir) }, patience, pause).Should(BeEmpty())

	t.Log("the next owner can take over at once")
	next, err := Start(t.Context(), openDir(t, g, dir), opts)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(next.Stop()).To(Succeed())
}

// processesOf returns the command lines in the process table that name a
// directory, without the test process and its owner role.
func processesOf(g *WithT, dir string) []string {
	table, err := exec.Command("ps", "-eo", "pid=,args=").Output()
	g.Expect(err).NotTo(HaveOccurred())
	var found []string
	for line := range strings.Lines(string(table)) {
		if strings.Contains(line, dir+"/") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// openDir opens a data directory and closes it when the test ends. Closing it
// twice is no fault of the test.
func openDir(t *testing.T, g *WithT, dir string) *DataDir {
	files, err := OpenDataDir(dir, "--data-dir")
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = files.Close() })
	return files
}

func pids(g *WithT, files *DataDir) map[string]int {
	found := map[string]int{}
	for _, program := range []string{etcdProgram, apiserverProgram} {
		content, err := os.ReadFile(files.Path("run/" + program + ".pid"))
		g.Expect(err).NotTo(HaveOccurred())
		found[program], err = strconv.Atoi(strings.TrimSpace(string(content)))
		g.Expect(err).NotTo(HaveOccurred())
	}
	return found
}

func newClient(g *WithT, kubeconfig string) client.Client {
	cfg, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	g.Expect(err).NotTo(HaveOccurred())
	c, err := client.New(cfg, client.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	return c
}

func newToken(ctx context.Context, g *WithT, c client.Client) string {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "reader"}}
	g.Expect(c.Create(ctx, account)).To(Succeed())
	request := &authenticationv1.TokenRequest{}
	g.Expect(c.SubResource("token").Create(ctx, account, request)).To(Succeed())
	return request.Status.Token
}

// script writes an executable shell script.
func script(g *WithT, dir, name, body string) string {
	path := filepath.Join(dir, name)
	g.Expect(os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700)).To(Succeed())
	return path
}
