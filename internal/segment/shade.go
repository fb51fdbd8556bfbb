package segment

import (
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// shade is a text whose placeables are neutral, byte for byte as long as the
// original, so that an offset in one is an offset in the other. It keeps sentence
// rules from reading the inside of a tag or a field.
type shade struct {
	// text has fields as capital letters, because a name begins a sentence or goes
	// on with one (Q, which is in no Roman number), inline tags as format characters,
	// which the rules look through, and block tags as line breaks.
	text string
	// prose has every placeable as spaces.
	prose string
	// opening maps the end of each opening or lone inline tag to its start.
	opening map[int]int
	// tags are the inline tags, fields the other placeables but block tags, in order.
	tags, fields []extent
}

func newShade(text string) shade {
	found := placeholder.Find(text)
	if len(found) == 0 {
		return shade{text: text, prose: text}
	}
	s := shade{opening: map[int]int{}}
	var shaded, prose strings.Builder
	at := 0
	for _, p := range found {
		shaded.WriteString(text[at:p.Start])
		prose.WriteString(text[at:p.Start])
		n := len(p.Text)
		prose.WriteString(strings.Repeat(" ", n))
		switch p.Kind {
		case placeholder.OpenTag, placeholder.ClosingTag, placeholder.LoneTag:
			if isBlock(p.Name) {
				shaded.WriteString(strings.Repeat("\n", n))
				break
			}
			shaded.WriteString(invisible(n))
			s.tags = append(s.tags, extent{p.Start, p.End()})
			if p.Kind != placeholder.ClosingTag {
				s.opening[p.End()] = p.Start
			}
		default:
			shaded.WriteString(strings.Repeat("Q", n))
			s.fields = append(s.fields, extent{p.Start, p.End()})
		}
		at = p.End()
	}
	shaded.WriteString(text[at:])
	prose.WriteString(text[at:])
	s.text, s.prose = shaded.String(), prose.String()
	return s
}

// invisible returns n bytes of format characters: U+00AD takes two bytes and U+200B
// three. UAX #29 rule SB5 ignores them. One byte is the bracket that opens a link; it
// stays a bracket.
func invisible(n int) string {
	if n == 1 {
		return "["
	}
	odd := n % 2
	return strings.Repeat("\u200b", odd) + strings.Repeat("\u00ad", (n-3*odd)/2)
}

func isInvisible(r rune) bool { return r == '\u00ad' || r == '\u200b' }

// lines returns the extents between line breaks, empty ones left out.
func (s shade) lines() []extent {
	var lines []extent
	start := 0
	for i := 0; i < len(s.text); {
		if !breakLeads[s.text[i]] {
			i++
			continue
		}
		size := lineBreak(s.text, i)
		if size == 0 {
			i++
			continue
		}
		if i > start {
			lines = append(lines, extent{start, i})
		}
		i += size
		start = i
	}
	if start < len(s.text) {
		lines = append(lines, extent{start, len(s.text)})
	}
	return lines
}

// breakLeads are the first bytes of the mandatory breaks of Unicode.
var breakLeads = [256]bool{'\n': true, '\v': true, '\f': true, '\r': true, 0xc2: true, 0xe2: true}

// lineBreak measures the mandatory break of Unicode at an offset, or returns 0. "\r\n"
// counts as two with an empty line between them, which makes no difference.
func lineBreak(text string, i int) int {
	const nextLine, separators = "\u0085", "\u2028\u2029"
	switch b := text[i]; {
	case b >= '\n' && b <= '\r':
		return 1
	case b == nextLine[0] && strings.HasPrefix(text[i:], nextLine):
		return len(nextLine)
	case b == separators[0] && (strings.HasPrefix(text[i:], separators[:3]) || strings.HasPrefix(text[i:], separators[3:])):
		return len(separators) / 2
	}
	return 0
}

// hasProse says whether a letter stands outside the placeables of an extent.
func (s shade) hasProse(start, end int) bool {
	return strings.IndexFunc(s.prose[start:end], unicode.IsLetter) >= 0
}

// beforeTags moves a sentence start back over the opening tags before it, which
// belong to the sentence they open, but not beyond limit.
func (s shade) beforeTags(start, limit int) int {
	at := start
	for {
		trimmed := len(strings.TrimRightFunc(s.text[:at], unicode.IsSpace))
		tag, ok := s.opening[trimmed]
		if !ok || tag <= limit {
			return start
		}
		at, start = tag, tag
	}
}

// blockElements end a segment: the block elements of HTML and the line break.
var blockElements = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(`address article aside blockquote body br caption
		center col colgroup dd details dialog div dl dt fieldset figcaption figure footer
		form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav ol
		optgroup option p pre section summary table tbody td tfoot th thead title tr ul`) {
		names[name] = true
	}
	return names
}()

func isBlock(name string) bool { return blockElements[name] }
