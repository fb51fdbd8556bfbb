//go:build unix

package controlplane

import (
	"bytes"
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

// dataDir is what lies in the data directory:
//
//	etcd/        etcd's data
//	pki/         certificates and keys
//	run/         the start scripts and process ids of the programs that run
//	*.log        what the programs say
//	kubeconfig   how to reach the server
//	lock         held by the dragoman that runs
type dataDir struct{ root string }

// openDataDir makes the directory. Its path is made absolute: the programs keep
// it longer than the working directory may last.
func openDataDir(path string) (dataDir, error) {
	root, err := filepath.Abs(path)
	if err != nil {
		return dataDir{}, fmt.Errorf("find the data directory: %w", err)
	}
	d := dataDir{root: root}
	if err := os.MkdirAll(d.run(), 0o700); err != nil {
		return dataDir{}, fmt.Errorf("make the data directory: %w", err)
	}
	return d, nil
}

func (d dataDir) lock() string                  { return filepath.Join(d.root, "lock") }
func (d dataDir) kubeconfig() string            { return filepath.Join(d.root, "kubeconfig") }
func (d dataDir) pki() string                   { return filepath.Join(d.root, "pki") }
func (d dataDir) run() string                   { return filepath.Join(d.root, "run") }
func (d dataDir) log(program string) string     { return filepath.Join(d.root, program+".log") }
func (d dataDir) script(program string) string  { return filepath.Join(d.run(), program) }
func (d dataDir) pidFile(program string) string { return filepath.Join(d.run(), program+".pid") }

// prepareRun clears what the last run left and writes the start scripts.
func (d dataDir) prepareRun(opts Options) error {
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
func (d dataDir) removeRunFiles() {
	stale, _ := filepath.Glob(filepath.Join(d.pki(), "*.kubecfg"))
	for _, path := range append(stale, d.pidFile(etcdProgram), d.pidFile(apiserverProgram)) {
		_ = os.Remove(path)
	}
}

// openLog begins a new log and keeps the last one beside it, so that neither
// grows over many starts.
func (d dataDir) openLog(program string) (*os.File, error) {
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
func (d dataDir) lastWords(program string) string {
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
func (d dataDir) pid(program string) int {
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

func (d dataDir) running(program string) bool {
	pid := d.pid(program)
	return pid > 0 && syscall.Kill(pid, 0) == nil
}

// interruptPrograms asks the programs that run to end. Those that do not run
// are what was wanted.
func (d dataDir) interruptPrograms() {
	for _, program := range []string{apiserverProgram, etcdProgram} {
		if pid := d.pid(program); pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGTERM)
		}
	}
}
