package pipeline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// TestMessagesGetTheFormsOfTheTarget: each form is asked for with a number that takes
// it, and the message has the forms of the target language.
func TestMessagesGetTheFormsOfTheTarget(t *testing.T) {
	b := newBench("You have {n, plural, =0 {no new files} one {# new file} other {# new files}}.")
	b.job.SourceLanguage, b.job.TargetLanguage = "en", "pl"
	b.engine.Script = answers(map[string]string{
		"You have no new files.":  "Nie masz nowych plików.",
		"You have 1 new file.":    "Masz 1 nowy plik.",
		"You have 2 new files.":   "Masz 2 nowe pliki.",
		"You have 5 new files.":   "Masz 5 nowych plików.",
		"You have ⟦1⟧ new files.": "Masz ⟦1⟧ nowego pliku.",
	})
	outcome := b.run().Do(t.Context())
	if outcome.Reason != v1alpha1.CompletedReason || len(b.engine.Sold()) != 5 {
		t.Fatalf("ended as %+v after the texts %q, want five and Completed", outcome, b.engine.Sold())
	}
	want := []string{"{n, plural, =0 {Nie masz nowych plików.} one {Masz # nowy plik.} few {Masz # nowe pliki.} many {Masz # nowych plików.} other {Masz # nowego pliku.}}"}
	if diff := cmp.Diff(want, b.translations()); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if findings := b.published[0].Findings; len(findings) > 0 {
		t.Errorf("findings are %+v, want none: the forms of a text are not inconsistent", findings)
	}
}

// TestAFormThatLosesItsNumberIsTranslatedByParts: what stands around the number is
// asked for alone, so that it cannot be lost again.
func TestAFormThatLosesItsNumberIsTranslatedByParts(t *testing.T) {
	b := newBench("{n, plural, one {# gato} other {Hay # gatos}}")
	b.engine.Script = answers(map[string]string{"Hay 2 gatos": "Hi ha molts gats", "Hay": "Hi ha", "Hay ": "Hi ha ", "gatos": "gats", " gatos": " gats", "1 gato": "1 gat"})
	outcome := b.run().Do(t.Context())
	got := b.translations()
	if outcome.Reason != v1alpha1.CompletedReason || len(got) != 1 || !strings.HasPrefix(got[0], "{n, plural, one {# gat}") || !strings.HasSuffix(got[0], "other {Hi ha # gats}}") {
		t.Errorf("ended as %+v with the texts %q, want the number back in the last form", outcome, got)
	}
}

// TestMessagesKeepTheSourceOfAFormThatFails: a form whose number is lost whatever is
// done keeps its source, and the message stays whole.
func TestMessagesKeepTheSourceOfAFormThatFails(t *testing.T) {
	b := newBench("{n, plural, one {# gato} other {Hay # gatos}}")
	b.engine.Script = answers(map[string]string{"Hay 2 gatos": "Hi ha molts gats", "Hay ": "⟦9⟧", "Hay": "⟦9⟧", "1 gato": "1 gat"})
	outcome := b.run().Do(t.Context())
	got := b.translations()
	if outcome.Reason == v1alpha1.CompletedReason || len(got) != 1 || !strings.HasPrefix(got[0], "{n, plural, one {# gat}") || !strings.HasSuffix(got[0], "other {Hay # gatos}}") {
		t.Errorf("ended as %+v with the texts %q, want the source of the form that failed", outcome, got)
	}
}
