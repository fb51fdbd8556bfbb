package segment_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/segment"
)

// checkPieces holds pieces to what Split promises of every text.
func checkPieces(t *testing.T, text string, pieces []segment.Piece) {
	t.Helper()
	var joined strings.Builder
	for i, p := range pieces {
		joined.WriteString(p.Text)
		switch {
		case p.Text == "":
			t.Errorf("piece %d of %q is empty", i, text)
		case p.Translatable && strings.TrimSpace(p.Text) != p.Text:
			t.Errorf("piece %q of %q has white space at its ends", p.Text, text)
		case !p.Translatable && i > 0 && !pieces[i-1].Translatable:
			t.Errorf("pieces %d and %d of %q are both not translatable", i-1, i, text)
		}
	}
	if joined.String() != text {
		t.Errorf("pieces of %q join to %q", text, joined.String())
	}
}

func TestHostileTextsAreCutLikeOthers(t *testing.T) {
	cases := map[string]struct {
		lang, text string
		want       []string
	}{
		"bidi marks and isolates":              {"ar", "مرحبا \u2067{name}\u2069.\u200f أهلا.", []string{"مرحبا \u2067{name}\u2069.\u200f", "أهلا."}},
		"bidi controls around an end":          {"en", "One.\u202c \u202aTwo.", []string{"One.\u202c", "\u202aTwo."}},
		"zero-width signs before the end":      {"en", "One\u200b.\u200d Two\u2060.", []string{"One\u200b.\u200d", "Two\u2060."}},
		"a mark before a word and its tag":     {"ar", "نعم. \u200f<b>لا.</b> \u2068<i>أهلا.</i>\u2069", []string{"نعم.", "\u200f<b>لا.</b>", "\u2068<i>أهلا.</i>\u2069"}},
		"two scripts":                          {"ru", "Это слово peace. Ещё слово 平和。", []string{"Это слово peace.", "Ещё слово 平和。"}},
		"right to left in left to right":       {"en", "Say שלום. Then say سلام. Done.", []string{"Say שלום.", "Then say سلام.", "Done."}},
		"emoji of several characters":          {"en", "Hello 👩‍👩‍👧‍👦. Bye 🇩🇪! Now 👍🏽.", []string{"Hello 👩‍👩‍👧‍👦.", "Bye 🇩🇪!", "Now 👍🏽."}},
		"combining marks":                      {"fr", "E\u0301te\u0301. A\u0300 midi.", []string{"E\u0301te\u0301.", "A\u0300 midi."}},
		"wrong bytes beside the end":           {"en", "One.\xff Two\xc3. \xe3\x80 Three.", []string{"One.\xff Two\xc3.", "\xe3\x80 Three."}},
		"control characters":                   {"en", "One\x00. Two\x1b[0m.", []string{"One\x00.", "Two\x1b[0m."}},
		"another language than it is said":     {"ja", "This is English. It goes on.", []string{"This is English.", "It goes on."}},
		"a language that is none":              {"not a tag", "One. Two.", []string{"One.", "Two."}},
		"only signs":                           {"en", "?!?! ... !!! …", nil},
		"every line of another kind of letter": {"en", "one\nדבר\nคำ\n词", []string{"one", "דבר", "คำ", "词"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			pieces := segment.Split(tc.text, tc.lang)
			checkPieces(t, tc.text, pieces)
			if diff := cmp.Diff(tc.want, translatable(pieces)); diff != "" {
				t.Errorf("Split() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMegabyteWithoutASentenceEndIsOneSegment(t *testing.T) {
	const size = 1 << 20
	for name, unit := range map[string]string{
		"words": "word ", "one word": "w", "Han": "字", "Thai": "คำ", "commas": "one, two, ", "emoji": "a😀", "zero-width": "a\u200b", "right to left": "سلام ",
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.TrimSpace(strings.Repeat(unit, size/len(unit)))
			pieces := segment.Split(text, "en")
			if len(pieces) != 1 || pieces[0].Text != text {
				t.Errorf("Split() returned %d pieces, want the text", len(pieces))
			}
		})
	}
}

func TestHostileTextsAreReadInLinearTime(t *testing.T) {
	// A quadratic reader would take hours for the larger of these, and the test would
	// time out: each is a run that some rule looks across.
	units := []string{
		".)", ". )", "?\"", ".\u200b", ".\u00ad ", ". 1 ", "a.5 ", "a. '", "…", "… ", "「。", "。」", "。（", "（", "[1]", ".[1]", "¹", ".¹ ",
		"12. ", "II. ", "XX. 1", "z.\u00a0", "z. B. ", "l'", "d'a. ", "vitamin C. ", "\r\n", "\r", "a\n", "\u2028", "《。》", "。と", "“。”", "{a}. ", "<b>. ", "<p>", "‖",
		"A.B.", "a.B.", "\xff.", "\xe3\x80", "\u202e. ", "\u0301.", "1. ", "・", "一、", "> ", "... ", ". . . ", "¿. ", "。說", "'s A. ", ". a",
		"A. ", "one two ", "? a ", "</b>. X", "» ", ". ", "? ", "。", "- ",
	}
	for _, unit := range units {
		text := "x" + strings.Repeat(unit, 200_000/len(unit))
		for _, lang := range []string{"de", "fr", "ja"} {
			checkPieces(t, text, segment.Split(text, lang))
		}
	}
}
