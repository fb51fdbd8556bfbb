package runner

import (
	"fmt"
	"testing"
)

// A gate that is never idle forgets the namespaces that are gone, and keeps those
// that are ahead.
func TestLanesAreForgotten(t *testing.T) {
	g := newGate()
	stays := g.join("stays")
	for i := range 10_000 {
		l := g.join(fmt.Sprint("ns-", i))
		l.settled = int64(i + 10) // ahead, for a while
		g.level = int64(i)
		g.leave(l)
	}
	if len(g.lanes) > 200 {
		t.Errorf("%d lanes are kept", len(g.lanes))
	}
	if l := g.join("ns-9999"); l.settled != 10_009 {
		t.Errorf("a lane that was ahead comes back with %d", l.settled)
	} else {
		g.leave(l)
	}
	g.leave(stays)
	if len(g.lanes) != 0 || g.level != 0 {
		t.Errorf("an idle gate keeps %d lanes and level %d", len(g.lanes), g.level)
	}
}
