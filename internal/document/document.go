// Package document turns a source into units to translate and puts the
// translations back into the shape of the source.
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
}

// Document is a parsed source. Its zero value has no units.
type Document struct {
	units []Unit
	// frame holds what stands around the units, so that parts and units in turn
	// give the source back byte for byte. A list has no frame.
	frame []part
	list  bool
}

// part is a stretch of a text: a unit by its id, or text that stays as it is.
type part struct {
	unit int
	text string
}

// FromText cuts a plain text into sentences. The text must be UTF-8.
func FromText(text, language string) (Document, error) {
	if !utf8.ValidString(text) {
		return Document{}, fmt.Errorf("the text is not valid UTF-8")
	}
	var d Document
	for _, piece := range segment.Split(text, language) {
		if !piece.Translatable {
			d.frame = append(d.frame, part{text: piece.Text})
			continue
		}
		d.units = append(d.units, Unit{ID: len(d.units) + 1, Text: piece.Text})
		d.frame = append(d.frame, part{unit: len(d.units)})
	}
	return d, nil
}

// FromTexts makes one unit of each text, uncut. The texts must be UTF-8.
func FromTexts(texts []string) (Document, error) {
	d := Document{list: true}
	for i, text := range texts {
		if !utf8.ValidString(text) {
			return Document{}, fmt.Errorf("text %d is not valid UTF-8", i+1)
		}
		d.units = append(d.units, Unit{ID: i + 1, Text: text})
	}
	return d, nil
}

// Units returns the units in source order.
func (d Document) Units() []Unit { return d.units }

// Translation is a document in the target language: Text, or Texts for a list.
type Translation struct {
	// Text is nil when no unit has a translation.
	Text *string `json:"text,omitempty"`
	// Texts has an entry for each text of the list; nil for one without translation.
	Texts []*string `json:"texts,omitempty"`
}

// Assemble puts translations, by unit id, into the shape of the source. In a text
// a unit without one keeps its source, so that no sentence is lost silently; in a
// list its entry is nil.
func (d Document) Assemble(targets map[int]string) Translation {
	if d.list {
		texts := make([]*string, len(d.units))
		for i, u := range d.units {
			if target, ok := targets[u.ID]; ok {
				texts[i] = &target
			}
		}
		return Translation{Texts: texts}
	}
	if len(targets) == 0 {
		return Translation{}
	}
	var b strings.Builder
	for _, p := range d.frame {
		if p.unit == 0 {
			b.WriteString(p.text)
			continue
		}
		if target, ok := targets[p.unit]; ok {
			b.WriteString(target)
			continue
		}
		b.WriteString(d.units[p.unit-1].Text)
	}
	text := b.String()
	return Translation{Text: &text}
}
