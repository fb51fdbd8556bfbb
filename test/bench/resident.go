package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// errNoProc says that this system does not tell the memory of a process.
var errNoProc = errors.New("there is no /proc that tells the resident memory of a process")

// resident returns the resident memory of a process in bytes.
func (p *process) resident() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if errors.Is(err, os.ErrNotExist) {
		return 0, errNoProc
	}
	if err != nil {
		return 0, fmt.Errorf("read the resident memory: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		value, ok := strings.CutPrefix(line, "VmRSS:")
		if !ok {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the resident memory: %w", err)
		}
		return kib << 10, nil
	}
	return 0, errNoProc
}

const (
	// settleFor is how long a process is given to hand back what it does not need.
	settleFor = 90 * time.Second
	// steadyLooks are how many looks in a row must find the memory the same, a second
	// apart, and within steadyPart of it.
	steadyLooks = 4
	steadyPart  = 0.005
)

// settled has the process collect its garbage until its resident memory falls no
// more, and returns it.
func (p *process) settled(ctx context.Context) (int64, error) {
	var last int64
	same := 0
	for start := time.Now(); time.Since(start) < settleFor && same < steadyLooks; {
		// Asking for a heap profile this way collects the garbage before.
		if _, err := p.answers(ctx, p.profiles+"/debug/pprof/heap?gc=1"); err != nil {
			return 0, err
		}
		now, err := p.resident()
		if err != nil {
			return 0, err
		}
		same++
		if float64(last-now) > steadyPart*float64(now) || now > last && same == 1 {
			same = 0
		}
		last = now
		if err := hold(ctx, time.Second); err != nil {
			return 0, err
		}
	}
	return last, nil
}

// highest watches the resident memory until the context ends, and returns the most
// that it saw.
func (p *process) highest(ctx context.Context) (int64, error) {
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	var most int64
	for {
		now, err := p.resident()
		if err != nil {
			return most, err
		}
		most = max(most, now)
		select {
		case <-look.C:
		case <-ctx.Done():
			return most, nil
		}
	}
}

// heapProfile writes what the process holds to a file, when one is asked for.
func (p *process) heapProfile(ctx context.Context, path string) error {
	if path == "" {
		return nil
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("make the heap profile: %w", err)
	}
	_, err = p.fetch(ctx, p.profiles+"/debug/pprof/heap?gc=1", file)
	return errors.Join(err, file.Close())
}

const mib = 1 << 20

// leaveOut says why rows are missing, when it is the system's fault.
func (b *bench) leaveOut(err error, what string) error {
	if !errors.Is(err, errNoProc) {
		return err
	}
	fmt.Fprintf(b.progress, "Left out %s: %v\n", what, err)
	return nil
}
