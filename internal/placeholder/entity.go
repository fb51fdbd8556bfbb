package placeholder

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestEntity of HTML is &CounterClockwiseContourIntegral;.
const longestEntity = 34

// entity measures a character reference of HTML. One that stands for a letter is part
// of a word, and one for a quotation mark or an apostrophe is part of a sentence: other
// languages set others.
func entity(rest string) int {
	end := strings.IndexByte(rest[:min(len(rest), longestEntity)], ';')
	if end < len("&lt") {
		return 0
	}
	whole := rest[:end+1]
	char := html.UnescapeString(whole)
	r, _ := utf8.DecodeRuneInString(char)
	if char == whole || unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.Pi, unicode.Pf) || strings.ContainsRune("'\"‚„´`", r) {
		return 0
	}
	return end + 1
}
