package placeholder

import (
	"strings"
	"unicode"
)

// Words that their markup keeps from translation are placeables of the kind Kept, so that
// no engine sees them and each comes back byte for byte, once:
//
//	Buy <b translate="no">Red <i>Bull</i></b> now.   →   Buy ⟦1⟧ now.
//
// An element that stands in a sentence is one placeable with its tags, so that it moves as
// a whole. Of any other the tags are placeables, which end sentences, and what is between
// them is one. Where that cannot be, because something in it is translated or ends
// elsewhere, each stretch of words is one, with the tags around it.

// inSentences are the elements that stand in sentences: of HTML, and the inline ones of
// XLIFF.
var inSentences = set(`
	a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr
	q s samp small span strike strong sub sup time tt u var
	g mrk pc ph`)

// withKept puts the words that are not translated among the placeables of a text.
func withKept(text string, found []Placeable) []Placeable {
	r := readRegions(found)
	if len(r.out) == 0 {
		return found // nearly all
	}
	k := keeper{text: text, regions: r.out}
	for i := 0; i < len(found); i++ {
		p := found[i]
		k.gap(p.Start)
		end, isWhole := r.whole[i]
		switch {
		case !isWhole:
			k.add(p)
			continue
		case inSentences[localName(p.Name)]:
			k.add(Placeable{Kind: Kept, Text: text[p.Start:found[end].End()], Start: p.Start, Name: p.Name})
		default:
			k.add(p)
			k.words(found[end].Start)
			k.add(found[end])
		}
		i = end
	}
	k.gap(len(text))
	return k.out
}

// keeper collects placeables.
type keeper struct {
	text string
	// at is the end of the placeable before.
	at int
	// regions that have not ended.
	regions []Region
	out     []Placeable
}

func (k *keeper) add(p Placeable) {
	k.out = append(k.out, p)
	k.at = p.End()
}

// gap adds the words up to a byte when they are in a region. Regions begin and end with
// tags, so a stretch between two placeables is in one or outside of all.
func (k *keeper) gap(end int) {
	for len(k.regions) > 0 && k.regions[0].End <= k.at {
		k.regions = k.regions[1:]
	}
	if len(k.regions) > 0 && k.regions[0].Start <= k.at {
		k.words(end)
	}
}

// words adds what stands up to a byte, without the white space at its ends.
func (k *keeper) words(end int) {
	inner := strings.TrimLeftFunc(k.text[k.at:end], unicode.IsSpace)
	start := end - len(inner)
	if inner = strings.TrimRightFunc(inner, unicode.IsSpace); inner != "" {
		k.add(Placeable{Kind: Kept, Text: inner, Start: start})
	}
}

// WithoutKept returns a text with a sign that is no part of a word (U+FFFC) in place of
// what its markup keeps from translation.
func WithoutKept(text string) string {
	var b strings.Builder
	at := 0
	for _, p := range Find(text) {
		if p.Kind == Kept {
			b.WriteString(text[at:p.Start] + "\ufffc")
			at = p.End()
		}
	}
	return b.String() + text[at:]
}
