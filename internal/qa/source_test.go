package qa_test

import (
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

func TestReviewSourceLooksAtLettersAndLanguage(t *testing.T) {
	const german = "Bitte speichern Sie die Datei, bevor Sie das Programm schließen, und warten Sie auf die Meldung."
	cases := map[string]struct {
		text, lang string
		want       []string // a part of each note
	}{
		"another language than declared":            {german, "en", []string{"does not seem to be in the language"}},
		"the language that was declared":            {german, "de", nil},
		"a close relative is not told apart":        {"Denne filen er ikke din, og du kan ikke åpne den her.", "da", nil},
		"too few words to tell":                     {"Datei speichern", "en", nil},
		"a bracket alone":                           {"Save (all files now.", "en", []string{"a bracket without its partner"}},
		"a list and a face":                         {"a) Save it. b) Smile :-)", "en", nil},
		"a word with letters of two scripts":        {"Please cоntact our team.", "en", []string{"1 word with letters of two scripts"}},
		"Latin beside Cyrillic":                     {"Подключите USB-кабель к компьютеру.", "ru", nil},
		"units and Greek letters":                   {"A layer of 5 µm, an α-helix and ΔT.", "en", nil},
		"a space of no width":                       {"Save\u200b your\u2060 work.", "en", []string{"2 characters that nobody sees"}},
		"a space of no width where words have none": {"สวัสดี\u200bครับ", "th", nil},
		"a turn of direction":                       {"Pay \u202e001\u202c now.", "en", []string{"2 characters that nobody sees"}},
		"marks of direction are in use":             {"שלום \u200f(עולם)\u200f", "he", nil},
		"emoji of several parts":                    {"A family 👨\u200d👩\u200d👧 and Scotland 🏴󠁧󠁢󠁳󠁣󠁴󠁿.", "en", nil},
		"tag characters that are no flag":           {"Hello\U000E0041\U000E0042.", "en", []string{"2 characters that nobody sees"}},
		"a byte order mark before the text":         {"\ufeffSave your work.", "en", nil},
		"a word twice":                              {"Save the the file.", "en", []string{"1 word twice in a row"}},
		"a word that may stand twice":               {"Nous nous levons.", "fr", nil},
		"a language that doubles words":             {"Yavaş yavaş yürüyün.", "tr", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := qa.ReviewSource(tc.text, tc.lang)
			if len(got) != len(tc.want) {
				t.Fatalf("ReviewSource() = %v, want %d notes", got, len(tc.want))
			}
			for i, f := range got {
				if !strings.Contains(f.Message, tc.want[i]) || f.Severity != v1alpha1.NeutralSeverity || !strings.HasPrefix(f.Check, "source_") {
					t.Errorf("note %+v, want a neutral one on the source with %q", f, tc.want[i])
				}
			}
		})
	}
}
