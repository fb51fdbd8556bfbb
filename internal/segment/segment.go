// Package segment owns the cutting of a text into the units that are translated,
// and the counting of words.
//
// A paragraph is a line: a line break ends a segment, unless it only wraps long
// prose (wrap.go), and so does a block element such as <p> or <br>. Within a line
// the sentences of UAX #29 are joined
// again where their end was none: after an abbreviation (the suppressions of
// CLDR and lists of our own), an initial or an ordinal number, or before a word in
// lower case. Placeables (package placeholder) are never cut.
//
// The boundaries of UAX #29 are found by code of our own (boundary.go), which reads
// closely only behind a terminator; a test holds it to uax29. Where a rule file shall
// say where sentences end, SplitBy takes a Breaker, such as one of package srx.
//
// It is pure: it imports langtag, placeholder and uax29, and reads nothing but its
// embedded data.
package segment

import (
	"strings"
	"unicode"
)

// Piece is a part of a text.
type Piece struct {
	Text string
	// Translatable says that the piece has prose in it. The others are white space,
	// list marks, block tags, numbers and lone placeables: they stay as they are.
	Translatable bool
}

// Split cuts a text in a language, given as a canonical tag, into pieces. Joined in
// order they are the text, byte for byte, whatever the text holds. A translatable
// piece has no white space at its ends, and no two pieces that are not
// translatable stand side by side.
func Split(text, lang string) []Piece {
	s := newSplitter(text, lang)
	return s.split(s.sentences)
}

// Breaker finds the ends of sentences by rules of its own.
type Breaker interface {
	// Breaks returns, in ascending order, the byte offsets of a line at which a sentence
	// ends and the next begins. The line has no tags, and a capital letter for each byte
	// of a field or an address. Offsets inside a character or a placeable are passed over.
	Breaks(line string) []int
}

// SplitBy cuts as Split does, but leaves it to a breaker where the sentences of a line
// end. Lines, list marks and placeables are those of Split, and so are all its promises.
func SplitBy(text, lang string, breaker Breaker) []Piece {
	s := newSplitter(text, lang)
	return s.split(func(line extent) []extent { return s.broken(line, breaker) })
}

// extent is a range of bytes.
type extent struct{ start, end int }

// splitter collects the pieces of one text.
type splitter struct {
	text   string
	shade  shade
	rules  *rules
	pieces []Piece
	// at is where the next piece begins.
	at int
}

func newSplitter(text, lang string) *splitter {
	return &splitter{text: text, shade: newShade(text).unwrapped(), rules: rulesFor(lang)}
}

// split cuts every line into the sentences that a function finds in it.
func (s *splitter) split(sentences func(line extent) []extent) []Piece {
	for _, line := range s.shade.lines() {
		line.start += s.rules.listMark(s.shade.text[line.start:line.end])
		s.line(sentences(line))
	}
	s.add(len(s.text), false)
	return s.pieces
}

// add makes a piece of everything up to a byte offset.
func (s *splitter) add(end int, translatable bool) {
	if end <= s.at {
		return
	}
	if last := len(s.pieces) - 1; last >= 0 && !translatable && !s.pieces[last].Translatable {
		start := s.at - len(s.pieces[last].Text)
		s.pieces[last].Text = s.text[start:end]
	} else {
		s.pieces = append(s.pieces, Piece{Text: s.text[s.at:end], Translatable: translatable})
	}
	s.at = end
}

// line adds the sentences of a line; what lies between them is left for the piece
// in between.
func (s *splitter) line(sentences []extent) {
	for _, sentence := range sentences {
		inner := s.text[sentence.start:sentence.end]
		start := sentence.start + len(inner) - len(strings.TrimLeftFunc(inner, isOuter))
		end := sentence.start + len(strings.TrimRightFunc(inner, isOuter))
		if start < end && s.shade.hasProse(start, end) {
			s.add(start, false)
			s.add(end, true)
		}
	}
}

// isOuter finds what may not stand at the ends of a piece: white space and the
// byte order mark, which some files begin with.
func isOuter(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' }
