package glossary

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/turkish"

	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// stemmers take the endings off words, by language: Snowball's own algorithms.
var stemmers = map[string]func(*snowballstem.Env) bool{
	"da": danish.Stem, "de": german.Stem, "en": english.Stem, "es": spanish.Stem, "fi": finnish.Stem, "fr": french.Stem,
	"hu": hungarian.Stem, "it": italian.Stem, "nb": norwegian.Stem, "nl": dutch.Stem, "nn": norwegian.Stem, "no": norwegian.Stem,
	"pt": portuguese.Stem, "ro": romanian.Stem, "ru": russian.Stem, "sv": swedish.Stem, "tr": turkish.Stem,
}

// inflections finds terms in other forms than the glossary has: "carts" is the term
// "cart". Stems alone would be too much ("universe" and "university" have one), so the
// endings that differ have to be short too.
type inflections struct {
	stem    func(*snowballstem.Env) bool
	longest int
	// byStem holds the terms by the stem of their first word.
	byStem map[string][]inflected
}

// inflected is a term in words, in lower case.
type inflected struct {
	entry int
	words []string
	stems []string
}

const (
	// leastLetters of a word that may stand in another form.
	leastLetters = 3
	// longestEnding is by how many letters a form may differ behind what it has in
	// common with the term; English inflects with two.
	longestEnding        = 3
	longestEnglishEnding = 2
)

// newInflections returns the terms of a language that may stand in other forms; nil for
// a language without a stemmer.
func newInflections(entries []Entry, language string) *inflections {
	base := langtag.Base(language)
	stem := stemmers[base]
	if stem == nil {
		return nil
	}
	f := &inflections{stem: stem, longest: longestEnding, byStem: map[string][]inflected{}}
	if base == "en" {
		f.longest = longestEnglishEnding
	}
	for i, e := range entries {
		if e.CaseSensitive {
			continue // names and abbreviations stand as they are
		}
		for _, text := range spellings(e) {
			if strings.ContainsFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M) && r != ' ' }) {
				continue
			}
			term := inflected{entry: i, words: strings.Fields(text)}
			for _, word := range term.words {
				term.stems = append(term.stems, f.stemOf(word))
			}
			f.byStem[term.stems[0]] = append(f.byStem[term.stems[0]], term)
		}
	}
	return f
}

func (f *inflections) stemOf(word string) string {
	if utf8.RuneCountInString(word) < leastLetters {
		return word
	}
	env := snowballstem.NewEnv(word)
	f.stem(env)
	return env.Current()
}

// word is a word of a text with its place in runes.
type word struct {
	text, stem string
	start, end int
}

// appendHits adds the places where terms stand in another form.
func (f *inflections) appendHits(hits []hit, in haystack) []hit {
	words := f.words(in)
	for i, first := range words {
		for _, term := range f.byStem[first.stem] {
			if last, ok := f.matches(term, words[i:], in); ok {
				hits = append(hits, hit{entry: term.entry, start: first.start, end: last, inflected: true})
			}
		}
	}
	return hits
}

// matches says whether words begin with a term, side by side, and where it ends.
func (f *inflections) matches(term inflected, words []word, in haystack) (end int, ok bool) {
	if len(words) < len(term.words) {
		return 0, false
	}
	for i, want := range term.words {
		w := words[i]
		beside := i == 0 || w.start == words[i-1].end+1 && in.runes[words[i-1].end] == ' '
		if !beside || w.stem != term.stems[i] || !f.isForm(w.text, want) {
			return 0, false
		}
	}
	return words[len(term.words)-1].end, true
}

// isForm says whether two words of one stem are long enough to have forms, and what they
// do not have in common is short.
func (f *inflections) isForm(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if min(len(x), len(y)) < leastLetters {
		return a == b
	}
	common := 0
	for common < len(x) && common < len(y) && x[common] == y[common] {
		common++
	}
	return len(x)-common <= f.longest && len(y)-common <= f.longest
}

// words returns the words of a text in lower case.
func (f *inflections) words(in haystack) []word {
	var found []word
	for at := 0; at < len(in.runes); {
		if !isWordRune(in.runes[at]) {
			at++
			continue
		}
		start := at
		for at < len(in.runes) && isWordRune(in.runes[at]) {
			at++
		}
		text := string(in.runes[start:at])
		found = append(found, word{text: text, stem: f.stemOf(text), start: start, end: at})
	}
	return found
}
