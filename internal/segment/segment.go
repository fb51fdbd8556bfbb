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
	s := splitter{text: text, shade: newShade(text).unwrapped(), rules: rulesFor(lang)}
	for _, line := range s.shade.lines() {
		s.line(line)
	}
	s.add(len(text), false)
	return s.pieces
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
func (s *splitter) line(line extent) {
	line.start += s.rules.listMark(s.shade.text[line.start:line.end])
	for _, sentence := range s.sentences(line) {
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
