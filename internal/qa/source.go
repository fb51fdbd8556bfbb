package qa

import (
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/langtag"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/segment"
)

// longSentence is the number of words from which on a sentence is noted. Style
// guides ask for 25 at most; above 60 engines begin to lose the thread.
const longSentence = 60

// ReviewSource returns notes on a source text that may spoil its translation. They
// are neutral: they cost nothing and block nothing. At most one note is made of each
// kind, and none quotes the text.
func ReviewSource(text, lang string) []Finding {
	var notes []Finding
	note := func(format string, args ...any) {
		notes = append(notes, finding(SourceErrorCheck, sourceCategory, v1alpha1.NeutralSeverity, format, args...))
	}
	if n := countBroken(text); n > 0 {
		note("the source has %s that look like a wrong encoding or control characters", counted(n, "place"))
	}
	if n := unbalancedTags(text); n > 0 {
		note("the source has %s without a partner", counted(n, "tag"))
	}
	if n := openBraces(text); n > 0 {
		note("the source has %s that may be part of a broken placeholder", counted(n, "lone brace"))
	}
	if lone(withoutSmileys(prose(text))) >= 0 {
		note("the source has a bracket without its partner")
	}
	if share, ok := scriptShare(prose(text), lang, nil); ok && share < leastShare {
		note("only %d%% of the source is in the script that its language is written in", share)
	} else if len(wrongLanguage(Input{Target: text, TargetLanguage: lang})) > 0 {
		note("the source does not seem to be in the language that it is said to be in")
	}
	if n := mixedWords(text); n > 0 {
		note("the source has %s with letters of two scripts that look alike", counted(n, "word"))
	}
	if n := countInvisible(text, lang); n > 0 {
		note("the source has %s that nobody sees: spaces of no width, or signs of direction", counted(n, "character"))
	}
	if !doublesWords(langtag.Base(lang)) && doubled(text) > 0 {
		note("the source has %s twice in a row", counted(doubled(text), "word"))
	}
	if words := longestSentence(text, lang); words > longSentence {
		note("the source has a sentence of %d words; shorter ones translate better", words)
	}
	return notes
}

// longestSentence counts the words of the longest sentence.
func longestSentence(text, lang string) int {
	longest := 0
	for _, piece := range segment.Split(text, lang) {
		if piece.Translatable {
			longest = max(longest, segment.CountWords(placeholder.Mask(piece.Text).Text))
		}
	}
	return longest
}

// withoutSmileys takes out what looks like a bracket and is a face.
func withoutSmileys(text string) string {
	return strings.NewReplacer(":-)", "", ":)", "", ";-)", "", ";)", "", ":-(", "", ":(", "", ":-]", "", ":]", "", "=)", "", "8)", "").Replace(text)
}

// mixedWords counts the words that have Latin letters beside Cyrillic or Greek ones.
// No orthography mixes them; a slip of the keyboard does, and who hides something. A
// hyphen or an apostrophe begins a new word, as in "USB-кабель"; units such as "µm"
// and a single letter, as in "α-helix", do not count.
func mixedWords(text string) int {
	if isASCII(text) {
		return 0
	}
	count := 0
	for word := range strings.FieldsFuncSeq(prose(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		latin, other := 0, 0
		for _, r := range word {
			switch {
			case unicode.Is(unicode.Latin, r):
				latin++
			case unicode.In(r, unicode.Cyrillic, unicode.Greek) && r != 'µ' && r != 'μ' && r != 'Ω' && r != 'Δ':
				other++
			}
		}
		if latin > 0 && other > 0 && latin+other > 2 {
			count++
		}
	}
	return count
}

// countInvisible counts spaces of no width, but in languages that set them between
// words, and signs that turn the direction of what follows. The plain marks of a
// direction and the joiners of scripts and emoji are in use.
func countInvisible(text, lang string) int {
	if isASCII(text) {
		return 0
	}
	count := 0
	for range hidden(text, langtag.Base(lang)) {
		count++
	}
	for _, r := range text {
		if r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			count++
		}
	}
	return count
}

// unbalancedTags counts the tags of paired elements that lack the other half.
func unbalancedTags(text string) int {
	var open []string
	lone := 0
	for _, p := range placeholder.Find(text) {
		switch p.Kind {
		case placeholder.OpenTag:
			open = append(open, p.Name)
		case placeholder.ClosingTag:
			at := lastIndex(open, p.Name)
			if at < 0 {
				lone++
				continue
			}
			lone += countStrict(open[at+1:])
			open = open[:at]
		}
	}
	return lone + countStrict(open)
}

// countStrict leaves out the elements whose end tag HTML lets people leave out.
func countStrict(names []string) int {
	count := 0
	for _, name := range names {
		switch name {
		case "p", "li", "dt", "dd", "td", "th", "tr", "option", "thead", "tbody", "tfoot":
		default:
			count++
		}
	}
	return count
}

func lastIndex(names []string, name string) int {
	for i := len(names) - 1; i >= 0; i-- {
		if names[i] == name {
			return i
		}
	}
	return -1
}

// openBraces counts the braces outside placeables that have no partner.
func openBraces(text string) int {
	text = prose(text)
	depth, lone := 0, 0
	for _, r := range text {
		switch {
		case r == '{':
			depth++
		case r == '}' && depth > 0:
			depth--
		case r == '}':
			lone++
		}
	}
	return depth + lone
}
