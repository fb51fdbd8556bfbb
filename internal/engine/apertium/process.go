package apertium

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// launcher starts processes from one thread that lives as long as the engine. On
// Linux a stage is killed when the thread that started it ends, so that no stage
// outlives this process even when it is killed; from any other goroutine, whose
// thread may end at any time, stages would be killed at random.
type launcher struct {
	work chan func()
	done chan struct{}
}

func newLauncher() *launcher {
	l := &launcher{work: make(chan func()), done: make(chan struct{})}
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(l.done)
		for f := range l.work {
			f()
		}
	}()
	return l
}

// do runs f on the thread and waits for it.
func (l *launcher) do(f func()) {
	finished := make(chan struct{})
	l.work <- func() {
		defer close(finished)
		f()
	}
	<-finished
}

// stop ends the thread. Every process started by it must have ended.
func (l *launcher) stop() {
	close(l.work)
	<-l.done
}

// process is one running stage.
type process struct {
	name string
	proc *os.Process
	// killed says that we ended it, so its state says nothing.
	killed bool
	state  *os.ProcessState
	err    error
}

// programs says how the names in mode files become processes.
type programs struct {
	launcher *launcher
	lookPath func(string) (string, error)
}

// environment of every stage. They read and write UTF-8 only in a UTF-8 locale,
// and nothing else of this process's environment is their business.
var environment = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"}

// notFoundError says that a program of a stage is not installed.
type notFoundError struct{ program string }

func (e *notFoundError) Error() string { return "the program " + e.program + " is not installed" }

// start starts the stages, connected by pipes, and returns both ends.
func (p *programs) start(stages []stage) (running []*process, in, out *os.File, err error) {
	paths := make([]string, len(stages))
	for i, s := range stages {
		if paths[i], err = p.lookPath(s.name); err != nil {
			return nil, nil, nil, &notFoundError{program: s.name}
		}
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, nil, nil, err
	}
	defer closeFiles(null)
	upstream, in, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, err
	}
	for i, s := range stages {
		next, stdout, err := os.Pipe()
		if err == nil {
			var proc *os.Process
			proc, err = p.launch(paths[i], s, []*os.File{upstream, stdout, null})
			closeFiles(stdout)
			if err == nil {
				running = append(running, &process{name: s.name, proc: proc})
			}
		}
		closeFiles(upstream)
		upstream = next
		if err != nil {
			closeFiles(in, upstream)
			killAll(running)
			waitAll(running)
			return nil, nil, nil, fmt.Errorf("start stage %s: %w", filepath.Base(s.name), err)
		}
	}
	return running, in, upstream, nil
}

func (p *programs) launch(path string, s stage, files []*os.File) (proc *os.Process, err error) {
	argv := append([]string{s.name}, s.args...)
	env := slices.Concat(environment, s.env)
	p.launcher.do(func() {
		proc, err = os.StartProcess(path, argv, &os.ProcAttr{Env: env, Files: files, Sys: stageAttr()})
	})
	return proc, err
}

// closeFiles closes pipe ends. The first error would say that one is closed
// already, which is what is wanted.
func closeFiles(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}

// killAll kills the group of each stage that has not been waited for.
func killAll(stages []*process) {
	for _, s := range stages {
		if s.state == nil && s.err == nil {
			s.killed = true
			// A stage that has ended is a zombie until it is waited for, so the number
			// cannot belong to another process.
			_ = syscall.Kill(-s.proc.Pid, syscall.SIGKILL)
		}
	}
}

func waitAll(stages []*process) {
	for _, s := range stages {
		if s.state == nil && s.err == nil {
			s.state, s.err = s.proc.Wait()
		}
	}
}

// graceForEnd is how long stages have to end by themselves once a neighbour did.
// They see the end of their input or a broken pipe at once.
const graceForEnd = 500 * time.Millisecond

// reap waits for the stages of a pipeline that has broken, and kills those that
// do not end by themselves.
func reap(stages []*process) {
	ended := make(chan *process, len(stages))
	running := make(map[*process]bool, len(stages))
	for _, s := range stages {
		running[s] = true
		go func() {
			s.state, s.err = s.proc.Wait()
			ended <- s
		}()
	}
	timer := time.NewTimer(graceForEnd)
	defer timer.Stop()
	for len(running) > 0 {
		select {
		case s := <-ended:
			delete(running, s)
		case <-timer.C:
			for s := range running {
				s.killed = true
				_ = s.proc.Kill()
			}
		}
	}
}

// culprit says which stage ended the pipeline, and how. Stages before it end by a
// broken pipe, stages behind it by the end of their input, or by the half of a
// message, so the first that ended badly is the one. It is nil when none did.
func culprit(stages []*process) error {
	for _, s := range stages {
		if s.killed || s.err != nil || s.state.Success() {
			continue
		}
		status, ok := s.state.Sys().(syscall.WaitStatus)
		if ok && status.Signaled() && status.Signal() == syscall.SIGPIPE {
			continue
		}
		return fmt.Errorf("stage %s ended: %s", filepath.Base(s.name), s.state)
	}
	return nil
}
