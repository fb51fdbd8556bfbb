package glossary

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Occurring returns the terms that stand in a text as whole words, in the order of
// their first place. Where two terms overlap the longer one counts: "shopping
// cart" hides "cart". White space in a term fits any white space of the text.
func Occurring(entries []Entry, text string) []engine.Term {
	var terms []engine.Term
	for _, e := range match(entries, text) {
		terms = append(terms, e.Term())
	}
	return terms
}

// hit is a place where a spelling of an entry stands, in runes.
type hit struct{ entry, start, end int }

// match returns the entries that occur.
func match(entries []Entry, text string) []Entry {
	exact, folded := newHaystack(text, false), newHaystack(text, true)
	var hits []hit
	for i, e := range entries {
		in := folded
		if e.CaseSensitive {
			in = exact
		}
		if e.spellings == nil { // made by hand
			e.spellings = spellings(e)
		}
		for _, spelling := range e.spellings {
			for _, at := range in.find(spelling) {
				hits = append(hits, hit{entry: i, start: at[0], end: at[1]})
			}
		}
	}
	// Longest first, then leftmost, then the entry of higher rank.
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(
			cmp.Compare(b.end-b.start, a.end-a.start),
			cmp.Compare(a.start, b.start),
			cmp.Compare(a.entry, b.entry),
		)
	})
	first := map[int]int{}
	covered := make([]bool, len(exact.runes))
	for _, h := range hits {
		if slices.Contains(covered[h.start:h.end], true) {
			continue
		}
		for i := h.start; i < h.end; i++ {
			covered[i] = true
		}
		if at, seen := first[h.entry]; !seen || h.start < at {
			first[h.entry] = h.start
		}
	}
	order := make([]int, 0, len(first))
	for entry := range first {
		order = append(order, entry)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(first[a], first[b]) })
	var found []Entry
	for _, entry := range order {
		found = append(found, entries[entry])
	}
	return found
}

// spellings lists every form of an entry to search for.
func spellings(e Entry) []string {
	var all []string
	for _, spelling := range append([]string{e.Source}, e.SourceVariants...) {
		if !e.CaseSensitive {
			spelling = fold(spelling)
		}
		if spelling = strings.Join(strings.Fields(spelling), " "); spelling != "" {
			all = append(all, spelling)
		}
	}
	return all
}

// haystack is a searched text: its runes with white space made equal, one for one with
// the runes of the original, so that places in two readings of it compare.
type haystack struct {
	runes  []rune
	joined string
	// offsets maps the byte offset of each rune in joined to its index.
	offsets []int
}

func newHaystack(original string, folded bool) haystack {
	var t haystack
	for _, r := range original {
		if folded {
			r = foldRune(r)
		}
		if unicode.IsSpace(r) {
			r = ' '
		}
		t.runes = append(t.runes, r)
	}
	t.joined = string(t.runes)
	t.offsets = make([]int, len(t.joined)+1)
	index := 0
	for at := range t.joined {
		t.offsets[at] = index
		index++
	}
	t.offsets[len(t.joined)] = index
	return t
}

// find returns the rune ranges of the whole words that spell a term.
func (t haystack) find(term string) [][2]int {
	var places [][2]int
	for from := 0; from < len(t.joined); {
		at := strings.Index(t.joined[from:], term)
		if at < 0 {
			break
		}
		start, end := t.offsets[from+at], t.offsets[from+at+len(term)]
		if t.isBoundary(start) && t.isBoundary(end) {
			places = append(places, [2]int{start, end})
		}
		_, size := utf8.DecodeRuneInString(t.joined[from+at:])
		from += at + size
	}
	return places
}

// isBoundary says whether a word may begin or end before rune i: not between two
// runes of a word. Scripts without spaces have a boundary everywhere.
func (t haystack) isBoundary(i int) bool {
	if i == 0 || i == len(t.runes) {
		return true
	}
	before, after := t.runes[i-1], t.runes[i]
	if unicode.Is(unicode.M, after) {
		return false
	}
	return !isWordRune(before) || !isWordRune(after) || isUnspaced(before) || isUnspaced(after)
}

func isWordRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.N) || r == '_'
}

func isUnspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// fold makes spellings equal that differ in letter case only.
func fold(s string) string { return strings.Map(foldRune, s) }

// foldRune folds one rune to one rune, which keeps places comparable.
func foldRune(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }
