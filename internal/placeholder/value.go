package placeholder

import (
	"html"
	"strings"
	"unicode/utf8"
)

// value knows how the value of an attribute is written.
type value struct {
	// raw is the text as it stands in the source.
	raw string
	// quote around it; 0 for none.
	quote byte
	// markdown says that it is the title of a link, where a backslash takes the meaning
	// from the sign behind it.
	markdown bool
	// bare says that the source writes the ampersand as it is.
	bare bool
	// spelled are the characters that the source writes by a reference, and how.
	spelled map[rune]string
	// placeables of the text, and how the source writes them: a template may stand in the
	// value, whose signs are no business of HTML.
	placeables map[string]string
	// lines says that the source has line breaks in it.
	lines bool
}

// decode reads a value. at has, for each byte of the text and for its end, the byte of
// the value that it is from.
func (v *value) decode(raw string) (text string, at []int) {
	if !strings.ContainsAny(raw, "&\\") {
		at = make([]int, len(raw)+1)
		for i := range at {
			at[i] = i
		}
		return raw, at
	}
	v.spelled = map[rune]string{}
	var b strings.Builder
	for i := 0; i < len(raw); {
		written, char := v.next(raw[i:])
		for range len(char) {
			at = append(at, i)
		}
		b.WriteString(char)
		i += len(written)
		if r, size := utf8.DecodeRuneInString(char); written != char && size == len(char) {
			v.spelled[r] = written
			if written[0] == '&' && !strings.HasSuffix(written, ";") {
				v.spelled[r] += ";"
			}
		}
	}
	return b.String(), append(at, len(raw))
}

// next returns the character that a value begins with, and how it is written.
func (v *value) next(raw string) (written, char string) {
	switch {
	case raw[0] == '&':
		if n, char := reference(raw); n > 0 {
			return raw[:n], char
		}
		v.bare = true
	case raw[0] == '\\' && v.markdown && len(raw) > 1 && isPunctuation(raw[1]):
		return raw[:2], raw[1:2]
	}
	return raw[:1], raw[:1]
}

// isPunctuation says whether a byte is one of those that a backslash of Markdown takes
// the meaning from (CommonMark 0.31, section 2.4).
func isPunctuation(c byte) bool {
	return c > ' ' && c < 0x7f && !isASCIIAlnum(c)
}

// reference reads the character reference at the start of a value. As HTML has it for
// attributes, one without a semicolon is none before a letter, a digit or "=", so that
// the parameters of an address stay what they are.
func reference(raw string) (n int, char string) {
	n = 1
	if strings.HasPrefix(raw[1:], "#") {
		n++
	}
	n += span(raw[n:min(len(raw), longestEntity)], "")
	whole := raw[:n]
	if strings.HasPrefix(raw[n:], ";") {
		n++
		char = html.UnescapeString(raw[:n])
		if char == raw[:n] || strings.HasSuffix(char, raw[n-2:n]) {
			return 0, "" // unknown, or an older one that the name begins with
		}
		return n, char
	}
	char = html.UnescapeString(whole)
	if char == whole || strings.HasPrefix(raw[n:], "=") || char != html.UnescapeString(whole+";") {
		return 0, ""
	}
	return n, char
}

// learn notes how the placeables of a text are written. at is that of decode.
func (v *value) learn(text string, at []int) {
	v.lines = strings.ContainsAny(text, "\r\n")
	if v.markdown && strings.Contains(v.raw, `\`) {
		return // a piece that ends with a backslash would take the meaning of what follows
	}
	for _, p := range Find(text) {
		if v.placeables == nil {
			v.placeables = map[string]string{}
		}
		v.placeables[p.Text] = v.raw[at[p.Start]-at[0] : at[p.End()]-at[0]]
	}
}

// Encode writes a text as the value. Whatever the text holds, it ends neither the value
// nor the tag: quotation marks and angle brackets become references. Characters for
// which the source has a reference get the same; the text of the source gets the very
// bytes that it had. quote has to be put before and behind it: it is "" where the source
// has quotation marks or nothing has changed.
func (a Attribute) Encode(text string) (written, quote string) {
	v := a.value
	if text == a.Text {
		return v.raw, ""
	}
	if v.quote == 0 {
		v.quote, quote = '"', `"`
	}
	if v.markdown || !v.lines {
		text = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(text)
	}
	brackets := v.markdown && !isBalanced(text)
	var b strings.Builder
	found := Find(text)
	for i := 0; i < len(text); {
		if len(found) > 0 && found[0].Start == i {
			p := found[0]
			found = found[1:]
			if raw, known := v.placeables[p.Text]; known && !brackets {
				b.WriteString(raw)
				i = p.End()
				continue
			}
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		b.WriteString(v.encode(text[i:], size, brackets))
		i += size
	}
	return b.String(), quote
}

// references are written for the signs that may not stand for themselves. They have
// names, because "#" is a number in the arm of a plural.
var references = map[string]string{
	"&": "&amp;", "<": "&lt;", ">": "&gt;", `"`: "&quot;", "'": "&apos;", "(": "&lpar;", ")": "&rpar;", "`": "&grave;", "|": "&verbar;",
}

// encode writes the character of so many bytes that a text begins with.
func (v *value) encode(text string, size int, brackets bool) string {
	r, _ := utf8.DecodeRuneInString(text)
	if spelled, ok := v.spelled[r]; ok {
		return spelled
	}
	switch char := text[:size]; {
	case v.markdown && char == `\`:
		return `\\`
	case v.refers(char, text, brackets):
		return references[char]
	default:
		return char
	}
}

// refers says whether a reference has to stand for the character that a text begins with.
func (v *value) refers(char, text string, brackets bool) bool {
	switch char {
	case "<":
		return true
	case `"`, "'":
		return char[0] == v.quote
	case "&":
		return !v.bare && !v.markdown || mayBeReference(text)
	case ">":
		return !strings.Contains(v.raw, char)
	case "(", ")":
		return brackets
	case "`", "|": // of code and tables, which Markdown reads before links
		return v.markdown && !strings.Contains(v.raw, char)
	default:
		return false
	}
}

// mayBeReference says whether the ampersand at the start of a text, written as it is,
// could begin a reference.
func mayBeReference(text string) bool {
	return len(text) > 1 && (isASCIIAlnum(text[1]) || text[1] == '#')
}

// isBalanced says whether every round bracket of a text has its partner, so that the
// brackets around the title are still its own.
func isBalanced(text string) bool {
	open := 0
	for i := range len(text) {
		switch text[i] {
		case '(':
			open++
		case ')':
			if open--; open < 0 {
				return false
			}
		}
	}
	return open == 0
}
