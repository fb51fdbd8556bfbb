// Package placeholder owns the parts of a text that are not prose: format
// specifiers, template variables, markup tags, addresses. It takes them out
// before a text goes to an engine and puts them back into the answer.
//
// It is pure: it imports the standard library only.
//
// # What counts as a placeable
//
//   - printf specifiers, also positional: %s %5.2f %1$s %@; "%%" is text, and so is
//     a per cent sign behind a number and before a word ("100%ige"); Qt: %1 %L1
//   - named and numbered fields: {name} {0} {0:N2} {} {{name}} ${NAME} %{name}
//     %(name)s %<name>s $NAME $name :name $t(key), and whole ICU arguments such as
//     {n, plural, …}; $1 only where the text counts from $1 on, because "$5" is money
//   - tags, but only of HTML and XLIFF element names and with real attributes, so
//     that <file> and <time in seconds> of a command's help stay text; a name that
//     is also such a word, as <path>, or that is not in the list, needs its end tag
//     in the text; numbered tags <0>…</0>, comments, CDATA sections, <!DOCTYPE …>,
//     <?xml … ?> and <% … %>
//   - entities that stand for no letter and no quotation mark: &nbsp; &amp; &#8211;
//   - Markdown: code spans and fences, and of links and images what is not their text
//   - URLs, e-mail addresses, paths (/usr/lib ~/x C:\x) and options (-x --long)
//   - the token signs ⟦ and ⟧ where the text itself has them
//   - what stands in elements with translate="no" or the class "notranslate" (kept.go)
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
	// Entity is a character reference such as &nbsp;.
	Entity
	// Code is a code span or a fenced block of Markdown.
	Code
	// Path is the path of a file.
	Path
	// Option is an option of a command, without its value.
	Option
	// Kept is text that its markup keeps from translation: an element with its tags, which
	// has a Name, or a stretch of words.
	Kept
)

// Placeable is a part of a text that an engine must not touch.
type Placeable struct {
	Kind Kind
	// Text as it stands in the source.
	Text string
	// Start is the byte offset in the text it was found in.
	Start int
	// Name of the element or block for tags and kept elements, in lower case; "" otherwise. The two ends
	// of a Markdown link are tags with the name "[".
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
	case Path:
		return "a path"
	case Code:
		return "a piece of code"
	case Kept:
		return "words that are not translated"
	case Field, Option, Entity:
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
	case p.Name == linkName && p.Kind == OpenTag:
		return "the start of a link"
	case p.Name == linkName:
		return "the address of a link"
	case p.Kind == ClosingTag:
		return "</" + p.Name + ">"
	case p.Kind == LoneTag:
		return "<" + p.Name + "/>"
	default:
		return "<" + p.Name + ">"
	}
}

// Find returns the placeables of a text in order; they never overlap. The time is
// linear in the length of the text.
func Find(text string) []Placeable { return withKept(text, read(text)) }

// read returns the placeables of a text whose markup says nothing of translation.
func read(text string) []Placeable {
	r := reader{text: text}
	if r.words = lookFor(text); r.words == nothing {
		return nil // most sentences
	}
	var found []Placeable
	for i := 0; i < len(text); {
		c := text[i]
		if !starts[c] && (r.words != inWords || !isASCIIAlnum(c)) {
			i++
			continue
		}
		if p, ok := r.match(i); ok {
			found = append(found, p)
			i = p.End()
			r.last = i
			continue
		}
		if c == '%' && strings.HasPrefix(text[i+1:], "%") {
			i++ // so that "%%s" is not read as "%" and "%s"
		}
		i++
	}
	return found
}

// Masked is a text whose placeables stand as tokens.
type Masked struct {
	// Source is the text as it was.
	Source string
	// Text with ⟦1⟧, ⟦2⟧ … in place of the placeables. Every ⟦ and ⟧ in it belongs
	// to a token.
	Text string
	// Placeables by token: ⟦1⟧ stands for the first.
	Placeables []Placeable
	// Number is the token that stands in Text as digits, after MaskNumber; 0 for none.
	Number int
	// Digits are the digits that stand for it.
	Digits string
}

// Mask replaces each placeable of a text by a token.
func Mask(text string) Masked {
	m := Masked{Source: text, Text: text, Placeables: Find(text)}
	if len(m.Placeables) > 0 {
		m.write()
	}
	return m
}

// write puts the tokens into the text.
func (m *Masked) write() {
	text := m.Source
	var b strings.Builder
	b.Grow(len(text))
	at := 0
	for i, p := range m.Placeables {
		b.WriteString(text[at:p.Start])
		if i+1 == m.Number {
			b.WriteString(m.Digits)
		} else {
			b.WriteString(Token(i + 1))
		}
		at = p.End()
	}
	b.WriteString(text[at:])
	m.Text = b.String()
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
