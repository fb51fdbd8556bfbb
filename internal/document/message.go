package document

import (
	"regexp"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/icu"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// Bounds of the units that one text may become.
const (
	// maxSentences bounds them when each is a whole sentence: three numbers in Arabic
	// would make 216 of one.
	maxSentences = 64
	// maxArms bounds them when the text around the choices is a unit of its own.
	maxArms = 1000
	// roomBytes and roomTimes bound the bytes of all units: any sentence may become
	// maxSentences of them, a long text only so many times itself.
	roomBytes = 64 << 10
	roomTimes = 8
)

// message is an ICU message whose units are known.
type message struct {
	root *node
	// double says that the source doubles every apostrophe.
	double bool
}

// node is a unit of a message, or a choice between nodes.
type node struct {
	// unit is the id of the unit, 0 for a choice.
	unit int
	// text, forms and codes of the unit.
	text  string
	forms []Form
	codes []code
	// lead and trail are the white space around the text.
	lead, trail string
	// counts says that the text is the arm of a plural, where "#" is a sign.
	counts bool

	// head of a choice, as "n, plural, offset:1", up to its first case.
	head string
	arms []arm
}

type arm struct {
	selector string
	node     *node
}

// code is what stands in the text of a unit for a part of the message.
type code struct {
	// text in the unit, recognised by package placeholder.
	text string
	// One of these is what is written for it: code of the message, literal text that has
	// to be quoted, or a choice.
	raw, literal string
	choice       *node
}

// head finds what begins a choice.
var head = regexp.MustCompile(`\{\s*[^\s{},]+\s*,\s*(?:plural|selectordinal|select)\s*[,{]`)

// part makes the units of a sentence, or of a text of a list.
func (d *Document) part(text, target string, item int) part {
	if !mayChoose(text) {
		return part{unit: d.add(Unit{Text: text, Item: item})}
	}
	m, reason := d.parse(text, target, item)
	if m != nil {
		return part{message: m}
	}
	p := part{unit: d.add(Unit{Text: text, Item: item})}
	if reason != "" {
		d.notes = append(d.notes, Note{Unit: p.unit, Message: "an ICU message is kept as text: " + reason})
	}
	return p
}

// between makes units of the choices in what stands between sentences. A message that
// is a choice and nothing else has no sentence around it.
func (d *Document) between(text, target string) []part {
	if !mayChoose(text) {
		return []part{{text: text}}
	}
	var parts []part
	at := 0
	for _, p := range placeholder.Find(text) {
		if !isChoice(p) {
			continue
		}
		if p.Start > at {
			parts = append(parts, part{text: text[at:p.Start]})
		}
		parts = append(parts, d.part(p.Text, target, 0))
		at = p.End()
	}
	if at < len(text) {
		parts = append(parts, part{text: text[at:]})
	}
	return parts
}

// mayChoose says whether a text has what looks like the head of a choice.
func mayChoose(text string) bool {
	return strings.Contains(text, "{") && (strings.Contains(text, "plural") || strings.Contains(text, "select")) && head.MatchString(text)
}

func isChoice(p placeholder.Placeable) bool {
	at := head.FindStringIndex(p.Text)
	return p.Kind == placeholder.Field && at != nil && at[0] == 0
}

// parse reads a message and adds its units. It returns nil for a text that is none, and
// the reason when the text looks as if it were to be one.
func (d *Document) parse(text, target string, item int) (m *message, reason string) {
	parsed, err := icu.Parse(text)
	switch {
	case err != nil && isCode(text):
		return nil, ""
	case err != nil:
		return nil, err.Error()
	case !parsed.HasChoice():
		return nil, "" // in quotes
	}
	room := roomBytes + roomTimes*len(text)
	c := cutter{text: text, target: target, left: maxSentences, bytes: room, whole: true}
	root, ok := c.cut(c.bits(parsed, nil), nil)
	if !ok {
		c = cutter{text: text, target: target, left: maxArms, bytes: room}
		if root, ok = c.cut(c.bits(parsed, nil), nil); !ok {
			return nil, "it has too many combinations of cases"
		}
	}
	d.number(root, item)
	return &message{root: root, double: icu.Doubles(text)}, ""
}

// isCode says whether the choices of a text stand in pieces of code.
func isCode(text string) bool {
	for _, p := range placeholder.Find(text) {
		if p.Kind == placeholder.Code && head.MatchString(p.Text) {
			return true
		}
	}
	return false
}

// number adds the units of a node in their order.
func (d *Document) number(n *node, item int) {
	for _, c := range n.codes {
		if c.choice != nil {
			d.number(c.choice, item)
		}
	}
	for _, a := range n.arms {
		d.number(a.node, item)
	}
	if n.arms == nil {
		n.unit = d.add(Unit{Text: n.text, Item: item, Forms: n.forms})
	}
}

// has says whether a unit of the message has a translation.
func (m *message) has(targets map[int]string) bool { return m.root.has(targets) }

func (n *node) has(targets map[int]string) bool {
	if _, ok := targets[n.unit]; ok && n.arms == nil {
		return true
	}
	for _, c := range n.codes {
		if c.choice != nil && c.choice.has(targets) {
			return true
		}
	}
	for _, a := range n.arms {
		if a.node.has(targets) {
			return true
		}
	}
	return false
}

// write puts the message together. Whatever the translations hold, it is a message with
// the choices of the target language: what is no code of a unit is literal text.
func (m *message) write(targets map[int]string) string {
	var b strings.Builder
	m.writeNode(&b, m.root, targets)
	return b.String()
}

func (m *message) writeNode(b *strings.Builder, n *node, targets map[int]string) {
	if n.arms == nil {
		text, ok := targets[n.unit]
		if !ok {
			text = n.text
		}
		b.WriteString(n.lead)
		m.writeUnit(b, n, text, targets)
		b.WriteString(n.trail)
		return
	}
	b.WriteString("{" + n.head)
	for _, a := range n.arms {
		b.WriteString(" " + a.selector + " {")
		m.writeNode(b, a.node, targets)
		b.WriteByte('}')
	}
	b.WriteByte('}')
}

// writeUnit writes a translated text, with what its codes stand for.
func (m *message) writeUnit(b *strings.Builder, n *node, text string, targets map[int]string) {
	var literal strings.Builder
	flush := func() {
		b.WriteString(icu.Quote(literal.String(), n.counts, m.double))
		literal.Reset()
	}
	for at := 0; at < len(text); {
		c, found := n.codeAt(text[at:])
		switch {
		case !found:
			literal.WriteByte(text[at])
			at++
			continue
		case c.literal != "":
			literal.WriteString(c.literal)
		case c.choice != nil:
			flush()
			m.writeNode(b, c.choice, targets)
		default:
			flush()
			b.WriteString(c.raw)
		}
		at += len(c.text)
	}
	flush()
}

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
