package placeables

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/icu"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/test/quality/rows"
)

// targets are languages with one to six plural forms.
func targets() []string { return []string{"ja", "de", "fr", "ru", "cy", "ar", "lv", "tlh"} }

// MeasureMessages spoils the units of ICU messages. A unit with a problem keeps its
// source, as it does in a job.
func MeasureMessages(texts int) Tally {
	var t Tally
	dice := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // nothing secret, and the same at each run
	for range texts {
		source := message(dice)
		target := pick(dice, targets()...)
		doc, err := document.FromTexts([]string{source}, document.Languages{Source: "en", Target: target})
		if err != nil || len(doc.Notes()) > 0 {
			t.add(false, false, "not read: "+source)
			continue
		}
		translated := map[int]string{}
		harmed, reported := false, false
		for _, u := range doc.Units() {
			masked := mask(u)
			answer, h := spoil(dice, masked)
			result, problems := masked.Restore(answer)
			if len(problems) > 0 {
				result, reported = u.Text, true
			}
			harmed = harmed || h
			translated[u.ID] = result
		}
		result := *doc.Assemble(translated).Texts[0]
		loss := compare(source, result, target)
		if loss != "" {
			loss += " in " + result + ", from " + source
			reported = false // that a unit was reported does not make the message right
		}
		t.add(harmed, reported, loss)
	}
	return t
}

// mask masks a unit as a job does.
func mask(u document.Unit) placeholder.Masked {
	for _, form := range u.Forms {
		if m := placeholder.MaskNumber(u.Text, form.Sample, form.Texts...); form.Sampled && m.Number != 0 {
			return m
		}
	}
	return placeholder.Mask(u.Text)
}

// message makes a message of one or two choices, maybe one in the other.
func message(dice *rand.Rand) string {
	names := 0
	inner := func() string { // text with arguments
		var b strings.Builder
		for range 1 + dice.IntN(3) {
			b.WriteString(pick(dice, words...) + " ")
			if dice.IntN(2) == 0 {
				names++
				fmt.Fprintf(&b, pick(dice, "{v%d} ", "{ v%d }, ", "{v%d, number} ", "<b>{v%d}</b> ", "https://x.org/{v%d} ", "it''s '{'v%d'}' "), names)
			}
		}
		return b.String()
	}
	var choice func(name string, depth int) string
	choice = func(name string, depth int) string {
		kind := pick(dice, "plural", "plural", "selectordinal", "select")
		cases := pick(dice, "one other", "=0 one other", "other", "=1 few other")
		if kind == "select" {
			cases = pick(dice, "male female other", "yes other")
		}
		var b strings.Builder
		fmt.Fprintf(&b, "{%s, %s,", name, kind)
		for selector := range strings.FieldsSeq(cases) {
			b.WriteString(" " + selector + " {")
			if kind != "select" && dice.IntN(3) > 0 {
				b.WriteString("# ")
			}
			b.WriteString(inner())
			if depth == 0 && dice.IntN(4) == 0 {
				b.WriteString(choice("m", 1) + " ")
				b.WriteString(inner())
			}
			b.WriteString("}")
		}
		return b.String() + "}"
	}
	out := inner() + choice("n", 0) + " " + inner()
	switch dice.IntN(4) {
	case 0:
		out += choice("k", 1)
	case 1:
		out = "Please " + inner() + "now. You " + out + "here. It''s " + inner() + "there."
	case 2:
		out += "here. They " + choice("n", 1) + "!"
	}
	return out
}

// compare looks at every text that a message may give, and says what it has not of the
// source; "" when nothing.
func compare(source, result, target string) string {
	of, err := read(source)
	if err != nil {
		return "the source: " + err.Error()
	}
	made, err := read(result)
	if err != nil {
		return err.Error()
	}
	return walk(of, made, map[string]string{}, target)
}

// walk goes through all choices of the result.
func walk(source, result []token, chosen map[string]string, target string) string {
	at := slices.IndexFunc(result, func(t token) bool { return t.cases != nil })
	if at < 0 {
		want, got := values(flatten(source, chosen)), values(result)
		for braces := count(got) - count(want); braces > 0; braces-- { // literal ones of the engine
			at := slices.Index(got, quotedBrace)
			got = slices.Delete(got, at, at+1)
		}
		if !slices.Equal(want, got) {
			return fmt.Sprintf("for %v the values are %q and not %q", chosen, got, want)
		}
		return ""
	}
	t := result[at]
	if loss := wrongForms(t, target); loss != "" {
		return loss
	}
	for _, c := range t.cases {
		if made, ok := chosen[t.name+t.kind]; ok && made != c.selector && (t.has(made) || c.selector != "other") {
			continue // of two choices by one number
		}
		inner := slices.Concat(result[:at], c.tokens, result[at+1:])
		with := map[string]string{t.name + t.kind: c.selector}
		maps.Copy(with, chosen)
		if loss := walk(source, inner, with, target); loss != "" {
			return loss
		}
	}
	return ""
}

func count(values []string) int {
	n := 0
	for _, v := range values {
		if v == quotedBrace {
			n++
		}
	}
	return n
}

// wrongForms checks that a choice has the forms of the target language and no others.
func wrongForms(t token, target string) string {
	want := icu.Categories(target, icu.Type(t.kind))
	if t.kind == "select" || want == nil {
		return ""
	}
	var got []string
	for _, c := range t.cases {
		if !strings.HasPrefix(c.selector, "=") {
			got = append(got, c.selector)
		}
	}
	if !slices.Equal(want, got) {
		return fmt.Sprintf("the forms are %q and not %q", got, want)
	}
	return ""
}

// flatten makes the choices of a source.
func flatten(source []token, chosen map[string]string) []token {
	var out []token
	for _, t := range source {
		if t.cases == nil {
			out = append(out, t)
			continue
		}
		at := slices.IndexFunc(t.cases, func(c messageCase) bool { return c.selector == chosen[t.name+t.kind] })
		if at < 0 {
			at = slices.IndexFunc(t.cases, func(c messageCase) bool { return c.selector == "other" })
		}
		out = append(out, flatten(t.cases[at].tokens, chosen)...)
	}
	return out
}

// values lists what a program puts in, sorted.
func values(tokens []token) []string {
	var out []string
	for _, t := range tokens {
		out = append(out, t.name)
	}
	slices.Sort(out)
	return out
}

// languages writes a message for each language of CLDR and looks at its forms.
func languages(out *rows.Rows) {
	for _, kind := range []icu.Type{icu.Plural, icu.SelectOrdinal} {
		all := icu.Languages(kind)
		right := 0
		for _, language := range all {
			if formsAreRight(kind, language) {
				right++
			}
		}
		name := map[icu.Type]string{icu.Plural: "icu_plural_languages", icu.SelectOrdinal: "icu_ordinal_languages"}[kind]
		out.Add(name, "%d", len(all))
		out.Add(name+"_ok", "%d", right)
	}
}

// formsAreRight says whether a message in a language has its categories, each once, and
// is read again, by package icu and by the reader here.
func formsAreRight(kind icu.Type, language string) bool {
	source := "You have {n, " + string(kind) + ", =0 {no files} one {# file} other {# files}} in {dir}."
	doc, err := document.FromTexts([]string{source}, document.Languages{Source: "en", Target: language})
	if err != nil {
		return false
	}
	same := map[int]string{}
	for _, u := range doc.Units() {
		same[u.ID] = u.Text
	}
	result := *doc.Assemble(same).Texts[0]
	m, err := icu.Parse(result)
	if err != nil || len(m.Parts) != 1 || m.Parts[0].Choice == nil || compare(source, result, language) != "" {
		return false
	}
	var got []string
	for _, c := range m.Parts[0].Choice.Cases {
		got = append(got, c.Selector)
	}
	return slices.Equal(got, append([]string{"=0"}, icu.Categories(language, kind)...))
}
