//go:build unix

package controlplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"
)

// fakeGo is a go command for the module in testFinder's Source: three packages
// are stale besides the program, and a build says two of them, waits for the file
// go-on beside the script and says the others.
const fakeGo = `
here=$(dirname "$0")
echo "$*" >> "$here/calls"
case "$1 $2" in
"list -m") echo "go: downloading k8s.io/kubernetes v1.37.1" >&2; echo v1.37.1; exit ;;
list*) printf 'example.com/a\n\nexample.com/b\nexample.com/c\nexample.com/main\n'; exit ;;
esac
printf 'example.com/a\nexample.com/b\n' >&2
while [ ! -e "$here/go-on" ]; do sleep 0.02; done
printf 'example.com/c\nexample.com/main\n' >&2
while [ $# -gt 0 ]; do
	if [ "$1" = -o ]; then printf '#!/bin/sh\n' > "$2"; chmod 755 "$2"; fi
	shift
done`

// testFinder finds nothing on the machine and builds with a script.
func testFinder(g *WithT, dir, goScript string, out *output) Finder {
	source := filepath.Join(dir, "hack", "controlplane")
	g.Expect(os.MkdirAll(source, 0o700)).To(Succeed())
	g.Expect(os.WriteFile(filepath.Join(source, "go.mod"),
		[]byte("module example.com/build\n\nrequire k8s.io/kubernetes v1.37.1 // indirect\n"), 0o600)).To(Succeed())
	self, err := os.Executable()
	g.Expect(err).NotTo(HaveOccurred())
	start := time.Unix(0, 0)
	return Finder{
		Source:        source,
		Bin:           []string{filepath.Join(dir, "bin")},
		Go:            script(g, dir, "go", goScript),
		Supervisor:    []string{self, superviseRole},
		Out:           out,
		Every:         time.Millisecond,
		Clock:         func() time.Time { return start },
		LookPath:      notOnPath("kubectl"),
		moduleVersion: wantedVersion,
	}
}

// notOnPath finds every program but one where its name says.
func notOnPath(missing string) func(string) (string, error) {
	return func(name string) (string, error) {
		if name == missing {
			return "", fmt.Errorf("%s is not on the PATH", name)
		}
		return name, nil
	}
}

func TestBuildShowsItsProgressAndPutsTheProgramsInPlace(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	out := &output{}
	f := testFinder(g, dir, fakeGo, out)
	// The script goes on once the reader has been told of the first two packages.
	out.when("package 2 of 3", func() {
		g.Expect(os.WriteFile(filepath.Join(dir, "go-on"), nil, 0o600)).To(Succeed())
	})

	found, err := f.Find(t.Context())

	g.Expect(err).NotTo(HaveOccurred())
	bin := filepath.Join(dir, "bin")
	g.Expect(cmp.Diff(Binaries{Dir: bin, APIServer: filepath.Join(bin, "kube-apiserver"), Etcd: filepath.Join(bin, "etcd")}, found)).To(BeEmpty())
	said := out.String()
	g.Expect(said).To(HavePrefix("kube-apiserver and etcd are not on this machine, so they are built from their Go modules.\n" +
		"This happens once and takes 5 to 10 minutes on 2 cores.\n"))
	g.Expect(said).To(ContainSubstring("\nBuilding etcd (1 of 2): package 2 of 3, 66 %, 0s\n"))
	g.Expect(said).To(ContainSubstring("\netcd (1 of 2) is built (0s).\n"))
	g.Expect(said).To(HaveSuffix("\nkube-apiserver (2 of 2) is built (0s).\n"))

	t.Log("both are built with the version of the module")
	calls, err := os.ReadFile(filepath.Join(dir, "calls"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(calls)).To(ContainSubstring("build -ldflags=-s -w -X k8s.io/component-base/version.gitVersion=v1.37.1 -v -o "))
	g.Expect(string(calls)).To(ContainSubstring("/etcd go.etcd.io/etcd/server/v3\n"))
	g.Expect(string(calls)).To(ContainSubstring("/kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver\n"))

	t.Log("nothing but the programs, the log and the lock is left behind")
	g.Expect(names(g, bin)).To(Equal([]string{".lock", "build.log", "etcd", "kube-apiserver"}))

	t.Log("the next search finds them and builds nothing")
	g.Expect(os.Remove(f.Go)).To(Succeed())
	again, err := f.Find(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(again).To(Equal(found))
}

// wantedVersion is what both programs are built from in testFinder's Source.
func wantedVersion(string) (string, string) { return "k8s.io/kubernetes", "v1.37.1" }

func TestBuildOfAnotherVersionIsReplaced(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	f := testFinder(g, dir, fakeGo, &output{})
	bin := filepath.Join(dir, "bin")
	g.Expect(os.MkdirAll(bin, 0o700)).To(Succeed())
	g.Expect(os.WriteFile(filepath.Join(dir, "go-on"), nil, 0o600)).To(Succeed())
	for _, program := range []string{"etcd", "kube-apiserver"} {
		script(g, bin, program, "echo old")
	}
	f.moduleVersion = func(string) (string, string) { return "k8s.io/kubernetes", "v1.36.0" }

	_, err := f.Find(t.Context())

	g.Expect(err).NotTo(HaveOccurred())
	built, err := os.ReadFile(filepath.Join(bin, "kube-apiserver"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(built)).To(Equal("#!/bin/sh\n"))
}

func TestInterruptedBuildLeavesNoProgram(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	out := &output{}
	f := testFinder(g, dir, fakeGo, out)
	ctx, cancel := context.WithCancel(t.Context())
	out.when("package 2 of 3", cancel)

	_, err := f.Find(ctx)

	g.Expect(err).To(MatchError(context.Canceled))
	g.Expect(names(g, filepath.Join(dir, "bin"))).To(Equal([]string{".lock", "build.log"}))
}

func TestSecondBuildWaitsAndUsesTheFirst(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	first, second := &output{}, &output{}
	f := testFinder(g, dir, fakeGo, first)
	building := make(chan struct{})
	first.when("package 2 of 3", func() { close(building) })
	second.when("waiting for it", func() {
		g.Expect(os.WriteFile(filepath.Join(dir, "go-on"), nil, 0o600)).To(Succeed())
	})
	var builds sync.WaitGroup
	var errFirst error
	builds.Go(func() { _, errFirst = f.Build(t.Context()) })
	<-building
	other := f
	other.Out = second

	_, err := other.Build(t.Context())

	g.Expect(err).NotTo(HaveOccurred())
	builds.Wait()
	g.Expect(errFirst).NotTo(HaveOccurred())
	g.Expect(second.String()).To(Equal(fmt.Sprintf(
		"Another dragoman (process %d) is building the same programs: waiting for it.\n", os.Getpid())))
}

func TestKubectlIsBuiltOnlyWhenThereIsNone(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	out := &output{}
	f := testFinder(g, dir, fakeGo, out)
	g.Expect(os.WriteFile(filepath.Join(dir, "go-on"), nil, 0o600)).To(Succeed())
	assets := filepath.Join(dir, "assets")
	g.Expect(os.MkdirAll(assets, 0o700)).To(Succeed())

	path, err := f.Kubectl(t.Context(), Binaries{Dir: assets})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(path).To(Equal(filepath.Join(dir, "bin", "kubectl")))
	g.Expect(executable(path)).To(Succeed())
	g.Expect(out.String()).To(HavePrefix("kubectl is not on this machine, so it is built from its Go module; this happens once.\n"))

	t.Log("a build that fails speaks of kubectl")
	broken := f
	broken.Bin = []string{filepath.Join(dir, "other")}
	broken.LookPath = func(string) (string, error) { return "", errors.New("not on the PATH") }
	_, err = broken.Kubectl(t.Context(), Binaries{Dir: assets})
	g.Expect(err).To(MatchError("kubectl cannot be found, and there is no Go toolchain on the PATH to build with: install Go, or put it on the PATH"))

	t.Log("one beside the programs comes first")
	beside := script(g, assets, "kubectl", "")
	g.Expect(os.Remove(f.Go)).To(Succeed())
	g.Expect(f.Kubectl(t.Context(), Binaries{Dir: assets})).To(Equal(beside))

	t.Log("one on the PATH comes before that")
	f.LookPath = func(name string) (string, error) { return "/somewhere/" + name, nil }
	g.Expect(f.Kubectl(t.Context(), Binaries{Dir: assets})).To(Equal("/somewhere/kubectl"))
}

// Each way a build can fail is told in one sentence that says what to do.
func TestBuildFailuresAreTold(t *testing.T) {
	cases := map[string]struct {
		goScript string
		change   func(*Finder)
		wantErr  string
	}{
		"Go is not installed": {
			change: func(f *Finder) { f.LookPath = notOnPath(f.Go) },
			wantErr: "kube-apiserver and etcd cannot be found, and there is no Go toolchain on the PATH to build with: " +
				"install Go, or set KUBEBUILDER_ASSETS to a directory that holds both",
		},
		"there is no checkout": {
			change: func(f *Finder) { f.Source = "/nowhere" },
			wantErr: "kube-apiserver and etcd cannot be found, and /nowhere is no folder to build from: " +
				"start in a checkout or name its hack/controlplane with --source, or set KUBEBUILDER_ASSETS to a directory that holds both",
		},
		"the module proxy cannot be reached": {
			goScript: `echo 'go: k8s.io/kubernetes@v1.37.1: Get "https://proxy.example": dial tcp: lookup proxy.example: no such host' >&2; exit 1`,
			wantErr: "the Go modules of kube-apiserver and etcd cannot be downloaded, because the Go module proxy cannot be reached: " +
				"check the network and GOPROXY and run the same again, or set KUBEBUILDER_ASSETS to a directory that holds both",
		},
		"the disk is full": {
			goScript: `echo 'write $WORK/b001/_pkg_.a: no space left on device' >&2; exit 1`,
			wantErr: "the disk is full: the build needs about 5 GB in Go's caches; " +
				"make room and run the same again, which goes on where it stopped",
		},
		"Go is too old": {
			goScript: `echo 'go: go.mod requires go >= 1.26.0 (running go 1.22.2; GOTOOLCHAIN=local)' >&2; exit 1`,
			wantErr: "the installed Go is too old to build kube-apiserver and etcd: go: go.mod requires go >= 1.26.0 (running go 1.22.2; GOTOOLCHAIN=local): " +
				"install a newer Go, or set KUBEBUILDER_ASSETS to a directory that holds both",
		},
		"memory runs out": {
			goScript: `echo 'k8s.io/api/core/v1: compile: signal: killed' >&2; exit 1`,
			wantErr: "the compiler was killed, most likely because memory ran out: the build needs about 4 GB; " +
				"free some and run the same again, or set KUBEBUILDER_ASSETS to a directory that holds both",
		},
		"the compiler finds a fault": {
			goScript: `[ "$1" = list ] && exit 0; printf '# example.com/a\na.go:1:1: undefined: b\n' >&2; exit 1`,
			wantErr:  "the build of kube-apiserver and etcd failed: a.go:1:1: undefined: b (more in BIN/build.log)",
		},
		"go fails without a word": {
			goScript: `exit 7`,
			wantErr:  "the build of kube-apiserver and etcd failed: exit status 7 (more in BIN/build.log)",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			dir := t.TempDir()
			f := testFinder(g, dir, tc.goScript, &output{})
			if tc.change != nil {
				tc.change(&f)
			}

			_, err := f.Find(t.Context())

			if err == nil {
				t.Fatal("the build succeeded")
			}
			got := strings.ReplaceAll(err.Error(), filepath.Join(dir, "bin"), "BIN")
			if diff := cmp.Diff(tc.wantErr, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFailureKnowsAFullDiskWithoutTheGoCommand(t *testing.T) {
	err := servers().failure("", "build.log", fmt.Errorf("make a directory: %w", syscall.ENOSPC))
	if err == nil || !strings.HasPrefix(err.Error(), "the disk is full: ") {
		t.Errorf("got %v", err)
	}
	if strings.HasPrefix(servers().failure("", "build.log", errors.New("other")).Error(), "the disk") {
		t.Error("another error is taken for a full disk")
	}
}

func names(g *WithT, dir string) []string {
	entries, err := os.ReadDir(dir)
	g.Expect(err).NotTo(HaveOccurred())
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// output collects what is written and calls a function once when a text appears.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	sign  string
	react func()
}

func (o *output) when(sign string, react func()) { o.sign, o.react = sign, react }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.text.Write(b)
	if o.react != nil && strings.Contains(o.text.String(), o.sign) {
		o.react()
		o.react = nil
	}
	return n, err
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
