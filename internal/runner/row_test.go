package runner

import (
	"math/bits"
	"slices"
	"testing"
	"time"
)

// A row agrees with a sorted list, whatever is done to it, and stays shallow.
func TestRow(t *testing.T) {
	dice := seeded(3)
	var r row
	var want []*entry
	for i := range 20_000 {
		if dice.IntN(3) > 0 || len(want) == 0 {
			e := &entry{ticket: Ticket{Priority: int32(dice.IntN(5)), Created: dawn.Add(time.Duration(i) * time.Second)}}
			at, _ := slices.BinarySearchFunc(want, e, func(a, b *entry) int {
				if a.before(b) {
					return -1
				}
				return 1
			})
			want = slices.Insert(want, at, e)
			r.add(e)
		} else {
			at := dice.IntN(len(want))
			if dice.IntN(2) == 0 {
				at = 0
			}
			r.remove(want[at])
			want = slices.Delete(want, at, at+1)
		}
		if sizeOf(r.root) != len(want) {
			t.Fatalf("after %d steps: %d entries, want %d", i+1, sizeOf(r.root), len(want))
		}
		if len(want) == 0 {
			continue
		}
		at := dice.IntN(len(want))
		if r.first() != want[0] || r.ahead(want[at]) != at {
			t.Fatalf("after %d steps: the first is right: %v, and %d are ahead of the entry at %d", i+1, r.first() == want[0], r.ahead(want[at]), at)
		}
	}
	// Adams' balance keeps the height under 2.5 log₂ n.
	if got, most := height(r.root), 5*bits.Len(uint(len(want)))/2; got > most {
		t.Errorf("a row of %d is %d high, want %d at most", len(want), got, most)
	}
}

func height(t *entry) int {
	if t == nil {
		return 0
	}
	return 1 + max(height(t.left), height(t.right))
}
