package apertium

import (
	"bufio"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// pipeline is the running stages of one pair. Messages are written one behind the
// other without waiting, and answered in the same order:
//
//	send ─▶ queue ─▶ writer ─▶ stages ─▶ reader ─▶ message.done
//	  └─────────────────┴─ owed (FIFO) ──────┘
//
// A message that surely fits into the pipe is written by its sender, which spares
// a change of goroutine; the others by the writer, because a write may block.
//
// It breaks once and for all: on the end of a stage, on an answer that belongs to
// another message, and when no byte comes for a while although an answer is owed.
// Every message that waits then gets the reason. A new pipeline takes its place.
type pipeline struct {
	stages  []*process
	in, out *os.File
	stall   time.Duration
	wake    chan struct{}
	// ended is closed when every stage has ended and nobody waits any more.
	ended chan struct{}

	lastID atomic.Uint64

	mu sync.Mutex
	// queue holds messages that are not written yet, owed those that were.
	queue, owed []*message
	// onTheWay is how many bytes were written and are not answered.
	onTheWay int
	// writing is true while the writer has messages in hand that come before any
	// new one.
	writing bool
	// answered counts answers since the start.
	answered int
	// broken is why the pipeline has ended or is being ended; nil while it works.
	broken error
	// ending says that the stages are being waited for: nobody else touches them.
	ending bool
	// moved is set by every byte that comes, and cleared by the watch.
	moved bool
	watch *time.Timer
}

// message is one text on its way.
type message struct {
	id   uint64
	wire []byte
	// done gets the outcome, once. It has room, so nobody waits for a reader.
	done chan outcome
	// given up by its sender: not written when there is still time.
	dropped bool
}

type outcome struct {
	answer answer
	err    error
}

// errStopped ends the messages of a pipeline that is stopped on purpose.
var errStopped = engine.Errorf(engine.Transient, "the engine was closed")

func startPipeline(p *programs, stages []stage, stall time.Duration) (*pipeline, error) {
	running, in, out, err := p.start(stages)
	if err != nil {
		return nil, err
	}
	l := &pipeline{
		stages: running, in: in, out: out, stall: stall,
		wake: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	l.watch = time.AfterFunc(stall, l.watched)
	l.watch.Stop()
	go l.write()
	go func() { l.finish(l.read()) }()
	return l, nil
}

// send queues a text. The outcome comes over the message's channel.
func (l *pipeline) send(text string) *message {
	m := &message{id: l.lastID.Add(1), done: make(chan outcome, 1)}
	m.wire = append(encode(text, m.id), 0)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		m.done <- outcome{err: l.broken}
		return m
	}
	if !l.ending && !l.writing && len(l.queue) == 0 && l.onTheWay+len(m.wire) <= sureToFit {
		l.owe(m)
		// An error is the end of the first stage, which the reader finds.
		_, _ = l.in.Write(m.wire)
		return m
	}
	l.queue = append(l.queue, m)
	l.wakeWriter()
	return m
}

// sureToFit is a size, in bytes, that the smallest pipe has room for.
const sureToFit = 4096

// owe notes a message that is about to be written.
func (l *pipeline) owe(m *message) {
	if len(l.owed) == 0 {
		// A watch that has just gone off must not count the time before.
		l.moved = true
		l.watch.Reset(l.stall)
	}
	l.owed = append(l.owed, m)
	l.onTheWay += len(m.wire)
}

func (l *pipeline) wakeWriter() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// drop tells that nobody waits for the messages. Those under way are answered
// all the same, and the answers thrown away.
func (l *pipeline) drop(messages []*message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range messages {
		m.dropped = true
	}
}

// works says whether messages can be sent.
func (l *pipeline) works() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broken == nil
}

// stop ends the stages and returns when they have ended.
func (l *pipeline) stop() {
	l.breakWith(errStopped)
	<-l.ended
}

// breakWith makes the pipeline end for a reason that the stages do not know. The
// first reason counts.
func (l *pipeline) breakWith(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil || l.ending {
		return
	}
	l.broken = err
	killAll(l.stages)
	l.wakeWriter()
}

// writeAhead bounds, in bytes, what is taken from the queue at once, so that a
// message that is given up in time is never written.
const writeAhead = 16 << 10

// write sends what is queued until the pipeline breaks.
func (l *pipeline) write() {
	for range l.wake {
		for {
			wire, open := l.take()
			if !open {
				return
			}
			if len(wire) == 0 {
				break
			}
			if _, err := l.in.Write(wire); err != nil {
				// The first stage has gone. The reader finds out which stage it was.
				return
			}
		}
	}
}

// take moves messages from the queue to those owed and returns them joined. It is
// false once the pipeline is broken.
func (l *pipeline) take() (wire []byte, open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return nil, false
	}
	for len(l.queue) > 0 && len(wire) < writeAhead {
		m := l.queue[0]
		l.queue[0] = nil
		l.queue = l.queue[1:]
		if !m.dropped {
			l.owe(m)
			wire = append(wire, m.wire...)
		}
	}
	l.writing = len(wire) > 0
	return wire, true
}

// read hands out answers until the output ends, and says why it stopped.
func (l *pipeline) read() error {
	r := bufio.NewReaderSize(movedReader{l}, 64<<10)
	for {
		wire, err := r.ReadBytes(0)
		if err != nil {
			return err
		}
		if err := l.answer(wire[:len(wire)-1]); err != nil {
			return err
		}
	}
}

// movedReader notes that something came.
type movedReader struct{ l *pipeline }

func (r movedReader) Read(p []byte) (int, error) {
	n, err := r.l.out.Read(p)
	if n > 0 {
		r.l.mu.Lock()
		r.l.moved = true
		r.l.mu.Unlock()
	}
	return n, err
}

// errUnasked is what a stage does that writes a NUL of its own.
var errUnasked = errors.New("an answer came that nobody asked for")

func (l *pipeline) answer(wire []byte) error {
	l.mu.Lock()
	if len(l.owed) == 0 {
		l.mu.Unlock()
		return errUnasked
	}
	m := l.owed[0]
	l.mu.Unlock()
	// Decoding stays outside the lock: senders need not wait for it.
	a, err := decode(wire, m.id)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed[0] = nil
	l.owed = l.owed[1:]
	l.onTheWay -= len(m.wire)
	l.answered++
	if len(l.owed) == 0 {
		l.watch.Stop()
	}
	m.done <- outcome{answer: a}
	return nil
}

// watched runs every so often while an answer is owed, and breaks the pipeline
// when nothing came since the last time.
func (l *pipeline) watched() {
	l.mu.Lock()
	owes, moved := len(l.owed) > 0 && l.broken == nil, l.moved
	l.moved = false
	if owes && moved {
		l.watch.Reset(l.stall)
	}
	l.mu.Unlock()
	if owes && !moved {
		l.breakWith(engine.Errorf(engine.Transient, "no answer for %s", l.stall))
	}
}

// finish ends what is left of the pipeline, and tells everybody who waits. A stage
// that ended is the reason, whatever the reader saw: the stages behind it write an
// empty message of their own when their input ends.
func (l *pipeline) finish(cause error) {
	l.mu.Lock()
	l.ending = true
	l.mu.Unlock()
	closeFiles(l.in, l.out)
	reap(l.stages)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == nil {
		l.broken = reason(l.stages, cause)
		l.wakeWriter()
	}
	l.watch.Stop()
	for _, m := range append(l.owed, l.queue...) {
		m.done <- outcome{err: l.broken}
	}
	l.owed, l.queue = nil, nil
	close(l.ended)
}

func reason(stages []*process, cause error) *engine.Error {
	if ended := culprit(stages); ended != nil {
		return engine.Errorf(engine.Transient, "%w", ended)
	}
	if errors.Is(cause, io.EOF) {
		return engine.Errorf(engine.Transient, "a stage ended before its input did")
	}
	return engine.Errorf(engine.Transient, "the answer cannot be read: %w", cause)
}
