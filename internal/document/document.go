// Package document turns a source into units to translate and puts the
// translations back into the shape of the source.
//
// A text is cut into sentences; a text of a list stays whole. Where a program chooses
// between texts (package icu), each text it may choose is a unit: as many as the
// target language has plural forms, not as many as the source has (message.go).
//
// It owns what a result looks like as a whole, the part that is kept in a payload
// when it is too large for an object. It is pure: it knows no engine, no cluster
// and no QA.
package document

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/segment"
)

// Unit is one segment of a document, numbered from 1 in source order.
type Unit struct {
	ID   int
	Text string
	// Item is the number of the text in its list, from 1; 0 when there is no list.
	// Several units may belong to one item.
	Item int
	// Forms are the plural forms that the text is for, the innermost first; none for a
	// text that no number decides on.
	Forms []Form
}

// Document is a parsed source. Its zero value has no units.
type Document struct {
	units []Unit
	// frame holds what stands around the units, so that parts and units in turn
	// give the source back byte for byte. A list has a part for each of its texts.
	frame []part
	list  bool
	notes []Note
}

// part is a stretch of a text: a unit by its id, a message, or text that stays as it is.
type part struct {
	unit    int
	message *message
	text    string
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

// FromText cuts a plain text into sentences. The text must be UTF-8.
func FromText(text string, languages Languages) (Document, error) {
	if !utf8.ValidString(text) {
		return Document{}, fmt.Errorf("the text is not valid UTF-8")
	}
	var d Document
	for _, piece := range languages.split(text) {
		if piece.Translatable {
			d.sentence(piece.Text, languages.Target)
			continue
		}
		d.frame = append(d.frame, d.between(piece.Text, languages.Target)...)
	}
	return d, nil
}

// FromTexts makes one unit of each text, uncut. Of an ICU message it makes one of each
// sentence, and of a sentence with a choice one of each text that may be chosen. The
// texts must be UTF-8.
func FromTexts(texts []string, languages Languages) (Document, error) {
	d := Document{list: true}
	for i, text := range texts {
		if !utf8.ValidString(text) {
			return Document{}, fmt.Errorf("text %d is not valid UTF-8", i+1)
		}
		d.frame = append(d.frame, d.item(text, languages, i+1))
	}
	return d, nil
}

// Units returns the units in source order.
func (d Document) Units() []Unit { return d.units }

// Notes returns what is odd about the source, in its order.
func (d Document) Notes() []Note { return d.notes }

// add makes a unit and returns its id.
func (d *Document) add(unit Unit) int {
	unit.ID = len(d.units) + 1
	d.units = append(d.units, unit)
	return unit.ID
}

// Translation is a document in the target language: Text, or Texts for a list.
type Translation struct {
	// Text is nil when no unit has a translation.
	Text *string `json:"text,omitempty"`
	// Texts has an entry for each text of the list; nil for one without translation.
	Texts []*string `json:"texts,omitempty"`
}

// Assemble puts translations, by unit id, into the shape of the source. In a text
// a unit without one keeps its source, so that no sentence is lost silently, and so
// does one arm of a message among others; in a list the entry of a text without any
// is nil.
func (d Document) Assemble(targets map[int]string) Translation {
	if d.list {
		texts := make([]*string, len(d.frame))
		for i, p := range d.frame {
			if d.has(p, targets) {
				texts[i] = new(d.write(p, targets))
			}
		}
		return Translation{Texts: texts}
	}
	if len(targets) == 0 {
		return Translation{}
	}
	var b strings.Builder
	for _, p := range d.frame {
		b.WriteString(d.write(p, targets))
	}
	text := b.String()
	return Translation{Text: &text}
}

// Span is a stretch of an assembled text, in bytes.
type Span struct{ Start, End int }

// Spans returns where the translations stand in the text that Assemble makes of them,
// by unit id. The arms of a message stand in it together and have none, nor has what is
// in a list.
func (d Document) Spans(targets map[int]string) map[int]Span {
	if d.list || len(targets) == 0 {
		return nil
	}
	spans := make(map[int]Span, len(targets))
	at := 0
	for _, p := range d.frame {
		end := at + len(d.write(p, targets))
		if _, ok := targets[p.unit]; ok && p.message == nil {
			spans[p.unit] = Span{Start: at, End: end}
		}
		at = end
	}
	return spans
}

// has says whether a unit of a part has a translation.
func (d Document) has(p part, targets map[int]string) bool {
	if p.message != nil {
		return p.message.has(targets)
	}
	_, ok := targets[p.unit]
	return ok
}

func (d Document) write(p part, targets map[int]string) string {
	switch {
	case p.message != nil:
		return p.message.write(targets)
	case p.unit == 0:
		return p.text
	}
	if target, ok := targets[p.unit]; ok {
		return target
	}
	return d.units[p.unit-1].Text
}
