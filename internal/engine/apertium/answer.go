package apertium

import (
	"github.com/dragoman-dev/dragoman/internal/engine"
)

// What follows is for package apy, which reaches the same programs through a service:
// languages are named, texts prepared and answers read in one way.

// Tag turns a code of Apertium's, such as "spa" or "oci_aran", into a canonical BCP-47
// tag.
func Tag(code string) (string, bool) { return tagOf(code) }

// Sample is a sentence in a language that a pair can be tried with.
func Sample(tag string) string { return sentenceIn(tag) }

// KeptLength returns the length of what a text starts with and must be carried along
// untouched: a ⟦n⟧ token, white space other than one space, a sign that Apertium uses
// to mark words or joins them with. It is 0 when the text starts with something else.
func KeptLength(text string) int { return blankLength(text) }

// Stretch is a part of an answer: what Apertium wrote, or what it carried along.
type Stretch struct {
	Text string
	Kept bool
}

// Read puts the stretches of an answer together as an answer of the pipe is read: the
// marks before words are taken off, and their words listed as unknown; spaces that a
// dropped word has left are taken out. What was kept must not be the letter e alone.
func Read(stretches []Stretch) engine.Translation {
	var wire []byte
	for _, s := range stretches {
		if s.Kept {
			wire = superblank(wire, s.Text)
			continue
		}
		for _, r := range s.Text {
			wire = escape(wire, r)
		}
	}
	wire = superblank(wire, endOfText)
	wire = append(wire, '.')
	wire = superblank(wire, "0")
	a, err := decode(wire, 0)
	if err != nil {
		return engine.Translation{} // only an e that was kept ends the text early
	}
	return engine.Translation{Text: a.text, Unknown: a.unknown}
}

// CameToNothing says whether an answer to a text with words is what is left when the
// words are taken out, as of a pair whose programs crash. The words are returned when
// they are so few that they may mean nothing by themselves.
func CameToNothing(text, answer string) (nothing bool, few []string) {
	if !hasLetters(text) || !cameToNothing(text, answer) {
		return false, nil
	}
	if words := wordsOf(text); len(words) <= fewWords {
		return true, words
	}
	return true, nil
}
