package document

import (
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// A tag is a placeable: it stands in the text of a unit as it is written, and is
// compared so. What people read inside it is a unit of its own, which is put in when the
// document is written, after all comparisons:
//
//	See <a title="Our guide">here</a>.  →  unit 1: See <a title="Our guide">here</a>.
//	                                       unit 2: Our guide

// attribute is a text for people inside a tag, and the unit or the message made of it.
type attribute struct {
	placeholder.Attribute
	unit    int
	message *message
}

// attributes are those of the tags of a text, by the tag as it is written. A tag that is
// there more than once has an entry for each time, in order; one that says it is not to
// be translated has an empty one.
type attributes map[string][][]attribute

// ofUnit makes units of the attributes in the text of a unit, which begins where the
// builder is. It finds the tags that are found when the unit is masked.
func (b *builder) ofUnit(text string) attributes {
	if !b.attributed {
		return nil
	}
	return collect(placeholder.Find(text), func(p placeholder.Placeable) bool { return b.isKept(b.at+p.Start, b.at+p.End()) }, b.enter)
}

// ofFrame makes units of the attributes in what stands between units.
func (b *builder) ofFrame(text string) attributes {
	from, to := 0, 0
	for from < len(b.tags) && b.tags[from].Start < b.at {
		from++
	}
	for to = from; to < len(b.tags) && b.tags[to].End() <= b.at+len(text); {
		to++
	}
	found := b.tags[from:to]
	b.tags = b.tags[to:]
	return collect(found, func(p placeholder.Placeable) bool { return b.isKept(p.Start, p.End()) }, b.enter)
}

// isKept says whether a stretch of the text is in one that is not translated.
func (b *builder) isKept(start, end int) bool {
	return slices.ContainsFunc([][]placeholder.Region{b.kept, b.words}, func(regions []placeholder.Region) bool {
		i, _ := slices.BinarySearchFunc(regions, end, func(r placeholder.Region, end int) int { return r.End - end })
		return i < len(regions) && regions[i].Start <= start
	})
}

// enter makes a unit of an attribute, or those of a message. ok is false for one that
// has nothing to translate.
func (b *builder) enter(a placeholder.Attribute) (made attribute, ok bool) {
	masked := placeholder.Mask(a.Text)
	if !masked.HasText() && !slices.ContainsFunc(masked.Placeables, isChoice) {
		return attribute{}, false
	}
	b.attribute = a.Name
	unit, m := b.unitOrMessage(&cutter{text: a.Text, target: b.languages.Target})
	b.attribute = ""
	return attribute{Attribute: a, unit: unit, message: m}, true
}

// collect enters the attributes of some placeables that have something to translate.
func collect(found []placeholder.Placeable, isKept func(placeholder.Placeable) bool, enter func(placeholder.Attribute) (attribute, bool)) attributes {
	var out attributes
	for _, p := range found {
		texts := p.Attributes()
		if len(texts) == 0 {
			continue
		}
		var entered []attribute
		if !isKept(p) {
			for _, a := range texts {
				if made, ok := enter(a); ok {
					entered = append(entered, made)
				}
			}
		}
		if out == nil {
			out = attributes{}
		}
		out[p.Text] = append(out[p.Text], entered)
	}
	return out
}

// adorn makes units of the attributes in the texts of a message. The text around a choice
// is in each of its arms, and an attribute there is one unit for all of them unless the
// number is in it. shared are the units of those without.
func (b *builder) adorn(n *node, kept bool, shared map[string]int) {
	if !b.attributed {
		return
	}
	for _, a := range n.arms {
		b.adorn(a.node, kept, shared)
	}
	for _, inner := range n.items {
		b.adorn(inner, kept, shared)
	}
	if !n.isText() {
		return
	}
	found := placeholder.Find(n.text)
	n.enclose(found)
	for _, c := range n.codes {
		if c.choice != nil {
			b.adorn(c.choice, kept, shared)
		}
	}
	if n.inTag {
		return // the attribute is the message
	}
	regions := placeholder.Untranslated(found)
	isKept := func(p placeholder.Placeable) bool {
		return kept || slices.ContainsFunc(regions, func(r placeholder.Region) bool { return r.Start <= p.Start && p.End() <= r.End })
	}
	n.attributes = collect(found, isKept, func(a placeholder.Attribute) (attribute, bool) {
		if !placeholder.Mask(a.Text).HasText() {
			return attribute{}, false
		}
		forms := formsOf(a.Text, n.forms)
		unit, known := shared[a.Text]
		if forms != nil || !known {
			b.attribute = a.Name
			unit = b.add(Unit{Text: a.Text, Forms: forms})
			b.attribute = ""
		}
		if forms == nil {
			shared[a.Text] = unit
		}
		return attribute{Attribute: a, unit: unit}, true
	})
}

// formsOf returns the forms of a text when their number stands in it.
func formsOf(text string, forms []Form) []Form {
	isIn := func(code string) bool { return strings.Contains(text, code) }
	if slices.ContainsFunc(forms, func(f Form) bool { return slices.ContainsFunc(f.Texts, isIn) }) {
		return forms
	}
	return nil
}

// enclose marks the choices that stand inside a tag: what is written in their arms must
// not end it.
func (n *node) enclose(found []placeholder.Placeable) {
	for _, p := range found {
		if !strings.HasPrefix(p.Text, "<") {
			continue
		}
		for _, c := range n.codes {
			if c.choice != nil && strings.Contains(p.Text, c.text) {
				c.choice.putInTag()
			}
		}
	}
}

func (n *node) putInTag() {
	n.inTag = true
	for _, c := range n.codes {
		if c.choice != nil {
			c.choice.putInTag()
		}
	}
	for _, a := range n.arms {
		a.node.putInTag()
	}
}

// has says whether an attribute has a translation.
func (a attributes) has(targets map[int]string) bool {
	for _, times := range a {
		for _, tag := range times {
			if slices.ContainsFunc(tag, func(one attribute) bool { return one.has(targets) }) {
				return true
			}
		}
	}
	return false
}

func (a attribute) has(targets map[int]string) bool {
	if a.message != nil {
		return a.message.has(targets)
	}
	_, ok := targets[a.unit]
	return ok
}

// written is a text with its attributes translated.
type written struct {
	text string
	// inner are the attributes that are units, and where they stand.
	inner []inner
	// moves say where what stands behind an attribute has come to, in order.
	moves []move
}

type inner struct {
	attribute
	span Span
}

// move says that what was from one byte of a text on is now from another on.
type move struct{ from, to int }

// offset returns where a byte of the text is now.
func (w written) offset(at int) int {
	i, _ := slices.BinarySearchFunc(w.moves, at, func(m move, at int) int {
		if m.from <= at {
			return -1
		}
		return 1
	})
	if i == 0 {
		return at
	}
	return w.moves[i-1].to + at - w.moves[i-1].from
}

// write puts the translated attributes into a text: that of a unit, in which the tags
// may have changed places, or one between units.
func (a attributes) write(text string, targets map[int]string) written {
	if !a.has(targets) {
		return written{text: text}
	}
	w := attributeWriter{targets: targets}
	found := placeholder.Find(text)
	times := map[string]int{}
	for at := 0; at < len(text); {
		for len(found) > 0 && found[0].Start < at {
			found = found[1:]
		}
		n := 1
		if len(found) > 0 && found[0].Start == at {
			n = len(found[0].Text)
		} else if tag := placeholder.TagLength(text[at:]); a[text[at:at+tag]] != nil {
			n = tag // its end tag stands elsewhere
		}
		tag := text[at : at+n]
		if known := a[tag]; known != nil {
			w.tag(tag, at, known[min(times[tag], len(known)-1)])
			times[tag]++
		} else {
			w.out.WriteString(tag)
		}
		at += n
	}
	w.text = w.out.String()
	return w.written
}

type attributeWriter struct {
	written
	out     strings.Builder
	targets map[int]string
}

// tag writes a tag, which begins at some byte of the text, with the translations of its
// attributes.
func (w *attributeWriter) tag(tag string, start int, attributes []attribute) {
	at := 0
	for _, a := range attributes {
		text, ok := a.translation(w.targets)
		if !ok {
			continue
		}
		value, quote := a.Encode(text)
		w.out.WriteString(tag[at:a.Start] + quote)
		if a.message == nil {
			w.inner = append(w.inner, inner{attribute: a, span: Span{Start: w.out.Len(), End: w.out.Len() + len(value)}})
		}
		w.out.WriteString(value + quote)
		w.moves = append(w.moves, move{from: start + a.End, to: w.out.Len()})
		at = a.End
	}
	w.out.WriteString(tag[at:])
}

// translation returns the text of an attribute in the target language, if there is one.
func (a attribute) translation(targets map[int]string) (text string, ok bool) {
	if a.message != nil {
		return a.message.write(targets), true
	}
	text, ok = targets[a.unit]
	return text, ok
}
