package controlplane

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// tailLines is how many of the last lines of a build are kept for a message.
const tailLines = 40

// progress follows a build by what the go command writes: "go: downloading …"
// for each module, then the path of each package when its compilation begins.
type progress struct {
	mu         sync.Mutex
	began      time.Time
	title      string
	downloaded int
	compile    bool
	done       int
	total      int
	partial    string
	lines      []string
}

func newProgress(now time.Time, title string) *progress {
	return &progress{began: now, title: title}
}

// Write implements io.Writer for the messages of the go command.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.partial + string(b)
	for {
		line, rest, whole := strings.Cut(text, "\n")
		if !whole {
			p.partial = text
			return len(b), nil
		}
		p.line(line)
		text = rest
	}
}

func (p *progress) line(line string) {
	switch {
	case strings.HasPrefix(line, "go: downloading "):
		p.downloaded++
		return
	case p.compile && line != "" && !strings.ContainsAny(line, " \t:#"):
		p.done++
		return
	}
	p.lines = append(p.lines, line)
	if len(p.lines) > tailLines {
		p.lines = p.lines[1:]
	}
}

// compiling says that downloads are over and how many packages there are to
// compile.
func (p *progress) compiling(total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.compile, p.total = true, total
}

// tail returns the last lines that were neither progress nor downloads.
func (p *progress) tail() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(append(p.lines, p.partial), "\n")
}

// elapsed returns the time since the beginning in whole seconds, as "2m5s".
func (p *progress) elapsed(now time.Time) string {
	return now.Sub(p.began).Round(time.Second).String()
}

// String describes the state in one line, without the time.
func (p *progress) state() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.compile && p.downloaded > 0:
		return fmt.Sprintf("Building %s: %d Go modules downloaded", p.title, p.downloaded)
	case !p.compile:
		return fmt.Sprintf("Building %s: reading its Go modules", p.title)
	case p.done < p.total:
		return fmt.Sprintf("Building %s: package %d of %d, %d %%", p.title, p.done, p.total, 100*p.done/p.total)
	default:
		return fmt.Sprintf("Building %s: linking", p.title)
	}
}

// show writes the state of a build to Out again and again, until the function
// that it returns is called.
func (f Finder) show(p *progress) (stop func()) {
	done := make(chan struct{})
	var shown sync.WaitGroup
	shown.Go(func() {
		tick := time.NewTicker(f.Every)
		defer tick.Stop()
		for {
			writeState(f.Out, f.Terminal, p.state()+", "+p.elapsed(f.Clock()))
			select {
			case <-done:
				if f.Terminal {
					writeState(f.Out, true, "")
				}
				return
			case <-tick.C:
			}
		}
	})
	return func() {
		close(done)
		shown.Wait()
	}
}

// writeState writes a line, on a terminal over the last one. Progress that
// cannot be shown is not worth an error.
func writeState(out io.Writer, terminal bool, state string) {
	if terminal {
		// Back to the first column, the text, and nothing of a longer one after it.
		_, _ = fmt.Fprintf(out, "\r%s\x1b[K", state)
		return
	}
	_, _ = fmt.Fprintln(out, state)
}
