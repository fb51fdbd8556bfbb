//go:build unix

package controlplane

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"
	"k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// oldestServer is the oldest kube-apiserver that serves the resource definitions:
// selectable fields came with it.
const oldestServer = "1.30.0"

// Binaries are the programs of a control plane.
type Binaries struct {
	// Dir is where they lie.
	Dir string
	// APIServer and Etcd are the paths of the programs.
	APIServer, Etcd string
}

// Finder finds the programs of a control plane, or makes them.
type Finder struct {
	// Assets is the directory named by KUBEBUILDER_ASSETS; empty when unset.
	Assets string
	// Source is the folder hack/controlplane of a checkout, which builds the programs.
	Source string
	// Bin are directories that may hold an earlier build; Build fills the first.
	Bin []string
	// Store is setup-envtest's directory of downloads; empty for none.
	Store string
	// Index is the URL of the list of downloads; empty to download nothing.
	Index string
	// Go is the go command.
	Go string
	// Supervisor is as in Options. It runs the go command, so that a build does
	// not outlive dragoman.
	Supervisor []string
	// Out shows what is under way. On a Terminal one line is written over and over.
	Out      io.Writer
	Terminal bool
	// Every is the time between two lines of progress.
	Every time.Duration
	// Clock tells the time.
	Clock func() time.Time
	// LookPath finds a program on the PATH.
	LookPath func(name string) (string, error)
	// moduleVersion reads which version of a module a program was built from.
	moduleVersion func(path string) (module, version string)
}

// NewFinder returns a Finder for this machine: PATH, the directory of the running
// program, setup-envtest's store and the checkout around source. assets is the
// value of KUBEBUILDER_ASSETS.
func NewFinder(source, assets string, supervisor []string, out io.Writer) Finder {
	f := Finder{
		Assets:        assets,
		Source:        source,
		Bin:           []string{filepath.Join(source, "..", "..", "bin", "controlplane")},
		Index:         envtest.DefaultBinaryAssetsIndexURL,
		Go:            "go",
		Supervisor:    supervisor,
		Out:           out,
		Every:         10 * time.Second,
		Clock:         time.Now,
		LookPath:      exec.LookPath,
		moduleVersion: moduleVersion,
	}
	if self, err := os.Executable(); err == nil {
		f.Bin = append(f.Bin, filepath.Join(filepath.Dir(self), "controlplane"))
	}
	// Without a home directory there is no store, and nothing to say about it.
	f.Store, _ = envtest.SetupEnvtestDefaultBinaryAssetsDirectory()
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		f.Terminal, f.Every = true, time.Second
	}
	return f
}

// Find returns the programs: from KUBEBUILDER_ASSETS, an earlier build,
// setup-envtest's store, a download into that store or, when none of these has
// them, a build from their Go modules. A build takes minutes and is shown on Out.
func (f Finder) Find(ctx context.Context) (Binaries, error) {
	if found, ok := f.Locate(); ok {
		return found, nil
	}
	found, err := f.download(ctx)
	if err == nil {
		return found, nil
	}
	if ctx.Err() != nil {
		return Binaries{}, ctx.Err()
	}
	if !errors.Is(err, errNoIndex) {
		fmt.Fprintf(f.Out, "The download of kube-apiserver and etcd failed (%v), so they are built.\n", err)
	}
	return f.Build(ctx)
}

// Locate returns the programs when they are on this machine.
func (f Finder) Locate() (Binaries, bool) {
	if f.Assets != "" {
		if found, err := inDir(f.Assets); err == nil {
			return found, true
		}
		fmt.Fprintf(f.Out, "KUBEBUILDER_ASSETS names %s, which does not hold kube-apiserver and etcd, so it is left aside.\n", f.Assets)
	}
	for _, dir := range f.Bin {
		found, err := inDir(dir)
		if err == nil && f.current(found.APIServer) && f.current(found.Etcd) {
			return found, true
		}
	}
	return f.stored()
}

// stored returns the newest programs in setup-envtest's store.
func (f Finder) stored() (Binaries, bool) {
	entries, err := os.ReadDir(f.Store)
	if err != nil {
		return Binaries{}, false
	}
	type candidate struct {
		version *version.Version
		found   Binaries
	}
	var candidates []candidate
	suffix := "-" + platform()
	for _, entry := range entries {
		number, ok := strings.CutSuffix(entry.Name(), suffix)
		if !ok {
			continue
		}
		v, err := version.ParseSemantic(number)
		if err != nil || !v.AtLeast(version.MustParseSemantic(oldestServer)) {
			continue
		}
		if found, err := inDir(filepath.Join(f.Store, entry.Name())); err == nil {
			candidates = append(candidates, candidate{v, found})
		}
	}
	if len(candidates) == 0 {
		return Binaries{}, false
	}
	newest := slices.MaxFunc(candidates, func(a, b candidate) int {
		if a.version.LessThan(b.version) {
			return -1
		}
		return 1
	})
	return newest.found, true
}

// platform is how setup-envtest names this machine's kind.
func platform() string { return runtime.GOOS + "-" + runtime.GOARCH }

// current says whether an earlier build is of the version that the checkout
// asks for. Without a checkout every version is.
func (f Finder) current(program string) bool {
	wanted := wantedVersions(f.Source)
	if len(wanted) == 0 {
		return true
	}
	module, version := f.moduleVersion(program)
	return wanted[module] == version && version != ""
}

// wantedVersions reads the modules that a checkout's build module requires.
func wantedVersions(source string) map[string]string {
	content, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		return nil
	}
	wanted := map[string]string{}
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) >= 2 && strings.HasPrefix(fields[1], "v") {
			wanted[fields[0]] = fields[1]
		}
	}
	return wanted
}

// moduleVersion reads what the go command wrote into a program. A file that it
// did not write, such as half of one, has no version.
func moduleVersion(path string) (module, version string) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return "", ""
	}
	return info.Main.Path, info.Main.Version
}

// inDir returns the programs of a directory that has both.
func inDir(dir string) (Binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Binaries{}, err
	}
	found := Binaries{Dir: dir, APIServer: filepath.Join(dir, apiserverProgram), Etcd: filepath.Join(dir, etcdProgram)}
	for _, path := range []string{found.APIServer, found.Etcd} {
		if err := executable(path); err != nil {
			return Binaries{}, err
		}
	}
	return found, nil
}

// executable says whether a path is a program that can be run.
func executable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
		return fmt.Errorf("%s is not executable", path)
	}
	return nil
}
