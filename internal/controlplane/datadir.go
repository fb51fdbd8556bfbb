//go:build unix

package controlplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Names of the programs, as they are built and as they are found.
const (
	etcdProgram      = "etcd"
	apiserverProgram = "kube-apiserver"
	kubectlProgram   = "kubectl"
)

// lastWordsLimit is how much of a program's last line goes into a message, in bytes.
const lastWordsLimit = 400

// DataDir is the directory that keeps a control plane, locked for one process:
//
//	etcd/        etcd's data
//	pki/         certificates and keys
//	run/         the start scripts and process ids of the programs that run
//	*.log        what the programs say
//	kubeconfig   how to reach the server
//	lock         locked by the dragoman that runs
//
// Its owner may keep files of its own there.
type DataDir struct {
	root string
	lock *fileLock
}

// OpenDataDir makes the directory when it is not there and locks it. One that
// another dragoman has locked is refused with a sentence that names flag, which
// changes the directory.
func OpenDataDir(path, flag string) (*DataDir, error) {
	// The programs keep the path longer than the working directory may last.
	root, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the data directory: %w", err)
	}
	d := &DataDir{root: root}
	if err := os.MkdirAll(d.run(), 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	lock, owner, err := tryLock(d.Path("lock"))
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("the data directory %s is in use by another dragoman (process %d): stop that one or choose another directory with %s",
			path, owner, flag)
	}
	if err != nil {
		return nil, err
	}
	d.lock = lock
	return d, nil
}

// Close gives the directory up.
func (d *DataDir) Close() error { return d.lock.release() }

// Path returns the absolute path of a file in the directory.
func (d *DataDir) Path(name string) string { return filepath.Join(d.root, name) }

// CheckListen is CheckListen for a program that keeps its data here. When the
// last owner of the directory was killed it has patience, because that one's
// programs need a moment to follow it.
func (d *DataDir) CheckListen(ctx context.Context, address, who, flag string) error {
	if d.lock.owner != 0 {
		return waitListen(ctx, address, who, flag)
	}
	return CheckListen(ctx, address, who, flag)
}

func (d *DataDir) pki() string                   { return d.Path("pki") }
func (d *DataDir) run() string                   { return d.Path("run") }
func (d *DataDir) log(program string) string     { return d.Path(program + ".log") }
func (d *DataDir) script(program string) string  { return filepath.Join(d.run(), program) }
func (d *DataDir) pidFile(program string) string { return filepath.Join(d.run(), program+".pid") }

// prepareRun clears what the last run left and writes the start scripts.
func (d *DataDir) prepareRun(opts Options) error {
	d.removeRunFiles()
	for program, path := range map[string]string{
		etcdProgram:      opts.Binaries.Etcd,
		apiserverProgram: opts.Binaries.APIServer,
	} {
		script := startScript(opts.Supervisor, os.Getpid(), d.pidFile(program), path)
		if err := os.WriteFile(d.script(program), []byte(script), 0o700); err != nil {
			return fmt.Errorf("write the start script of %s: %w", program, err)
		}
	}
	return nil
}

// startScript is what envtest takes for the program. envtest also asks it for
// --help, to find flags of old versions by; no answer is the right one, and saves
// half a second.
func startScript(supervisor []string, parent int, pidFile, program string) string {
	quoted := make([]string, len(supervisor))
	for i, arg := range supervisor {
		quoted[i] = shellQuote(arg)
	}
	return fmt.Sprintf(`#!/bin/sh
# Written at each start of dragoman up; changes are lost.
[ "$1" = --help ] && exit 0
exec %[1]s --parent %[2]d --pid-file %[3]s --grace %[5]s -- %[4]s "$@"
`, strings.Join(quoted, " "), parent, shellQuote(pidFile), shellQuote(program), stopGrace)
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// removeRunFiles removes process ids and the kubeconfigs that envtest writes
// into the certificate directory at each start. What cannot be removed does no
// harm.
func (d *DataDir) removeRunFiles() {
	stale, _ := filepath.Glob(filepath.Join(d.pki(), "*.kubecfg"))
	for _, path := range append(stale, d.pidFile(etcdProgram), d.pidFile(apiserverProgram)) {
		_ = os.Remove(path)
	}
}

// OpenLog begins the log of a program, NAME.log, and keeps the last one beside
// it as NAME.log.1, so that neither grows over many starts.
func (d *DataDir) OpenLog(program string) (*os.File, error) {
	path := d.log(program)
	if err := os.Rename(path, path+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("keep the last log of %s: %w", program, err)
	}
	// Appending, because the program and its shim both write to it.
	log, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", program, err)
	}
	return log, nil
}

// lastWords returns the last line that a program wrote, shortened.
func (d *DataDir) lastWords(program string) string {
	log, err := os.Open(d.log(program))
	if err != nil {
		return ""
	}
	defer log.Close() //nolint:errcheck // only read
	if info, err := log.Stat(); err == nil && info.Size() > 16<<10 {
		if _, err := log.Seek(-16<<10, io.SeekEnd); err != nil {
			return ""
		}
	}
	content, err := io.ReadAll(log)
	if err != nil {
		return ""
	}
	lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	last := strings.TrimSpace(string(lines[len(lines)-1]))
	return last[:min(len(last), lastWordsLimit)]
}

// pid returns the process id of a program's shim, or 0 when it has none yet.
func (d *DataDir) pid(program string) int {
	content, err := os.ReadFile(d.pidFile(program))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0
	}
	return pid
}

func (d *DataDir) running(program string) bool {
	pid := d.pid(program)
	return pid > 0 && syscall.Kill(pid, 0) == nil
}

// interruptPrograms asks the programs that run to end. Those that do not run
// are what was wanted.
func (d *DataDir) interruptPrograms() {
	for _, program := range []string{apiserverProgram, etcdProgram} {
		if pid := d.pid(program); pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGTERM)
		}
	}
}
