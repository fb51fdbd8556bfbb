//go:build unix

package controlplane

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
)

func TestShimEndsAsItsProgramDoes(t *testing.T) {
	cases := map[string]struct {
		script string
		// signal is sent to the shim's group, as envtest does, once the program says
		// that it is ready; 0 for none.
		signal   syscall.Signal
		grace    string
		wantCode int
	}{
		"exit code":                     {script: "echo ready; exit 7", grace: "1m", wantCode: 7},
		"success":                       {script: "echo ready", grace: "1m", wantCode: 0},
		"killed by a signal":            {script: "echo ready; kill -KILL $$", grace: "1m", wantCode: 128 + 9},
		"asked to end":                  {script: waitFor("TERM", "exit 3"), signal: syscall.SIGTERM, grace: "1m", wantCode: 3},
		"interrupted":                   {script: waitFor("INT", "exit 4"), signal: syscall.SIGINT, grace: "1m", wantCode: 4},
		"deaf to the signal is killed":  {script: waitFor("TERM", ":"), signal: syscall.SIGTERM, grace: "50ms", wantCode: 128 + 9},
		"a program that does not exist": {script: "", grace: "1m", wantCode: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			program := filepath.Join(t.TempDir(), "nowhere")
			if tc.script != "" {
				program = script(g, t.TempDir(), "program", tc.script)
			}
			shim := newShim(t, g, os.Getpid(), "--grace", tc.grace, "--", program)
			said, err := shim.StdoutPipe()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(shim.Start()).To(Succeed())
			if tc.signal != 0 {
				line, err := bufio.NewReader(said).ReadString('\n')
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(line).To(Equal("ready\n"))
				g.Expect(syscall.Kill(-shim.Process.Pid, tc.signal)).To(Succeed())
			}

			g.Expect(codeOf(shim.Wait())).To(Equal(tc.wantCode))
		})
	}
}

// A signal to the shim's group must reach the program once, through the shim:
// kube-apiserver breaks off its orderly end at a second one. So the program may
// not be in that group.
func TestProgramHasAGroupOfItsOwn(t *testing.T) {
	g := NewWithT(t)
	program := script(g, t.TempDir(), "program", `ps -o pgid= -p $$; `+waitFor("TERM", "exit 0"))
	pidFile := filepath.Join(t.TempDir(), "pid")
	shim := newShim(t, g, os.Getpid(), "--pid-file", pidFile, "--", program)
	said, err := shim.StdoutPipe()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(shim.Start()).To(Succeed())
	lines := bufio.NewReader(said)
	group, err := lines.ReadString('\n')
	g.Expect(err).NotTo(HaveOccurred())
	_, err = lines.ReadString('\n')
	g.Expect(err).NotTo(HaveOccurred())

	g.Expect(strings.TrimSpace(group)).NotTo(Equal(strconv.Itoa(shim.Process.Pid)))
	written, err := os.ReadFile(pidFile)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(written)).To(Equal(fmt.Sprintln(shim.Process.Pid)))
	g.Expect(shim.Process.Signal(syscall.SIGTERM)).To(Succeed())
	g.Expect(shim.Wait()).To(Succeed())
}

func TestShimStartsNothingForAParentThatIsGone(t *testing.T) {
	g := NewWithT(t)
	trace := filepath.Join(t.TempDir(), "trace")
	program := script(g, t.TempDir(), "program", "touch "+trace)
	// The test is the shim's parent, and this is not the test.
	shim := newShim(t, g, os.Getppid(), "--", program)
	var complaint strings.Builder
	shim.Stderr = &complaint

	g.Expect(codeOf(shim.Run())).To(Equal(1))

	g.Expect(complaint.String()).To(Equal(fmt.Sprintf("process %d, for which %s was to run, is gone\n", os.Getppid(), program)))
	g.Expect(trace).NotTo(BeAnExistingFile())
}

// waitFor says "ready" and waits for a signal, which it answers with a command.
func waitFor(signal, command string) string {
	return fmt.Sprintf("trap '%s' %s; echo ready; while :; do sleep 0.02; done", command, signal)
}

func newShim(t *testing.T, g *WithT, parent int, args ...string) *exec.Cmd {
	self, err := os.Executable()
	g.Expect(err).NotTo(HaveOccurred())
	shim := exec.CommandContext(t.Context(), self, append([]string{superviseRole, "--parent", strconv.Itoa(parent)}, args...)...)
	shim.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return shim
}

func codeOf(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}
