package segment

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/langtag"
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
	for next := range tailored().boundaries(s.shade.text[line.start:line.end], unlessName) {
		// Opening tags and bidi controls belong to the sentence behind them.
		start := beforeBidi(s.shade.text[:line.start+next], at)
		start = s.shade.beforeTags(start, current.start)
		start = beforeBidi(s.shade.text[:start], at)
		start = beforeOpening(s.shade.text[:start], at)
		start += noteMarks(s.shade.text[at:start], s.shade.text[start:line.end])
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

// ends says whether a sentence ends between two parts of a line. The first part
// begins where the sentence does and has a letter, for "1." alone is no sentence; the
// second goes to the end of the line and has a letter or digit.
func (r *rules) ends(before, after string) bool {
	prev := strings.TrimRightFunc(before, isBlank)
	next := strings.TrimLeftFunc(after, isBlank)
	mark, closed := terminator(prev)
	first, _ := utf8.DecodeRuneInString(next)
	spaced := strings.ContainsFunc(before[len(prev):], unicode.IsSpace) || strings.ContainsFunc(after[:len(after)-len(next)], unicode.IsSpace)
	if !spaced && mark < utf8.RuneSelf && !isUnspaced(first) {
		return false // "index.html?Name", "v2.Beta"
	}
	switch {
	case mark == '.' && !closed:
		return r.stopEnds(prev, next)
	case mark == '…':
		return !strings.HasSuffix(prev, "]") && r.ellipsisEnds(next) // "[FILE…] [LINE]"
	case mark < utf8.RuneSelf && startsLower(next):
		return false // "Yahoo! is …", "“Why?” he asked"
	default:
		return !r.speechGoesOn(prev, next, closed)
	}
}

// ellipsisEnds says whether a sentence ends at the sign …. Where no capital says so, it
// is taken for a pause.
func (r *rules) ellipsisEnds(next string) bool {
	word := firstWord(next)
	first, _ := utf8.DecodeRuneInString(word)
	switch {
	case strings.HasPrefix(next, "¿"), strings.HasPrefix(next, "¡"):
		return true
	case r.lang == "de":
		return r.starter[word] // every noun has a capital
	default:
		return unicode.IsUpper(first)
	}
}

// stopEnds says whether a full stop ends a sentence.
func (r *rules) stopEnds(prev, next string) bool {
	first, _ := utf8.DecodeRuneInString(next)
	if startsLower(next) {
		return false
	}
	if strings.HasSuffix(prev, "..") || first == '¿' || first == '¡' {
		return true
	}
	roles := r.rolesOf(prev)
	switch {
	case roles&roleNever != 0, roles&roleHead != 0 && r.isInside(prev, next):
		return false
	case roles&roleNumber != 0 && unicode.IsDigit(first):
		return false
	case r.isOrdinal(prev, next):
		return false
	case r.isLettered(prev):
		return true
	case roles&roleMaybe != 0, isInitial(prev), isDotted(prev):
		return r.startsSentence(firstWord(next), next)
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
// "12. März", "24. 12. 1980", "am 3. Spieltag", "Friedrich II. Hohenstaufen".
func (r *rules) isOrdinal(prev, next string) bool {
	if len(r.ordinal) == 0 {
		return false
	}
	stem := strings.TrimSuffix(prev, ".")
	if isRoman(lastWord(stem)) {
		return !r.starter[firstWord(next)]
	}
	head := strings.TrimRightFunc(stem, unicode.IsDigit)
	digits := len(stem) - len(head)
	const longestOrdinal = 2 // a number of four digits is a year that ends the sentence
	if digits == 0 || digits > longestOrdinal {
		return false
	}
	word := strings.TrimSuffix(firstWord(next), "'") // Turkish: 5. Kat'ta
	if r.lang == "tr" {
		return !r.starter[word] // every case has an ending of its own
	}
	if first, _ := utf8.DecodeRuneInString(next); r.ordinal[word] || unicode.IsDigit(first) {
		return true
	}
	return r.leadsUpTo[lastWord(head)] && !r.starter[word]
}

// isRoman says whether a word is a Roman number of two to five letters. One letter is
// an initial too.
func isRoman(word string) bool {
	const longest = 5
	return len(word) > 1 && len(word) <= longest && strings.Trim(word, "IVX") == ""
}

// isLettered says whether a text ends with a thing that has a letter for a number:
// "vitamin C.".
func (r *rules) isLettered(text string) bool {
	stem := strings.TrimSuffix(text, ".")
	letter, size := utf8.DecodeLastRuneInString(stem)
	head, spaced := strings.CutSuffix(stem[:len(stem)-size], " ")
	return spaced && unicode.IsUpper(letter) && r.lettered[lastWord(head)]
}

// isInitial says whether a text ends with one capital letter and a full stop. After
// a word in lower case other than a preposition that is sometimes "case C." and no
// name, but cutting a name in two harms more than a long segment.
func isInitial(text string) bool {
	stem, ok := strings.CutSuffix(text, ".")
	if !ok {
		return false
	}
	letter, size := utf8.DecodeLastRuneInString(stem)
	before, _ := utf8.DecodeLastRuneInString(stem[:len(stem)-size])
	// Arabic and Hebrew know no capitals and write one letter alone in abbreviations only.
	isCapital := unicode.IsUpper(letter) || unicode.In(letter, unicode.Arabic, unicode.Hebrew) && unicode.IsLetter(letter)
	return isCapital && before != '°' && (len(stem) == size || !isWord(before) || before == '.' || before == '-')
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
		case isInvisible(r), closed && unicode.IsSpace(r): // French: " ! »"
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
	return langtag.IsUnspaced(r) || r >= firstCJKSign && r <= lastCJKSign
}
