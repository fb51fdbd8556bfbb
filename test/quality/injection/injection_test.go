package injection_test

import (
	"testing"

	filter "github.com/dragoman-dev/dragoman/internal/injection"
	"github.com/dragoman-dev/dragoman/test/quality/injection"
)

// The figures stand on these lists; they may not shrink unnoticed.
func TestListsAreLargeEnough(t *testing.T) {
	attacks, err := injection.Attacks()
	if err != nil {
		t.Fatal(err)
	}
	languages, held := map[string]bool{}, 0
	for _, a := range attacks {
		languages[a.Language] = true
		if a.HeldOut {
			held++
		}
	}
	if len(attacks) < 120 || len(languages) < 10 {
		t.Errorf("there are %d attacks in %d languages, want 120 in 10", len(attacks), len(languages))
	}
	if held < len(attacks)/3 || held > 2*len(attacks)/3 {
		t.Errorf("%d of %d attacks are held out, want about half", held, len(attacks))
	}
	if texts := injection.Benign(); len(texts) < 150 {
		t.Errorf("there are %d honest texts, want 150", len(texts))
	}
}

func TestHonestTextsPass(t *testing.T) {
	for _, text := range injection.Benign() {
		if verdict := filter.Detect(text); verdict.Flagged() {
			t.Errorf("Detect(%q) = %.2f %v, want it to pass", text, verdict.Score, verdict.Classes)
		}
	}
}
