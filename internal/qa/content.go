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
	return []Finding{finding(EmptyCheck, omissionCategory, v1alpha1.CriticalSeverity, "the translation is empty").about(whole(in.Source))}
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
			"the engine has no entry for %s of the source", which).about(in.source().term(word)).at(in.target().exact(word)))
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
// again and again, or a whole text that is there more than once. A word that stands
// twice is a slip; the source may have both.
func repetition(in Input) []Finding {
	const stuck = 4
	if target := longestRun(in.target(), in.to()); target >= stuck && target > longestRun(in.source(), in.from())+1 {
		return []Finding{finding(RepetitionCheck, additionCategory, v1alpha1.CriticalSeverity,
			"the translation repeats itself %d times in a row", target).at(in.target().stuck(in.to()))}
	}
	if times := copies(in.Target); times > copies(in.Source) {
		return []Finding{finding(RepetitionCheck, additionCategory, v1alpha1.CriticalSeverity,
			"the translation is there %d times", times).at(whole(in.Target))}
	}
	if doublesWords(in.to()) {
		return nil
	}
	if twice := doubled(in.Target); twice > 0 && twice > doubled(in.Source) {
		return []Finding{finding(RepetitionCheck, duplicationCategory, v1alpha1.MinorSeverity,
			"the translation has a word twice in a row").at(in.target().twice())}
	}
	return nil
}

// copies returns how often a text says the same as a whole, 1 for texts in general. A
// sentence has leastCopied words: "ha ha" and "step by step" are no copies.
func copies(text string) int {
	const leastCopied = 4
	words := strings.Fields(strings.ToLower(text))
	for size := leastCopied; size <= len(words)/2; size++ {
		if len(words)%size == 0 && slices.Equal(words[size:], words[:len(words)-size]) {
			return len(words) / size
		}
	}
	return 1
}

// longestRun returns how often a group of words follows itself at most, or of
// characters in languages without spaces. One character alone may: it laughs.
func longestRun(r *reading, language string) int {
	if isUnspacedLanguage(language) {
		return runOfCharacters(r.prose).times
	}
	return runOfWords(strings.Fields(strings.ToLower(masked(r.text)))).times
}

// run is a group of units that follows itself.
type run struct{ times, first, last int }

func runOfCharacters(text string) run {
	const shortestGroup, longestGroup = 2, 60
	return longestRunOf([]rune(text), shortestGroup, longestGroup, unicode.IsLetter)
}

func runOfWords(words []string) run {
	const longestGroup = 40
	return longestRunOf(words, 1, longestGroup, func(w string) bool { return strings.ContainsFunc(w, unicode.IsLetter) })
}

func longestRunOf[T comparable](units []T, shortestGroup, longestGroup int, says func(T) bool) run {
	best := run{times: 1}
	for size := shortestGroup; size <= min(longestGroup, len(units)/2); size++ {
		same := 0
		for i := size; i < len(units); i++ {
			if units[i] != units[i-size] || !says(units[i]) {
				same = 0
				continue
			}
			same++
			if times := same/size + 1; times > best.times {
				best = run{times: times, first: i + 1 - times*size, last: i}
			}
		}
	}
	return best
}

// stuck is where longestRun found its run.
func (r *reading) stuck(language string) Span {
	if isUnspacedLanguage(language) {
		found := runOfCharacters(r.prose)
		var starts []int
		for i := range r.prose {
			starts = append(starts, i)
		}
		return r.span(Span{Start: starts[found.first], End: runeAt(r.prose, starts[found.last]).End})
	}
	text := strings.ToLower(masked(r.text))
	words := strings.Fields(text)
	found := runOfWords(words)
	var in Span
	at := 0
	for i, w := range words[:found.last+1] {
		at += strings.Index(text[at:], w)
		if i == found.first {
			in.Start = at
		}
		at += len(w)
	}
	in.End = at
	if len(text) != len(masked(r.text)) {
		return Span{} // small letters of another length
	}
	return r.maskedSpan(in)
}

// twice is where doubled found its first word, both times.
func (r *reading) twice() Span {
	for i := 1; i < len(r.words); i++ {
		a, b := r.words[i-1], r.words[i]
		if a.text == b.text && b.start == a.end+1 && r.prose[a.end] == ' ' && !slices.Contains(mayDouble, a.text) && isLetters(a.text) {
			return r.wordSpan(i-1, i)
		}
	}
	return Span{}
}

func isLetters(word string) bool {
	return word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) })
}

// doubled counts the words that stand twice in a row with one space between them.
func doubled(text string) int {
	count := 0
	var last string
	for word := range strings.SplitSeq(strings.ReplaceAll(masked(text), "\n", " \n "), " ") {
		word = strings.ToLower(word)
		if isLetters(word) && word == last && !slices.Contains(mayDouble, word) {
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
