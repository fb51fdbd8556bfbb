package icu_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/icu"
)

// outline writes a message so that every part of it can be seen.
func outline(m icu.Message) string {
	var b strings.Builder
	for _, p := range m.Parts {
		switch p.Kind {
		case icu.Text:
			b.WriteString("[" + p.Text + "]")
		case icu.Quoted:
			b.WriteString("<" + p.Text + ">")
		case icu.Number:
			b.WriteString("№")
		case icu.Argument:
			b.WriteString("$" + p.Name)
			if p.Format != "" {
				b.WriteString(":" + p.Format)
			}
		case icu.Select:
			b.WriteString(string(p.Choice.Type) + "(" + p.Choice.Name)
			if p.Choice.Offset > 0 {
				b.WriteString("-" + strings.Repeat("i", p.Choice.Offset))
			}
			for _, c := range p.Choice.Cases {
				b.WriteString(" " + c.Selector + "=" + outline(c.Arm))
			}
			b.WriteString(")")
		}
	}
	return b.String()
}

func TestParse(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"text":                                   {"Hello, world. # 100%", "[Hello, world. # 100%]"},
		"nothing":                                {"", ""},
		"arguments":                              {"{a} {0} { b } {n,number} {d, date, short} {x, number, #,##0.00}", "$a[ ]$0[ ]$b[ ]$n:number[ ]$d:date, short[ ]$x:number, #,##0.00"},
		"a style with braces and quotes":         {"{d, date, yyyy '}' {x}}!", "$d:date, yyyy '}' {x}[!]"},
		"a plural":                               {"{n, plural, =0 {none} one {# file} other {# files}}", "plural(n =0=[none] one=№[ file] other=№[ files])"},
		"close together":                         {"{n,plural,one{#}other{##}}", "plural(n one=№ other=№№)"},
		"over lines":                             {"{n, plural,\n\tone {a}\n\tother {b}\n}", "plural(n one=[a] other=[b])"},
		"an offset":                              {"{n, plural, offset:2 =1 {a} other {#}}", "plural(n-ii =1=[a] other=№)"},
		"an offset with a space":                 {"{n, plural, offset: 1 other {#}}", "plural(n-i other=№)"},
		"ordinal numbers":                        {"{n, selectordinal, one {#st} other {#th}}", "selectordinal(n one=№[st] other=№[th])"},
		"a select":                               {"{g, select, male {his #} other {their}}", "select(g male=[his #] other=[their])"},
		"a choice in a choice":                   {"{g, select, male {{n, plural, other {#}}} other {x}}", "select(g male=plural(n other=№) other=[x])"},
		"the number sign in a select in it":      {"{n, plural, other {{g, select, other {#}}}}", "plural(n other=select(g other=[#]))"},
		"an apostrophe":                          {"don't {a}'s", "[don't ]$a['s]"},
		"two apostrophes":                        {"l''eau", "[l'eau]"},
		"quoted braces":                          {"a '{b}' c", "[a ]<{b}>[ c]"},
		"quoted braces with an apostrophe":       {"'{it''s}'", "<{it's}>"},
		"a quotation that stays open":            {"a '{b", "[a ]<{b>"},
		"a quoted number sign":                   {"{n, plural, other {'#'# '#}'}}", "plural(n other=<#>№[ ]<#}>)"},
		"a number sign in quotes outside":        {"a '#' b", "[a '#' b]"},
		"tags":                                   {"<b>{n, plural, other {<i>#</i>}}</b>", "[<b>]plural(n other=[<i>]№[</i>])[</b>]"},
		"right to left":                          {"لديك {n, plural, one {ملف} other {# ملفات}}", "[لديك ]plural(n one=[ملف] other=№[ ملفات])"},
		"controls, joined emoji, combining mark": {"\u200f👩\u200d👩 e\u0301 {a}", "[\u200f👩\u200d👩 e\u0301 ]$a"},
		"a name that is no identifier":           {"{größe} {a.b-c}", "$größe[ ]$a.b-c"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			m, err := icu.Parse(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, outline(m)); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", tc.text, diff)
			}
			coverTheText(t, tc.text, 0, len(tc.text), m)
		})
	}
}

// coverTheText checks that parts stand side by side from start to end.
func coverTheText(t *testing.T, text string, start, end int, m icu.Message) {
	t.Helper()
	for _, p := range m.Parts {
		if p.Start != start || p.End <= p.Start {
			t.Fatalf("a part of %q begins at %d and ends at %d, want it to begin at %d", text, p.Start, p.End, start)
		}
		start = p.End
	}
	if start != end {
		t.Fatalf("the parts of %q end at %d, want %d", text, start, end)
	}
}

func TestParseErrors(t *testing.T) {
	deep := strings.Repeat("{n, plural, other {", icu.MaxDepth+1) + strings.Repeat("}}", icu.MaxDepth+1)
	cases := map[string]struct {
		text, want string
	}{
		"a brace too many":            {"a } b", "a brace closes that was not opened at byte 2"},
		"no name":                     {"a {} b", "an argument has no name at byte 3"},
		"two names":                   {"{a b}", "an argument is not closed at byte 3"},
		"an argument that stays open": {"{a", "an argument is not closed at byte 2"},
		"no type":                     {"{a, }", "an argument has no type at byte 4"},
		"a style that stays open":     {"{a, date, x", "an argument is not closed at byte 11"},
		"no cases":                    {"{a, plural}", "a choice has no cases at byte 10"},
		"no case other":               {"{a, plural, one {x}}", `a choice has no case "other" at byte 19`},
		"no comma":                    {"{a, plural one {x}}", "a choice has no cases at byte 11"},
		"no arm":                      {"{a, select, x y}", "a case has no arm at byte 14"},
		"no selector":                 {"{a, select, {x}}", "a case has no valid selector at byte 12"},
		"a category that is none":     {"{a, plural, some {x} other {y}}", "a case has no valid selector at byte 12"},
		"a number that is none":       {"{a, plural, =x {x} other {y}}", "a case has no valid selector at byte 12"},
		"a selector twice":            {"{a, plural, one {x} one {y} other {z}}", "two cases have the same selector at byte 20"},
		"an arm that stays open":      {"{a, plural, other {x}", "an argument is not closed at byte 21"},
		"an arm that never ends":      {"{a, plural, other {x", "an arm is not closed at byte 20"},
		"an offset that is none":      {"{a, plural, offset:x other {y}}", "an offset is no number at byte 19"},
		"too deep":                    {deep, "choices are nested too deep at byte 323"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := icu.Parse(tc.text)
			parseError, ok := errors.AsType[*icu.Error](err)
			if !ok || parseError.Error() != tc.want {
				t.Errorf("Parse(%q): %v, want %q", tc.text, err, tc.want)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	cases := map[string]struct {
		text             string
		inPlural, double bool
		want             string
	}{
		"plain text":                        {"a b", true, true, "a b"},
		"an apostrophe before a letter":     {"l'eau", true, false, "l'eau"},
		"where all are doubled":             {"l'eau", true, true, "l''eau"},
		"an apostrophe at the end":          {"files'", true, false, "files''"},
		"an apostrophe before a tag":        {"l'<b>", true, false, "l''<b>"},
		"two apostrophes":                   {"a''b", false, false, "a''''b"},
		"braces":                            {"{a}", false, false, "'{'a'}'"},
		"an apostrophe beside a brace":      {"'{'s", false, false, "'''{'''s"},
		"a number sign in a plural":         {"#1", true, false, "'#'1"},
		"a number sign elsewhere":           {"#1", false, false, "#1"},
		"an apostrophe before a sign there": {"'#", false, false, "''#"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := icu.Quote(tc.text, tc.inPlural, tc.double); got != tc.want {
				t.Errorf("Quote(%q) = %q, want %q", tc.text, got, tc.want)
			}
		})
	}
}

// FuzzQuote: whatever a text holds, quoted it is read as itself, between arguments, in
// the arm of a plural and outside.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "'", "''", "'{'", "a'{b}'#'", "l'eau", "#'", "}", "'#{'}''"} {
		f.Add(seed)
	}
	read := func(m icu.Message) string {
		var b strings.Builder
		for _, p := range m.Parts {
			b.WriteString(p.Text)
		}
		return b.String()
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, double := range []bool{false, true} {
			m, err := icu.Parse("{a}" + icu.Quote(text, false, double) + "{b}")
			if err != nil || read(m) != text {
				t.Fatalf("%q is read as %q: %v", text, read(m), err)
			}
			m, err = icu.Parse("{n, plural, other {#" + icu.Quote(text, true, double) + "#}}")
			if err != nil || read(m.Parts[0].Choice.Pick("one")) != text {
				t.Fatalf("in a plural %q is read otherwise: %v", text, err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a {b} '{c}' {n, plural, offset:1 =1 {#} other {{g, select, other {#}}}}", "{a, date, '}'}", "{n, plural, other {"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := icu.Parse(text); err == nil {
			coverTheText(t, text, 0, len(text), m)
		}
	})
}

func TestDoubles(t *testing.T) {
	for text, want := range map[string]bool{"l''eau": true, "''a": true, "l'eau": false, "'{''}'": false, "a": false, "''''": false} {
		if got := icu.Doubles(text); got != want {
			t.Errorf("Doubles(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestLongHostileMessagesAreReadInLinearTime(t *testing.T) {
	for _, unit := range []string{"{", "'{", "''", "{a, plural, ", "{a, plural, other {", "{a, date, {", "#", "}"} {
		_, _ = icu.Parse(strings.Repeat(unit, 1_000_000/len(unit)))
	}
}
