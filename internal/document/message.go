package document

import (
	"regexp"
	"slices"
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

// node is a unit of a message, a choice between nodes, or nodes one after the other.
type node struct {
	// unit is the id of the unit, 0 for other nodes.
	unit int
	// fixed says that the text is none to translate, and so is no unit.
	fixed bool
	// text, forms and codes of the unit.
	text  string
	forms []Form
	codes []code
	// lead and trail are the white space around the text.
	lead, trail string
	// counts says that the text is the arm of a plural, where "#" is a sign.
	counts bool
	// attributes of the tags in the text.
	attributes attributes
	// inTag says that the text is the arm of a choice inside a tag.
	inTag bool

	// head of a choice, as "n, plural, offset:1", up to its first case.
	head string
	arms []arm

	// items of a node that is a sequence.
	items []*node
}

// isText says whether a node is a text, and not made of others.
func (n *node) isText() bool { return n.arms == nil && n.items == nil }

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

// stretch makes the units of a sentence, or of a part of one.
func (b *builder) stretch(text string) part {
	return b.make(&cutter{text: text, target: b.languages.Target})
}

// whole makes the units of a text of a list.
func (b *builder) whole(text string) part {
	return b.make(&cutter{text: text, target: b.languages.Target, split: b.languages.split})
}

// make makes one unit of a text, or those of a message, and those of the attributes.
func (b *builder) make(c *cutter) part {
	unit, m := b.unitOrMessage(c)
	if m != nil {
		b.adorn(m.root, b.isKept(b.at, b.at+len(c.text)), map[string]int{})
		return part{message: m}
	}
	return part{unit: unit, attributes: b.ofUnit(c.text)}
}

// unitOrMessage makes one unit of a text, or those of a message.
func (b *builder) unitOrMessage(c *cutter) (unit int, m *message) {
	var reason string
	if mayChoose(c.text) {
		if m, reason = c.parse(); m != nil {
			b.number(m.root)
			return 0, m
		}
	}
	unit = b.add(Unit{Text: c.text})
	if reason != "" {
		b.note(unit, "an ICU message is kept as text: "+reason)
	}
	return unit, nil
}

// between makes units of the choices in what stands between sentences, and of the
// attributes. A message that is a choice and nothing else has no sentence around it.
func (b *builder) between(text string) {
	at, base := 0, b.at
	if mayChoose(text) {
		for _, p := range placeholder.Find(text) {
			if !isChoice(p) || b.isKept(base+p.Start, base+p.End()) {
				continue
			}
			if p.Start > at {
				b.fixed(text[at:p.Start])
			}
			b.place(b.stretch(p.Text), p.Text)
			at = p.End()
		}
	}
	if at < len(text) {
		b.fixed(text[at:])
	}
}

// fixed adds a text that stays as it is but for the attributes in it.
func (b *builder) fixed(text string) { b.keep(text, b.adorned) }

// adorned adds a text without words that is not to be cut.
func (b *builder) adorned(text string) {
	if text != "" {
		b.place(part{text: text, attributes: b.ofFrame(text)}, text)
	}
}

// mayChoose says whether a text has what looks like the head of a choice.
func mayChoose(text string) bool {
	return strings.Contains(text, "{") && (strings.Contains(text, "plural") || strings.Contains(text, "select")) && head.MatchString(text)
}

func isChoice(p placeholder.Placeable) bool {
	at := head.FindStringIndex(p.Text)
	return p.Kind == placeholder.Field && at != nil && at[0] == 0
}

// parse reads a message. It returns nil for a text that is none, and the reason when the
// text looks as if it were to be one.
func (c *cutter) parse() (m *message, reason string) {
	parsed, err := icu.Parse(c.text)
	switch {
	case err != nil && isCode(c.text):
		return nil, ""
	case err != nil:
		return nil, err.Error()
	case !parsed.HasChoice():
		return nil, "" // in quotes
	}
	c.units, c.bytes = maxArms, roomBytes+roomTimes*len(c.text)
	root, ok := c.root(c.bits(parsed, nil))
	if !ok {
		return nil, "it has too many combinations of cases"
	}
	return &message{root: root, double: icu.Doubles(c.text)}, ""
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
func (b *builder) number(n *node) {
	for _, c := range n.codes {
		if c.choice != nil {
			b.number(c.choice)
		}
	}
	for _, a := range n.arms {
		b.number(a.node)
	}
	for _, inner := range n.items {
		b.number(inner)
	}
	if n.isText() && !n.fixed {
		n.unit = b.add(Unit{Text: n.text, Forms: n.forms})
	}
}

// has says whether a unit of the message has a translation.
func (m *message) has(targets map[int]string) bool { return m.root.has(targets) }

func (n *node) has(targets map[int]string) bool {
	if _, ok := targets[n.unit]; ok && n.unit > 0 || n.attributes.has(targets) {
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
	return slices.ContainsFunc(n.items, func(inner *node) bool { return inner.has(targets) })
}
