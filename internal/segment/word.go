package segment

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestWord bounds, in bytes, the words that are compared with a list.
const longestWord = 64

// firstWord returns the first letters of a text, and an apostrophe that follows
// them ("L'"). Punctuation before them is passed over.
func firstWord(text string) string {
	text = text[:min(len(text), longestWord)]
	text = strings.TrimLeftFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M) })
	if end < 0 {
		return text
	}
	if strings.HasPrefix(text[end:], "'") || strings.HasPrefix(text[end:], "’") {
		return text[:end] + "'"
	}
	return text[:end]
}

// lastWord returns the letters that a text ends with, white space behind them left out.
func lastWord(text string) string {
	text = strings.TrimRightFunc(text, isBlank)
	start := strings.LastIndexFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M) })
	if start < 0 {
		return text
	}
	_, size := utf8.DecodeRuneInString(text[start:])
	return text[start+size:]
}
