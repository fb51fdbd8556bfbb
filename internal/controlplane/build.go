//go:build unix

package controlplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// versionPackage holds the version that kube-apiserver and kubectl report.
	versionPackage = "k8s.io/component-base/version"
	// serverModule is the module whose version that is.
	serverModule = "k8s.io/kubernetes"
	// buildGrace is how long the go command may take to end after an interrupt.
	buildGrace = 3 * time.Second
)

// target is a program to build.
type target struct{ name, pkg string }

// The packages of the programs; hack/controlplane lists them as its tools.
func etcdTarget() target      { return target{etcdProgram, "go.etcd.io/etcd/server/v3"} }
func apiserverTarget() target { return target{apiserverProgram, serverModule + "/cmd/kube-apiserver"} }
func kubectlTarget() target   { return target{kubectlProgram, serverModule + "/cmd/kubectl"} }

// Build builds kube-apiserver and etcd into the first directory of Bin, from the
// Go modules that Source lists, and shows how far it is. It takes 5–10 minutes
// on 2 cores, less when the compiler's cache has a part of it. A program appears
// there whole or not at all, and of two builds at one time the second waits and
// uses what the first has built.
func (f Finder) Build(ctx context.Context) (Binaries, error) {
	dir, unlock, err := f.lockBuild(ctx, servers())
	if err != nil {
		return Binaries{}, err
	}
	defer unlock()
	var missing []target
	for _, t := range []target{etcdTarget(), apiserverTarget()} {
		path := filepath.Join(dir, t.name)
		if executable(path) != nil || !f.current(path) {
			missing = append(missing, t)
		}
	}
	if len(missing) > 0 {
		fmt.Fprintln(f.Out, "kube-apiserver and etcd are not on this machine, so they are built from their Go modules.")
		fmt.Fprintln(f.Out, "This happens once and takes 5 to 10 minutes on 2 cores.")
	}
	for i, t := range missing {
		if err := f.build(ctx, dir, t, fmt.Sprintf("%s (%d of %d)", t.name, i+1, len(missing)), servers()); err != nil {
			return Binaries{}, err
		}
	}
	return inDir(dir)
}

// Kubectl returns the path of a kubectl: the one on the PATH, one that lies
// beside the programs, or else one that is built as Build does.
func (f Finder) Kubectl(ctx context.Context, binaries Binaries) (string, error) {
	if path, ok := f.LocateKubectl(binaries); ok {
		return path, nil
	}
	dir, unlock, err := f.lockBuild(ctx, kubectl())
	if err != nil {
		return "", err
	}
	defer unlock()
	path := filepath.Join(dir, kubectlProgram)
	if executable(path) == nil {
		return path, nil
	}
	fmt.Fprintln(f.Out, "kubectl is not on this machine, so it is built from its Go module; this happens once.")
	return path, f.build(ctx, dir, kubectlTarget(), kubectlProgram, kubectl())
}

// LocateKubectl is Kubectl without the build.
func (f Finder) LocateKubectl(binaries Binaries) (string, bool) {
	if path, err := f.LookPath(kubectlProgram); err == nil {
		return path, true
	}
	for _, dir := range append([]string{binaries.Dir}, f.Bin...) {
		if path := filepath.Join(dir, kubectlProgram); executable(path) == nil {
			return path, true
		}
	}
	return "", false
}

// lockBuild checks that a build is possible and waits until no other is under
// way. It returns the directory to build into and the function to call at the end.
func (f Finder) lockBuild(ctx context.Context, p purpose) (dir string, unlock func(), err error) {
	if _, err := os.Stat(filepath.Join(f.Source, "go.mod")); err != nil {
		return "", nil, fmt.Errorf("%s cannot be found, and %s is no folder to build from: start in a checkout or name its hack/controlplane with --source, or %s",
			p.what, f.Source, p.instead)
	}
	if _, err := f.LookPath(f.Go); err != nil {
		return "", nil, fmt.Errorf("%s cannot be found, and there is no Go toolchain on the PATH to build with: install Go, or %s", p.what, p.instead)
	}
	dir, err = filepath.Abs(f.Bin[0])
	if err != nil {
		return "", nil, fmt.Errorf("find the directory to build into: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", nil, fmt.Errorf("make the directory to build into: %w", err)
	}
	lock, err := waitLock(ctx, filepath.Join(dir, ".lock"), func(owner int) {
		fmt.Fprintf(f.Out, "Another dragoman (process %d) is building the same programs: waiting for it.\n", owner)
	})
	if err != nil {
		return "", nil, fmt.Errorf("wait for another build: %w", err)
	}
	return dir, func() {
		// The file stays behind, unlocked; what is left in it is only ever shown.
		_ = lock.release()
	}, nil
}

// build builds one program into a directory beside its place and moves it there.
func (f Finder) build(ctx context.Context, dir string, t target, title string, p purpose) (err error) {
	// An interrupted build may have left its directory; the lock says that none runs.
	stale, _ := filepath.Glob(filepath.Join(dir, ".build-*"))
	for _, path := range stale {
		_ = os.RemoveAll(path)
	}
	temp, err := os.MkdirTemp(dir, ".build-*")
	if err != nil {
		return p.failure("", filepath.Join(dir, "build.log"), err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	log, err := os.OpenFile(filepath.Join(dir, "build.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return p.failure("", filepath.Join(dir, "build.log"), err)
	}
	defer log.Close() //nolint:errcheck // a log that could not be written whole is still a log

	progress := newProgress(f.Clock(), title)
	shown := f.show(progress)
	err = f.compile(ctx, t, filepath.Join(temp, t.name), progress, log)
	shown()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return p.failure(progress.tail(), log.Name(), err)
	}
	if err := os.Rename(filepath.Join(temp, t.name), filepath.Join(dir, t.name)); err != nil {
		return fmt.Errorf("put %s in place: %w", t.name, err)
	}
	fmt.Fprintf(f.Out, "%s is built (%s).\n", title, progress.elapsed(f.Clock()))
	return nil
}

// compile asks how many packages there are to compile and compiles them. Both
// steps write what they do to the progress and the log.
func (f Finder) compile(ctx context.Context, t target, output string, p *progress, log io.Writer) error {
	versions, err := f.goOutput(ctx, io.MultiWriter(p, log), "list", "-m", "-f", "{{.Version}}", serverModule)
	if err != nil {
		return err
	}
	// The tools of a machine may differ in C compiler and the like, which the go
	// command takes into account: only what its cache lacks is stale.
	flags := "-ldflags=-s -w -X " + versionPackage + ".gitVersion=" + strings.TrimSpace(versions)
	stale, err := f.goOutput(ctx, io.MultiWriter(p, log), "list", flags, "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", t.pkg)
	if err != nil {
		return err
	}
	// The program itself always counts as stale, and is compiled last or not at all.
	p.compiling(len(strings.Fields(stale)) - 1)
	_, err = f.goOutput(ctx, io.MultiWriter(p, log), "build", flags, "-v", "-o", output, t.pkg)
	return err
}

// goOutput runs the go command in Source and returns its standard output; what
// it says besides goes to messages.
func (f Finder) goOutput(ctx context.Context, messages io.Writer, args ...string) (string, error) {
	command := append([]string{f.Go}, args...)
	if len(f.Supervisor) > 0 {
		path, err := exec.LookPath(f.Go)
		if err != nil {
			return "", err
		}
		shim := []string{"--parent", strconv.Itoa(os.Getpid()), "--grace", buildGrace.String(), "--", path}
		command = append(append(append([]string{}, f.Supervisor...), shim...), args...)
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = f.Source
	// A workspace around the checkout knows nothing of this module.
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, messages
	// A group of its own: Ctrl-C in a terminal reaches it once, by way of ctx.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 2 * buildGrace
	err := cmd.Run()
	return output.String(), err
}
