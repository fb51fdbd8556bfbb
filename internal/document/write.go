package document

import (
	"strings"

	"github.com/dragoman-dev/dragoman/internal/icu"
)

// write puts the message together. Whatever the translations hold, it is a message with
// the choices of the target language: what is no code of a unit is literal text.
func (m *message) write(targets map[int]string) string {
	w := writer{targets: targets, double: m.double}
	w.node(m.root)
	w.flush(false)
	return w.out.String()
}

// writer writes a message. Literal text waits until all of it is known, because two
// quoted texts side by side would read as one.
type writer struct {
	out, literal strings.Builder
	targets      map[int]string
	double       bool
}

// flush writes the literal text; counts says that it stands in the arm of a plural.
func (w *writer) flush(counts bool) {
	w.out.WriteString(icu.Quote(w.literal.String(), counts, w.double))
	w.literal.Reset()
}

func (w *writer) node(n *node) {
	switch {
	case n.items != nil:
		for _, inner := range n.items {
			w.node(inner)
		}
	case n.isText():
		text, ok := w.targets[n.unit]
		if !ok || n.fixed {
			text = n.text
		}
		w.literal.WriteString(n.lead)
		w.unit(n, n.attributes.write(text, w.targets).text)
		w.literal.WriteString(n.trail)
	default:
		w.choice(n)
	}
}

// choice writes a choice. Literal text before it stands in no arm, or was written.
func (w *writer) choice(n *node) {
	w.flush(false)
	w.out.WriteString("{" + n.head)
	for _, a := range n.arms {
		w.out.WriteString(" " + a.selector + " {")
		w.node(a.node)
		w.flush(a.node.counts)
		w.out.WriteByte('}')
	}
	w.out.WriteByte('}')
}

// unit writes a translated text, with what its codes stand for.
func (w *writer) unit(n *node, text string) {
	escapes := n.inTag && text != n.text // the source knows what it does
	for at := 0; at < len(text); {
		c, found := n.codeAt(text[at:])
		switch {
		case !found:
			sign := text[at : at+1]
			if reference := tagSigns[sign]; escapes && reference != "" {
				sign = reference
			}
			w.literal.WriteString(sign)
			at++
			continue
		case c.literal != "":
			w.literal.WriteString(c.literal)
		case c.choice != nil:
			w.flush(n.counts)
			w.choice(c.choice)
		default:
			w.flush(n.counts)
			w.out.WriteString(c.raw)
		}
		at += len(c.text)
	}
}

// tagSigns are written for the signs that would end the value of an attribute or the tag.
var tagSigns = map[string]string{`"`: "&quot;", "'": "&apos;", "<": "&lt;", ">": "&gt;"}

// codeAt returns the code that a text begins with. No code begins with another: all end
// with the brace that closes the first.
func (n *node) codeAt(text string) (code, bool) {
	if text[0] == '{' {
		for _, c := range n.codes {
			if strings.HasPrefix(text, c.text) {
				return c, true
			}
		}
	}
	return code{}, false
}
