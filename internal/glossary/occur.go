package glossary

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// Index finds the terms of a job in its segments. It is made once: a job may have
// tens of thousands of terms and of segments, and looks for each term in each.
type Index struct {
	entries []Entry
	// exact and folded hold the spellings of the entries that tell letter case apart and
	// of those that do not.
	exact, folded lexicon
	// inflected finds other forms; nil when the language has no stemmer.
	inflected *inflections
}

// NewIndex makes an index of entries, in their order of rank. The language is the
// source's: in some a term is found in its other forms too.
func NewIndex(entries []Entry, language string) *Index {
	exact, folded := map[string][]int{}, map[string][]int{}
	for i, e := range entries {
		into := folded
		if e.CaseSensitive {
			into = exact
		}
		for _, text := range spellings(e) {
			into[text] = append(into[text], i)
		}
	}
	return &Index{
		entries: entries, exact: newLexicon(exact), folded: newLexicon(folded),
		inflected: newInflections(entries, language),
	}
}

// Occurring returns the terms that stand in a text as whole words, in the order of
// their first place. Where two terms overlap the longer one counts: "shopping
// cart" hides "cart". White space in a term fits any white space of the text.
func (x *Index) Occurring(text string) []engine.Term {
	if len(x.entries) == 0 {
		return nil
	}
	first := map[int]int{}
	for _, h := range x.places(text) {
		if _, seen := first[h.entry]; !seen {
			first[h.entry] = h.start
		}
	}
	order := slices.Collect(maps.Keys(first))
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(first[a], first[b]) })
	var terms []engine.Term
	for _, entry := range order {
		terms = append(terms, x.entries[entry].Term())
	}
	return terms
}

// Place is where a term stands in a text, by byte offsets, the end behind the last byte.
type Place struct {
	// Term is its source as the glossary has it.
	Term       string
	Start, End int
}

// Kept returns where the terms stand that stay as they are, in order: in a form that the
// glossary lists, and in its letter case if that counts. What is inflected otherwise, and
// what is a part of a longer term, is none.
func (x *Index) Kept(text string) []Place {
	var kept []Place
	var offsets []int // of the runes in bytes
	for _, h := range x.places(text) {
		if h.inflected || !x.entries[h.entry].Keep {
			continue
		}
		if offsets == nil {
			for at := range text {
				offsets = append(offsets, at)
			}
			offsets = append(offsets, len(text))
		}
		kept = append(kept, Place{Term: x.entries[h.entry].Source, Start: offsets[h.start], End: offsets[h.end]})
	}
	return kept
}

// places returns where the entries stand that count, in the order of the text.
func (x *Index) places(text string) []hit {
	folded := newHaystack(text, true)
	hits := folded.appendHits(nil, x.folded)
	if len(x.exact.texts) > 0 {
		hits = newHaystack(text, false).appendHits(hits, x.exact)
	}
	if x.inflected != nil {
		hits = x.inflected.appendHits(hits, folded)
	}
	return choose(hits)
}

// hit is a place where an entry stands, in runes.
type hit struct {
	entry, start, end int
	// inflected says that it stands in another form than the glossary lists.
	inflected bool
}

// choose returns the hits that count, in the order of the text: where two overlap the
// longer one, else the one further left, else the one of higher rank, else the one in a
// listed form.
func choose(hits []hit) []hit {
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(
			cmp.Compare(b.end-b.start, a.end-a.start),
			cmp.Compare(a.start, b.start),
			cmp.Compare(a.entry, b.entry),
			compareBools(a.inflected, b.inflected),
		)
	})
	covered := map[int]bool{}
	var chosen []hit
	for _, h := range hits {
		if h.isCovered(covered) {
			continue
		}
		for i := h.start; i < h.end; i++ {
			covered[i] = true
		}
		chosen = append(chosen, h)
	}
	slices.SortFunc(chosen, func(a, b hit) int { return cmp.Compare(a.start, b.start) })
	return chosen
}

// compareBools orders false before true.
func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

func (h hit) isCovered(covered map[int]bool) bool {
	for i := h.start; i < h.end; i++ {
		if covered[i] {
			return true
		}
	}
	return false
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
	// offsets are the byte offsets of the runes in joined, and of its end.
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
	t.offsets = make([]int, 0, len(t.runes)+1)
	for at := range t.joined {
		t.offsets = append(t.offsets, at)
	}
	t.offsets = append(t.offsets, len(t.joined))
	return t
}

// appendHits adds the places where spellings stand as whole words.
func (t haystack) appendHits(hits []hit, among lexicon) []hit {
	for start := range t.runes {
		if !t.isBoundary(start) {
			continue
		}
		among.each(t.joined[t.offsets[start]:], func(spelling string, entries []int) {
			end := start + utf8.RuneCountInString(spelling)
			if !t.isBoundary(end) {
				return
			}
			for _, entry := range entries {
				hits = append(hits, hit{entry: entry, start: start, end: end})
			}
		})
	}
	return hits
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
	return !isWordRune(before) || !isWordRune(after) || langtag.IsUnspaced(before) || langtag.IsUnspaced(after)
}

func isWordRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.N) || r == '_'
}

// fold makes spellings equal that differ in letter case only.
func fold(s string) string { return strings.Map(foldRune, s) }

// foldRune folds one rune to one rune, which keeps places comparable.
func foldRune(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }
