package qa

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/segment"
)

const (
	// leastWords of a source that must change: "Status: OK" is the same in many
	// languages.
	leastWords = 4
	// leastLower of them in lower case: names and codes stay as they are.
	leastLower = 2
	// leastWordsClose is for languages so close that short sentences are the same
	// in both: «Det er en god dag.»
	leastWordsClose = 10
)

// closeGroups are languages that share whole short sentences.
var closeGroups = [][]string{
	{"nb", "nn", "no", "da"},
	{"es", "gl", "ast", "an", "pt", "ca"},
	{"hr", "sr", "bs", "sh", "me"},
	{"id", "ms"},
	{"cs", "sk"},
	{"bg", "mk"},
	{"hi", "ur"},
	{"ru", "uk", "be"},
	{"nl", "af"},
}

// untranslated finds a translation that is the source, or has a part of it.
func untranslated(in Input) []Finding {
	from, to := in.from(), in.to()
	if from == to {
		return nil // one language in two regions: most sentences stay as they are
	}
	source, target := withoutKept(in, in.source()), withoutKept(in, in.target())
	if normal(source.prose) != normal(target.prose) {
		if areClose(from, to) {
			return nil // they share too many words
		}
		return copied(source.words, target, tellTale(from, to))
	}
	least := leastWords
	if areClose(from, to) {
		least = leastWordsClose
	}
	words, lower := countPlain(source.prose)
	if words < least || lower < leastLower {
		// A short sentence gives itself away by a word that names nothing, or whose
		// translation is known.
		short := !areClose(from, to) && words >= leastLower && segment.CountWords(source.prose) >= leastWords
		if !short || !slices.ContainsFunc(source.words, tellTale(from, to)) && !lacksWords(in) {
			return nil
		}
	}
	return []Finding{finding(UntranslatedCheck, untranslatedCategory, v1alpha1.CriticalSeverity,
		"the translation is the same as the source").at(whole(in.Target))}
}

// tellTale returns what finds the words that are function words of one language and
// no word of the other.
func tellTale(from, to string) func(word) bool {
	of, not := functionWords()[from], functionWords()[to]
	return func(w word) bool { return w.plain && w.lower && of[w.text] && !not[w.text] }
}

// lacksWords says whether the lexicon speaks against a translation: the odds of it are
// 1 to 20, or lower.
func lacksWords(in Input) bool {
	const odds = -3
	first, second := correspond(in)
	return first+second <= odds
}

const (
	// leastRun of words that stand in both texts in the same order make a part that
	// was left out. Titles and commands that stay are shorter, or have capitals.
	leastRun = 6
	// leastRunLower of them in lower case.
	leastRunLower = 5
	// leastRunTold words will do when one is a function word of the source's language.
	// Two will do when both are.
	leastRunTold = 3
)

// copied finds a run of words of the source in the translation. Words of code do not
// end a run, and do not count.
func copied(source []word, in *reading, tells func(word) bool) []Finding {
	target := in.words
	known := map[[2]string]bool{}
	for i := 1; i < len(source); i++ {
		known[[2]string{source[i-1].text, source[i].text}] = true
	}
	var run, lower, told int
	add := func(w word) {
		if !w.plain {
			return
		}
		run++
		if w.lower {
			lower++
		}
		if tells(w) {
			told++
		}
	}
	isKnown := func(i int) bool { return i < len(target) && known[[2]string{target[i-1].text, target[i].text}] }
	inRun, from := false, 0
	for i := 1; i < len(target); i++ {
		if !isKnown(i) {
			inRun = false
			continue
		}
		if !inRun {
			inRun, from, run, lower, told = true, i-1, 0, 0, 0
			add(target[i-1])
		}
		add(target[i])
		if enough := run >= leastRun && lower >= leastRunLower || run >= leastRunTold && told > 0 || told > 1; !enough {
			continue
		}
		for isKnown(i + 1) {
			i++
		}
		return []Finding{finding(UntranslatedCheck, untranslatedCategory, v1alpha1.MajorSeverity,
			"a part of the translation is still in the source language").at(in.wordSpan(from, i))}
	}
	return nil
}

// withoutKept takes the terms out that stay as they are by order.
func withoutKept(in Input, r *reading) *reading {
	text := r.text
	for _, term := range in.Terms {
		if term.Keep && term.Source != "" {
			text = strings.ReplaceAll(text, term.Source, strings.Repeat(" ", len(term.Source))) // places stay as they are
		}
	}
	if text == r.text {
		return r
	}
	return newReading(text)
}

func areClose(a, b string) bool {
	return slices.ContainsFunc(closeGroups, func(group []string) bool {
		return slices.Contains(group, a) && slices.Contains(group, b)
	})
}

// countPlain counts the words of a text that are prose, not code, and how many of
// them begin in lower case. Scripts without letter case count as lower case.
func countPlain(text string) (words, lower int) {
	for field := range strings.FieldsSeq(text) {
		inner := strings.Trim(field, aroundWords)
		if isCode(field) || inner == "" || strings.ContainsFunc(inner, isNoPartOfWord) {
			continue
		}
		first, _ := utf8.DecodeRuneInString(inner)
		count := segment.CountWords(inner)
		words += count
		if !unicode.IsUpper(first) && !unicode.IsTitle(first) {
			lower += count
		}
	}
	return words, lower
}

func isNoPartOfWord(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.M) && !strings.ContainsRune("-'’·、。，！？；：", r)
}
