package document_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/icu"
)

// texts of units, in order.
func textsOf(doc document.Document) []string {
	var out []string
	for _, u := range doc.Units() {
		out = append(out, u.Text)
	}
	return out
}

func TestMessagesBecomeUnits(t *testing.T) {
	cases := map[string]struct {
		text, target string
		want         []string
		// wantText is the message when every unit stays as it is.
		wantText string
	}{
		"a plural into the forms of the target": {
			text: "{n, plural, one {# file} other {# files}}", target: "pl",
			want:     []string{"{#} file", "{#} files", "{#} files", "{#} files"},
			wantText: "{n, plural, one {# file} few {# files} many {# files} other {# files}}",
		},
		"forms that the target has not": {
			text: "{n, plural, =0 {none} one {# file} other {# files}}", target: "ja",
			want:     []string{"none", "{#} files"},
			wantText: "{n, plural, =0 {none} other {# files}}",
		},
		"a language without rules keeps the forms": {
			text: "{n, plural, one {# file} other {# files}}", target: "tlh",
			want:     []string{"{#} file", "{#} files"},
			wantText: "{n, plural, one {# file} other {# files}}",
		},
		"ordinal numbers": {
			text: "{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}", target: "de",
			want:     []string{"{#}th"},
			wantText: "{n, selectordinal, other {#th}}",
		},
		"words keep their cases": {
			text: "{g, select, male {He is here} female {She is here} other {They are here}}", target: "ar",
			want:     []string{"He is here", "She is here", "They are here"},
			wantText: "{g, select, male {He is here} female {She is here} other {They are here}}",
		},
		"the text around becomes part of each": {
			text: "You have {n, plural, one {# file} other {# files}} in {dir}.", target: "en",
			want:     []string{"You have {#} file in {dir}.", "You have {#} files in {dir}."},
			wantText: "{n, plural, one {You have # file in {dir}.} other {You have # files in {dir}.}}",
		},
		"two choices make all sentences": {
			text: "{g, select, a {He} other {They}} got {n, plural, one {one} other {#}}.", target: "en",
			want:     []string{"He got one.", "He got {#}.", "They got one.", "They got {#}."},
			wantText: "{g, select, a {{n, plural, one {He got one.} other {He got #.}}} other {{n, plural, one {They got one.} other {They got #.}}}}",
		},
		"the same choice twice is made once": {
			text: "{n, plural, one {is} other {are}} {n, plural, =0 {no} one {a file} other {# files}}", target: "en",
			want:     []string{"is no", "are no", "is a file", "are {#} files"},
			wantText: "{n, plural, =0 {{n, plural, one {is no} other {are no}}} one {is a file} other {are # files}}",
		},
		"the number sign of an outer choice": {
			text: "{n, plural, other {# of {m, plural, other {#}} files}}", target: "ja",
			want:     []string{"{n, number} of {#} files"},
			wantText: "{n, plural, other {{m, plural, other {{n, number} of # files}}}}",
		},
		"an offset": {
			text: "{n, plural, offset:1 =1 {You} one {You and one} other {You and # others}}", target: "en",
			want:     []string{"You", "You and one", "You and {#} others"},
			wantText: "{n, plural, offset:1 =1 {You} one {You and one} other {You and # others}}",
		},
		"white space around a text": {
			text: "{n, plural, one { # file } other {\n# files}}", target: "en",
			want:     []string{"{#} file", "{#} files"},
			wantText: "{n, plural, one { # file } other {\n# files}}",
		},
		"signs in quotes": {
			text: "{n, plural, one {'#'1 '{x}' it''s} other {# l'eau'}'}}", target: "en",
			want:     []string{"#1 {'1'} it's", "{#} l'eau{'2'}"},
			wantText: "{n, plural, one {'#'1 '{'x'}' it''s} other {# l''eau'}'}}",
		},
		"arguments as they are written": {
			text: "{ n , plural , other {{ a } {b,number,percent} {größe} https://x.org/{id}}}", target: "ja",
			want:     []string{"{a} {b, number,percent} {argument3} https://x.org/{id}"},
			wantText: "{n, plural, other {{ a } {b,number,percent} {größe} https://x.org/{id}}}",
		},
		"tags around a choice": {
			text: "<b>{n, plural, one {# file} other {# files}}</b>", target: "en",
			want:     []string{"<b>{#} file</b>", "<b>{#} files</b>"},
			wantText: "{n, plural, one {<b># file</b>} other {<b># files</b>}}",
		},
		"a text that only has arguments": {
			text: "It''s {name}", target: "en", want: []string{"It''s {name}"}, wantText: "It''s {name}",
		},
		"a message in quotes": {
			text: "Write '{n, plural, other {x}}'", target: "en",
			want: []string{"Write '{n, plural, other {x}}'"}, wantText: "Write '{n, plural, other {x}}'",
		},
		"right to left, with controls": {
			text: "\u2067{n, plural, one {ملف {x}} other {# ملفات}}\u2069", target: "he",
			want:     []string{"\u2067ملف {x}\u2069", "\u2067{#} ملفات\u2069", "\u2067{#} ملفات\u2069"},
			wantText: "{n, plural, one {\u2067ملف {x}\u2069} two {\u2067# ملفات\u2069} other {\u2067# ملفات\u2069}}",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			doc, err := document.FromTexts([]string{tc.text}, document.Languages{Source: "en", Target: tc.target})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, textsOf(doc)); diff != "" {
				t.Errorf("units (-want +got):\n%s", diff)
			}
			same := map[int]string{}
			for i, u := range doc.Units() {
				if u.ID != i+1 || u.Item != 1 {
					t.Errorf("unit %d has id %d and item %d", i+1, u.ID, u.Item)
				}
				same[u.ID] = u.Text
			}
			got := doc.Assemble(same).Texts
			if len(got) != 1 || got[0] == nil {
				t.Fatalf("a text of a list became %d entries", len(got))
			}
			if diff := cmp.Diff(tc.wantText, *got[0]); diff != "" {
				t.Errorf("assembled (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormsOfUnits(t *testing.T) {
	doc, err := document.FromTexts([]string{"Plain", "{n, plural, offset:1 =2 {You and #} other {{g, select, other {# {n}}}}}"}, document.Languages{Source: "en", Target: "ru"})
	if err != nil {
		t.Fatal(err)
	}
	want := []document.Unit{
		{ID: 1, Text: "Plain", Item: 1},
		{ID: 2, Text: "You and {#}", Item: 2, Forms: []document.Form{{Category: "=2", Sample: 1, Sampled: true, Texts: []string{"{#}"}}}},
	}
	if diff := cmp.Diff(want, doc.Units()[:2]); diff != "" {
		t.Errorf("units (-want +got):\n%s", diff)
	}
	doc, err = document.FromTexts([]string{"{n, selectordinal, other {the {n}}} {m, plural, other {#}}"}, document.Languages{Source: "ja", Target: "uk"})
	if err != nil {
		t.Fatal(err)
	}
	first := doc.Units()[0]
	wantForms := []document.Form{
		{Category: "one", Sample: 1, Sampled: true, Texts: []string{"{#}", "{m}", "{m, number}"}},
		{Category: "few", Ordinal: true, Sample: 3, Sampled: true, Texts: []string{"{n}", "{n, number}"}},
	}
	if diff := cmp.Diff(wantForms, first.Forms); diff != "" {
		t.Errorf("forms of %q (-want +got):\n%s", first.Text, diff)
	}
}

func TestTranslatedMessages(t *testing.T) {
	const text = "You have {n, plural, one {# file} other {# files}} in {dir}."
	french := document.Languages{Source: "en", Target: "fr"}
	cases := map[string]struct {
		targets map[int]string
		want    *string
	}{
		"every form":                 {map[int]string{1: "a {#} {dir}", 2: "b {dir} {#}", 3: "c {#} {dir}"}, new("{n, plural, one {a # {dir}} many {b {dir} #} other {c # {dir}}}")},
		"an apostrophe and a brace":  {map[int]string{1: "l'eau }", 2: "#", 3: "{dir}'{dir}"}, new("{n, plural, one {l'eau '}'} many {'#'} other {{dir}''{dir}}}")},
		"a field that is made up":    {map[int]string{1: "{foo}", 2: "{{dir}}", 3: "{n, plural, other {x}}"}, new("{n, plural, one {'{'foo'}'} many {'{'{dir}'}'} other {'{'n, plural, other '{'x'}}'}}")},
		"a form without translation": {map[int]string{2: "b"}, new("{n, plural, one {You have # file in {dir}.} many {b} other {You have # files in {dir}.}}")},
		"no translation":             {nil, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			doc, err := document.FromTexts([]string{text, "x"}, french)
			if err != nil {
				t.Fatal(err)
			}
			got := doc.Assemble(tc.targets).Texts
			if diff := cmp.Diff([]*string{tc.want, nil}, got); diff != "" {
				t.Errorf("Assemble() (-want +got):\n%s", diff)
			}
			if tc.want != nil {
				if _, err := icu.Parse(*got[0]); err != nil {
					t.Errorf("the result does not parse: %v", err)
				}
			}
		})
	}
}

func TestMessagesInAText(t *testing.T) {
	const text = "Hello there.\n\n{n, plural, one {# file} other {# files}}\n\nYou have {n, plural,\n one {# file}\n other {# files}} left. That is all.\n"
	doc, err := document.FromText(text, document.Languages{Source: "en", Target: "de"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Hello there.", "{#} file", "{#} files", "You have {#} file left.", "You have {#} files left.", "That is all."}
	if diff := cmp.Diff(want, textsOf(doc)); diff != "" {
		t.Errorf("units (-want +got):\n%s", diff)
	}
	got := *doc.Assemble(map[int]string{1: "Hallo.", 2: "{#} Datei", 3: "{#} Dateien", 4: "Noch {#} Datei.", 5: "Noch {#} Dateien.", 6: "Das war es."}).Text
	wantText := "Hallo.\n\n{n, plural, one {# Datei} other {# Dateien}}\n\n{n, plural, one {Noch # Datei.} other {Noch # Dateien.}} Das war es.\n"
	if diff := cmp.Diff(wantText, got); diff != "" {
		t.Errorf("Assemble() (-want +got):\n%s", diff)
	}
}

// TestSentencesOfAMessage: only the sentence with the choice becomes part of its arms.
func TestSentencesOfAMessage(t *testing.T) {
	const text = " It''s done, {name}. You have {n, plural, one {# file} other {# files}}!  '{'a'}' is new.\n{g, select, a {He} other {They}} left. {x} "
	doc, err := document.FromTexts([]string{text, "y"}, document.Languages{Source: "en", Target: "de"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"It's done, {name}.", "You have {#} file!", "You have {#} files!", "{'1'}a{'2'} is new.", "He left.", "They left.", "y"}
	if diff := cmp.Diff(want, textsOf(doc)); diff != "" {
		t.Errorf("units (-want +got):\n%s", diff)
	}
	targets := map[int]string{1: "Hier ist's, {name}.", 2: "Du hast {#} Datei!", 4: "{'1'}a{'2'} ist {neu}.", 5: "Er ging.", 6: "Sie gingen."}
	got := doc.Assemble(targets).Texts
	wantText := " Hier ist''s, {name}. {n, plural, one {Du hast # Datei!} other {You have # files!}}  '{'a'}' ist '{'neu'}'.\n{g, select, a {Er ging.} other {Sie gingen.}} {x} "
	if diff := cmp.Diff([]*string{&wantText, nil}, got); diff != "" {
		t.Errorf("Assemble() (-want +got):\n%s", diff)
	}
	if _, err := icu.Parse(*got[0]); err != nil {
		t.Errorf("the result does not parse: %v", err)
	}
}

// TestQuotesAtTheSeamsOfSentences: a quotation at the end of a sentence does not go on
// in the next.
func TestQuotesAtTheSeamsOfSentences(t *testing.T) {
	doc, err := document.FromTexts([]string{"好的。行吗？{n, plural, other {#个}}。"}, document.Languages{Source: "zh", Target: "ja"})
	if err != nil {
		t.Fatal(err)
	}
	if got := textsOf(doc); len(got) != 3 {
		t.Fatalf("units are %q, want three sentences", got)
	}
	got := *doc.Assemble(map[int]string{1: "a}", 2: "'b'", 3: "'{#}'"}).Texts[0]
	if want := "a'}'''b''{n, plural, other {''#''}}"; got != want {
		t.Errorf("Assemble() = %q, want %q", got, want)
	}
}

func TestMessagesWithTooManySentences(t *testing.T) {
	const choice = "{%, plural, one {# file} other {# files}}"
	text := "Got"
	for _, name := range []string{"a", "b", "c"} {
		text += " " + strings.ReplaceAll(choice, "%", name)
	}
	doc, err := document.FromTexts([]string{text}, document.Languages{Source: "en", Target: "ar"})
	if err != nil {
		t.Fatal(err)
	}
	got := textsOf(doc)
	const forms = 6
	if len(got) != 3*forms+1 {
		t.Fatalf("there are %d units, want the forms of three choices and the text around them", len(got))
	}
	wantLast := "Got {choice, select, other {1}} {choice, select, other {2}} {choice, select, other {3}}"
	if got[0] != "{#} files" || got[len(got)-1] != wantLast {
		t.Errorf("units are %q", got)
	}
	targets := map[int]string{len(got): "{choice, select, other {3}} {choice, select, other {1}} {choice, select, other {2}} X"}
	result := *doc.Assemble(targets).Texts[0]
	if !strings.HasPrefix(result, "{c, plural, zero {# files} one {# file} two {# files} ") || !strings.HasSuffix(result, "} X") {
		t.Errorf("Assemble() = %q", result)
	}
	if _, err := icu.Parse(result); err != nil {
		t.Errorf("the result does not parse: %v", err)
	}
}

// TestALongTextIsNotMultiplied: a megabyte around two choices stays one unit.
func TestALongTextIsNotMultiplied(t *testing.T) {
	long := strings.Repeat("Save your work. ", 1<<16)
	doc, err := document.FromTexts([]string{long + "{n, plural, other {#}} {m, plural, other {#}}"}, document.Languages{Source: "en", Target: "ar"})
	if err != nil {
		t.Fatal(err)
	}
	units := doc.Units()
	const forms = 6
	if len(units) != 2*forms+1 || len(units[2*forms].Text) < len(long) {
		t.Errorf("there are %d units, want the forms of two choices and the text around them", len(units))
	}
}

func TestWhatIsNoMessageStaysText(t *testing.T) {
	wide := "x"
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		wide = "{" + name + ", plural, other {" + wide + "}}"
	}
	cases := map[string]struct {
		text string
		want []document.Note
	}{
		"no case other":          {"Got {n, plural, one {# file}}", []document.Note{{Unit: 1, Message: `an ICU message is kept as text: a choice has no case "other" at byte 28`}}},
		"a brace that is left":   {"Got {n, plural, one {# file} other {# files}", []document.Note{{Unit: 1, Message: "an ICU message is kept as text: an argument is not closed at byte 44"}}},
		"a field it may not be":  {"{} {n, plural, other {x}}", []document.Note{{Unit: 1, Message: "an ICU message is kept as text: an argument has no name at byte 1"}}},
		"a message in a program": {"Write `{n, plural, one {x}}` there", nil},
		"prose":                  {"Choose {one, select} or the plural, {two}", nil},
		"too much of it":         {wide, []document.Note{{Unit: 1, Message: "an ICU message is kept as text: it has too many combinations of cases"}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			doc, err := document.FromTexts([]string{tc.text}, document.Languages{Source: "en", Target: "ar"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, doc.Notes()); diff != "" {
				t.Errorf("Notes() (-want +got):\n%s", diff)
			}
			if got := textsOf(doc); len(got) != 1 || got[0] != tc.text {
				t.Errorf("units are %q, want the text", got)
			}
		})
	}
}

// FuzzMessages: whatever a text holds, it has an entry, its units stay what they are
// through an assembly, and what was a message is one again.
func FuzzMessages(f *testing.F) {
	for _, seed := range []string{"", "{n, plural, other {'{'#}}", "a {n, plural, one {b''} other {c {x}}} {g, select, other {}}", "Abc '}'。'D {n, plural, other {x}}。 {y}'。", "{n, plural, other {"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := document.FromTexts([]string{text}, document.Languages{Source: "en", Target: "ar"})
		if err != nil {
			return
		}
		same := map[int]string{}
		for _, u := range doc.Units() {
			same[u.ID] = u.Text
		}
		got := doc.Assemble(same).Texts
		if len(got) != 1 || got[0] == nil {
			t.Fatalf("%q has no entry", text)
		}
		if len(doc.Units()) == 1 && doc.Units()[0].Text == text {
			return // kept as text
		}
		if _, err := icu.Parse(*got[0]); err != nil {
			t.Fatalf("%q became %q: %v", text, *got[0], err)
		}
		again, err := document.FromTexts([]string{*got[0]}, document.Languages{Source: "ar", Target: "ar"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(len(doc.Units()), len(again.Units())); diff != "" {
			t.Fatalf("%q became %q, with another number of units (-want +got):\n%s", text, *got[0], diff)
		}
	})
}
