package runner

import "container/heap"

// unit is a lane's share of one token at weight 1. It divides by most weights, so
// that what is charged and given back is the same to the last bit; and a provider
// that sells the largest allowance, 10⁹ tokens a minute, fills 63 bits in 1.7 years
// without one idle moment.
const unit = 10_000

// lane is the work of one namespace behind one gate.
//
// Lanes share by start-time fair queueing: each has a clock that a call moves on by
// its cost through the weight, and the lane whose clock is least goes next.
type lane struct {
	gate      *gate
	namespace string
	members   int // pieces of work that have not ended

	ready    row    // what may go on: work that waits for a call or to start
	suspects row    // suspects that have not started
	top      *entry // the next to go on, nil when none may
	index    int    // among the gate's lanes that have a top; -1 when it has none
	turn     uint64 // of the gate, when the lane was last served

	// The clock, in two parts. What is charged before a call ends is the most it can
	// cost, mostly several times of what it does. So a lane that comes to the gate is
	// measured by what others have settled, or it would wait until they have used all
	// that they ever reserved.
	settled, reserved int64
}

func (l *lane) clock() int64 { return l.settled + l.reserved }

// catchUp brings a lane that had nothing to wait for up to the gate's level, so that
// nobody saves up turns while away.
func (l *lane) catchUp() {
	l.settled = max(l.settled, l.gate.level-l.reserved)
}

// charge reserves what work is about to use.
func (l *lane) charge(t *Turn, tokens int64, weight int) {
	t.charged = share(tokens, weight)
	l.reserved += t.charged
}

// refund takes back what was charged.
func (l *lane) refund(t *Turn) {
	l.reserved -= t.charged
	t.charged = 0
}

// settle replaces what was charged by what was used.
func (l *lane) settle(t *Turn, tokens int64, weight int) {
	l.refund(t)
	l.settled += share(tokens, weight)
}

// share is what tokens cost a lane. Each call costs something, also when tokens do
// not count.
func share(tokens int64, weight int) int64 {
	return max(1, tokens) * unit / int64(weight)
}

// lanes is a heap of the lanes that have a top.
type lanes []*lane

// place puts a lane where it belongs after its clock or its top has changed.
func (h *lanes) place(l *lane, suspects bool) {
	l.top = l.ready.first()
	if s := l.suspects.first(); suspects && s != nil && (l.top == nil || s.before(l.top)) {
		l.top = s
	}
	switch {
	case l.top != nil && l.index >= 0:
		heap.Fix(h, l.index)
	case l.top != nil:
		heap.Push(h, l)
	case l.index >= 0:
		heap.Remove(h, l.index)
	}
}

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (h *lanes) Len() int { return len(*h) }

// Less puts the earlier clock first. Of equal ones work that has started goes on, so
// that as little as possible is started; and then lanes take turns.
func (h *lanes) Less(i, j int) bool {
	a, b := (*h)[i], (*h)[j]
	if a.clock() != b.clock() {
		return a.clock() < b.clock()
	}
	if started := a.top.state == Running; started != (b.top.state == Running) {
		return started
	}
	return a.turn < b.turn
}

// Swap exchanges two lanes.
func (h *lanes) Swap(i, j int) {
	s := *h
	s[i], s[j] = s[j], s[i]
	s[i].index, s[j].index = i, j
}

// Push adds a lane at the end.
func (h *lanes) Push(x any) {
	l := x.(*lane)
	l.index = len(*h)
	*h = append(*h, l)
}

// Pop takes the lane at the end.
func (h *lanes) Pop() any {
	s := *h
	l := s[len(s)-1]
	s[len(s)-1] = nil
	*h = s[:len(s)-1]
	l.index = -1
	return l
}
