package pipeline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// takesTerms says whether an engine follows the terms of a request, as language models
// do.
func takesTerms(info engine.Info) bool { return info.Terms || Obeys(info) }

// keptTerm is a term that stands as a token.
type keptTerm struct {
	token int
	// term as the glossary has it, and text as the source spells it.
	term, text string
}

// hold puts tokens in for the terms that stay as they are, for an engine that cannot be
// told of them: each is then carried along, put back and looked for like a placeable. What
// is a part of a placeable is left to it.
func hold(m placeholder.Masked, terms *glossary.Index) (placeholder.Masked, []keptTerm) {
	all := slices.Clone(m.Placeables)
	names := map[int]string{} // of the terms among them, by where they start
	next := 0
	for _, place := range terms.Kept(m.Source) {
		for next < len(m.Placeables) && m.Placeables[next].End() <= place.Start {
			next++
		}
		if next == len(m.Placeables) || m.Placeables[next].Start >= place.End {
			all = append(all, placeholder.Placeable{Kind: placeholder.Literal, Text: m.Source[place.Start:place.End], Start: place.Start})
			names[place.Start] = place.Term
		}
	}
	if len(names) == 0 {
		return m, nil
	}
	slices.SortFunc(all, func(a, b placeholder.Placeable) int { return cmp.Compare(a.Start, b.Start) })
	out := placeholder.Masked{Source: m.Source, Placeables: all, Digits: m.Digits}
	var kept []keptTerm
	for i, p := range all {
		if name, ok := names[p.Start]; ok {
			kept = append(kept, keptTerm{token: i + 1, term: name, text: p.Text})
		} else if m.Number != 0 && p.Start == m.Placeables[m.Number-1].Start {
			out.Number = i + 1
		}
	}
	out.Text = tokenized(out)
	return out, kept
}

// tokenized writes a masked text from its parts.
func tokenized(m placeholder.Masked) string {
	var b strings.Builder
	at := 0
	for i, p := range m.Placeables {
		b.WriteString(m.Source[at:p.Start])
		if i+1 == m.Number {
			b.WriteString(m.Digits)
		} else {
			b.WriteString(placeholder.Token(i + 1))
		}
		at = p.End()
	}
	b.WriteString(m.Source[at:])
	return b.String()
}

// problems are those of putting the placeables back, which name the terms among them. A
// term whose token came back once may stand in the translation for itself besides.
func (it *item) problems(all []placeholder.Problem, answer string) []placeholder.Problem {
	if len(it.kept) == 0 || len(all) == 0 {
		return all
	}
	texts, times := map[int]string{}, map[string]int{}
	for _, k := range it.kept {
		texts[k.token] = k.text
	}
	for _, part := range placeholder.SplitTokens(answer) {
		if part.Token {
			times[part.Text]++
		}
	}
	var out []placeholder.Problem
	for _, p := range all {
		if text, ok := texts[p.Token]; ok {
			if p.Kind == placeholder.Duplicated && times[placeholder.Token(p.Token)] == 1 {
				continue
			}
			p.Placeable = "the term " + strconv.Quote(text)
		}
		out = append(out, p)
	}
	return out
}

// checkedTerms are the terms as the checks look for them: those that stand as tokens in
// the spellings of the source.
func (it *item) checkedTerms() []engine.Term {
	if len(it.kept) == 0 {
		return it.terms
	}
	spelt := map[string][]string{}
	for _, k := range it.kept {
		if !slices.Contains(spelt[k.term], k.text) {
			spelt[k.term] = append(spelt[k.term], k.text)
		}
	}
	var out []engine.Term
	for _, term := range it.terms {
		if texts := spelt[term.Source]; term.Keep && len(texts) > 0 {
			for _, text := range texts {
				term.Source, term.Target = text, text
				out = append(out, term)
			}
			continue
		}
		out = append(out, term)
	}
	return out
}

// named returns terms that the checks have missed as the glossary has them.
func (it *item) named(missed []string) []string {
	if len(it.kept) == 0 || len(missed) == 0 {
		return missed
	}
	terms := map[string]string{}
	for _, k := range it.kept {
		terms[k.text] = k.term
	}
	var out []string
	for _, text := range missed {
		if term := cmp.Or(terms[text], text); !slices.Contains(out, term) {
			out = append(out, term)
		}
	}
	return out
}
