package qa

import (
	"slices"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	// leastTold different function words of another language show that a text is in it.
	leastTold = 4
	// leastAlone will do where no word of the right language is beside them: fewer than one
	// in 5000 translations by people are so.
	leastAlone = 2
	// toldShare is the least share of them among the words: one in five.
	toldShare = 5
	// clearly is how many times as many they have to be as those of the right language.
	clearly = 3
)

// wrongLanguage finds a translation in another language of the same script, by its
// function words: those of the source's language, or of a third one. Words that both
// languages have say nothing.
func wrongLanguage(in Input) []Finding {
	to := in.to()
	right := functionWords()[to]
	if right == nil || in.from() == to {
		return nil
	}
	plain, best, n, different := likeliest(in.target().words, right)
	if different < leastAlone || n*toldShare < plain || areClose(best, to) {
		return nil
	}
	own := 0
	for _, w := range in.target().words {
		if w.plain && right[w.text] && !functionWords()[best][w.text] {
			own++
		}
	}
	if n < clearly*own || different < leastTold && (own > 0 || in.toldAlone(best, right) < leastAlone) {
		return nil
	}
	return []Finding{finding(WrongScriptCheck, mistranslation, v1alpha1.CriticalSeverity,
		"the translation is not in the target language").at(in.target().wordsOf(best, right))}
}

// toldAlone counts the different function words of a language that neither the right
// language nor the source has: names and titles stay as they are.
func (in Input) toldAlone(language string, right map[string]bool) int {
	seen := map[string]bool{}
	for _, w := range in.source().words {
		seen[w.text] = true
	}
	count := 0
	for _, w := range in.target().words {
		if w.plain && !seen[w.text] && !right[w.text] && functionWords()[language][w.text] {
			seen[w.text] = true
			count++
		}
	}
	return count
}

// wordsOf is the text from the first to the last function word of a language that
// another one has not.
func (r *reading) wordsOf(language string, not map[string]bool) Span {
	tells := func(w word) bool { return w.plain && functionWords()[language][w.text] && !not[w.text] }
	from := slices.IndexFunc(r.words, tells)
	if from < 0 {
		return Span{}
	}
	to := len(r.words) - 1
	for to > from && !tells(r.words[to]) {
		to--
	}
	return r.wordSpan(from, to)
}

// likeliest counts the words of prose, and finds the language that has the most
// function words among those that the right one has not: how many, and how many
// different ones.
func likeliest(words []word, right map[string]bool) (plain int, best string, most, different int) {
	counts, kinds := map[string]int{}, map[string]int{}
	seen := map[string]bool{}
	for _, w := range words {
		if !w.plain {
			continue
		}
		plain++
		if right[w.text] {
			continue
		}
		for _, other := range languagesOf()[w.text] {
			counts[other]++
			if !seen[w.text] {
				kinds[other]++
			}
			if n := counts[other]; n > most || n == most && other < best {
				best, most = other, n
			}
		}
		seen[w.text] = true
	}
	return plain, best, most, kinds[best]
}

// language finds a translation in the wrong script, or else in the wrong language. One
// that is the source is reported as that.
func language(in Input) []Finding {
	if found := wrongScript(in); len(found) > 0 {
		return found
	}
	if in.Source == in.Target {
		return nil
	}
	return wrongLanguage(in)
}
