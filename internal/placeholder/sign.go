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
	sign := false
	switch text[i] {
	case '%', '{', '<', '`', '$':
		sign = true
	case '@':
		return inWords
	case ':':
		if after == '/' || after == '\\' || before|0x20 == 'o' && isASCIIAlnum(after) {
			return inWords // https:// C:\ mailto:a
		}
		sign = isASCIILetter(after) && !isASCIIAlnum(before)
	case '.':
		if before|0x20 == 'w' {
			return inWords // www.
		}
		sign = after == '/'
	case '/', '-':
		sign = !isASCIIAlnum(before) && after != ' ' && after != 0
	case '~':
		sign = after == '/'
	case '\\':
		sign = after == '\\'
	case '&':
		sign = after == '#' || isASCIILetter(after)
	case ']':
		sign = after == '('
	case openSign[0]:
		sign = after == openSign[1]
	}
	if sign {
		return atSigns
	}
	return nothing
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
