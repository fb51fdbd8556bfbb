package runner

import "time"

// Reason is what work waits for.
type Reason int

const (
	// ForWorker: as much work goes on as the runner has workers.
	ForWorker Reason = iota + 1
	// ForSlot: as much work goes on behind the gate as its concurrency admits.
	ForSlot
	// ForRequests: the calls of this minute are used up, or too close together.
	ForRequests
	// ForTokens: the same for tokens.
	ForTokens
	// Paused: the provider asked to wait.
	Paused
	// CircuitOpen: the provider failed several times in a row.
	CircuitOpen
	// ForSuspect: the work is suspect, and another suspect runs.
	ForSuspect
)

// String returns the reason as a metric label.
func (r Reason) String() string {
	switch r {
	case ForWorker:
		return "worker"
	case ForSlot:
		return "concurrency"
	case ForRequests:
		return "requests"
	case ForTokens:
		return "tokens"
	case Paused:
		return "rate_limit"
	case CircuitOpen:
		return "circuit"
	case ForSuspect:
		return "suspect"
	default:
		return "none"
	}
}

// Wait says why work does not go on.
type Wait struct {
	Reason Reason
	// Until is when the reason passes, as far as is known now; zero when it is not.
	Until time.Time
	// Ahead is how many pieces of work of the same namespace wait behind the same gate
	// that are served before it.
	Ahead int
}

// Observer is told of waits and pauses, for metrics. It must not block, nor call the
// runner.
type Observer interface {
	// WorkWaited tells how long work was queued that starts now.
	WorkWaited(kind string, waited time.Duration)
	// CallWaited tells how long a call waited for its turn that begins now.
	CallWaited(kind string, waited time.Duration)
	// GatePaused tells that a gate closed: Paused or CircuitOpen.
	GatePaused(kind string, why Reason)
}

// nobody is an observer that keeps nothing.
type nobody struct{}

// WorkWaited implements Observer.
func (nobody) WorkWaited(string, time.Duration) {}

// CallWaited implements Observer.
func (nobody) CallWaited(string, time.Duration) {}

// GatePaused implements Observer.
func (nobody) GatePaused(string, Reason) {}

// wait says what an entry waits for. What keeps the gate's best claim keeps all
// behind it.
func (p *pool) wait(e *entry) Wait {
	if e.row == nil {
		return Wait{}
	}
	l := e.lane
	w := p.obstacle(l.gate)
	if w.Reason == ForWorker && e.row == &l.suspects && p.suspect != nil {
		w.Reason = ForSuspect
	}
	w.Ahead = l.ready.ahead(e) + l.suspects.ahead(e)
	return w
}

// obstacle says what a gate waits for. One that would let work in waits for a worker.
func (p *pool) obstacle(g *gate) Wait {
	w := g.barrier(p.opts.Clock.Now(), g.callOf(g.best()))
	if w.Reason == 0 {
		w.Reason = ForWorker
	}
	return w
}

// count counts waiting work by kind and reason.
func (p *pool) count() map[string]map[Reason]int {
	out := map[string]map[Reason]int{}
	add := func(kind string, why Reason, n int) {
		if n == 0 {
			return
		}
		if out[kind] == nil {
			out[kind] = map[Reason]int{}
		}
		out[kind][why] += n
	}
	for _, g := range p.gates {
		if g.waiting == 0 {
			continue
		}
		why, suspects := p.obstacle(g).Reason, 0
		if why == ForWorker && p.suspect != nil {
			suspects = p.suspectsOf(g)
		}
		add(g.kind, ForSuspect, suspects)
		add(g.kind, why, g.waiting-suspects)
	}
	return out
}

// suspectsOf counts the suspects behind a gate that have not started.
func (p *pool) suspectsOf(g *gate) int {
	n := 0
	for _, l := range p.wary {
		if l.gate == g {
			n += sizeOf(l.suspects.root)
		}
	}
	return n
}
