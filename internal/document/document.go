// Package document turns a source into units to translate and puts the
// translations back into the shape of the source.
//
// A text is cut into sentences; a text of a list stays whole. Where a program chooses
// between texts (package icu), each text it may choose is a unit: as many as the
// target language has plural forms, not as many as the source has (message.go). What
// people read inside a tag, such as the title of a link, is a unit as well (attribute.go).
//
// It owns what a result looks like as a whole, the part that is kept in a payload
// when it is too large for an object. It is pure: it knows no engine, no cluster
// and no QA.
package document

import (
	"strings"

	"github.com/dragoman-dev/dragoman/internal/segment"
)

// Unit is one segment of a document, numbered from 1 in source order. Attributes follow
// behind the unit that their tag stands in, or behind all arms of the message.
type Unit struct {
	ID   int
	Text string
	// Item is the number of the text in its list, from 1; 0 when there is no list.
	// Several units may belong to one item.
	Item int
	// Forms are the plural forms that the text is for, the innermost first; none for a
	// text that no number decides on.
	Forms []Form
	// Attribute is the name of the attribute that the text stands in, such as "alt"; ""
	// for other texts.
	Attribute string
}

// Document is a parsed source. Its zero value has no units.
type Document struct {
	units []Unit
	// frame holds what stands around the units, so that parts and units in turn
	// give the source back byte for byte; attributes stand inside of both. A list has a
	// part for each of its texts.
	frame []part
	list  bool
	notes []Note
}

// part is a stretch of a text: a unit by its id, a message, or text that stays as it is.
type part struct {
	unit    int
	message *message
	text    string
	// attributes of the tags in it; those of a message are in its nodes.
	attributes attributes
}

// Note is a remark about a source, for people.
type Note struct {
	// Unit that it is about.
	Unit int
	// Message quotes nothing of the source.
	Message string
}

// Languages of a document, as canonical BCP-47 tags.
type Languages struct {
	// Source says how sentences are cut.
	Source string
	// Target says which plural forms there are.
	Target string
	// Breaker says where sentences end, in place of the rules of the source language; nil
	// for those.
	Breaker segment.Breaker
}

// split cuts a text into sentences.
func (l Languages) split(text string) []segment.Piece {
	if l.Breaker != nil {
		return segment.SplitBy(text, l.Source, l.Breaker)
	}
	return segment.Split(text, l.Source)
}

// Units returns the units in source order.
func (d Document) Units() []Unit { return d.units }

// Notes returns what is odd about the source, in its order.
func (d Document) Notes() []Note { return d.notes }

// Translation is a document in the target language: Text, or Texts for a list.
type Translation struct {
	// Text is nil when no unit has a translation.
	Text *string `json:"text,omitempty"`
	// Texts has an entry for each text of the list; nil for one without translation.
	Texts []*string `json:"texts,omitempty"`
}

// Assemble puts translations, by unit id, into the shape of the source. In a text
// a unit without one keeps its source, so that no sentence is lost silently, and so
// does one arm of a message among others, or a sentence beside an attribute; in a list
// the entry of a text without any is nil.
func (d Document) Assemble(targets map[int]string) Translation {
	if d.list {
		texts := make([]*string, len(d.frame))
		for i, p := range d.frame {
			if d.has(p, targets) {
				texts[i] = new(d.write(p, targets).text)
			}
		}
		return Translation{Texts: texts}
	}
	if len(targets) == 0 {
		return Translation{}
	}
	var b strings.Builder
	for _, p := range d.frame {
		b.WriteString(d.write(p, targets).text)
	}
	text := b.String()
	return Translation{Text: &text}
}

// Span is a stretch of an assembled text, in bytes.
type Span struct{ Start, End int }

// Spans returns where the translations stand in the text that Assemble makes of them,
// by unit id. That of an attribute stands inside the one of its sentence, as it is written
// there: with references for some characters. The arms of a message stand in it together
// and have none, nor has what is in a list.
func (d Document) Spans(targets map[int]string) map[int]Span {
	if d.list || len(targets) == 0 {
		return nil
	}
	spans := make(map[int]Span, len(targets))
	at := 0
	for _, p := range d.frame {
		w := d.write(p, targets)
		if _, ok := targets[p.unit]; ok && p.message == nil {
			spans[p.unit] = Span{Start: at, End: at + len(w.text)}
		}
		for _, in := range w.inner {
			spans[in.unit] = Span{Start: at + in.span.Start, End: at + in.span.End}
		}
		at += len(w.text)
	}
	return spans
}

// Rewritten is a translation that stands otherwise in what Assemble makes of it: an
// attribute in it is translated, or characters of an attribute are references.
type Rewritten struct {
	// Text as it stands there.
	Text   string
	offset func(at int) int
}

// Offset returns where a byte of the translation is in Text.
func (r Rewritten) Offset(at int) int { return min(r.offset(at), len(r.Text)) }

// Rewritten returns, by unit id, the translations that stand otherwise than they were
// given. Those of the arms of a message are left out, as in Spans.
func (d Document) Rewritten(targets map[int]string) map[int]Rewritten {
	out := map[int]Rewritten{}
	for _, p := range d.frame {
		w := d.write(p, targets)
		if p.unit > 0 && len(w.moves) > 0 {
			out[p.unit] = Rewritten{Text: w.text, offset: w.offset}
		}
		for _, in := range w.inner {
			text, value := targets[in.unit], w.text[in.span.Start:in.span.End]
			if text == value {
				continue
			}
			out[in.unit] = Rewritten{Text: value, offset: func(at int) int {
				before, _ := in.Encode(text[:min(at, len(text))])
				return len(before)
			}}
		}
	}
	return out
}

// has says whether a unit of a part has a translation.
func (d Document) has(p part, targets map[int]string) bool {
	if p.message != nil {
		return p.message.has(targets)
	}
	_, ok := targets[p.unit]
	return ok || p.attributes.has(targets)
}

// write puts a part together.
func (d Document) write(p part, targets map[int]string) written {
	text := p.text
	switch {
	case p.message != nil:
		return written{text: p.message.write(targets)}
	case p.unit == 0:
	default:
		target, ok := targets[p.unit]
		if !ok {
			target = d.units[p.unit-1].Text
		}
		text = target
	}
	return p.attributes.write(text, targets)
}
