//go:build unix

package controlplane

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// parentPoll is how often the shim asks whether its parent is still there. On
// Linux the kernel tells it at once, and the poll is the second net.
const parentPoll = 500 * time.Millisecond

// Supervision is one program, run for a parent that may be killed at any time.
//
// The program runs in a process group of its own: Ctrl-C in a terminal does not
// reach it, and a signal sent to the shim's group reaches it once, through the
// shim. kube-apiserver gives up its orderly end at a second signal.
type Supervision struct {
	// Parent is the process whose end ends the program. It must be the parent of
	// the calling process.
	Parent int
	// PIDFile receives the id of the calling process; empty for none.
	PIDFile string
	// Grace is how long the program may take to end after a signal, before it is
	// killed; zero for no limit.
	Grace time.Duration
	// Path and Args are the program.
	Path string
	Args []string
}

// Run runs the program until it ends and returns its exit code, or 128 and the
// signal's number when a signal ended it. SIGTERM, SIGINT and SIGHUP are passed
// on. When the parent is gone the program's whole group is killed.
//
// Run locks the calling goroutine to its thread for good, because Linux tells
// of the parent's end to the thread that asked for it, and ends the program
// when the thread that started it ends. Call it from the main goroutine of a
// process that does nothing else.
func (s Supervision) Run() (int, error) {
	runtime.LockOSThread()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, parentGoneSignal)
	defer signal.Stop(signals)
	if err := requestParentGoneSignal(); err != nil {
		return 0, fmt.Errorf("ask for a signal at the parent's end: %w", err)
	}
	// Only now: a parent that ended before the request sends no signal.
	if os.Getppid() != s.Parent {
		return 0, fmt.Errorf("process %d, for which %s was to run, is gone", s.Parent, s.Path)
	}
	cmd := exec.Command(s.Path, s.Args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = nil, os.Stdout, os.Stderr
	cmd.SysProcAttr = childAttributes()
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start %s: %w", s.Path, err)
	}
	if err := s.writePID(); err != nil {
		killGroup(cmd.Process.Pid)
		return 0, errors.Join(err, cmd.Wait())
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return s.watch(cmd.Process.Pid, signals, ended)
}

func (s Supervision) watch(pid int, signals <-chan os.Signal, ended <-chan error) (int, error) {
	poll := time.NewTicker(parentPoll)
	defer poll.Stop()
	var overdue <-chan time.Time
	for {
		select {
		case err := <-ended:
			return exitCode(err)
		case <-overdue:
			killGroup(pid)
		case <-poll.C:
			if os.Getppid() != s.Parent {
				killGroup(pid)
			}
		case sig := <-signals:
			if sig == parentGoneSignal {
				// It also comes when only the parent's thread has ended.
				if os.Getppid() != s.Parent {
					killGroup(pid)
				}
				continue
			}
			// The program alone: what it started is its own to end.
			_ = syscall.Kill(pid, sig.(syscall.Signal))
			if s.Grace > 0 && overdue == nil {
				overdue = time.After(s.Grace)
			}
		}
	}
}

func (s Supervision) writePID() error {
	if s.PIDFile == "" {
		return nil
	}
	if err := os.WriteFile(s.PIDFile, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the process id: %w", err)
	}
	return nil
}

// killGroup ends a process group at once. A group that is gone is what was
// wanted, so the error is of no use.
func killGroup(pgid int) { _ = syscall.Kill(-pgid, syscall.SIGKILL) }

func exitCode(err error) (int, error) {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return 0, err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}
