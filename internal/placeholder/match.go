package placeholder

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// reader reads a text once.
type reader struct {
	text string
	// words says where placeables may begin.
	words scope
	// last is the end of the placeable before.
	last int
	// opening and closing are the names of the tags in the text, once somebody asks.
	opening, closing map[string]bool
	// braces maps each opening brace that is closed to the end of its pair, once
	// somebody asks.
	braces map[int]int
	// links maps each end of a link to the end of its placeable, once somebody asks.
	links map[int]int
	// counted says whether the text has numbered variables $1, $2 …; 0 until somebody
	// asks.
	counted answer
}

// answer to a question that is asked once.
type answer int

const (
	yes answer = iota + 1
	no
)

// closes says whether the text has the end tag of an element.
func (r *reader) closes(name string) bool {
	if r.closing == nil {
		r.closing = r.tagNames("</")
	}
	return r.closing[name]
}

// opens says whether the text has something like the start tag of an element.
func (r *reader) opens(name string) bool {
	if r.opening == nil {
		r.opening = r.tagNames("<")
	}
	return r.opening[name]
}

func (r *reader) tagNames(before string) map[string]bool {
	names := map[string]bool{}
	for _, tail := range strings.Split(r.text, before)[1:] {
		names[strings.ToLower(tail[:span(tail, ":-_.")])] = true
	}
	return names
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
	as := func(kind Kind, n int) { consider(Placeable{Kind: kind, Text: rest[:n]}) }

	switch c := rest[0]; c {
	case '%':
		as(Field, r.percent(i))
	case '{':
		consider(block(rest)) // first: as long as the field that it also is
		as(Field, r.bracesAt(i))
	case '$':
		as(Field, r.dollar(i))
	case ':':
		as(Field, colon(text, i))
	case '<':
		consider(r.tag(rest))
	case '&':
		as(Entity, entity(rest))
	case openSign[0]:
		if strings.HasPrefix(rest, openSign) || strings.HasPrefix(rest, closeSign) {
			as(Literal, literal(rest))
		}
	default:
		consider(r.matchCode(i))
		if !isASCIIAlnum(c) || !startsWord(text, i) {
			break
		}
		as(URL, url(rest))
		as(Email, email(rest))
		as(Path, drivePath(rest))
	}
	return best, best.Text != ""
}

// matchCode returns the piece of Markdown, the option or the path that starts at byte i;
// its Text is "" when there is none.
func (r *reader) matchCode(i int) Placeable {
	rest := r.text[i:]
	switch rest[0] {
	case '`':
		return Placeable{Kind: Code, Text: rest[:code(r.text, i)]}
	case '[', '!', ']':
		return r.link(i)
	case '-':
		return Placeable{Kind: Option, Text: rest[:r.option(i)]}
	case '/', '~', '.', '\\':
		return Placeable{Kind: Path, Text: rest[:path(r.text, i)]}
	default:
		return Placeable{}
	}
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
