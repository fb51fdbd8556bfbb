// Package placeholder owns the parts of a text that are not prose: format
// specifiers, template variables, markup tags, addresses. It takes them out
// before a text goes to an engine and puts them back into the answer.
//
// It is pure: it imports the standard library only.
//
// # What counts as a placeable
//
//   - printf specifiers, also positional: %s %5.2f %1$s %@; "%%" is text, and so is
//     a per cent sign behind a number and before a word ("100%ige")
//   - named and numbered fields: {name} {0} {0:N2} {} {{name}} ${NAME} %{name}
//     %(name)s %<name>s, and whole ICU arguments such as {n, plural, …}
//   - tags, but only of HTML and XLIFF element names and with real attributes, so
//     that <file> and <time in seconds> of a command's help stay text; a name that
//     is also such a word, as <path>, needs an attribute or its end tag in the
//     text; comments and CDATA sections
//   - URLs and e-mail addresses
//   - the token signs ⟦ and ⟧ where the text itself has them
//
// The text is read once from left to right. At each place the longest reading
// wins, and nothing inside a placeable is read again, so the result is the same
// on every run.
package placeholder

import (
	"strconv"
	"strings"
	"unicode"
)

// Kind groups placeables by what happens when one is lost.
type Kind int

const (
	// Field is a format specifier or template variable; the program needs it.
	Field Kind = iota + 1
	// OpenTag opens an element, ClosingTag closes it; they come in pairs.
	OpenTag
	// ClosingTag closes an element.
	ClosingTag
	// LoneTag stands alone: an empty or self-closing element, a comment.
	LoneTag
	// URL is an address on the web.
	URL
	// Email is an e-mail address.
	Email
	// Literal is a token sign, or a whole token, that the text itself has.
	Literal
)

// Placeable is a part of a text that an engine must not touch.
type Placeable struct {
	Kind Kind
	// Text as it stands in the source.
	Text string
	// Start is the byte offset in the text it was found in.
	Start int
	// Name of the element or block for tags, in lower case; "" otherwise.
	Name string
}

// End is the byte offset behind the placeable.
func (p Placeable) End() int { return p.Start + len(p.Text) }

// maxLabel bounds, in runes, how much of a placeable a message repeats.
const maxLabel = 40

// Label names the placeable in a message without quoting prose: code is named as
// it is, a tag by its element, an address by its kind alone.
func (p Placeable) Label() string {
	switch p.Kind {
	case URL:
		return "a URL"
	case Email:
		return "an e-mail address"
	case OpenTag, ClosingTag, LoneTag:
		return p.tagLabel()
	case Field:
		if strings.ContainsAny(p.Text, " \t\r\n") || len([]rune(p.Text)) > maxLabel {
			return "a template field"
		}
		return p.Text
	default:
		return "a token sign"
	}
}

func (p Placeable) tagLabel() string {
	switch {
	case p.Name == "":
		return "a comment"
	case strings.HasPrefix(p.Text, "{"):
		return "a template block"
	case p.Kind == ClosingTag:
		return "</" + p.Name + ">"
	case p.Kind == LoneTag:
		return "<" + p.Name + "/>"
	default:
		return "<" + p.Name + ">"
	}
}

// Find returns the placeables of a text in order; they never overlap.
func Find(text string) []Placeable {
	if hasNoSign(text) {
		return nil // most sentences
	}
	var found []Placeable
	r := reader{text: text}
	for i := 0; i < len(text); {
		if p, ok := r.match(i); ok {
			found = append(found, p)
			i = p.End()
			continue
		}
		i += skip(text, i)
	}
	return found
}

// hasNoSign says, without reading the text closely, that it has none of the signs that
// every placeable has one of.
func hasNoSign(text string) bool {
	for i := range len(text) {
		switch text[i] {
		case '%', '{', '$', '<', '@', ':':
			return false
		case '.':
			if i > 0 && text[i-1]|0x20 == 'w' {
				return false // "www."
			}
		}
	}
	return !strings.Contains(text, openSign) && !strings.Contains(text, closeSign)
}

// Masked is a text whose placeables stand as tokens.
type Masked struct {
	// Text with ⟦1⟧, ⟦2⟧ … in place of the placeables. Every ⟦ and ⟧ in it belongs
	// to a token.
	Text string
	// Placeables by token: ⟦1⟧ stands for the first.
	Placeables []Placeable
}

// Mask replaces each placeable of a text by a token.
func Mask(text string) Masked {
	found := Find(text)
	if len(found) == 0 {
		return Masked{Text: text}
	}
	var b strings.Builder
	b.Grow(len(text))
	at := 0
	for i, p := range found {
		b.WriteString(text[at:p.Start])
		b.WriteString(Token(i + 1))
		at = p.End()
	}
	b.WriteString(text[at:])
	return Masked{Text: b.String(), Placeables: found}
}

const (
	openSign, closeSign = "⟦", "⟧"
)

// Token returns the token with a number, such as ⟦1⟧.
func Token(n int) string { return openSign + strconv.Itoa(n) + closeSign }

// HasText says whether a letter is left outside the tokens, so that there is
// something to translate.
func (m Masked) HasText() bool {
	return strings.IndexFunc(m.Text, unicode.IsLetter) >= 0
}
