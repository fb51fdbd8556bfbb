package pipeline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/langtag"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// takesTerms says whether an engine follows the terms of a request, as language models
// do.
func takesTerms(info engine.Info) bool { return info.Terms || Obeys(info) }

// keeper puts tokens in for the terms that stay as they are, for engines that cannot be
// told of them. Such a term is then carried along, put back and looked for like a
// placeable.
type keeper struct {
	entries  []glossary.Entry
	bySource map[string][]int
}

// newKeeper returns nil for an engine that is told of terms, and when none is to stay.
func newKeeper(entries []glossary.Entry, info engine.Info) *keeper {
	if takesTerms(info) || !slices.ContainsFunc(entries, func(e glossary.Entry) bool { return e.Keep }) {
		return nil
	}
	k := &keeper{entries: entries, bySource: map[string][]int{}}
	for i, e := range entries {
		k.bySource[e.Source] = append(k.bySource[e.Source], i)
	}
	return k
}

// keptTerm is a term that stands as a token.
type keptTerm struct {
	token int
	// term as the glossary has it, and text as the source spells it.
	term, text string
}

// hold puts tokens in for terms that occur in a masked text and stay as they are: where
// they stand in a form that the glossary lists, in its letter case if that counts. What
// is inflected otherwise, and what is a part of a longer term or of a placeable, is left
// to the engine.
func (k *keeper) hold(m placeholder.Masked, terms []engine.Term) (placeholder.Masked, []keptTerm) {
	if k == nil || !slices.ContainsFunc(terms, func(t engine.Term) bool { return t.Keep }) {
		return m, nil
	}
	all := slices.Clone(m.Placeables)
	names := map[int]string{} // of the terms among them, by where they start
	for _, s := range k.find(m.Source, terms) {
		overlaps := func(p placeholder.Placeable) bool { return p.Start < s.end && s.start < p.End() }
		if !slices.ContainsFunc(m.Placeables, overlaps) {
			all = append(all, placeholder.Placeable{Kind: placeholder.Literal, Text: m.Source[s.start:s.end], Start: s.start})
			names[s.start] = k.entries[s.entry].Source
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

// spot is a place where an entry stands.
type spot struct {
	// start and end are byte offsets, and length counts the runes of the spelling.
	entry, start, end, length int
}

// find returns where the terms to keep stand. Where two terms overlap the longer one
// counts, else the one further left, else the one of higher rank, as when terms are
// looked for in a text.
func (k *keeper) find(text string, terms []engine.Term) []spot {
	spots := newReading(text).spots(k.spellings(terms))
	slices.SortFunc(spots, func(a, b spot) int {
		return cmp.Or(cmp.Compare(b.length, a.length), cmp.Compare(a.start, b.start), cmp.Compare(a.entry, b.entry))
	})
	covered := make([]bool, len(text))
	var kept []spot
	for _, s := range spots {
		if slices.Contains(covered[s.start:s.end], true) {
			continue
		}
		for i := s.start; i < s.end; i++ {
			covered[i] = true
		}
		if k.entries[s.entry].Keep {
			kept = append(kept, s)
		}
	}
	return kept
}

// spelling is a form of an entry, as it is looked for.
type spelling struct {
	entry int
	runes []rune
	// exact says that letter case counts, and goesOn that a word may end otherwise: the
	// term is translated, and hides a shorter one in all of its forms.
	exact, goesOn bool
}

// spellings lists the forms of the entries behind some terms by their first rune.
func (k *keeper) spellings(terms []engine.Term) map[rune][]spelling {
	out := map[rune][]spelling{}
	for _, t := range terms {
		for _, i := range k.bySource[t.Source] {
			e := k.entries[i]
			if e.Keep != t.Keep || e.Target != t.Target {
				continue
			}
			for _, form := range append([]string{e.Source}, e.SourceVariants...) {
				s := spelling{entry: i, runes: []rune(strings.Join(strings.Fields(form), " ")), exact: e.CaseSensitive, goesOn: !e.Keep}
				if len(s.runes) == 0 {
					continue
				}
				if !s.exact {
					for at, r := range s.runes {
						s.runes[at] = folded(r)
					}
				}
				first := folded(s.runes[0])
				out[first] = append(out[first], s)
			}
		}
	}
	return out
}

// reading is a text in which terms are looked for, rune by rune.
type reading struct {
	runes, folded []rune
	// offsets of the runes in bytes, and that of the end.
	offsets []int
}

func newReading(text string) reading {
	var t reading
	for at, r := range text {
		if unicode.IsSpace(r) {
			r = ' '
		}
		t.runes, t.folded, t.offsets = append(t.runes, r), append(t.folded, folded(r)), append(t.offsets, at)
	}
	t.offsets = append(t.offsets, len(text))
	return t
}

// spots returns every place where a spelling stands as whole words.
func (t reading) spots(spellings map[rune][]spelling) []spot {
	var out []spot
	for start := range t.runes {
		if !t.isBoundary(start) {
			continue
		}
		for _, s := range spellings[t.folded[start]] {
			runes := t.folded
			if s.exact {
				runes = t.runes
			}
			end := start + len(s.runes)
			if end > len(runes) || !slices.Equal(runes[start:end], s.runes) {
				continue
			}
			for s.goesOn && !t.isBoundary(end) {
				end++
			}
			if t.isBoundary(end) {
				out = append(out, spot{entry: s.entry, start: t.offsets[start], end: t.offsets[end], length: len(s.runes)})
			}
		}
	}
	return out
}

// isBoundary says whether a word may begin or end before rune i. Scripts without spaces
// have a boundary everywhere.
func (t reading) isBoundary(i int) bool {
	if i == 0 || i == len(t.runes) {
		return true
	}
	before, after := t.runes[i-1], t.runes[i]
	isWord := func(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.N) || r == '_' }
	if unicode.Is(unicode.M, after) {
		return false
	}
	return !isWord(before) || !isWord(after) || langtag.IsUnspaced(before) || langtag.IsUnspaced(after)
}

// folded makes letters equal that differ in case only.
func folded(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

// problems are those of putting the placeables back, which name the terms among them. A
// term whose token came back once may stand in the translation for itself besides.
func (it *item) problems(all []placeholder.Problem, answer string) []placeholder.Problem {
	if len(it.kept) == 0 {
		return all
	}
	var out []placeholder.Problem
	for _, p := range all {
		if at := slices.IndexFunc(it.kept, func(k keptTerm) bool { return k.token == p.Token }); at >= 0 {
			if p.Kind == placeholder.Duplicated && strings.Count(answer, placeholder.Token(p.Token)) == 1 {
				continue
			}
			p.Placeable = "the term " + strconv.Quote(it.kept[at].text)
		}
		out = append(out, p)
	}
	return out
}

// checkedTerms are the terms as the checks look for them: those that stand as tokens in
// the spelling of the source.
func (it *item) checkedTerms() []engine.Term {
	if len(it.kept) == 0 {
		return it.terms
	}
	var out []engine.Term
	for _, term := range it.terms {
		var texts []string
		for _, k := range it.kept {
			if term.Keep && k.term == term.Source && !slices.Contains(texts, k.text) {
				texts = append(texts, k.text)
			}
		}
		if len(texts) == 0 {
			out = append(out, term)
		}
		for _, text := range texts {
			term.Source, term.Target = text, text
			out = append(out, term)
		}
	}
	return out
}

// named returns terms that the checks have missed as the glossary has them.
func (it *item) named(missed []string) []string {
	if len(it.kept) == 0 {
		return missed
	}
	var out []string
	for _, text := range missed {
		for _, k := range it.kept {
			if k.text == text {
				text = k.term
				break
			}
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}
