package golden_test

import (
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/test/quality/segmentation/golden"
)

func TestCasesAreManyAndWellMade(t *testing.T) {
	cases, err := golden.Cases()
	if err != nil {
		t.Fatal(err)
	}
	const wantCases, wantPerLanguage = 250, 12
	if len(cases) < wantCases {
		t.Errorf("there are %d cases, want %d", len(cases), wantCases)
	}
	byLang, heldOut := map[string]int{}, 0
	for _, c := range cases {
		byLang[c.Lang]++
		if c.HeldOut {
			heldOut++
		}
		if len(c.Want) == 0 {
			t.Errorf("%s: %s: no segment is wanted", c.Lang, c.Name)
		}
		at := 0
		for _, want := range c.Want {
			i := strings.Index(c.Text[at:], want)
			if i < 0 {
				t.Fatalf("%s: %s: %q is not in %q in order", c.Lang, c.Name, want, c.Text)
			}
			at += i + len(want)
		}
	}
	for _, lang := range strings.Fields("en de fr es it pt nl pl ru ja zh ko ar tr") {
		if byLang[lang] < wantPerLanguage {
			t.Errorf("there are %d cases of %s, want %d", byLang[lang], lang, wantPerLanguage)
		}
	}
	if third := len(cases) / 3; heldOut < third || heldOut > 2*third {
		t.Errorf("%d of %d cases are held out, want about half", heldOut, len(cases))
	}
}
