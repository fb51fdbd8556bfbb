package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// shortLife is how soon a manager has to end for its successor to wait so long.
const shortLife = time.Second

// leads is what a manager says when it begins to lead.
const leads = "uccessfully acquired lease"

// crew are the managers that run. One that ends by itself is started again, as a
// Deployment would.
type crew struct {
	binary, kubeconfig string
	lease              time.Duration
	logs               string
	// ended is told of the end of each that led.
	ended func(end)

	mu       sync.Mutex
	members  []*member
	started  int
	failed   int // ended by themselves
	said     string
	stopping bool
	wg       sync.WaitGroup
}

// member is a manager, a process of the built program.
type member struct {
	shim  *exec.Cmd
	says  *tail
	gone  chan struct{}
	since time.Time

	mu                   sync.Mutex
	killed, frozen, woke time.Time
}

// leading says whether the manager has begun to lead. It does so to its end.
func (m *member) leading() bool { return !m.says.leadsSince().IsZero() }

// start adds a manager.
func (c *crew) start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return nil
	}
	c.started++
	m := &member{says: &tail{}, gone: make(chan struct{}), since: time.Now()}
	if c.logs != "" {
		file, err := os.Create(filepath.Join(c.logs, fmt.Sprintf("manager-%02d.log", c.started)))
		if err != nil {
			return fmt.Errorf("make a log: %w", err)
		}
		m.says.also = file
	}
	args := append(supervised(c.binary, c.binary, "--grace", "5s"),
		"manager", "--leader-elect", "--lease-duration", c.lease.String(),
		"--metrics-addr", "0", "--probe-addr", "0")
	m.shim = exec.Command(args[0], args[1:]...)
	m.shim.Env = append(os.Environ(), "KUBECONFIG="+c.kubeconfig)
	m.shim.Stdout, m.shim.Stderr = m.says, m.says
	// Ctrl-C in a terminal is for this process, which ends the others.
	m.shim.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := m.shim.Start(); err != nil {
		return fmt.Errorf("start a manager: %w", err)
	}
	c.members = append(c.members, m)
	c.wg.Go(func() { c.watch(m) })
	return nil
}

// watch waits for the end of a manager, and replaces one that was not killed.
func (c *crew) watch(m *member) {
	// The shim and the manager write to one pipe: both are gone when this returns.
	_ = m.shim.Wait()
	now := time.Now()
	m.says.close()
	m.mu.Lock()
	from, frozen, woke := m.killed, m.frozen, m.woke
	m.mu.Unlock()
	byItself := from.IsZero()
	switch {
	case !frozen.IsZero():
		from = frozen
	case byItself:
		// It lost its lease, and has cancelled its calls some time before its end.
		from = now.Add(-c.lease)
	}
	if m.leading() {
		c.ended(end{led: m.says.leadsSince(), from: from, till: now, woke: woke})
	}
	c.mu.Lock()
	c.members = slices.DeleteFunc(c.members, func(other *member) bool { return other == m })
	replace := byItself && !c.stopping
	c.said = m.says.last()
	if replace {
		c.failed++
	}
	c.mu.Unlock()
	close(m.gone)
	if !replace {
		return
	}
	if now.Sub(m.since) < shortLife {
		pause := time.NewTimer(shortLife)
		defer pause.Stop()
		<-pause.C
	}
	// An error means that no process can be started at all: the run will see that no
	// manager leads.
	_ = c.start()
}

// kill ends a manager as a crash would.
func (c *crew) kill(m *member) error {
	m.mu.Lock()
	m.killed = time.Now()
	m.mu.Unlock()
	if err := m.shim.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill a manager: %w", err)
	}
	<-m.gone
	return nil
}

// freeze lets a manager stand still, as on a machine that hangs.
func (c *crew) freeze(m *member) error {
	m.mu.Lock()
	m.frozen = time.Now()
	m.mu.Unlock()
	return m.signal(syscall.SIGSTOP)
}

// thaw lets it go on. It must find that it leads no more, and end.
func (c *crew) thaw(ctx context.Context, m *member) error {
	m.mu.Lock()
	m.woke = time.Now()
	m.mu.Unlock()
	if err := m.signal(syscall.SIGCONT); err != nil {
		return err
	}
	timer := time.NewTimer(deathTimeout)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-m.gone:
		return nil
	case <-timer.C:
		return fmt.Errorf("it goes on %s after it has lost its Lease", deathTimeout)
	}
}

// signal sends a signal to the manager, the only child of its shim.
func (m *member) signal(sig syscall.Signal) error {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", m.shim.Process.Pid))
	if err != nil {
		return err
	}
	for _, thread := range threads {
		// A thread that has ended in between has no children.
		children, _ := os.ReadFile(thread)
		if pid, err := strconv.Atoi(strings.TrimSpace(string(children))); err == nil {
			return syscall.Kill(pid, sig)
		}
	}
	return errors.New("the process of the manager cannot be found")
}

// running returns the managers there are, the one that leads first.
func (c *crew) running() []*member {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := slices.Clone(c.members)
	slices.SortStableFunc(out, func(a, b *member) int {
		switch {
		case a.leading() == b.leading():
			return 0
		case a.leading():
			return -1
		default:
			return 1
		}
	})
	return out
}

// leader waits for a manager that leads, other than one that does not count; nil for
// none.
func (c *crew) leader(ctx context.Context, patience time.Duration, other *member) (*member, error) {
	var found *member
	err := poll(ctx, patience, func() error {
		for _, m := range c.running() {
			if m != other && m.leading() {
				found = m
				return nil
			}
		}
		return fmt.Errorf("no manager leads for %s; the last one said: %s", patience, c.lastWords())
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return found, err
}

// lastWords are those of the manager that ended last.
func (c *crew) lastWords() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said
}

// stop ends all managers, in order when there is time for it.
func (c *crew) stop() {
	c.mu.Lock()
	c.stopping = true
	members := slices.Clone(c.members)
	c.mu.Unlock()
	for _, m := range members {
		m.mu.Lock()
		m.killed = time.Now()
		m.mu.Unlock()
		// The shim gives it a grace and kills it then. One that is gone is what is wanted.
		_ = m.shim.Process.Signal(syscall.SIGTERM)
	}
	c.wg.Wait()
}

// tail keeps the end of what a program says, and notices whether it leads.
type tail struct {
	// also gets everything; nil for nobody.
	also io.WriteCloser

	mu   sync.Mutex
	text []byte
	led  time.Time
}

// tailBytes is how much is kept.
const tailBytes = 8 << 10

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if t.led.IsZero() && strings.Contains(string(t.text), leads) {
		t.led = time.Now()
	}
	if len(t.text) > tailBytes {
		t.text = slices.Clone(t.text[len(t.text)-tailBytes:])
	}
	if t.also != nil {
		return t.also.Write(p)
	}
	return len(p), nil
}

// leadsSince returns when a manager said that it leads; zero when it has not.
func (t *tail) leadsSince() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.led
}

// last returns the last line.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	return lines[len(lines)-1]
}

// close ends the log.
func (t *tail) close() {
	if t.also != nil {
		_ = t.also.Close() // a log that is not whole is no reason to stop
	}
}
