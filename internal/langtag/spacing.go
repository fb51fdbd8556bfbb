package langtag

import "unicode"

// firstUnspaced is where Thai begins, the first of the scripts without spaces.
const firstUnspaced = '\u0e00'

// IsUnspaced says whether a rune is of a script that sets no spaces between words: Han,
// Hiragana, Katakana, Thai, Lao, Khmer, Myanmar.
func IsUnspaced(r rune) bool {
	return r >= firstUnspaced &&
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
