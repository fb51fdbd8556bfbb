package qa

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// SourceLanguageCheck names the findings on a source that is in another language than the
// job says.
const SourceLanguageCheck = "source_language"

// Hearing is what a text shows of the language that it is in, against the one that it
// is said to be in: which function words it has, and which letters. Those of several
// texts can be put together. Names, code, quotations and a few words say nothing.
type Hearing struct {
	// language that the text is said to be in, without script and region.
	language string
	// script is its usual one, and tables are its letters; nil for one that is not known.
	script string
	tables []*unicode.RangeTable

	// words of prose, and those among them that begin with a small letter.
	words, lower int
	// own counts those that are function words of the language.
	own map[string]int
	// other counts those that are function words of other languages alone.
	other map[string]int
	// odd counts words with a letter that the language does not write.
	odd map[string]int
	// right and wrong weigh the letters in the script of the language and in others, as
	// length does; latin are those of wrong that are Latin.
	right, wrong, latin int
	// han, kana and hangul count characters.
	han, kana, hangul int
}

// Hear reads a text, with its placeables in place or as tokens, that is said to be in a
// language.
func Hear(text, language string) Hearing {
	h := Hearing{language: langtag.Base(language), script: langtag.Script(language)}
	h.tables = scripts[h.script]
	right := functionWords()[h.language]
	for field := range strings.FieldsSeq(withoutQuotations(text)) {
		w := newWord(field)
		h.letters(w)
		if !w.plain {
			continue
		}
		h.words++
		if !w.lower {
			continue
		}
		h.lower++
		switch {
		case right[w.text]:
			h.own = heard(h.own, w.text)
		case languagesOf()[w.text] != nil:
			h.other = heard(h.other, w.text)
		case isOdd(w.text, h.language):
			h.odd = heard(h.odd, w.text)
		}
	}
	return h
}

func heard(counts map[string]int, word string) map[string]int {
	if counts == nil {
		counts = map[string]int{}
	}
	counts[word]++
	return counts
}

// withoutQuotations takes out what stands between quotation marks: it may be in any
// language.
func withoutQuotations(text string) string {
	const marks = "\"“”„«»「『"
	at := strings.IndexAny(text, marks)
	if at < 0 {
		return text // nearly all
	}
	var b strings.Builder
	for ; at >= 0; at = strings.IndexAny(text, marks) {
		opening, size := utf8.DecodeRuneInString(text[at:])
		b.WriteString(text[:at])
		b.WriteByte(' ')
		text = text[at+size:]
		if end := strings.IndexAny(text, closedBy(opening)); end >= 0 {
			text = text[runeAt(text, end).End:]
		}
	}
	return b.String() + text
}

// closedBy are the marks that close a quotation begun with one, in any language.
func closedBy(opening rune) string {
	switch opening {
	case '„', '“', '”':
		return "“”"
	case '«':
		return "»"
	case '»':
		return "«"
	case '「':
		return "」"
	case '『':
		return "』"
	default:
		return `"`
	}
}

// letters counts those of a word; Latin ones only of prose.
func (h *Hearing) letters(w word) {
	for _, r := range w.text {
		if r < utf8.RuneSelf && (!w.plain || !isASCIIAlnum(r)) || !unicode.IsLetter(r) {
			continue
		}
		weight := letterLength
		if r >= utf8.RuneSelf {
			weight = length(string(r))
		}
		switch {
		case unicode.Is(unicode.Han, r):
			h.han++
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			h.kana++
		case unicode.Is(unicode.Hangul, r):
			h.hangul++
		}
		switch {
		case unicode.In(r, h.tables...):
			h.right += weight
		case unicode.Is(unicode.Latin, r):
			h.latin += weight
			h.wrong += weight
		default:
			h.wrong += weight
		}
	}
}

// Add puts the hearing of another text in the same language to it.
func (h *Hearing) Add(other Hearing) {
	h.words += other.words
	h.lower += other.lower
	h.right += other.right
	h.wrong += other.wrong
	h.latin += other.latin
	h.han += other.han
	h.kana += other.kana
	h.hangul += other.hangul
	h.own, h.other, h.odd = merged(h.own, other.own), merged(h.other, other.other), merged(h.odd, other.odd)
}

func merged(into, from map[string]int) map[string]int {
	if into == nil {
		return maps.Clone(from)
	}
	for word, n := range from {
		into[word] += n
	}
	return into
}

// What a text has to show before it is taken to be in another language.
const (
	// leastHeard words of prose, of which at least half begin with a small letter: names,
	// titles and lists of them say little.
	leastHeard = 12
	// clearlyHeard is how many times as many function words of the other language there have
	// to be as of the declared one. Close languages share many: there it is
	// clearlyHeardClose, and moreOfClose more different ones.
	clearlyHeard, clearlyHeardClose, moreOfClose = 3, 6, 2
	// leastLetters, in tenths of a letter, in another script.
	leastLetters = 400
	// leastWrong, in per cent, of the letters in another script.
	leastWrong = 80
	// leastCharacters of Japanese, Chinese or Korean.
	leastCharacters = 30
)

// telling is how many function words of another language tell that a text is in it.
type telling struct {
	// words of prose that there are at least.
	words int
	// share of the function words among them: one in so many.
	share int
	// different ones that there are at least.
	different int
}

// tellings are what is enough each by itself. Labels have few function words, so it takes
// more of them.
var tellings = []telling{
	{words: leastHeard, share: 5, different: 4},
	{words: 2 * leastHeard, share: 8, different: 5},
	{words: 5 * leastHeard, share: 20, different: 6},
}

// Foreign says whether the text is in another language than it is said to be in, and in
// which, when that is known: "" when it shows by the letters alone.
func (h Hearing) Foreign() (language string, ok bool) {
	if language, ok = h.ForeignByWords(); ok {
		return language, ok
	}
	return "", h.isOfOtherLetters()
}

// ForeignByWords is Foreign by the words and the script alone. Letters that a language
// does not write are in every word of a text that was disguised to test a program.
func (h Hearing) ForeignByWords() (language string, ok bool) {
	if h.isOfAnotherScript() {
		best, _, _ := h.best()
		return best, true
	}
	if h.script == "" || len(h.tables) > 0 && h.right < h.wrong {
		return "", false
	}
	return h.isOfOtherWords()
}

// InOtherLanguage is the finding on a source, or a part of it, that was heard in another
// language than the job says; heard is "" when it shows by the letters alone.
func InOtherLanguage(what, heard, declared string, severity v1alpha1.Severity) Finding {
	if heard == "" {
		return finding(SourceLanguageCheck, sourceCategory, severity,
			"%s does not seem to be in %q, as the job says: its letters are of another language", what, declared)
	}
	return finding(SourceLanguageCheck, sourceCategory, severity,
		"%s seems to be in %q, and not in %q as the job says", what, heard, declared)
}

// NotInTarget is the finding on translations that show together what none shows alone.
func NotInTarget(heard string) Finding {
	if heard == "" {
		return finding(WrongScriptCheck, mistranslation, v1alpha1.CriticalSeverity,
			"the translations of the job together are not in the script of the target language")
	}
	return finding(WrongScriptCheck, mistranslation, v1alpha1.CriticalSeverity,
		"the translations of the job together seem to be in %q, and not in the target language", heard)
}

// isOfOtherWords looks at the function words.
func (h Hearing) isOfOtherWords() (language string, ok bool) {
	right := functionWords()[h.language]
	if h.words < leastHeard || 2*h.lower < h.words {
		return "", false
	}
	best, n, different := h.best()
	if langtag.Script(best) != h.script {
		return "", false // the letters would show it
	}
	times, more := clearlyHeard, 0
	switch {
	case right == nil && (best != "en" || isNearEnglish(h.language)):
		return "", false // only English has words that nobody else has
	case right == nil:
		more = moreOfClose // for nobody says how many words of its own there are
	case areClose(best, h.language):
		times, more = clearlyHeardClose, moreOfClose
	}
	own := h.ownBeside(best)
	enough := func(e telling) bool {
		return h.words >= e.words && n*e.share >= h.words && different >= e.different+more
	}
	if n < times*own || !slices.ContainsFunc(tellings, enough) {
		return "", false
	}
	return best, true
}

// isOfOtherLetters looks for a text that has hardly a function word of its language, and
// letters that the language does not write in one of six words.
func (h Hearing) isOfOtherLetters() bool {
	const least, share, different, ownShare = 20, 6, 6, 12
	if h.lower < least || 2*h.lower < h.words {
		return false
	}
	odd := 0
	for _, n := range h.odd {
		odd += n
	}
	best, _, _ := h.best()
	return len(h.odd) >= different && odd*share >= h.words && h.ownBeside(best)*ownShare <= h.words
}

// ownBeside counts the function words of the language that another has not.
func (h Hearing) ownBeside(other string) int {
	own := 0
	for word, n := range h.own {
		if !functionWords()[other][word] {
			own += n
		}
	}
	return own
}

func isNearEnglish(language string) bool {
	switch language {
	case "sco", "pcm", "jam", "bi", "tpi", "wes", "kri", "enm", "ang":
		return true
	default:
		return false
	}
}

// best is the language that has the most of the words: how many, and how many different
// ones. A language that is not the declared one has none of its words.
func (h Hearing) best() (best string, most, different int) {
	counts, kinds := map[string]int{}, map[string]int{}
	for word, n := range h.other {
		for _, other := range languagesOf()[word] {
			counts[other] += n
			kinds[other]++
		}
	}
	for other, n := range counts {
		if n > most || n == most && other < best {
			best, most = other, n
		}
	}
	return best, most, kinds[best]
}

// lacksCharacters tells Japanese, Chinese and Korean from each other.
func (h Hearing) lacksCharacters() bool {
	switch h.language {
	case "ja":
		return h.kana == 0 && h.han >= leastCharacters
	case "ko":
		return h.hangul == 0 && h.han+h.kana >= leastCharacters
	case "zh":
		return h.kana >= leastCharacters && 2*h.kana > h.han
	default:
		return false
	}
}

// isOfAnotherScript looks at the letters.
func (h Hearing) isOfAnotherScript() bool {
	if len(h.tables) == 0 {
		return false
	}
	if h.lacksCharacters() {
		return true
	}
	all := h.right + h.wrong
	if h.wrong < leastLetters || h.wrong*100 < all*leastWrong {
		return false
	}
	if 2*h.latin < h.wrong {
		return 2*h.lower >= h.words
	}
	// Names and terms of technology are written in Latin letters in every language.
	_, _, different := h.best()
	return h.words >= leastHeard && 2*h.lower >= h.words && (different >= 3 || h.lower >= 30)
}
