package document

import (
	"slices"
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// Words that the markup of a text keeps from translation are placeables of their unit, and
// are found there again by whoever reads it. That takes both ends of what keeps them. Where
// the unit has one of them alone, because the element began in an earlier sentence or is
// too long for one unit, the words stand between units instead:
//
//	<b translate="no">Ab. <i translate="yes">One. Two</i> cd.</b>
//	→  unit 1: <b translate="no">Ab. <i translate="yes">One.
//	   unit 2: Two</i>        and behind it, as it is: cd.</b>

// wordsOf returns where words stand that are not translated.
func wordsOf(found []placeholder.Placeable) []placeholder.Region {
	var out []placeholder.Region
	for _, p := range found {
		if p.Kind == placeholder.Kept {
			out = append(out, placeholder.Region{Start: p.Start, End: p.End()})
		}
	}
	return out
}

// wordsIn returns where such words stand in the text that begins where the builder is, as
// the whole text has it.
func (b *builder) wordsIn(text string) []placeholder.Region {
	first, _ := slices.BinarySearchFunc(b.words, b.at+1, func(r placeholder.Region, at int) int { return r.End - at })
	var out []placeholder.Region
	for _, r := range b.words[first:] {
		if r.Start >= b.at+len(text) {
			break
		}
		out = append(out, placeholder.Region{Start: max(r.Start-b.at, 0), End: min(r.End-b.at, len(text))})
	}
	return out
}

// standsAlone says whether a text by itself keeps the same words from translation as it
// does where it stands.
func (b *builder) standsAlone(text string) bool {
	if len(b.kept) == 0 && len(b.words) == 0 {
		return true // nearly all
	}
	return slices.Equal(b.wordsIn(text), wordsOf(placeholder.Find(text)))
}

// aside adds a text and keeps the words that are not translated out of its units.
func (b *builder) aside(text string) { b.keep(text, b.rest) }

// keep adds a text: the words that are not translated as they stand, and by add what
// stands between them.
func (b *builder) keep(text string, add func(string)) {
	at := 0
	for _, r := range b.wordsIn(text) {
		add(text[at:r.Start])
		b.untouched(text[r.Start:r.End])
		at = r.End
	}
	add(text[at:])
}

// rest adds what stands between words that are not translated.
func (b *builder) rest(text string) {
	tail := strings.TrimLeftFunc(text, unicode.IsSpace)
	inner := strings.TrimRightFunc(tail, unicode.IsSpace)
	b.untouched(text[:len(text)-len(tail)])
	if masked := placeholder.Mask(inner); masked.HasText() {
		b.place(b.stretch(inner), inner)
	} else {
		b.between(inner)
	}
	b.untouched(tail[len(inner):])
}

// untouched adds a text that stays as it is, with its attributes.
func (b *builder) untouched(text string) {
	if text != "" {
		b.place(part{text: text}, text)
	}
}
