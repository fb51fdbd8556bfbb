package document

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// maxUnitRunes bounds a sentence: the largest that a call to a language model takes. What
// is longer has no sentence ends, or none that are known, and is divided.
const maxUnitRunes = 8000

// sentence adds a sentence to a text, by stretches when it is too long.
func (b *builder) sentence(text string) {
	stretches := divide(text)
	if len(stretches) > 1 {
		b.note(len(b.doc.units)+1, fmt.Sprintf("a sentence of %d characters is translated by stretches of at most %d", utf8.RuneCountInString(text), maxUnitRunes))
	}
	for _, stretch := range stretches {
		switch {
		case strings.TrimSpace(stretch) == "":
			b.untouched(stretch)
		case b.standsAlone(stretch):
			b.place(b.stretch(stretch), stretch)
		default:
			b.aside(stretch)
		}
	}
}

// divide cuts a sentence that is too long into stretches, behind the last white space
// that fits; scripts without spaces are cut between characters, and no placeable is cut
// unless it is too long by itself. Joined they are the sentence. White space at the seams
// stands alone.
func divide(sentence string) []string {
	if len(sentence) <= maxUnitRunes || utf8.RuneCountInString(sentence) <= maxUnitRunes {
		return []string{sentence}
	}
	var parts []string
	found := placeholder.Find(sentence)
	for start := 0; start < len(sentence); {
		for len(found) > 0 && found[0].End() <= start {
			found = found[1:]
		}
		end := cutBefore(sentence, start, found)
		part := sentence[start:end]
		tail := strings.TrimLeftFunc(part, unicode.IsSpace)
		inner := strings.TrimRightFunc(tail, unicode.IsSpace)
		for _, p := range []string{part[:len(part)-len(tail)], inner, tail[len(inner):]} {
			if p != "" {
				parts = append(parts, p)
			}
		}
		start = end
	}
	return parts
}

// cutBefore returns where the stretch that begins at a byte ends.
func cutBefore(sentence string, start int, found []placeholder.Placeable) int {
	limit, lastSpace, lastRune, runes := len(sentence), 0, 0, 0
	next := 0 // the first placeable that is not passed yet
	for at, r := range sentence[start:] {
		at += start
		for next < len(found) && found[next].End() <= at {
			next++
		}
		if runes == maxUnitRunes {
			limit = at
			break
		}
		runes++
		if at == start || next < len(found) && found[next].Start < at {
			continue // inside a placeable
		}
		if !unicode.Is(unicode.M, r) {
			lastRune = at
		}
		if unicode.IsSpace(r) {
			lastSpace = at + utf8.RuneLen(r)
		}
	}
	switch {
	case limit == len(sentence):
		return limit
	case lastSpace > start:
		return lastSpace
	case lastRune > start:
		return lastRune
	default:
		return limit
	}
}
