package apertium

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// checks remembers which modes work. Each is tried once, with one sentence; a
// mode that failed is tried again after a while, because memory may have been
// short.
type checks struct {
	mu   sync.Mutex
	byID map[checkID]*check
}

// checkID changes when the package of a mode does.
type checkID struct {
	name    string
	written time.Time
}

type check struct {
	// turn is held by who tries the mode.
	turn    chan struct{}
	decided bool
	works   bool
	at      time.Time
}

const (
	tryBrokenAgain = 10 * time.Minute
	// tryFor is how long one sentence may take. The slowest pair answers within a
	// second of its start on an idle machine.
	tryFor = 20 * time.Second
)

func (c *checks) of(m mode) *check {
	id := checkID{name: m.name, written: m.written}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil {
		c.byID = make(map[checkID]*check)
	}
	found := c.byID[id]
	if found == nil {
		found = &check{turn: make(chan struct{}, 1)}
		c.byID[id] = found
	}
	return found
}

// Probe lists the installed pairs and tries each of them that has not been tried
// before. A first probe takes a second or so for eight pairs; the pipelines it
// starts are stopped again.
func (e *Engine) Probe(ctx context.Context) (engine.Offer, error) {
	end, err := e.begin()
	if err != nil {
		return engine.Offer{}, err
	}
	defer end()
	pairs, modes, err := e.installed()
	if err != nil {
		return engine.Offer{}, err
	}
	works := make([]bool, len(pairs))
	failures := make([]error, len(pairs))
	room := make(chan struct{}, e.opts.ProbeParallel)
	var probing sync.WaitGroup
	for i, pair := range pairs {
		probing.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			wasRunning := e.fleet.runs(pair)
			works[i], failures[i] = e.check(ctx, modes[pair])
			if !wasRunning {
				e.fleet.stopUnused(pair)
			}
		})
	}
	probing.Wait()
	return offerOf(pairs, works, failures)
}

// offerOf sorts the pairs by what became of them. A pair that lacks a program is
// broken; when nothing works for want of a program, that is the error.
func offerOf(pairs []engine.Pair, works []bool, failures []error) (engine.Offer, error) {
	var offer engine.Offer
	var missing error
	for i, pair := range pairs {
		switch err := failures[i]; {
		case err != nil && !isMisconfigured(err):
			return engine.Offer{}, err
		case works[i]:
			offer.Pairs = append(offer.Pairs, pair)
		default:
			missing = cmp.Or(missing, err)
			offer.Broken = append(offer.Broken, pair)
		}
	}
	if len(offer.Pairs) == 0 && missing != nil {
		return engine.Offer{}, missing
	}
	return offer, nil
}

func isMisconfigured(err error) bool {
	e, ok := errors.AsType[*engine.Error](err)
	return ok && e.Class == engine.Misconfigured
}

// check says whether a mode works. The error is the context's, or Misconfigured
// when a program is missing.
func (e *Engine) check(ctx context.Context, m mode) (bool, error) {
	c := e.checks.of(m)
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-c.turn }()
	now := e.opts.Clock.Now()
	if c.decided && (c.works || now.Sub(c.at) < tryBrokenAgain) {
		return c.works, nil
	}
	works, err := e.try(ctx, m)
	if err != nil {
		return false, err
	}
	c.decided, c.works, c.at = true, works, now
	return works, nil
}

// try puts one sentence through a mode.
func (e *Engine) try(ctx context.Context, m mode) (bool, error) {
	if m.fault != nil {
		return false, nil
	}
	l, err := e.fleet.lease(m)
	if err != nil {
		return false, missingOrClosed(err)
	}
	defer l.release()
	sent := l.send(sentenceIn(m.pair.Source))
	limit := time.NewTimer(tryFor)
	defer limit.Stop()
	select {
	case result := <-sent.done:
		if result.err != nil {
			return false, missingOrClosed(result.err)
		}
		return sensible(result.answer), nil
	case <-limit.C:
		l.drop([]*message{sent})
		return false, nil
	case <-ctx.Done():
		l.drop([]*message{sent})
		return false, ctx.Err()
	}
}

// missingOrClosed keeps the errors that say nothing about the mode, and drops
// those that do.
func missingOrClosed(err error) error {
	if errors.Is(err, errStopped) || isMisconfigured(err) {
		return err
	}
	return nil
}

// sensible says whether an answer is a translation: it has words, and not half of
// them lack a translation or a form. A pair whose generator does not fit answers
// "#Naš @new #produkt".
func sensible(a answer) bool {
	return 2*a.marked < a.words
}
