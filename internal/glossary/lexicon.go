package glossary

import (
	"slices"
	"sort"
)

// lexicon finds which of many spellings a text begins with. It is a sorted list that is
// narrowed byte by byte, so that ten thousand spellings of one beginning cost no more
// than ten.
type lexicon struct {
	texts   []string
	entries [][]int // that have each spelling
}

func newLexicon(entries map[string][]int) lexicon {
	var l lexicon
	for text := range entries {
		l.texts = append(l.texts, text)
	}
	slices.Sort(l.texts)
	for _, text := range l.texts {
		l.entries = append(l.entries, entries[text])
	}
	return l
}

// each calls a function with every spelling that a text begins with.
func (l lexicon) each(text string, found func(spelling string, entries []int)) {
	low, high := 0, len(l.texts)
	for depth := 0; low < high; depth++ {
		if len(l.texts[low]) == depth { // the shortest comes first
			found(l.texts[low], l.entries[low])
			low++
		}
		if depth == len(text) {
			return
		}
		next := text[depth]
		from := low
		low = from + sort.Search(high-from, func(i int) bool { return l.texts[from+i][depth] >= next })
		from = low
		high = from + sort.Search(high-from, func(i int) bool { return l.texts[from+i][depth] > next })
	}
}
