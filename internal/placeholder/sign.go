package placeholder

import (
	"unicode"
	"unicode/utf8"
)

// scope says where in a text placeables may begin.
type scope int

const (
	// nothing in the text can be a placeable.
	nothing scope = iota
	// atSigns only.
	atSigns
	// inWords as well: the text has a part of an address.
	inWords
)

// starts are the bytes, other than letters and digits, that a placeable begins with.
var starts = func() (table [256]bool) {
	for _, c := range []byte("%{$:<&`[]!-/~.\\" + openSign[:1]) {
		table[c] = true
	}
	return table
}()

// lookFor says, without reading the text closely, whether it has a sign that some
// placeable has.
func lookFor(text string) scope {
	found := nothing
	for i := range len(text) {
		c := text[i]
		if !starts[c] && c != '@' {
			continue
		}
		switch signAt(text, i) {
		case inWords:
			return inWords
		case atSigns:
			found = atSigns
		}
	}
	return found
}

// signAt looks at one sign and the two bytes beside it.
func signAt(text string, i int) scope {
	var before, after byte
	if i > 0 {
		before = text[i-1]
	}
	if i+1 < len(text) {
		after = text[i+1]
	}
	switch text[i] {
	case '@':
		return inWords
	case ':':
		if after == '/' || after == '\\' || before|0x20 == 'o' && isASCIIAlnum(after) {
			return inWords // https:// C:\ mailto:a
		}
	case '.':
		if before|0x20 == 'w' {
			return inWords // www.
		}
	}
	if isSign(text[i], before, after) {
		return atSigns
	}
	return nothing
}

// isSign says whether a byte may be part of a placeable between two others.
func isSign(c, before, after byte) bool {
	switch c {
	case '%', '{', '<', '`', '$':
		return true
	case ':':
		return isASCIILetter(after) && !isASCIIAlnum(before)
	case '/', '-':
		return !isASCIIAlnum(before) && after != ' ' && after != 0
	case '.', '~':
		return after == '/'
	case '\\':
		return after == '\\'
	case '&':
		return after == '#' || isASCIILetter(after)
	case ']':
		return after == '('
	default:
		return c == openSign[0] && after == openSign[1]
	}
}

// startsCode says whether a piece of code may start at byte i: not behind a letter, a
// digit or a sign that binds.
func startsCode(text string, i int) bool {
	if i == 0 {
		return true
	}
	if before := text[i-1]; before < utf8.RuneSelf {
		switch before {
		case ' ', '\t', '\r', '\n', '"', '\'', '`', '(', '[', '{', '=', ',', ';', '|', '>', ':', '*':
			return true
		default:
			return false
		}
	}
	r, _ := utf8.DecodeLastRuneInString(text[:i])
	return !unicode.In(r, unicode.L, unicode.M, unicode.N) || isUnspaced(r)
}
