package apertium

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// patience is when a test that waits for something gives up.
const patience = 30 * time.Second

// rig is a directory of mode files whose stages are shell scripts.
type rig struct {
	t     *testing.T
	dir   string
	clock *fakeClock
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), clock: newFakeClock()}
	r.stage("copy", "exec cat")
	return r
}

// stage writes a script. $0 is its path, so "$0.x" is a file beside it.
func (r *rig) stage(name, script string) {
	r.t.Helper()
	writeFile(r.t, filepath.Join(r.dir, name), "#!/bin/sh\n"+script+"\n", 0o755)
}

// mode writes a mode file that runs the named stages.
func (r *rig) mode(name string, stages ...string) {
	r.t.Helper()
	commands := make([]string, len(stages))
	for i, s := range stages {
		commands[i] = fmt.Sprintf("'%s' $1", filepath.Join(r.dir, s))
	}
	writeFile(r.t, filepath.Join(r.dir, name+".mode"), strings.Join(commands, " | "), 0o644)
}

// signal creates the file that a script looks for.
func (r *rig) signal(name string) {
	r.t.Helper()
	writeFile(r.t, filepath.Join(r.dir, name), "", 0o644)
}

// lines counts the lines of a file that scripts append to.
func (r *rig) lines(name string) int {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil && !os.IsNotExist(err) {
		r.t.Fatal(err)
	}
	return strings.Count(string(text), "\n")
}

// engine makes an engine over the rig, closed with the test.
func (r *rig) engine(opts Options) *Engine {
	r.t.Helper()
	opts.ModesDir = r.dir
	opts.Clock = r.clock
	e, err := New(opts)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if err := e.Close(); err != nil {
			r.t.Errorf("Close() = %v", err)
		}
	})
	return e
}

var esPT = engine.Pair{Source: "es", Target: "pt"}

// say translates one text from Spanish into Portuguese.
func say(t *testing.T, e *Engine, text string) (string, error) {
	t.Helper()
	resp, err := e.Translate(t.Context(), engine.Request{
		Pair: esPT, Segments: []engine.Segment{{ID: 1, Text: text}},
	})
	if err != nil {
		return "", err
	}
	if len(resp.Segments) != 1 {
		t.Fatalf("Translate() answered %d segments, want 1", len(resp.Segments))
	}
	return resp.Segments[0].Text, nil
}

// mustSay is say for a text that a pipeline of copies gives back.
func mustSay(t *testing.T, e *Engine, text string) {
	t.Helper()
	got, err := say(t, e, text)
	if err != nil || got != text {
		t.Fatalf("Translate() = %q, %v, want %q", got, err, text)
	}
}

// wantError checks the class and a part of the message.
func wantError(t *testing.T, err error, class engine.Class, message string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", message)
	}
	if got := engine.AsError(err); got.Class != class || !strings.Contains(err.Error(), message) {
		t.Errorf("error = %q of class %s, want %q of class %s", err, got.Class, message, class)
	}
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

// fakeClock stands still until a test moves it.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Time
	ticks chan time.Time
}

func newFakeClock() *fakeClock {
	return &fakeClock{now: time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC), ticks: make(chan time.Time)}
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Tick(time.Duration) (<-chan time.Time, func()) { return c.ticks, func() {} }

// advance moves the clock and lets everything happen that is due. The second tick
// is taken only when the first has been worked off.
func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	now := c.now
	c.mu.Unlock()
	c.ticks <- now
	c.ticks <- now
}
