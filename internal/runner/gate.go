package runner

import (
	"container/heap"
	"time"
)

// gate holds the work that needs one provider: a lane for each namespace, served
// in turn, so that a namespace with ten thousand jobs delays another by one job.
type gate[W Work] struct {
	name        string
	limit       int
	active      int
	pausedUntil time.Time
	lanes       map[string]*lane[W]
	turns       []*lane[W] // lanes that are not empty, next one first
}

// open says whether the next entry may start now.
func (g *gate[W]) open(now time.Time) bool {
	return len(g.turns) > 0 && g.active < g.limit && !now.Before(g.pausedUntil)
}

func (g *gate[W]) push(e *entry[W]) {
	l, ok := g.lanes[e.ticket.Key.Namespace]
	if !ok {
		l = &lane[W]{namespace: e.ticket.Key.Namespace}
		g.lanes[l.namespace] = l
		g.turns = append(g.turns, l)
	}
	heap.Push(l, e)
}

// pop takes the best entry of the lane whose turn it is; the lane then goes to
// the end of the row.
func (g *gate[W]) pop() *entry[W] {
	l := g.turns[0]
	g.turns = append(g.turns[:0:0], g.turns[1:]...)
	e := heap.Pop(l).(*entry[W])
	if l.Len() > 0 {
		g.turns = append(g.turns, l)
	} else {
		delete(g.lanes, l.namespace)
	}
	return e
}

func (g *gate[W]) remove(e *entry[W]) {
	l := g.lanes[e.ticket.Key.Namespace]
	heap.Remove(l, e.index)
	if l.Len() > 0 {
		return
	}
	delete(g.lanes, l.namespace)
	for i, other := range g.turns {
		if other == l {
			g.turns = append(g.turns[:i:i], g.turns[i+1:]...)
			return
		}
	}
}

// lane orders the work of one namespace behind one gate. It is a heap.
type lane[W Work] struct {
	namespace string
	entries   []*entry[W]
}

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (l *lane[W]) Len() int { return len(l.entries) }

// Less puts higher priority first, then older work, then the name, so that the
// order never depends on chance.
func (l *lane[W]) Less(i, j int) bool {
	a, b := l.entries[i].ticket, l.entries[j].ticket
	if a.Priority != b.Priority {
		return a.Priority > b.Priority
	}
	if !a.Created.Equal(b.Created) {
		return a.Created.Before(b.Created)
	}
	return a.Key.Name < b.Key.Name
}

// Swap exchanges two entries.
func (l *lane[W]) Swap(i, j int) {
	l.entries[i], l.entries[j] = l.entries[j], l.entries[i]
	l.entries[i].index, l.entries[j].index = i, j
}

// Push adds an entry at the end.
func (l *lane[W]) Push(x any) {
	e := x.(*entry[W])
	e.index = len(l.entries)
	l.entries = append(l.entries, e)
}

// Pop takes the entry at the end.
func (l *lane[W]) Pop() any {
	last := len(l.entries) - 1
	e := l.entries[last]
	l.entries[last] = nil
	l.entries = l.entries[:last]
	return e
}
