package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/runner"
)

// probeTimeout bounds a probe. Probing every pair of a full Apertium installation
// takes some seconds on two cores.
const probeTimeout = 60 * time.Second

// probeWorkers is how many engines are probed at one time.
const probeWorkers = 8

// probe asks one engine whether it works. It runs in the runner, because an engine
// may take its time.
type probe struct {
	entry entry

	mu    sync.Mutex
	offer engine.Offer
	err   error
}

// Do implements runner.Work.
func (p *probe) Do(ctx context.Context, _ *runner.Turn) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	offer, err := p.entry.engine.Probe(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.offer, p.err = offer, err
}

// Crashed implements runner.Work.
func (p *probe) Crashed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = errors.New("the probe crashed")
}

// finding classes the answer of an ended probe.
func (p *probe) finding(spec *v1alpha1.ProviderSpec) finding {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := verdict(p.err)
	f.offer = admitted(p.offer, spec.Pairs)
	f.info = p.entry.engine.Info()
	return f
}

// filed returns the entry for the directory.
func (p *probe) filed(f finding) entry {
	e := p.entry
	e.found = f
	return e
}

func verdict(err error) finding {
	switch {
	case err == nil:
		return finding{reason: v1alpha1.ProbeSucceededReason}
	case engine.AsError(err).Class == engine.Misconfigured:
		return misfit(err)
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("no answer within %s", probeTimeout)
	}
	return finding{reason: v1alpha1.ProbeFailedReason, problem: err, waits: true}
}

func misfit(err error) finding {
	return finding{reason: v1alpha1.MisconfiguredReason, problem: err}
}

// admitted limits an offer to the pairs that the spec admits. An engine that
// offers any pair then offers just those.
func admitted(offer engine.Offer, pairs []v1alpha1.LanguagePair) engine.Offer {
	if len(pairs) == 0 {
		return offer
	}
	out := engine.Offer{Broken: offer.Broken}
	for _, p := range pairs {
		want := engine.Pair{Source: canonical(p.Source), Target: canonical(p.Target)}
		if _, ok := resolve(want, offer); ok {
			out.Pairs = append(out.Pairs, want)
		}
	}
	return out
}

// key names the probes of a provider in the runner.
func (id entryID) key() runner.Key {
	return runner.Key{Namespace: id.namespace, Name: id.name}
}

// gate names the provider in the runner.
func (id entryID) gate() string {
	return strings.Join([]string{string(id.kind), id.namespace, id.name}, "/")
}

func ticketOf(id entryID) runner.Ticket {
	return runner.Ticket{Key: id.key(), Gate: id.gate()}
}
