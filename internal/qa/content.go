package qa

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// empty finds a translation without a letter, a digit or a placeable where the
// source has one.
func empty(in Input) []Finding {
	if !in.target().isNothing() || in.source().isNothing() {
		return nil
	}
	return []Finding{finding(EmptyCheck, omissionCategory, v1alpha1.CriticalSeverity, "the translation is empty")}
}

// saysSomething finds letters, digits and symbols: "©" may translate "(C)".
func saysSomething(r rune) bool {
	return isWordRune(r) || unicode.In(r, unicode.So, unicode.Sc, unicode.Sm)
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return isASCIIAlnum(r)
	}
	return unicode.In(r, unicode.L, unicode.N)
}

func isASCIIAlnum(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// unlessEmpty keeps a check from reporting what is missing when everything is.
func unlessEmpty(check func(Input) []Finding) func(Input) []Finding {
	return func(in Input) []Finding {
		if in.target().isNothing() {
			return nil
		}
		return check(in)
	}
}

// masked returns a text with tokens for its placeables.
func masked(text string) string { return placeholder.Mask(text).Text }

// unknownWords reports each word that the engine left as it was for want of an
// entry, by its place in the source. Terms that are kept by order, and
// abbreviations in capitals, are right as they are.
func unknownWords(in Input) []Finding {
	var findings []Finding
	shouting := !strings.ContainsFunc(in.source().prose, unicode.IsLower)
	words := splitWords(normal(in.source().prose))
	seen := map[string]bool{}
	for _, word := range in.Unknown {
		if seen[word] || isKeptTerm(in, word) || !shouting && isAbbreviation(word) {
			continue
		}
		seen[word] = true
		which := "a word"
		if at := slices.Index(words, normal(word)); at >= 0 {
			which = fmt.Sprintf("word %d", at+1)
		}
		findings = append(findings, finding(UnknownWordCheck, untranslatedCategory, v1alpha1.MajorSeverity,
			"the engine has no entry for %s of the source", which))
	}
	return findings
}

func isKeptTerm(in Input, word string) bool {
	for _, term := range in.Terms {
		if term.Keep && slices.Contains(strings.Fields(strings.ToLower(term.Source)), strings.ToLower(word)) {
			return true
		}
	}
	return false
}

// isAbbreviation says whether a word is written in capitals, or has a digit.
func isAbbreviation(word string) bool {
	if strings.ContainsFunc(word, unicode.IsDigit) {
		return true
	}
	const longest = 6
	letters := []rune(word)
	return len(letters) > 1 && len(letters) <= longest && !slices.ContainsFunc(letters, func(r rune) bool { return !unicode.IsUpper(r) })
}

// repetition finds a translation that got stuck: a run of words that follows itself
// again and again. A word that stands twice is a slip; the source may have both.
func repetition(in Input) []Finding {
	const stuck = 4
	if target := longestRun(in.target(), in.to()); target >= stuck && target > longestRun(in.source(), in.from())+1 {
		return []Finding{finding(RepetitionCheck, additionCategory, v1alpha1.CriticalSeverity,
			"the translation repeats itself %d times in a row", target)}
	}
	if doublesWords(in.to()) {
		return nil
	}
	if twice := doubled(in.Target); twice > 0 && twice > doubled(in.Source) {
		return []Finding{finding(RepetitionCheck, duplicationCategory, v1alpha1.MinorSeverity,
			"the translation has a word twice in a row")}
	}
	return nil
}

// longestRun returns how often a group of words follows itself at most, or of
// characters in languages without spaces. One character alone may: it laughs.
func longestRun(r *reading, language string) int {
	if isUnspacedLanguage(language) {
		const shortestGroup, longestGroup = 2, 60
		return longestRunOf([]rune(r.prose), shortestGroup, longestGroup, unicode.IsLetter)
	}
	const longestGroup = 40
	return longestRunOf(strings.Fields(strings.ToLower(masked(r.text))), 1, longestGroup, func(w string) bool {
		return strings.ContainsFunc(w, unicode.IsLetter)
	})
}

func longestRunOf[T comparable](units []T, shortestGroup, longestGroup int, says func(T) bool) int {
	best := 1
	for size := shortestGroup; size <= min(longestGroup, len(units)/2); size++ {
		same := 0
		for i := size; i < len(units); i++ {
			if units[i] != units[i-size] || !says(units[i]) {
				same = 0
				continue
			}
			same++
			best = max(best, same/size+1)
		}
	}
	return best
}

// doubled counts the words that stand twice in a row with one space between them.
func doubled(text string) int {
	count := 0
	var last string
	for word := range strings.SplitSeq(strings.ReplaceAll(masked(text), "\n", " \n "), " ") {
		word = strings.ToLower(word)
		plain := word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) })
		if plain && word == last && !slices.Contains(mayDouble, word) {
			count++
		}
		last = word
	}
	return count
}

// mayDouble are pronouns that rightly follow themselves: «die, die …» without its
// comma in names of fields, «nous nous lavons», «vous vous lavez».
var mayDouble = strings.Fields("die der das den dem nous vous dat en is had that")

// doublesWords says whether a language doubles words to make others of them.
func doublesWords(language string) bool {
	switch language {
	case "vi", "tr", "id", "ms", "hi", "ur", "bn", "ta", "az", "ka", "hy", "fa", "th", "tl", "fil", "sw", "af":
		return true
	default:
		return false
	}
}
