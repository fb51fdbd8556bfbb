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

// TestMessagesKeepTheSourceOfAFormThatFails: a form whose number is lost keeps its
// source, and the message stays whole.
func TestMessagesKeepTheSourceOfAFormThatFails(t *testing.T) {
	b := newBench("{n, plural, one {# gato} other {# gatos}}")
	b.engine.Script = answers(map[string]string{"2 gatos": "molts gats", "1 gato": "1 gat"})
	b.run().Do(t.Context())
	got := b.translations()
	if len(got) != 1 || !strings.HasPrefix(got[0], "{n, plural, one {# gat}") || !strings.HasSuffix(got[0], "other {# gatos}}") {
		t.Errorf("texts are %q, want the source of the form that failed", got)
	}
}

// TestABrokenMessageIsKeptAsText: what does not parse is translated as it is, and said.
func TestABrokenMessageIsKeptAsText(t *testing.T) {
	b := newBench("Tienes {n, plural, one {# gato} many} hoy.")
	b.engine.Script = nil
	b.run().Do(t.Context())
	var got []v1alpha1.Finding
	for _, f := range b.published[0].Findings {
		if f.Type == "source_form" {
			got = append(got, f)
		}
	}
	if len(got) != 1 || got[0].Segment != 1 || got[0].Severity != v1alpha1.NeutralSeverity || !strings.HasPrefix(got[0].Message, "an ICU message is kept as text: ") {
		t.Errorf("notes are %+v", got)
	}
	if text := b.translations()[0]; text == "-" || !strings.Contains(text, "{n, plural, one {# gato} many}") {
		t.Errorf("the text is %q", text)
	}
}
