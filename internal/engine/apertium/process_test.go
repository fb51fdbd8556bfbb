package apertium

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// ownerDir names the variable that turns the test binary into a program that owns
// an engine over a directory of modes, and waits to be killed.
const ownerDir = "APERTIUM_TEST_OWNER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerDir); dir != "" {
		os.Exit(own(dir))
	}
	os.Exit(m.Run())
}

// own starts a pipeline, prints the numbers of its processes, and does not return.
func own(dir string) int {
	e, err := New(Options{ModesDir: dir})
	if err == nil {
		_, err = e.Translate(context.Background(), engine.Request{
			Pair: esPT, Segments: []engine.Segment{{ID: 1, Text: "La casa."}},
		})
	}
	if err != nil {
		_, _ = os.Stdout.WriteString("error " + err.Error() + "\n")
		return 1
	}
	var numbers []string
	for _, pid := range stagesOf(e, esPT) {
		numbers = append(numbers, strconv.Itoa(pid))
	}
	_, _ = os.Stdout.WriteString("stages " + strings.Join(numbers, " ") + "\n")
	select {}
}

// stagesOf lists the processes of a pair's pipeline.
func stagesOf(e *Engine, pair engine.Pair) []int {
	e.fleet.mu.Lock()
	s := e.fleet.slots[pair]
	e.fleet.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	var pids []int
	for _, stage := range s.pipeline.stages {
		pids = append(pids, stage.proc.Pid)
	}
	return pids
}

// alive says whether a process runs. One that has ended and waits for its parent
// does not.
func alive(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return !os.IsNotExist(err)
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

func TestNoStageOutlivesAKilledOwner(t *testing.T) {
	r := newRig(t)
	// It goes on when its input ends, as a stage that hangs does.
	r.stage("stubborn", "cat; exec sleep 1000")
	r.mode("es-pt", "copy", "stubborn", "copy")
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	owner := exec.Command(binary)
	owner.Env = append(os.Environ(), ownerDir+"="+r.dir)
	stdout, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 200)
	n, err := stdout.Read(said)
	_ = owner.Process.Kill()
	_ = owner.Wait()
	numbers, ok := strings.CutPrefix(strings.TrimSpace(string(said[:n])), "stages ")
	if err != nil || !ok {
		t.Fatalf("the owner said %q, %v", said[:n], err)
	}
	fields := strings.Fields(numbers)
	if len(fields) != 3 {
		t.Fatalf("the owner has the stages %q, want 3", fields)
	}
	for _, field := range fields {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "stage "+field+" to end", func() bool { return !alive(pid) })
	}
}

func TestCloseLeavesNoProcess(t *testing.T) {
	r := newRig(t)
	r.stage("stubborn", "trap '' TERM HUP; sleep 1000 & exec cat")
	r.mode("es-pt", "copy", "stubborn")
	e := r.engine(Options{})
	mustSay(t, e, "La casa.")
	pids := stagesOf(e, esPT)
	for _, pid := range pids {
		group, err := syscall.Getpgid(pid)
		if err != nil || group != pid {
			t.Errorf("stage %d is in group %d (%v), want its own", pid, group, err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		if alive(pid) {
			t.Errorf("stage %d runs after Close", pid)
		}
		eventually(t, "the group to be empty", func() bool {
			return errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH)
		})
	}
}

func TestCloseEndsCallsThatWait(t *testing.T) {
	r := newRig(t)
	r.stage("odd", once("exec sleep 1000"))
	r.mode("es-pt", "odd")
	e := r.engine(Options{})
	if _, err := e.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.signal("odd.now")
	failed := make(chan error, 1)
	go func() {
		_, err := say(t, e, "La casa.")
		failed <- err
	}()
	eventually(t, "the text to be written", func() bool { return owed(e, esPT) == 1 })
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	wantError(t, <-failed, engine.Transient, "the engine was closed")
	_, err := e.Probe(t.Context())
	wantError(t, err, engine.Transient, "the engine was closed")
}

func TestAPipelineThatNobodyUsesIsStopped(t *testing.T) {
	r := newRig(t)
	r.mode("es-pt", "copy")
	r.mode("fr-pt", "copy")
	e := r.engine(Options{IdleAfter: 10 * time.Minute})
	mustSay(t, e, "La casa.")
	pids := stagesOf(e, esPT)

	r.clock.advance(10*time.Minute - time.Second)
	if !e.fleet.runs(esPT) {
		t.Error("the pipeline was stopped too early")
	}
	r.clock.advance(time.Second)
	if e.fleet.runs(esPT) || alive(pids[0]) {
		t.Error("the pipeline still runs")
	}
	mustSay(t, e, "La casa.")
}

func TestAPipelineInUseIsNotIdle(t *testing.T) {
	r := newRig(t)
	r.stage("gate", once(`until [ -e "$0.open" ]; do sleep 0.01; done`))
	r.mode("es-pt", "gate")
	e := r.engine(Options{IdleAfter: time.Minute})
	if _, err := e.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.signal("gate.now")
	done := make(chan error, 1)
	go func() {
		_, err := say(t, e, "La casa.")
		done <- err
	}()
	eventually(t, "the text to be written", func() bool { return owed(e, esPT) == 1 })
	r.clock.advance(time.Hour)
	r.signal("gate.open")
	if err := <-done; err != nil {
		t.Errorf("a call that took an hour = %v, want its answer", err)
	}
}

func TestAStageOfApertiumThatIsKilledIsNamed(t *testing.T) {
	if _, err := os.Stat(DefaultModesDir + "/es-pt.mode"); err != nil {
		t.Fatalf("this test needs Apertium: %s", InstallHint)
	}
	dir := t.TempDir()
	if err := os.Symlink(DefaultModesDir+"/es-pt.mode", dir+"/es-pt.mode"); err != nil {
		t.Fatal(err)
	}
	e, err := New(Options{ModesDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	for stage, wantName := range []string{"lt-proc", "apertium-tagger", "apertium-pretransfer", "apertium-transfer", "lt-proc", "lt-proc"} {
		if got, err := say(t, e, "La casa roja."); err != nil || got != "A casa vermelha." {
			t.Fatalf("before stage %d is killed: %q, %v", stage, got, err)
		}
		pid := stagesOf(e, esPT)[stage]
		// Stopped first, so that the texts wait for it.
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		failures := make(chan error, 4)
		for range cap(failures) {
			go func() {
				_, err := say(t, e, "La casa roja.")
				failures <- err
			}()
		}
		eventually(t, "every text to be written", func() bool { return owed(e, esPT) == cap(failures) })
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		for range cap(failures) {
			wantError(t, <-failures, engine.Transient, "stage "+wantName+" ended: signal: killed")
		}
		// The starts are bounded by time; this clock is the machine's.
		e.fleet.slots[esPT].crashes = 0
	}
}
