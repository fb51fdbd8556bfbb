package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/quality/corpus"
)

const (
	// leastPairs is how many pairs a word has to be in.
	leastPairs = 25
	// leastCatalogues is in how many catalogues, so that no word of one program gets in.
	leastCatalogues = 4
	// mostStems for a word.
	mostStems = 4
	// leastGain in hits, less those by chance, for one more stem.
	leastGain = 0.03
	// leastHits is how often a translation has one of the stems, mostChance how often
	// another text.
	leastHits, mostChance = 0.6, 0.2
)

// set is a set of pairs.
type set []uint64

func (s set) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func learnWords(out io.Writer, c *corpus.Corpus) {
	_, _ = fmt.Fprint(out, header)
	for _, language := range languages() {
		_, _ = fmt.Fprintf(out, "[%s]\n", language)
		pairs := c.Pairs(language, corpus.Tune)
		sources, stems, found := index(pairs, language)
		for _, word := range slices.Sorted(maps.Keys(sources)) {
			with := sources[word]
			if line, ok := learnWord(with, likely(with, stems, found), len(pairs)); ok {
				_, _ = fmt.Fprintf(out, "%s %s\n", word, line)
			}
		}
	}
}

const header = `# How frequent English words show in translations, by target language: the word; by
# how much the logarithm of the odds rises, in tenths, when one of the stems is
# there, and falls when none is; the stems. Counted by test/quality/qa/learn in one half of
# the messages of the packages of Debian 12 that test/quality/corpus lists. They are counts of
# words: no text of the packages is in here.
`

// index maps each word of the sources, and each stem of the targets, to the pairs
// that have it, and lists the stems of each pair.
func index(pairs []corpus.Pair, language string) (sources, stems map[string]set, found []map[string]bool) {
	const word = 64
	size := len(pairs)/word + 1
	sources, stems = map[string]set{}, map[string]set{}
	put := func(m map[string]set, key string, i int) {
		if m[key] == nil {
			m[key] = make(set, size)
		}
		m[key][i/word] |= 1 << (i % word)
	}
	catalogues := map[string]map[string]bool{}
	for i, p := range pairs {
		for _, w := range qa.SourceWords(p.Source) {
			if len(w) < 2 {
				continue
			}
			put(sources, w, i)
			if catalogues[w] == nil {
				catalogues[w] = map[string]bool{}
			}
			catalogues[w][p.Catalogue] = true
		}
		found = append(found, stemsOf(qa.SearchText(p.Target, language)))
		for stem := range found[i] {
			put(stems, stem, i)
		}
	}
	maps.DeleteFunc(sources, func(w string, s set) bool {
		return s.count() < leastPairs || len(catalogues[w]) < leastCatalogues
	})
	const leastStem = 5
	maps.DeleteFunc(stems, func(_ string, s set) bool { return s.count() < leastStem })
	return sources, stems, found
}

// likely returns the stems that are in the most of some pairs, and in the least of the
// others.
func likely(with set, stems map[string]set, found []map[string]bool) map[string]set {
	const most, word = 80, 64
	counts := map[string]int{}
	for i, all := range found {
		if with[i/word]&(1<<(i%word)) != 0 {
			for stem := range all {
				counts[stem]++
			}
		}
	}
	n := float64(with.count())
	gain := func(stem string) float64 {
		c := float64(counts[stem])
		return c/n - (float64(stems[stem].count())-c)/(float64(len(found))-n)
	}
	maps.DeleteFunc(counts, func(stem string, _ int) bool { return stems[stem] == nil })
	best := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(gain(b), gain(a)), cmp.Compare(a, b))
	})
	chosen := map[string]set{}
	for _, stem := range best[:min(most, len(best))] {
		chosen[stem] = stems[stem]
	}
	return chosen
}

// stemsOf returns what may be looked up in a search text: words and their
// beginnings, or characters and pairs of them.
func stemsOf(text string) map[string]bool {
	found := map[string]bool{}
	if !strings.HasPrefix(text, " ") {
		var last rune
		for _, r := range text {
			if r < utf8.RuneSelf {
				last = 0
				continue
			}
			found[string(r)] = true
			if last != 0 {
				found[string(last)+string(r)] = true
			}
			last = r
		}
		return found
	}
	for w := range strings.FieldsSeq(text) {
		runes := []rune(w)
		for _, n := range []int{2, 3, 4, 5, 7} {
			if len(runes) > n {
				found[string(runes[:n])] = true
			}
		}
		found[w] = true
	}
	return found
}

// learnWord chooses the stems that together tell best whether a pair has the word.
func learnWord(with set, stems map[string]set, pairs int) (line string, ok bool) {
	n := float64(with.count())
	rest := float64(pairs) - n
	covered, hits, chance := make(set, len(with)), 0.0, 0.0
	var chosen []string
	for len(chosen) < mostStems {
		best, gain := "", leastGain
		var bestHits, bestChance float64
		for stem, s := range stems {
			inside, all := 0, 0
			for i := range s {
				u := s[i] | covered[i]
				inside += bits.OnesCount64(u & with[i])
				all += bits.OnesCount64(u)
			}
			h, c := float64(inside)/n, float64(all-inside)/rest
			if g := (h - c) - (hits - chance); g > gain || g == gain && cmp.Less(stem, best) {
				best, gain, bestHits, bestChance = stem, g, h, c
			}
		}
		if best == "" {
			break
		}
		chosen, hits, chance = append(chosen, best), bestHits, bestChance
		for i, w := range stems[best] {
			covered[i] |= w
		}
	}
	if hits < leastHits || chance > mostChance {
		return "", false
	}
	// A word seen few times is never sure.
	hits = (hits*n + 1) / (n + 3)
	chance = (chance*rest + 1) / (rest + 3)
	const tenths = 10
	return fmt.Sprintf("%.0f %.0f %s", tenths*math.Log(hits/chance), tenths*math.Log((1-chance)/(1-hits)), strings.Join(chosen, " ")), true
}
