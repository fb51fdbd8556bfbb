// Package masked prepares masked texts (package placeholder) for services that know
// nothing of ⟦n⟧, and reads their answers.
//
// It owns two rules that such engines share: white space around a text, and a text
// without a letter, are not shown to a service, which would drop or change them; and
// a token stands as an empty XML element, which services with a mode for markup leave
// alone. It is pure: it imports the engine contract and the standard library.
package masked

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

const (
	tokenOpen  = "⟦"
	tokenClose = "⟧"
)

// Piece is a segment that has something to translate.
type Piece struct {
	ID int
	// Core is the text without the white space around it.
	Core          string
	before, after string
}

// Whole puts the white space back around an answer.
func (p Piece) Whole(answer string) string {
	return p.before + strings.TrimFunc(answer, isEdge) + p.after
}

// Open parts the segments of a call: those to ask for, and the answers of those that
// hold no letter outside their tokens and stay as they are.
func Open(segments []engine.Segment) (open []Piece, kept []engine.Translation) {
	for _, s := range segments {
		if !HasLetters(s.Text) {
			kept = append(kept, engine.Translation{ID: s.ID, Text: s.Text})
			continue
		}
		before, core, after := Edges(s.Text)
		open = append(open, Piece{ID: s.ID, Core: core, before: before, after: after})
	}
	return open, kept
}

// Edges parts a text from the white space, seen and unseen, around it.
func Edges(text string) (before, core, after string) {
	core = strings.TrimFunc(text, isEdge)
	start := strings.Index(text, core)
	return text[:start], core, text[start+len(core):]
}

// isEdge says what may surround a text without belonging to it: white space and marks
// that cannot be seen.
func isEdge(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
}

// HasLetters says whether a text has a letter outside its tokens.
func HasLetters(text string) bool {
	for text != "" {
		if length := TokenLength(text); length > 0 {
			text = text[length:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		if unicode.IsLetter(r) {
			return true
		}
		text = text[size:]
	}
	return false
}

// HasTokens says whether a text has a token.
func HasTokens(text string) bool { return strings.Contains(text, tokenOpen) }

// TokenLength returns the length of the ⟦n⟧ that a text starts with, or 0.
func TokenLength(text string) int {
	inside, found := strings.CutPrefix(text, tokenOpen)
	if !found {
		return 0
	}
	digits := len(inside) - len(strings.TrimLeft(inside, "0123456789"))
	if digits == 0 || !strings.HasPrefix(inside[digits:], tokenClose) {
		return 0
	}
	return len(tokenOpen) + digits + len(tokenClose)
}

// Runes counts the characters of a text outside its tokens.
func Runes(text string) int {
	n := 0
	for text != "" {
		if length := TokenLength(text); length > 0 {
			text = text[length:]
			continue
		}
		_, size := utf8.DecodeRuneInString(text)
		text, n = text[size:], n+1
	}
	return n
}

// Element is the name of the elements that stand for tokens.
const Element = "x"

// escaper writes a text as character data.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// ToXML writes a text as XML: ⟦7⟧ as <x id="7"/>, and what XML reserves as entities.
func ToXML(text string) string {
	var out strings.Builder
	for text != "" {
		if length := TokenLength(text); length > 0 {
			out.WriteString(Tag(text[len(tokenOpen) : length-len(tokenClose)]))
			text = text[length:]
			continue
		}
		plain := strings.Index(text[1:], tokenOpen) + 1
		if plain == 0 {
			plain = len(text)
		}
		out.WriteString(escaper.Replace(text[:plain]))
		text = text[plain:]
	}
	return out.String()
}

// Tag is the element with an id.
func Tag(id string) string { return `<` + Element + ` id="` + id + `"/>` }

// Escape writes a text without tokens as character data.
func Escape(text string) string { return escaper.Replace(text) }

// element is an <x> as services write it: closed in itself, with an end tag, or
// opened and never closed, in either case of letters and with any quotes.
var element = regexp.MustCompile(`(?i)<\s*x\s+id\s*=\s*["']?([0-9a-z]+)["']?\s*/?\s*>`)

// end is the end of such an element.
var end = regexp.MustCompile(`(?i)<\s*/\s*x\s*>`)

// Part is a stretch of an answer: a text, or the element with an id.
type Part struct {
	Text, ID string
}

// Parts reads an answer in XML. What stands between the tags of an element counts as
// text behind it; markup of other names is text.
func Parts(answer string) []Part {
	answer = end.ReplaceAllLiteralString(answer, "")
	var parts []Part
	at := 0
	for _, m := range element.FindAllStringSubmatchIndex(answer, -1) {
		if m[0] > at {
			parts = append(parts, Part{Text: html.UnescapeString(answer[at:m[0]])})
		}
		parts = append(parts, Part{ID: answer[m[2]:m[3]]})
		at = m[1]
	}
	if at < len(answer) {
		parts = append(parts, Part{Text: html.UnescapeString(answer[at:])})
	}
	return parts
}

// FromXML reads an answer that ToXML was asked with.
func FromXML(answer string) string {
	var out strings.Builder
	for _, p := range Parts(answer) {
		out.WriteString(p.Text)
		if p.ID != "" {
			out.WriteString(tokenOpen + p.ID + tokenClose)
		}
	}
	return out.String()
}
