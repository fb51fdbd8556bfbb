package apertium

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEncode(t *testing.T) {
	const end = "[e].[7]"
	cases := map[string]struct {
		text, want string
	}{
		"words stay":                             {text: "La casa.", want: "La casa."},
		"reserved characters are escaped":        {text: `[a]{b}^c$/\<d>`, want: `\[a\]\{b\}\^c\$\/\\\<d\>`},
		"marks of the source are set aside":      {text: "2*3 #1 a@b", want: `2[*]3 [#]1 a[\@]b`},
		"a joiner is set aside":                  {text: "~/bin", want: `[~]\/bin`},
		"tokens are set aside":                   {text: "a ⟦1⟧b⟦22⟧", want: "a [⟦1⟧]b[⟦22⟧]"},
		"what only looks like a token is text":   {text: "⟦a⟧ ⟦⟧ ⟦1", want: "⟦a⟧ ⟦⟧ ⟦1"},
		"newlines and double spaces go together": {text: "a  b\n\tc", want: "a[  ]b[\n\t]c"},
		"a no-break space is a space":            {text: "a\u00a0b", want: "a[\u00a0]b"},
		"accents are composed":                   {text: "cafe\u0301", want: "caf\u00e9"},
		"spaces are not composed":                {text: "a\u2000b", want: "a[\u2000]b"},
		"an empty text has an end all the same":  {text: "", want: ""},
		"bytes that are no text are replaced":    {text: "a\xffb", want: "a\ufffdb"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want+end, string(encode(tc.text, 7))); diff != "" {
				t.Errorf("encode() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	cases := map[string]struct {
		// wire is what comes behind the text as well, unless it has an end of its own.
		wire, want  string
		wantUnknown []string
	}{
		"words stay":                           {wire: "A casa.", want: "A casa."},
		"escapes are taken off":                {wire: `\[a\]\{b\}\^c\$\/\\\<d\>\@`, want: `[a]{b}^c$/\<d>@`},
		"an unknown word":                      {wire: "A *xyzzy.", want: "A xyzzy.", wantUnknown: []string{"xyzzy"}},
		"a word without a translation":         {wire: "@maluma é", want: "maluma é", wantUnknown: []string{"maluma"}},
		"a word without a form":                {wire: "#produto é", want: "produto é", wantUnknown: []string{"produto"}},
		"a lemma of several words":             {wire: "#take# off now", want: "take off now", wantUnknown: []string{"take"}},
		"a word is named once":                 {wire: "*b *a *b", want: "b a b", wantUnknown: []string{"b", "a"}},
		"a word in the middle of another":      {wire: "cá*sa", want: "cása", wantUnknown: []string{"sa"}},
		"a word with inner signs":              {wire: "*l'x-ray.com.", want: "l'x-ray.com.", wantUnknown: []string{"l'x-ray.com"}},
		"marks of the source stay":             {wire: `2[*]3 [#]1 [\@]x [*]*y[*]`, want: "2*3 #1 @x *y*", wantUnknown: []string{"y"}},
		"a mark before no word is a character": {wire: "a * b #", want: "a * b #"},
		"a mark behind a backslash":            {wire: `\@maluma a\*b`, want: "maluma a*b", wantUnknown: []string{"maluma"}},
		"tokens come out":                      {wire: "a [⟦1⟧]b[⟦22⟧]", want: "a ⟦1⟧b⟦22⟧"},
		"brackets in a superblank":             {wire: `[a\]b\[]c`, want: "a]b[c"},
		"white space of the source stays":      {wire: "a[  ]b[\n\t]c[\u00a0]d", want: "a  b\n\tc\u00a0d"},
		"spaces where a word was dropped go":   {wire: " Se  tens  [⟦1⟧]", want: "Se tens ⟦1⟧"},
		"a space beside a newline goes":        {wire: "Um [\n] Custa", want: "Um\nCusta"},
		"a space at the end goes":              {wire: "Um ", want: "Um"},
		"a stop that was drawn into the text":  {wire: "l'ella al .[e][7]", want: "l'ella al"},
		"a stop drawn before a token":          {wire: "del .[⟦2⟧][e][7]", want: "del⟦2⟧"},
		"a stop of the text is not ours":       {wire: "Fim.[⟦2⟧][e].[7]", want: "Fim.⟦2⟧"},
		"a word that slipped behind the end":   {wire: "A casa[e] azul.[7]", want: "A casa azul"},
		"nothing":                              {wire: "", want: ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			wire := tc.wire
			if !strings.HasSuffix(wire, "[7]") {
				wire += "[e].[7]"
			}
			got, err := decode([]byte(wire), 7)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got.text); diff != "" {
				t.Errorf("decode() text (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantUnknown, got.unknown); diff != "" {
				t.Errorf("decode() unknown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeRefusesAnAnswerToAnotherText(t *testing.T) {
	cases := map[string]string{
		"another number":     "A casa[e].[8]",
		"no number":          "A casa[e].",
		"no end of the text": "A casa[7]",
		"nothing at all":     "",
	}
	for name, wire := range cases {
		t.Run(name, func(t *testing.T) {
			if got, err := decode([]byte(wire), 7); !errors.Is(err, errOutOfStep) {
				t.Errorf("decode(%q) = %+v, %v, want errOutOfStep", wire, got, err)
			}
		})
	}
}

func TestWhatIsEncodedComesBackTheSame(t *testing.T) {
	cases := map[string]string{
		"signs":       `a [b] {c} ^d$ e/f \ g <h> 2*3 #1 i@j ~k 100 % — «l» … “m” & | ; _n_`,
		"tokens":      "⟦1⟧ a⟦2⟧⟦3⟧b ⟦4⟧",
		"spaces":      "a  b\nc\r\n d\t e\u00a0f\u2028g",
		"scripts":     "Дом 家 بيت 😀 घर",
		"only a sign": "*",
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := decode(encode(text, 3), 3)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(text, got.text); diff != "" {
				t.Errorf("decode(encode()) (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(blanks(text), got.blanks); diff != "" {
				t.Errorf("blanks (-want +got):\n%s", diff)
			}
			if len(got.unknown) > 0 {
				t.Errorf("unknown = %q, want none", got.unknown)
			}
		})
	}
}

func TestSplitBoundsTheLengthOfAMessage(t *testing.T) {
	sentence := strings.Repeat("palabra ", 30) + "fin."
	cases := map[string]struct {
		text string
		// wantSent are the lengths of what is translated, wantEnd how each ends.
		wantSent []int
		wantEnd  string
	}{
		"after the last sentence that fits": {
			text: strings.Repeat(sentence+" ", 10), wantSent: []int{8*len(sentence) + 7, 2*len(sentence) + 1}, wantEnd: "fin.",
		},
		"after the last word when there is no sentence": {
			text: strings.Repeat("palabra ", 400), wantSent: []int{1999, 1199}, wantEnd: "palabra",
		},
		"a word that is too long is no word": {
			text: "La casa " + strings.Repeat("x", longText+1) + " la casa", wantSent: []int{7, 7}, wantEnd: "casa",
		},
		"a last word that is too long": {
			text: "casa " + strings.Repeat("x", 3*longText), wantSent: []int{4}, wantEnd: "casa",
		},
		"only a word that is too long": {text: strings.Repeat("é", longText)},
		"much white space":             {text: strings.Repeat(" ", 3*longText) + "casa", wantSent: []int{4}, wantEnd: "casa"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var joined strings.Builder
			var sent []int
			for _, p := range split(tc.text) {
				joined.WriteString(p.text)
				if p.translate {
					sent = append(sent, len(p.text))
					if !strings.HasSuffix(p.text, tc.wantEnd) {
						t.Errorf("a message ends in %q, want %q", p.text[len(p.text)-8:], tc.wantEnd)
					}
				}
			}
			if joined.String() != tc.text {
				t.Error("the parts joined are not the text")
			}
			if diff := cmp.Diff(tc.wantSent, sent); diff != "" {
				t.Errorf("lengths of messages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSplitKeepsWhatIsNoSentence(t *testing.T) {
	keep := func(text string) part { return part{text: text} }
	do := func(text string) part { return part{text: text, translate: true} }
	cases := map[string]struct {
		text string
		want []part
	}{
		"a sentence":                     {text: "La casa.", want: []part{do("La casa.")}},
		"white space around it":          {text: " \n La casa.\u00a0\t", want: []part{keep(" \n "), do("La casa."), keep("\u00a0\t")}},
		"one newline is no end":          {text: "La\ncasa", want: []part{do("La\ncasa")}},
		"a blank line is an end":         {text: "Uno\n \n\nDos", want: []part{do("Uno"), keep("\n \n\n"), do("Dos")}},
		"a blank line with returns":      {text: "Uno\r\n\r\nDos", want: []part{do("Uno"), keep("\r"), keep("\n\r\n"), do("Dos")}},
		"indentation follows the break":  {text: "Uno\n\n  Dos", want: []part{do("Uno"), keep("\n\n"), keep("  "), do("Dos")}},
		"a NUL cannot be sent":           {text: "Uno\x00dos", want: []part{do("Uno"), keep("\x00"), do("dos")}},
		"numbers and tokens need no one": {text: "12 ⟦1⟧ — ", want: []part{keep("12 ⟦1⟧ — ")}},
		"nothing":                        {text: "", want: nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := split(tc.text)
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(part{})); diff != "" {
				t.Errorf("split() (-want +got):\n%s", diff)
			}
		})
	}
}
