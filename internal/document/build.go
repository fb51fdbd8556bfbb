package document

import (
	"fmt"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// FromText cuts a plain text into sentences. The text must be UTF-8.
func FromText(text string, languages Languages) (Document, error) {
	if !utf8.ValidString(text) {
		return Document{}, fmt.Errorf("the text is not valid UTF-8")
	}
	b := builder{languages: languages}
	b.open(text)
	for _, piece := range languages.split(text) {
		if piece.Translatable {
			b.sentence(piece.Text)
			continue
		}
		b.between(piece.Text)
	}
	return b.doc, nil
}

// FromTexts makes one unit of each text, uncut. Of an ICU message it makes one of each
// sentence, and of a sentence with a choice one of each text that may be chosen. What
// people read inside a tag is a unit as well. The texts must be UTF-8.
func FromTexts(texts []string, languages Languages) (Document, error) {
	b := builder{doc: Document{list: true}, languages: languages}
	for i, text := range texts {
		if !utf8.ValidString(text) {
			return Document{}, fmt.Errorf("text %d is not valid UTF-8", i+1)
		}
		b.item = i + 1
		b.open(text)
		b.place(b.whole(text), text)
	}
	return b.doc, nil
}

// builder makes a document of a text, or of one text after the other.
type builder struct {
	doc       Document
	languages Languages
	// item is the number of the text in its list; 0 when there is no list.
	item int

	// at is how far the text has been read, in bytes.
	at int
	// attributed says that the text may have attributes.
	attributed bool
	// tags are then the placeables of the text that are still to come, in order.
	tags []placeholder.Placeable
	// kept are the stretches whose attributes are not translated, and words those of them
	// whose words are not, in order.
	kept, words []placeholder.Region
	// attribute is the name of the attribute that units are made of; "" for none.
	attribute string
}

// open begins with a text.
func (b *builder) open(text string) {
	b.at, b.tags, b.kept, b.words = 0, nil, nil, nil
	if b.attributed = placeholder.MayHaveAttributes(text); b.attributed {
		b.tags = placeholder.Find(text)
		b.kept = placeholder.Untranslated(b.tags)
		b.words = wordsOf(b.tags)
	}
}

// place adds a part to the frame and moves on behind its text.
func (b *builder) place(p part, text string) {
	b.doc.frame = append(b.doc.frame, p)
	b.at += len(text)
}

// add makes a unit and returns its id.
func (b *builder) add(unit Unit) int {
	unit.ID, unit.Item, unit.Attribute = len(b.doc.units)+1, b.item, b.attribute
	b.doc.units = append(b.doc.units, unit)
	return unit.ID
}

// note adds a remark about a unit.
func (b *builder) note(unit int, message string) {
	b.doc.notes = append(b.doc.notes, Note{Unit: unit, Message: message})
}
