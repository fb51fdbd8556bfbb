package qa

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/langtag"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/segment"
)

// empty finds a translation without a letter, a digit or a placeable where the
// source has one.
func empty(in Input) []Finding {
	if !isEmpty(in.Target) || isEmpty(in.Source) {
		return nil
	}
	return []Finding{finding(EmptyCheck, omissionCategory, v1alpha1.CriticalSeverity, "the translation is empty")}
}

func isEmpty(text string) bool {
	return !strings.ContainsFunc(text, saysSomething) && len(placeholder.Find(text)) == 0
}

// saysSomething finds letters, digits and symbols: "©" may translate "(C)".
func saysSomething(r rune) bool {
	return isWordRune(r) || unicode.In(r, unicode.So, unicode.Sc, unicode.Sm)
}

func isWordRune(r rune) bool { return unicode.In(r, unicode.L, unicode.N) }

// unlessEmpty keeps a check from reporting what is missing when everything is.
func unlessEmpty(check func(Input) []Finding) func(Input) []Finding {
	return func(in Input) []Finding {
		if isEmpty(in.Target) {
			return nil
		}
		return check(in)
	}
}

// prose returns a text without its placeables.
func prose(text string) string {
	found := placeholder.Find(text)
	if len(found) == 0 {
		return text
	}
	var b strings.Builder
	at := 0
	for _, p := range found {
		b.WriteString(text[at:p.Start])
		b.WriteByte(' ')
		at = p.End()
	}
	b.WriteString(text[at:])
	return b.String()
}

// masked returns a text with tokens for its placeables.
func masked(text string) string { return placeholder.Mask(text).Text }

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

// untranslated finds a translation that is the source.
func untranslated(in Input) []Finding {
	from, to := langtag.Base(in.SourceLanguage), langtag.Base(in.TargetLanguage)
	if from == to {
		return nil // one language in two regions: most sentences stay as they are
	}
	source, target := prose(withoutKept(in, in.Source)), prose(withoutKept(in, in.Target))
	if normal(source) != normal(target) {
		return copied(source, target, areClose(from, to))
	}
	least := leastWords
	if areClose(from, to) {
		least = leastWordsClose
	}
	if words, lower := countPlain(source); words < least || lower < leastLower {
		return nil
	}
	return []Finding{finding(UntranslatedCheck, untranslatedCategory, v1alpha1.CriticalSeverity,
		"the translation is the same as the source")}
}

const (
	// leastRun of words that stand in both texts in the same order make a part that
	// was left out. Titles and commands that stay are shorter, or have capitals.
	leastRun = 6
	// leastRunLower of them in lower case.
	leastRunLower = 5
)

// copied finds a part of the source in the translation. Close languages share too
// many words for it.
func copied(source, target string, isClose bool) []Finding {
	if isClose {
		return nil
	}
	known := map[string]bool{}
	for _, run := range runs(source) {
		known[run] = true
	}
	for _, run := range runs(target) {
		if known[run] {
			return []Finding{finding(UntranslatedCheck, untranslatedCategory, v1alpha1.MajorSeverity,
				"a part of the translation is still in the source language")}
		}
	}
	return nil
}

// runs lists every run of words in a text that would show a copied part, in lower
// case. A word of code or a number breaks a run.
func runs(text string) []string {
	var all, words []string
	capitals := 0
	for field := range strings.FieldsSeq(text) {
		count, lower := countPlain(field)
		if count != 1 {
			words, capitals = nil, 0
			continue
		}
		words = append(words, field)
		capitals += 1 - lower
		if len(words) > leastRun {
			_, lower := countPlain(words[0])
			words, capitals = words[1:], capitals-(1-lower)
		}
		if len(words) == leastRun && leastRun-capitals >= leastRunLower {
			all = append(all, normal(strings.Join(words, " ")))
		}
	}
	return all
}

// withoutKept takes the terms out that stay as they are by order.
func withoutKept(in Input, text string) string {
	for _, term := range in.Terms {
		if term.Keep {
			text = strings.ReplaceAll(text, term.Source, " ")
		}
	}
	return text
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
		word := strings.Trim(field, ".,;:!?()\"'«»“”„‚‘’¡¿…。！？，、；：「」『』（）")
		if isCode(field) || word == "" || strings.ContainsFunc(word, isNoPartOfWord) {
			continue
		}
		first, _ := utf8.DecodeRuneInString(word)
		count := segment.CountWords(word)
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

// unknownWords reports each word that the engine left as it was for want of an
// entry, by its place in the source. Terms that are kept by order, and
// abbreviations in capitals, are right as they are.
func unknownWords(in Input) []Finding {
	var findings []Finding
	shouting := !strings.ContainsFunc(prose(in.Source), unicode.IsLower)
	words := splitWords(normal(prose(in.Source)))
	seen := map[string]bool{}
	for _, word := range in.Unknown {
		if seen[word] || isKept(in, word) || !shouting && isAbbreviation(word) {
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

func isKept(in Input, word string) bool {
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
	if target := longestRun(masked(in.Target)); target >= stuck && target > longestRun(masked(in.Source))+1 {
		return []Finding{finding(RepetitionCheck, additionCategory, v1alpha1.CriticalSeverity,
			"the translation repeats itself %d times in a row", target)}
	}
	if doublesWords(in.TargetLanguage) {
		return nil
	}
	if twice := doubled(in.Target); twice > 0 && twice > doubled(in.Source) {
		return []Finding{finding(RepetitionCheck, duplicationCategory, v1alpha1.MinorSeverity,
			"the translation has a word twice in a row")}
	}
	return nil
}

// longestRun returns how often a group of up to eight words follows itself at most.
func longestRun(text string) int {
	words := strings.Fields(strings.ToLower(text))
	const longestGroup = 8
	best := 1
	for size := 1; size <= longestGroup; size++ {
		same := 0
		for i := size; i < len(words); i++ {
			if words[i] != words[i-size] || !strings.ContainsFunc(words[i], unicode.IsLetter) {
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
func doublesWords(tag string) bool {
	switch langtag.Base(tag) {
	case "vi", "tr", "id", "ms", "hi", "ur", "bn", "ta", "az", "ka", "hy", "fa", "th", "tl", "fil", "sw", "af":
		return true
	default:
		return false
	}
}
