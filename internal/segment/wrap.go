package segment

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// wrapWidth is the fewest characters of a line that may have been wrapped by an
// editor. Mails wrap at 72, code at 80 or 100; a list of short words is not wrapped.
const wrapWidth = 40

// lineEnd is one line break, without the empty line of two.
var lineEnd = regexp.MustCompile(`\r\n|\r|\n`)

// unwrapped turns the line breaks of hard-wrapped prose into spaces of the same
// length: a long line that ends no sentence, before one that begins in lower case.
// Without it a sentence would be translated in halves.
func (s shade) unwrapped() shade {
	breaks := lineEnd.FindAllStringIndex(s.text, -1)
	var out strings.Builder
	at := 0
	for i, b := range breaks {
		start, end := 0, len(s.text)
		if i > 0 {
			start = breaks[i-1][1]
		}
		if i+1 < len(breaks) {
			end = breaks[i+1][0]
		}
		out.WriteString(s.text[at:b[0]])
		if wraps(s.text[start:b[0]], s.text[b[1]:end]) {
			out.WriteString(strings.Repeat(" ", b[1]-b[0]))
		} else {
			out.WriteString(s.text[b[0]:b[1]])
		}
		at = b[1]
	}
	out.WriteString(s.text[at:])
	s.text = out.String()
	return s
}

// wraps says whether a line goes on in the next.
func wraps(line, next string) bool {
	if bullet.MatchString(next) {
		return false
	}
	line = strings.TrimRightFunc(line, unicode.IsSpace)
	last, _ := utf8.DecodeLastRuneInString(line)
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(next, unicode.IsSpace))
	goesOn := unicode.IsLetter(last) || unicode.IsDigit(last) || last == ','
	return goesOn && unicode.IsLower(first) && utf8.RuneCountInString(line) >= wrapWidth
}
