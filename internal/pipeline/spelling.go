package pipeline

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// spot is a place where an entry stands.
type spot struct {
	// start and end are byte offsets, and length counts the runes of the spelling.
	entry, start, end, length int
}

// find returns where the terms to keep stand, in order. Where two terms overlap the
// longer one counts, else the one further left, else the one of higher rank, as when
// terms are looked for in a text.
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
	slices.SortFunc(kept, func(a, b spot) int { return cmp.Compare(a.start, b.start) })
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

// spellings are the forms of entries by their runes, in lower case. Forms that begin
// alike are read once.
type spellings struct {
	next map[rune]*spellings
	ends []spelling
}

func (s *spellings) add(one spelling) {
	for _, r := range one.runes {
		if s.next == nil {
			s.next = map[rune]*spellings{}
		}
		if s.next[folded(r)] == nil {
			s.next[folded(r)] = &spellings{}
		}
		s = s.next[folded(r)]
	}
	s.ends = append(s.ends, one)
}

// spellings returns the forms of the entries behind some terms.
func (k *keeper) spellings(terms []engine.Term) *spellings {
	out := &spellings{}
	for _, t := range terms {
		for _, i := range k.bySource[t.Source] {
			e := k.entries[i]
			if e.Keep != t.Keep || e.Target != t.Target {
				continue
			}
			for _, form := range append([]string{e.Source}, e.SourceVariants...) {
				if runes := []rune(strings.Join(strings.Fields(form), " ")); len(runes) > 0 {
					out.add(spelling{entry: i, runes: runes, exact: e.CaseSensitive, goesOn: !e.Keep})
				}
			}
		}
	}
	return out
}

// reading is a text in which terms are looked for, rune by rune, with white space made
// equal.
type reading struct {
	runes []rune
	// offsets of the runes in bytes, and that of the end.
	offsets []int
}

func newReading(text string) reading {
	var t reading
	for at, r := range text {
		if unicode.IsSpace(r) {
			r = ' '
		}
		t.runes, t.offsets = append(t.runes, r), append(t.offsets, at)
	}
	t.offsets = append(t.offsets, len(text))
	return t
}

// spots returns every place where a spelling stands as whole words.
func (t reading) spots(among *spellings) []spot {
	var out []spot
	for start := range t.runes {
		if !t.isBoundary(start) {
			continue
		}
		at := among
		for end := start; ; end++ {
			for _, s := range at.ends {
				if one, ok := t.spot(s, start, end); ok {
					out = append(out, one)
				}
			}
			if end == len(t.runes) || at.next[folded(t.runes[end])] == nil {
				break
			}
			at = at.next[folded(t.runes[end])]
		}
	}
	return out
}

// spot is the place of a spelling that stands from rune start to before rune end. It is
// none within a word, and in another letter case where that counts.
func (t reading) spot(s spelling, start, end int) (spot, bool) {
	if s.exact && !slices.Equal(t.runes[start:end], s.runes) {
		return spot{}, false
	}
	for s.goesOn && !t.isBoundary(end) {
		end++
	}
	return spot{entry: s.entry, start: t.offsets[start], end: t.offsets[end], length: len(s.runes)}, t.isBoundary(end)
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
