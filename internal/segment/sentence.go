package segment

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// sentences returns the sentences of a line, side by side.
func (s *splitter) sentences(line extent) []extent {
	var found []extent
	current := extent{line.start, line.start}
	hasLetter := false // of the sentence so far: looked for once in each part
	at := line.start
	// Behind the last letter or digit comes a rest of punctuation, which is no
	// sentence.
	last := line.start + strings.LastIndexFunc(s.shade.text[line.start:line.end], isLetterOrDigit)
	for next := range boundaries(s.shade.text[line.start:line.end]) {
		// Opening tags belong to the sentence behind them.
		start := s.shade.beforeTags(line.start+next, current.start)
		start += spacedClosing(s.shade.text[start:line.end])
		if start <= at {
			continue
		}
		hasLetter = hasLetter || strings.ContainsFunc(s.shade.text[at:start], unicode.IsLetter)
		at = start
		if hasLetter && start <= last && s.rules.ends(s.shade.text[current.start:start], s.shade.text[start:line.end]) {
			found = append(found, extent{current.start, start})
			current.start = start
			hasLetter = false
		}
	}
	return append(found, extent{current.start, line.end})
}

// spacedClosing measures closing quotes and brackets, with white space behind them,
// that a text begins with. French sets a space before them (« Non ! »), so
// they are cut off; in other languages the same sign without a space opens a quote.
func spacedClosing(text string) int {
	rest := strings.TrimLeftFunc(text, func(r rune) bool { return unicode.In(r, unicode.Pe, unicode.Pf) })
	signs := len(text) - len(rest)
	if signs == 0 {
		return 0
	}
	spaces := len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
	if spaces == 0 && rest != "" {
		return 0
	}
	return signs + spaces
}

// boundaries yields the offsets of the sentence starts of UAX #29 but the first.
func boundaries(text string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		at := 0
		for it := sentences.FromString(text); it.Next(); {
			at += len(it.Value())
			if at < len(text) && !yield(at) {
				return
			}
		}
	}
}

// ends says whether a sentence ends between two parts of a line. The first part
// begins where the sentence does and has a letter, for "1." alone is no sentence; the
// second goes to the end of the line and has a letter or digit.
func (r *rules) ends(before, after string) bool {
	prev := strings.TrimRightFunc(before, isBlank)
	next := strings.TrimLeftFunc(after, isBlank)
	mark, closed := terminator(prev)
	first, _ := utf8.DecodeRuneInString(next)
	gap := before[len(prev):] + after[:len(after)-len(next)]
	if !strings.ContainsFunc(gap, unicode.IsSpace) && mark < utf8.RuneSelf && !isUnspaced(first) {
		return false // "index.html?Name", "v2.Beta"
	}
	switch {
	case mark == '.' && !closed:
		return r.stopEnds(prev, next)
	case mark < utf8.RuneSelf && startsLower(next):
		return false // "Yahoo! is …", "“Why?” he asked"
	case closed && unicode.Is(unicode.Hiragana, first):
		return false // 「行こう。」と言った
	default:
		return true
	}
}

// stopEnds says whether a full stop ends a sentence.
func (r *rules) stopEnds(prev, next string) bool {
	first, _ := utf8.DecodeRuneInString(next)
	word := firstWord(next)
	switch {
	case startsLower(next):
		return false
	case strings.HasSuffix(prev, "..") || first == '¿' || first == '¡':
		return true
	case endsWithAny(prev, r.never), r.isInside(prev, next):
		return false
	case endsWithAny(prev, r.number) && unicode.IsDigit(first):
		return false
	case r.isOrdinal(prev, next):
		return false
	case endsWithAny(prev, r.maybe), isInitial(prev), isDotted(prev):
		return r.startsSentence(word, next)
	default:
		return true
	}
}

// startsSentence says whether a word is of those that begin sentences. "A" before
// a full stop is an initial, not the article.
func (r *rules) startsSentence(word, next string) bool {
	if utf8.RuneCountInString(word) == 1 && strings.HasPrefix(next, word+".") {
		return false
	}
	return r.starter[word]
}

// isOrdinal says whether the full stop makes an ordinal of the number before it:
// "12. März", "am 3. Spieltag", "Kaiser Wilhelm II. von".
func (r *rules) isOrdinal(prev, next string) bool {
	if len(r.ordinal) == 0 {
		return false
	}
	stem := strings.TrimSuffix(prev, ".")
	head := strings.TrimRightFunc(stem, unicode.IsDigit)
	digits := len(stem) - len(head)
	const longestOrdinal = 2 // a number of four digits is a year that ends the sentence
	if digits == 0 || digits > longestOrdinal {
		return false
	}
	word := firstWord(next)
	if r.ordinal[word] {
		return true
	}
	return r.leadsUpTo[lastWord(head)] && !r.starter[word]
}

func lastWord(text string) string {
	text = strings.TrimRightFunc(text, isBlank)
	start := strings.LastIndexFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M) })
	if start < 0 {
		return text
	}
	_, size := utf8.DecodeRuneInString(text[start:])
	return text[start+size:]
}

// isInitial says whether a text ends with one capital letter and a full stop. After
// a word in lower case other than a preposition that is more often "vitamin C."
// than a name, but cutting a name in two harms more than a long segment.
func isInitial(text string) bool {
	stem, ok := strings.CutSuffix(text, ".")
	if !ok {
		return false
	}
	letter, size := utf8.DecodeLastRuneInString(stem)
	before, _ := utf8.DecodeLastRuneInString(stem[:len(stem)-size])
	return unicode.IsUpper(letter) && (len(stem) == size || !isWord(before) || before == '.' || before == '-')
}

// longestDotted bounds how many letters of an abbreviation are looked at.
const longestDotted = 8

// isDotted says whether a text ends with single letters that each have their full
// stop: "U.S.", "e.g.", "p. m.".
func isDotted(text string) bool {
	letters := 0
	for letters < longestDotted {
		stem, ok := strings.CutSuffix(text, ".")
		if !ok {
			break
		}
		letter, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
		before, _ := utf8.DecodeLastRuneInString(stem)
		if !unicode.IsLetter(letter) || unicode.In(before, unicode.L, unicode.M, unicode.Nd) {
			break
		}
		letters++
		text = strings.TrimRight(stem, " \u00a0\u202f")
	}
	return letters > 1
}

// terminator returns the last rune that is no closing quote or bracket, and says
// whether there was one of those behind it.
func terminator(text string) (mark rune, closed bool) {
	for text != "" {
		r, size := utf8.DecodeLastRuneInString(text)
		switch {
		case isInvisible(r):
		case unicode.In(r, unicode.Pe, unicode.Pf, unicode.Pi) || r == '"' || r == '\'':
			closed = true
		default:
			return r, closed
		}
		text = text[:len(text)-size]
	}
	return utf8.RuneError, closed
}

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func isBlank(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) }

// startsLower says whether a text begins with a word in lower case. A capital
// further on in the word makes it a name such as iPhone.
func startsLower(text string) bool {
	first, size := utf8.DecodeRuneInString(text)
	if !unicode.IsLower(first) {
		return false
	}
	second, _ := utf8.DecodeRuneInString(text[size:])
	return !unicode.IsUpper(second)
}

// isUnspaced says whether a rune is of a script that sets no spaces between words,
// or punctuation of such a script.
func isUnspaced(r rune) bool {
	const firstCJKSign, lastCJKSign = '\u3000', '\u303f'
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		r >= firstCJKSign && r <= lastCJKSign
}
