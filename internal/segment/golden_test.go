package segment_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/segment"
	"github.com/dragoman-dev/dragoman/test/quality/segmentation/golden"
)

func TestGoldenCasesAreCutRight(t *testing.T) {
	// Per cent, just below what is reached.
	const floor, floorHeldOut = 98.5, 97.5
	cases, err := golden.Cases()
	if err != nil {
		t.Fatal(err)
	}
	var all, allRight, heldOut, heldOutRight float64
	for _, c := range cases {
		pieces := segment.Split(c.Text, c.Lang)
		var joined strings.Builder
		for _, p := range pieces {
			joined.WriteString(p.Text)
		}
		if joined.String() != c.Text {
			t.Errorf("%s: %s: pieces join to %q, want %q", c.Lang, c.Name, joined.String(), c.Text)
		}
		right := 0.0
		if slices.Equal(c.Want, translatable(pieces)) {
			right = 1
		} else if !c.HeldOut { // nobody shall look at the others to make rules for them
			t.Errorf("%s: %s: cut into %q, want %q", c.Lang, c.Name, translatable(pieces), c.Want)
		}
		all++
		allRight += right
		if c.HeldOut {
			heldOut++
			heldOutRight += right
		}
	}
	if got := 100 * allRight / all; got < floor {
		t.Errorf("%.2f %% of %.0f cases are right, want %.2f", got, all, floor)
	}
	if got := 100 * heldOutRight / heldOut; got < floorHeldOut {
		t.Errorf("%.2f %% of %.0f held out cases are right, want %.2f", got, heldOut, floorHeldOut)
	}
}
