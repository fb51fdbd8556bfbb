package apertium

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Bare is the pipeline of one pair without the engine around it: no probe, no
// checks, no restart, no marks taken off. Benchmarks measure the engine against
// it; nothing else should use it. Its method may be called from many goroutines.
type Bare struct {
	launcher *launcher
	stages   []*process
	in, out  *os.File
	answers  *bufio.Reader

	// writing and reading keep the order of sentences and of answers the same: who
	// writes takes a number, and reads when the one before has read.
	writing sync.Mutex
	last    chan struct{}
}

// OpenBare starts the pipeline of a pair that is installed in the directory,
// DefaultModesDir when it is "". The pair must be named as Probe names it.
func OpenBare(modesDir string, pair engine.Pair) (*Bare, error) {
	if modesDir == "" {
		modesDir = DefaultModesDir
	}
	modes, err := readModes(modesDir)
	if err != nil {
		return nil, err
	}
	m, ok := modes[pair]
	if !ok {
		return nil, fmt.Errorf("the pair %s is not installed; %s", pair, InstallHint)
	}
	b := &Bare{launcher: newLauncher(), last: make(chan struct{})}
	close(b.last)
	p := &programs{launcher: b.launcher, lookPath: exec.LookPath}
	if b.stages, b.in, b.out, err = p.start(m.recipe.stages); err != nil {
		b.launcher.stop()
		return nil, err
	}
	b.answers = bufio.NewReaderSize(b.out, 64<<10)
	return b, nil
}

// Push sends one sentence and returns what the last stage writes, with its marks.
// Reserved characters of the sentence are escaped and nothing else is done.
func (b *Bare) Push(sentence string) (string, error) {
	wire := make([]byte, 0, len(sentence)+8)
	for _, r := range sentence {
		wire = escape(wire, r)
	}
	wire = append(wire, "[]\x00"...)

	b.writing.Lock()
	before, mine := b.last, make(chan struct{})
	b.last = mine
	_, err := b.in.Write(wire)
	b.writing.Unlock()

	<-before
	defer close(mine)
	if err != nil {
		return "", err
	}
	text, err := b.answers.ReadString(0)
	return strings.TrimSuffix(text, "[]\x00"), err
}

// Close ends the stages.
func (b *Bare) Close() error {
	closeFiles(b.in)
	killAll(b.stages)
	waitAll(b.stages)
	closeFiles(b.out)
	b.launcher.stop()
	return nil
}
