package segment

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wrapWidth is the fewest characters of a line that may have been wrapped by an
// editor. Mails wrap at 72, code at 80 or 100; a list of short words is not wrapped.
const wrapWidth = 40

// unwrapped turns the line breaks of hard-wrapped prose into spaces of the same
// length: a long line that ends no sentence, before one that begins in lower case.
// Without it a sentence would be translated in halves.
func (s shade) unwrapped() shade {
	var out []byte // the text, once a break of it is a space
	start := 0     // of the line before the break
	ends := "\n"
	if strings.Contains(s.text, "\r") {
		ends = "\r\n"
	}
	for at := nextLineEnd(s.text, 0, ends); at.start < len(s.text); {
		next := nextLineEnd(s.text, at.end, ends)
		if wraps(s.text[start:at.start], s.text[at.end:next.start]) {
			if out == nil {
				out = []byte(s.text)
			}
			for i := at.start; i < at.end; i++ {
				out[i] = ' '
			}
		}
		start, at = at.end, next
	}
	if out != nil {
		s.text = string(out)
	}
	return s
}

// nextLineEnd returns the extent of the next "\r\n", "\r" or "\n", or the end of the
// text.
// Looking for one of ends alone is ten times as fast as for two.
func nextLineEnd(text string, from int, ends string) extent {
	i := strings.IndexAny(text[from:], ends)
	if i < 0 {
		return extent{len(text), len(text)}
	}
	at := from + i
	if strings.HasPrefix(text[at:], "\r\n") {
		return extent{at, at + len("\r\n")}
	}
	return extent{at, at + 1}
}

// wraps says whether a line goes on in the next.
func wraps(line, next string) bool {
	line = strings.TrimRightFunc(line, unicode.IsSpace)
	last, _ := utf8.DecodeLastRuneInString(line)
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(next, unicode.IsSpace))
	goesOn := unicode.IsLetter(last) || unicode.IsDigit(last) || last == ','
	return goesOn && unicode.IsLower(first) && utf8.RuneCountInString(line) >= wrapWidth && listSign(next) == ""
}
