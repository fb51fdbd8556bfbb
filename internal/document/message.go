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

// part makes the units of a sentence.
func (d *Document) part(text, target string) part {
	return d.make(text, &cutter{text: text, target: target}, 0)
}

// item makes the units of a text of a list.
func (d *Document) item(text string, languages Languages, number int) part {
	return d.make(text, &cutter{text: text, target: languages.Target, split: languages.split}, number)
}

// make makes one unit of a text, or those of a message.
func (d *Document) make(text string, c *cutter, item int) part {
	var reason string
	if mayChoose(text) {
		var m *message
		if m, reason = c.parse(); m != nil {
			d.number(m.root, item)
			return part{message: m}
		}
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
		parts = append(parts, d.part(p.Text, target))
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
func (d *Document) number(n *node, item int) {
	for _, c := range n.codes {
		if c.choice != nil {
			d.number(c.choice, item)
		}
	}
	for _, a := range n.arms {
		d.number(a.node, item)
	}
	for _, inner := range n.items {
		d.number(inner, item)
	}
	if n.isText() && !n.fixed {
		n.unit = d.add(Unit{Text: n.text, Item: item, Forms: n.forms})
	}
}

// has says whether a unit of the message has a translation.
func (m *message) has(targets map[int]string) bool { return m.root.has(targets) }

func (n *node) has(targets map[int]string) bool {
	if _, ok := targets[n.unit]; ok && n.unit > 0 {
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
