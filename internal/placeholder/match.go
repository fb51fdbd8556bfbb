package placeholder

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// match returns the longest placeable that starts at byte i.
func match(text string, i int) (Placeable, bool) {
	rest := text[i:]
	best := Placeable{Start: i}
	consider := func(p Placeable) {
		if len(p.Text) > len(best.Text) {
			p.Start = i
			best = p
		}
	}
	field := func(n int) { consider(Placeable{Kind: Field, Text: rest[:n]}) }

	switch c := rest[0]; {
	case c == '%':
		field(percent(text, i))
	case c == '{':
		consider(block(rest)) // first: as long as the field that it also is
		field(braces(rest))
	case c == '$':
		field(dollar(rest))
	case c == '<':
		consider(tag(rest))
	case strings.HasPrefix(rest, openSign), strings.HasPrefix(rest, closeSign):
		consider(Placeable{Kind: Literal, Text: rest[:literal(rest)]})
	case isASCIIAlnum(c) && startsWord(text, i):
		consider(Placeable{Kind: URL, Text: rest[:url(rest)]})
		consider(Placeable{Kind: Email, Text: rest[:email(rest)]})
	}
	return best, best.Text != ""
}

// skip returns how many bytes that start no placeable are passed over. An escaped
// per cent sign goes in one, so that "%%s" is not read as "%" and "%s".
func skip(text string, i int) int {
	if strings.HasPrefix(text[i:], "%%") {
		return 2
	}
	_, size := utf8.DecodeRuneInString(text[i:])
	return size
}

// literal measures a token sign of the text, and the whole token where it is one.
func literal(rest string) int {
	if n, _ := token(rest); n > 0 {
		return n
	}
	return len(openSign)
}

func isASCIIAlnum(c byte) bool {
	return c >= '0' && c <= '9' || isASCIILetter(c)
}

func isASCIILetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isNameByte says whether a byte may stand in the name of a variable.
func isNameByte(c byte) bool {
	return isASCIIAlnum(c) || c == '_' || c == '.' || c == '-'
}

// startsWord says whether no word is under way at byte i. Scripts without spaces
// between words start one anywhere: an address may follow a Han character.
func startsWord(text string, i int) bool {
	if i == 0 {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(text[:i])
	if r < utf8.RuneSelf {
		return !isASCIIAlnum(byte(r)) && !strings.ContainsRune("._+-@", r)
	}
	return !unicode.In(r, unicode.L, unicode.Nd) || isUnspaced(r)
}

// isUnspaced says whether a letter belongs to a script that sets no spaces.
func isUnspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
