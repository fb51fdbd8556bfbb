package document

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/icu"
)

// sentence is a group of the bits of a message.
type sentence struct {
	bits []bit
	// translatable says that there is something to translate in it.
	translatable bool
}

// root makes the node of a whole message. Only the sentences with a choice become part
// of its arms; the others are units of their own.
func (c *cutter) root(bits []bit) (*node, bool) {
	sentences := c.sentences(bits)
	count := 0
	for _, s := range sentences {
		if s.translatable {
			count++
		}
	}
	if count <= 1 || count > maxSentences {
		return c.sentence(bits) // of a long text the arms are units anyway
	}
	n := &node{}
	for _, s := range sentences {
		inner, ok := c.sentence(s.bits)
		if !ok {
			return nil, false
		}
		inner.fixed = !s.translatable
		n.items = append(n.items, inner)
	}
	return n, true
}

// sentence makes the node of a sentence: with the text around its choices in their arms
// or, where that would be too much, beside them.
func (c *cutter) sentence(bits []bit) (*node, bool) {
	bytes := c.bytes
	for _, whole := range []bool{true, false} {
		most := c.units
		if whole {
			most = min(most, maxSentences)
		}
		c.whole, c.left, c.bytes = whole, most, bytes
		if n, ok := c.cut(bits, nil); ok {
			c.units -= most - c.left
			return n, true
		}
	}
	return nil, false
}

// sentences groups the bits at the top of a message. It returns nil when they are one
// sentence or cannot be told apart.
func (c *cutter) sentences(bits []bit) []sentence {
	if c.split == nil {
		return nil
	}
	var text strings.Builder
	var ends []int
	for i, b := range bits {
		text.WriteString(inSentence(b, i))
		ends = append(ends, text.Len())
	}
	var out []sentence
	end, next, from := 0, 0, 0 // from is where the bit next begins, or what is left of it
	for _, piece := range c.split(text.String()) {
		end += len(piece.Text)
		s := sentence{translatable: piece.Translatable}
		for next < len(bits) && from < end {
			b := bits[next]
			switch {
			case ends[next] <= end:
				if b.Kind == icu.Text {
					b.Text = text.String()[from:ends[next]]
				}
				from = ends[next]
				next++
			case b.Kind != icu.Text:
				return nil // cut through
			default:
				b.Text = text.String()[from:end]
				from = end
			}
			s.bits = append(s.bits, b)
		}
		isChoice := func(b bit) bool { return b.Kind == icu.Select }
		s.translatable = s.translatable || slices.ContainsFunc(s.bits, isChoice)
		out = append(out, s)
	}
	return out
}

// inSentence writes a bit for the search for sentences.
func inSentence(b bit, i int) string {
	if b.Kind == icu.Text {
		return b.Text
	}
	return "{x" + strconv.Itoa(i) + "}"
}
