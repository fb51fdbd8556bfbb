package segment

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// boundaries yields the offsets of the sentence starts of UAX #29, Unicode 17, but the
// first. It reads closely only where a sentence may end: behind a terminator. Its time
// is linear in the text, because what is read ahead of a terminator stops at the next.
//
// The names SB3 to SB11 are those of the rules in section 5.1 of UAX #29.
func (c *classes) boundaries(text string, goesOn func(text string, lower int) bool) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for at := 0; ; {
			at = c.sentenceEnd(text, at, goesOn)
			if at >= len(text) || !yield(at) {
				return
			}
		}
	}
}

// always is the answer of UAX #29: a sentence goes on wherever a letter in lower case
// follows a full stop.
func always(string, int) bool { return true }

// unlessName tailors SB8: a letter in lower case does not go on with a sentence where
// it begins a name such as iPhone, is the Dutch article of "'s Avonds", or stands behind
// a number that may begin a sentence.
func unlessName(text string, lower int) bool {
	if behindNumber(text[:lower]) {
		return false
	}
	_, size := utf8.DecodeRuneInString(text[lower:])
	rest := text[lower+size:]
	second, _ := utf8.DecodeRuneInString(rest)
	if unicode.IsUpper(second) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:lower])
	if before != '\'' && before != '’' {
		return true
	}
	word, spaced := strings.CutPrefix(rest, " ")
	first, _ := utf8.DecodeRuneInString(word)
	return !spaced || !unicode.IsUpper(first)
}

// behindNumber says whether a text ends with a number, and white space or an apostrophe,
// behind a full stop and a word too long for an abbreviation: "There were many. 300 ",
// "9.30'da açılır. 18.00'".
func behindNumber(text string) bool {
	const longestNumber, longestShort = 12, 3
	bare := strings.TrimRight(text, " '’")
	number := strings.TrimRight(bare[max(0, len(bare)-longestNumber):], "0123456789.,:")
	digits := min(len(bare), longestNumber) - len(number)
	if digits == 0 || len(bare) == len(text) {
		return false
	}
	bare = bare[:len(bare)-digits]
	stem, stopped := strings.CutSuffix(strings.TrimRight(bare, " "), ".")
	if !stopped || !strings.HasSuffix(bare, " ") {
		return false
	}
	for range longestShort + 1 {
		r, size := utf8.DecodeLastRuneInString(stem)
		if !unicode.IsLower(r) {
			return false
		}
		stem = stem[:len(stem)-size]
	}
	return true
}

// sentenceEnd returns where the sentence ends that begins at an offset.
func (c *classes) sentenceEnd(text string, start int, goesOn func(string, int) bool) int {
	for at := start; ; {
		if at = c.terminator(text, at); at >= len(text) {
			return len(text)
		}
		as, size := c.at(text, at)
		if as == classParaSep {
			return behindParaSep(text, at, size) // SB4
		}
		next := c.skipIgnored(text, at+size)
		if as == classATerm {
			on, ok := c.stopGoesOn(text, start, at, next, goesOn)
			if ok {
				at = on
				continue
			}
		}
		end, ends := c.tail(text, next)
		if ends {
			return end
		}
		at = end
	}
}

// terminator returns the next offset of a terminator or a paragraph separator, or the
// length of the text.
func (c *classes) terminator(text string, at int) int {
	for at < len(text) {
		if !c.mayEnd(text, at) {
			at++
			continue
		}
		as, size := c.at(text, at)
		if as == classATerm || as == classSTerm || as == classParaSep {
			return at
		}
		at += size
	}
	return at
}

// behindParaSep returns the offset behind a paragraph separator; CR LF is one (SB3).
func behindParaSep(text string, at, size int) int {
	if strings.HasPrefix(text[at:], "\r\n") {
		return at + len("\r\n")
	}
	return at + size
}

// stopGoesOn says whether the sentence goes on behind a full stop at an offset, and
// where to read on. next is the offset of the character that follows.
func (c *classes) stopGoesOn(text string, start, at, next int, goesOn func(string, int) bool) (on int, ok bool) {
	if next >= len(text) {
		return 0, false
	}
	switch as, size := c.at(text, next); as {
	case classNumeric: // SB6
		return next + size, true
	case classUpper: // SB7
		if before := c.before(text[start:at], at-start); before == classUpper || before == classLower {
			return next + size, true
		}
	}
	for i := next; i < len(text); { // SB8
		as, size := c.at(text, i)
		switch as {
		case classLower:
			return i, goesOn(text, i)
		case classOLetter, classUpper, classParaSep, classATerm, classSTerm:
			return 0, false
		}
		i += size
	}
	return 0, false
}

// opensSpeech says whether a text begins with a dash, white space and a capital, as
// speech does that goes on: "he said. — Where to?"
func opensSpeech(text string) bool {
	dash, size := utf8.DecodeRuneInString(text)
	rest := strings.TrimLeft(text[size:], " \u00a0")
	first, _ := utf8.DecodeRuneInString(rest)
	return (dash == '—' || dash == '–') && len(rest) < len(text)-size && unicode.IsUpper(first)
}

// tail reads closing marks and then white space behind a terminator, and returns where
// the sentence ends, or where to read on when it does not end.
func (c *classes) tail(text string, at int) (end int, ends bool) {
	spaced := false
	for at < len(text) {
		as, size := c.at(text, at)
		switch {
		case as == classSContinue: // SB8a
			if c.dashes && spaced && opensSpeech(text[at:]) {
				return at, true
			}
			return at + size, false
		case as == classATerm || as == classSTerm: // SB8a
			return at, false
		case as == classParaSep: // SB9, SB10, SB4
			return behindParaSep(text, at, size), true
		case as == classSp: // SB9, SB10
			spaced = true
		case as == classClose && !spaced: // SB9
		default: // SB11
			return at, true
		}
		at = c.skipIgnored(text, at+size)
	}
	return at, true
}
