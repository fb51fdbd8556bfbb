package placeholder_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// restoring is an answer to a masked text, and what becomes of it.
type restoring struct {
	source, answer, want string
	wantProblems         []string
}

func (tc restoring) try(t *testing.T) {
	t.Helper()
	got, problems := placeholder.Mask(tc.source).Restore(tc.answer)
	if got != tc.want {
		t.Errorf("Restore() = %q, want %q", got, tc.want)
	}
	var messages []string
	for _, p := range problems {
		messages = append(messages, p.String())
	}
	if diff := cmp.Diff(tc.wantProblems, messages); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestRestore(t *testing.T) {
	cases := map[string]restoring{
		"as it was":             {source: "Hi {name}!", answer: "Hallo ⟦1⟧!", want: "Hallo {name}!"},
		"in another order":      {source: "{a} of {b}", answer: "⟦2⟧ davon ⟦1⟧", want: "{b} davon {a}"},
		"a pair moved together": {source: "<b>now</b> go", answer: "geh ⟦1⟧jetzt⟦2⟧", want: "geh <b>jetzt</b>"},
		"two pairs change places": {
			source: `<a href="1">x</a> <i>y</i>`, answer: "⟦3⟧Y⟦4⟧ ⟦1⟧X⟦2⟧", want: `<i>Y</i> <a href="1">X</a>`,
		},
		"one pair moved into another":         {source: "<b>x</b> <i>y</i>", answer: "⟦1⟧X ⟦3⟧Y⟦4⟧⟦2⟧", want: "<b>X <i>Y</i></b>"},
		"equal tags changed places":           {source: "<b>x</b> <b>y</b>", answer: "⟦3⟧X⟦2⟧ ⟦1⟧Y⟦4⟧", want: "<b>X</b> <b>Y</b>"},
		"an empty element moves freely":       {source: "<b>x</b><br>y", answer: "⟦1⟧X⟦3⟧Y⟦2⟧", want: "<b>X<br>Y</b>"},
		"spaces inside a token":               {source: "Hi {name}!", answer: "Hallo ⟦ 1 ⟧!", want: "Hallo {name}!"},
		"full-width digits":                   {source: "Hi {name}!", answer: "你好⟦１⟧！", want: "你好{name}！"},
		"other brackets":                      {source: "Hi {a} {b} {c} {d}", answer: "〚1〛 [[2]] ⟦3] 【 4 】", want: "{a} {b} {c} {d}"},
		"plain brackets are no token":         {source: "Hi {a}", answer: "Hallo [1]", want: "Hallo [1]", wantProblems: []string{"placeable ⟦1⟧ ({a}) is missing"}},
		"other brackets of the source":        {source: "[[1]] {a}", answer: "[[1]]", want: "[[1]]", wantProblems: []string{"placeable ⟦1⟧ ({a}) is missing"}},
		"other brackets twice":                {source: "Hi {a}", answer: "[[1]] [[1]]", want: "[[1]] [[1]]", wantProblems: []string{"placeable ⟦1⟧ ({a}) is missing"}},
		"other brackets beside the token":     {source: "Hi {a}", answer: "⟦1⟧ [[1]]", want: "{a} [[1]]"},
		"brackets turned around":              {source: "Hi {a} now", answer: "עכשיו ⟧1⟦", want: "עכשיו {a}"},
		"controls of direction inside":        {source: "Hi {a} {b}", answer: "⟦\u200f1\u200e⟧ [[\u20682\u2069]]", want: "{a} {b}"},
		"the placeable in place of its token": {source: "Hi {a}, {b}", answer: "Hallo {a}, ⟦2⟧", want: "Hallo {a}, {b}"},
		"two alike in place of their tokens":  {source: "%s of %s", answer: "%s von %s", want: "%s von %s"},
		"written out once too often":          {source: "Hi {a}", answer: "{a} oder {a}", want: "{a} oder {a}", wantProblems: []string{"placeable ⟦1⟧ ({a}) is missing"}},
		"a stutter":                           {source: "Hi {a}!", answer: "Hallo ⟦1⟧ ⟦1⟧!", want: "Hallo {a}!"},
		"a lost end tag at the end":           {source: "Go <b>now</b>!", answer: "Geh ⟦1⟧jetzt!", want: "Geh <b>jetzt</b>!"},
		"two lost end tags at the end":        {source: "<p>Go <b>now</b></p>", answer: "⟦1⟧Geh ⟦2⟧jetzt \n", want: "<p>Geh <b>jetzt</b></p> \n"},
		"a lost start tag at the beginning":   {source: "«<b>Go</b> now", answer: "«Geh⟦2⟧ jetzt", want: "«<b>Geh</b> jetzt"},
		"an end tag whose place is not known": {source: "<b>x</b> y", answer: "⟦1⟧X Y", want: "<b>X Y", wantProblems: []string{"placeable ⟦2⟧ (</b>) is missing"}},
		"both tags lost":                      {source: "<b>x</b>", answer: "X", want: "X", wantProblems: []string{"placeable ⟦1⟧ (<b>) is missing", "placeable ⟦2⟧ (</b>) is missing"}},
		"a text without placeables":           {source: "Hi [[1]]", answer: "Hallo [[1]]", want: "Hallo [[1]]"},

		"one missing":         {source: "Hi {a} {b}", answer: "Hallo ⟦1⟧", want: "Hallo {a}", wantProblems: []string{"placeable ⟦2⟧ ({b}) is missing"}},
		"one doubled":         {source: "Hi {a}", answer: "⟦1⟧ und ⟦1⟧", want: "{a} und {a}", wantProblems: []string{"placeable ⟦1⟧ ({a}) is there more than once"}},
		"one renamed":         {source: "Hi {a}", answer: "⟦2⟧", want: "⟦2⟧", wantProblems: []string{"placeable ⟦1⟧ ({a}) is missing", "placeable ⟦2⟧ stands for nothing in the source"}},
		"number nought":       {source: "Hi {a}", answer: "⟦1⟧⟦0⟧", want: "{a}⟦0⟧", wantProblems: []string{"a token sign stands for nothing in the source"}},
		"a huge number":       {source: "Hi {a}", answer: "⟦1⟧⟦99999999999999999999⟧", want: "{a}⟦99999999999999999999⟧", wantProblems: []string{"a token sign stands for nothing in the source"}},
		"a lone sign":         {source: "Hi {a}", answer: "⟦1⟧⟧", want: "{a}⟧", wantProblems: []string{"a token sign stands for nothing in the source"}},
		"a sign that is text": {source: "x ⟧ y", answer: "X ⟦1⟧ Y", want: "X ⟧ Y"},
		"a token made up":     {source: "Hi", answer: "Hallo ⟦1⟧", want: "Hallo ⟦1⟧", wantProblems: []string{"placeable ⟦1⟧ stands for nothing in the source"}},
		"an address is not named": {
			source: "See https://a.org or a@b.org", answer: "nichts", want: "nichts",
			wantProblems: []string{"placeable ⟦1⟧ (a URL) is missing", "placeable ⟦2⟧ (an e-mail address) is missing"},
		},
		"closed before it opens":                {source: "<b>x</b>", answer: "⟦2⟧X⟦1⟧", want: "</b>X<b>", wantProblems: []string{"placeable ⟦2⟧ (</b>) is not nested as in the source"}},
		"two numberless specifiers swapped":     {source: "%s of %d", answer: "⟦2⟧ von ⟦1⟧", want: "%d von %s", wantProblems: []string{"placeable ⟦1⟧ (%s) has no number and must keep its place in the order"}},
		"two that look alike swapped":           {source: "{} of {}", answer: "⟦2⟧ von ⟦1⟧", want: "{} von {}", wantProblems: []string{"placeable ⟦1⟧ ({}) has no number and must keep its place in the order"}},
		"a date in another order":               {source: "%b %e, %Y", answer: "⟦2⟧. ⟦1⟧ %Y", want: "%e. %b %Y"},
		"numbered specifiers swapped":           {source: "%1$s of %2$d", answer: "⟦2⟧ von ⟦1⟧", want: "%2$d von %1$s"},
		"named specifiers swapped":              {source: "%(a)s of %n %2", answer: "⟦3⟧ ⟦2⟧ von ⟦1⟧", want: "%2 %n von %(a)s"},
		"a letter behind a variable":            {source: "Hi $NAME!", answer: "⟦1⟧s", want: "$NAMEs", wantProblems: []string{"placeable ⟦1⟧ ($NAME) runs into the text beside it"}},
		"a sign before a specifier":             {source: "%s of all", answer: "50 %⟦1⟧", want: "50 %%s", wantProblems: []string{"placeable ⟦1⟧ (%s) runs into the text beside it"}},
		"a letter behind a URL":                 {source: "See https://x.org/a now", answer: "⟦1⟧und", want: "https://x.org/aund", wantProblems: []string{"placeable ⟦1⟧ (a URL) runs into the text beside it"}},
		"a Han letter behind a URL":             {source: "See https://x.org/a now", answer: "请看⟦1⟧页面", want: "请看https://x.org/a页面"},
		"a copy that is glued to a word":        {source: "Hi $NAME!", answer: "⟦1⟧ und$NAME", want: "$NAME und$NAME", wantProblems: []string{"placeable ⟦1⟧ ($NAME) is there more than once"}},
		"a short copy":                          {source: "Use -x!", answer: "⟦1⟧ und -x", want: "-x und -x", wantProblems: []string{"placeable ⟦1⟧ (-x) is there more than once"}},
		"a short copy in a word":                {source: "Use -x!", answer: "⟦1⟧ und a-xy vas-x", want: "-x und a-xy vas-x"},
		"an option before another":              {source: "Use -x with --yes.", answer: "⟦1⟧⟦2⟧", want: "-x--yes", wantProblems: []string{"placeable ⟦1⟧ (-x) runs into the text beside it", "placeable ⟦2⟧ (--yes) runs into the text beside it"}},
		"a brace around a field":                {source: "Hi {a}", answer: "{⟦1⟧}", want: "{{a}}", wantProblems: []string{"placeable ⟦1⟧ ({a}) runs into the text beside it"}},
		"an option behind a letter":             {source: "Use -x now", answer: "Option⟦1⟧", want: "Option-x", wantProblems: []string{"placeable ⟦1⟧ (-x) runs into the text beside it"}},
		"an option behind a letter of Japanese": {source: "Use -x now", answer: "オプション⟦1⟧を", want: "オプション-xを"},
		"a short copy in another":               {source: "Hi {1}!", answer: "⟦1⟧ %{1}", want: "{1} %{1}", wantProblems: []string{"placeable ⟦1⟧ ({1}) is there more than once"}},
		"a copy behind a sign":                  {source: "Use -x!", answer: "(⟦1⟧)-x", want: "(-x)-x", wantProblems: []string{"placeable ⟦1⟧ (-x) is there more than once"}},
		"a copy behind a digit":                 {source: "%L1!", answer: "⟦1⟧ 5%L1", want: "%L1 5%L1", wantProblems: []string{"placeable ⟦1⟧ (%L1) is there more than once"}},
		"two pairs crossed":                     {source: "<b>x</b> <i>y</i>", answer: "⟦1⟧X⟦3⟧ ⟦2⟧Y⟦4⟧", want: "<b>X<i> </b>Y</i>", wantProblems: []string{"placeable ⟦2⟧ (</b>) is not nested as in the source"}},
		"links with the wrong end":              {source: `<a href="1">x</a> <a href="2">y</a>`, answer: "⟦3⟧X⟦2⟧ ⟦1⟧Y⟦4⟧", want: `<a href="2">X</a> <a href="1">Y</a>`, wantProblems: []string{"placeable ⟦2⟧ (</a>) is not nested as in the source"}},
		"a block closed before it opens":        {source: "{{#if x}}a{{/if}}", answer: "⟦2⟧A⟦1⟧", want: "{{/if}}A{{#if x}}", wantProblems: []string{"placeable ⟦2⟧ (a template block) is not nested as in the source"}},
		"a tag without a partner moved into a pair": {
			source: "x</b> <i>y</i>", answer: "⟦2⟧Y⟦1⟧X⟦3⟧", want: "<i>Y</b>X</i>", wantProblems: []string{"placeable ⟦1⟧ (</b>) is not nested as in the source"},
		},
		"two tags without partners changed places": {
			source: "x</b> y <i>z", answer: "⟦2⟧Z Y ⟦1⟧X", want: "<i>Z Y </b>X", wantProblems: []string{"placeable ⟦1⟧ (</b>) is not nested as in the source"},
		},
		"a missing half is one fault, not two": {
			source: "<b>x</b> y", answer: "⟦1⟧X Y", want: "<b>X Y", wantProblems: []string{"placeable ⟦2⟧ (</b>) is missing"},
		},
	}
	for name, tc := range cases {
		t.Run(name, tc.try)
	}
}

// seeds are texts with every kind of placeable.
var seeds = []string{
	"", "plain", "Hi {name}, <b>%d</b> of %1$s at https://x.org/{id}. a@b.org",
	"⟦1⟧ ⟦ 2 ⟧ ⟦３⟧ ⟦⟧ ⟦x⟧ ⟧", "[[1]] 〚1〛 {a}", "<b><i>x</b></i> <p>y<br>", "%%s 100%ige %", "\xff{\xfe}\x80⟦",
	"{n, plural, one {# <b>x</b>} other {{n}}}", "{{#a}}{{^a}}{{/a}}${b}%(c)s", "<!-- x --><a title='>'>", "访问https://x.org/a。谢谢 a@b.org。",
	"Go <b translate=no>a <i>%s</i></b> <q class=notranslate>x <i translate=yes>y</i> z</q> <p translate=no>[u](v) ⟦1⟧<li>",
}

func FuzzMaskThenRestoreIsTheSame(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		masked := placeholder.Mask(text)
		got, problems := masked.Restore(masked.Text)
		if got != text || len(problems) > 0 {
			t.Errorf("Mask and Restore of %q gave %q with %v", text, got, problems)
		}
		if again := placeholder.Mask(text); !cmp.Equal(masked, again) {
			t.Errorf("Mask(%q) differs from run to run", text)
		}
		if signs := strings.Count(masked.Text, "⟦"); signs != len(masked.Placeables) {
			t.Errorf("Mask(%q) has %d tokens for %d placeables", text, signs, len(masked.Placeables))
		}
	})
}

func FuzzRestoreAnyAnswer(f *testing.F) {
	for _, seed := range seeds {
		f.Add("{a} <b>x</b> %s", seed)
	}
	f.Fuzz(func(t *testing.T, source, answer string) {
		masked := placeholder.Mask(source)
		_, problems := masked.Restore(answer)
		for number := range masked.Placeables {
			token := placeholder.Token(number + 1)
			if strings.Count(strings.Join(strings.Fields(answer), ""), token+token) > 0 {
				continue // a stutter may be repaired
			}
			if strings.Count(answer, token) > 1 && !slices.ContainsFunc(problems, func(p placeholder.Problem) bool { return p.Kind == placeholder.Duplicated && p.Token == number+1 }) {
				t.Errorf("%s is there twice and not reported in %q", token, answer)
			}
		}
	})
}

// TestHostileAnswersAreReported spoils good answers in every way, many times over,
// with a fixed seed.
func TestHostileAnswersAreReported(t *testing.T) {
	source := `Hi {name}, <b>you</b> have %d of <a href="u">these</a> at https://x.org/a, <i>now</i>.`
	masked := placeholder.Mask(source)
	n := len(masked.Placeables)
	random := rand.New(rand.NewPCG(1, 2))
	replace := func(text string, number int, by string) string {
		return strings.Replace(text, placeholder.Token(number), by, 1)
	}
	for round := range 500 {
		number := 1 + random.IntN(n)
		changes := map[placeholder.ProblemKind]string{
			placeholder.Missing:    replace(masked.Text, number, ""),
			placeholder.Duplicated: masked.Text + " x " + placeholder.Token(number),
			placeholder.Unknown:    replace(masked.Text, number, placeholder.Token(n+1+random.IntN(50))),
		}
		for kind, answer := range changes {
			got, problems := masked.Restore(answer)
			if got == source && len(problems) == 0 {
				continue // repaired
			}
			if !slices.ContainsFunc(problems, func(p placeholder.Problem) bool { return p.Kind == kind }) {
				t.Fatalf("round %d: problem %q of token %d is not among %v", round, kind, number, problems)
			}
		}
	}
}

func TestSwappedTagsAreReported(t *testing.T) {
	masked := placeholder.Mask(`<b>x</b> <i>y</i> <a href="u">z</a>`)
	n := len(masked.Placeables)
	for a := 1; a <= n; a++ {
		for b := a + 1; b <= n; b++ {
			answer := strings.NewReplacer(placeholder.Token(a), placeholder.Token(b), placeholder.Token(b), placeholder.Token(a)).Replace(masked.Text)
			_, problems := masked.Restore(answer)
			if !slices.ContainsFunc(problems, func(p placeholder.Problem) bool { return p.Kind == placeholder.Nesting }) {
				t.Errorf("tags %d and %d changed places and nothing is reported: %q", a, b, answer)
			}
		}
	}
}

func TestLongHostileTextsAreReadInLinearTime(t *testing.T) {
	// A quadratic reader would take minutes here, and the test would time out.
	for _, unit := range []string{
		"{", "<a ", "<!--", "⟦", "%", "${", "{{#", "www.", "a@b.", "https://", "<b>", "</b>", "[[1", "{n, plural, ",
		"`", "``a `", "`a' ", "[a](", "[", "](b/c)", "$t(", "$1 ", "$a", ":a:", " -a", "-a/", " /etc", `C:\\`, `C:\\a b c \\`,
		"&amp", "&#1;", "<a b=\"<", "<x ", "</x", "⟧1⟦", " /a/b", "{'1'}",
	} {
		text := strings.Repeat(unit, 100_000/len(unit))
		masked := placeholder.Mask(text)
		_, _ = masked.Restore(text) // every token written out
		_, _ = masked.Restore("")
		if got, problems := masked.Restore(masked.Text); got != text || len(problems) > 0 {
			t.Errorf("%d times %q: not the same again, %d problems", 100_000/len(unit), unit, len(problems))
		}
	}
}

func ExampleMasked_Restore() {
	masked := placeholder.Mask("Hello {name}, <b>%d</b> new files.")
	fmt.Println(masked.Text)
	text, problems := masked.Restore("⟦2⟧⟦3⟧⟦4⟧ neue Dateien.")
	fmt.Println(text)
	fmt.Println(problems)
	// Output:
	// Hello ⟦1⟧, ⟦2⟧⟦3⟧⟦4⟧ new files.
	// <b>%d</b> neue Dateien.
	// [placeable ⟦1⟧ ({name}) is missing]
}
