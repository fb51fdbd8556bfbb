package main

import (
	"slices"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// fate is what the provider made of a call.
type fate int

const (
	// free: refused, failed or never answered. It is not billed.
	free fate = iota
	// spoiled: billed, and the answer is of no use.
	spoiled
	// answered: billed, with a translation of each segment.
	answered
)

// call is one request for translations, as the till saw it.
type call struct {
	order order
	// sentences that were asked for the first time, and how many came back with
	// findings: those are bought again on purpose.
	sentences []int
	sentBack  int
	// begun is when it came, ended when the answer was out; zero while under way.
	begun, ended time.Time
	fate         fate
	// gone says that the caller was not there any more for the answer.
	gone  bool
	usage engine.Usage
}

// end is the end of a manager that led since it took the Lease. It did nothing after
// till; from is the last moment at which it was surely well.
type end struct {
	led, from, till time.Time
	// woke is when it went on after it had stood still since from, while another one took
	// over; zero for one that did not stand still.
	woke time.Time
}

// onTheWay is how long a call may take from the caller to the till on a machine that
// is busy. Nobody else leads so soon after an end.
const onTheWay = 500 * time.Millisecond

// last is the last moment at which it can have put anything on record.
func (e end) last() time.Time {
	if !e.woke.IsZero() {
		return e.from
	}
	return e.till
}

// page is a page of finished segments, as it was seen in the payload store.
type page struct {
	// job as namespace/name.
	job       string
	created   time.Time // whole seconds, rounded down
	sentences []int
}

// ledger holds what the provider sold, what was put on record, and when managers
// ended. It only collects; account.go adds up.
type ledger struct {
	mu    sync.Mutex
	calls []*call
	ends  []end
	pages []page
}

// begin notes a call.
func (l *ledger) begin(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
}

// settle notes what became of a call.
func (l *ledger) settle(c *call, f fate, gone bool, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.fate, c.gone, c.ended = f, gone, now
}

// known says whether there was a call of the order before.
func (l *ledger) known(o order) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.calls, func(c *call) bool { return c.order == o })
}

// managerEnded notes that a leader is gone.
func (l *ledger) managerEnded(e end) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ends = append(l.ends, e)
}

// recorded notes a page.
func (l *ledger) recorded(p page) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pages = append(l.pages, p)
}

// sold returns how many segments were billed so far.
func (l *ledger) sold() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, c := range l.calls {
		if c.fate != free {
			n += len(c.sentences) + c.sentBack
		}
	}
	return n
}
