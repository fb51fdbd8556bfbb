package document_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/document"
)

// A text without a sentence end is translated by stretches that a call can take, and
// comes back byte for byte.
func TestSentencesThatAreTooLong(t *testing.T) {
	const most = 8000
	cases := map[string]struct {
		text string
		// tooLong is what may not be cut and is longer than a stretch.
		tooLong bool
	}{
		"words":                         {text: strings.Repeat("palabra ", 130_000)},
		"no spaces at all":              {text: strings.Repeat("文", 20_000)},
		"one word":                      {text: strings.Repeat("a", 20_000)},
		"accents as marks of their own": {text: strings.Repeat("e\u0301", 15_000)},
		"fields":                        {text: strings.Repeat("usa {un_campo_largo} y %s ", 5_000)},
		"fields and nothing else":       {text: "x" + strings.Repeat("{un_campo_largo}", 5_000)},
		"a URL that never ends":         {text: "vea https://example.org/" + strings.Repeat("a", 20_000) + " hoy", tooLong: true},
		"wide white space":              {text: strings.Repeat("palabra"+strings.Repeat("\u3000", 50), 1_000)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			doc, err := document.FromText(tc.text, document.Languages{Source: "es", Target: "ca"})
			if err != nil {
				t.Fatal(err)
			}
			same := map[int]string{}
			for _, u := range doc.Units() {
				same[u.ID] = u.Text
				if n := utf8.RuneCountInString(u.Text); n > most && !tc.tooLong || strings.TrimSpace(u.Text) != u.Text {
					t.Errorf("unit %d has %d characters and begins %.20q", u.ID, n, u.Text)
				}
				if strings.Count(u.Text, "{") != strings.Count(u.Text, "}") {
					t.Errorf("unit %d has half of a field", u.ID)
				}
				if r, _ := utf8.DecodeRuneInString(u.Text); r == '\u0301' {
					t.Errorf("unit %d begins with the mark of another letter", u.ID)
				}
			}
			if len(same) < 2 && !tc.tooLong {
				t.Errorf("it is in %d units", len(same))
			}
			if got := doc.Assemble(same); *got.Text != tc.text {
				t.Error("assembled it is another text")
			}
			if notes := doc.Notes(); len(notes) != 1 || notes[0].Unit != 1 || !strings.HasPrefix(notes[0].Message, "a sentence of ") {
				t.Errorf("notes are %+v", notes)
			}
		})
	}
}

// The seams of a long sentence are no gaps in a short one.
func TestSentencesOfTheGreatestLength(t *testing.T) {
	doc, err := document.FromText(strings.Repeat("a ", 3999)+"bc", document.Languages{Source: "es", Target: "ca"})
	if err != nil || len(doc.Units()) != 1 || len(doc.Notes()) != 0 {
		t.Errorf("%d units, notes %v, %v", len(doc.Units()), doc.Notes(), err)
	}
}
