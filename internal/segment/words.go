package segment

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/words"
)

// CountWords counts the words of a text, which is what is billed.
//
// A word is what lies between the word boundaries of UAX #29 and holds a letter or
// a digit: "state-of-the-art e-mail" has six, "don't" and "1,234.56" have one,
// punctuation and emoji have none. Scripts that set no spaces between words (Han,
// Hiragana, Katakana, Thai, Lao, Khmer, Myanmar) count by character without
// combining marks: «これはペンです。» has seven.
//
// Tokens of masked placeables, such as ⟦1⟧, count nothing. Placeables that are not
// masked count as the words they look like, a URL as about five: the caller
// masks first.
func CountWords(text string) int {
	count := 0
	for it := words.FromString(withoutTokens(text)); it.Next(); {
		spaced := false
		for _, r := range it.Value() {
			switch {
			case countsAlone(r):
				count++
			case unicode.In(r, unicode.L, unicode.N):
				spaced = true
			}
		}
		if spaced {
			count++
		}
	}
	return count
}

// countsAlone finds the letters and digits of the scripts that set no spaces. The
// sign that lengthens a vowel in Katakana belongs to no one script.
func countsAlone(r rune) bool {
	const prolonged = 'ー'
	return r == prolonged || isUnspaced(r) && unicode.In(r, unicode.L, unicode.N)
}

// withoutTokens sets a space in place of each token.
func withoutTokens(text string) string {
	if !strings.Contains(text, "⟦") {
		return text
	}
	var b strings.Builder
	for {
		head, rest, found := strings.Cut(text, "⟦")
		b.WriteString(head)
		if !found {
			return b.String()
		}
		digits, tail, closed := strings.Cut(rest, "⟧")
		if closed && digits != "" && strings.Trim(digits, "0123456789") == "" {
			text = tail
		} else {
			text = rest
		}
		b.WriteByte(' ')
	}
}
