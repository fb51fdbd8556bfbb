package placeholder

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// reader reads a text once.
type reader struct {
	text string
	// closing are the names of the end tags in the text, once somebody asks.
	closing map[string]bool
	// braces maps each opening brace that is closed to the end of its pair, once
	// somebody asks.
	braces map[int]int
}

// closes says whether the text has the end tag of an element.
func (r *reader) closes(name string) bool {
	if r.closing == nil {
		r.closing = map[string]bool{}
		for _, tail := range strings.Split(r.text, "</")[1:] {
			r.closing[strings.ToLower(tail[:span(tail, ":-")])] = true
		}
	}
	return r.closing[name]
}

// match returns the longest placeable that starts at byte i.
func (r *reader) match(i int) (Placeable, bool) {
	text, rest := r.text, r.text[i:]
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
		field(r.bracesAt(i))
	case c == '$':
		field(r.dollar(i))
	case c == '<':
		consider(r.tag(rest))
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
