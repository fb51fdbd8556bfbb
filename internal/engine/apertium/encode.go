package apertium

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Apertium's stream format: text as it is, with reserved characters behind a
// backslash, and superblanks, "[…]", which are carried along untouched like white
// space. A message of ours is
//
//	text [e] . [17] NUL
//
// The stop behind [e] ends the sentence, which some pairs need in order to write
// the last word at all; it is a token of its own, so that "etc" stays "etc". The
// number is checked against the answer's.
const (
	// reserved must stand behind a backslash outside and inside superblanks.
	reserved = `[]{}^$/\@<>`
	// marks are what a pair writes before a word it does not know (*), cannot
	// translate (@) or cannot inflect (#). Those of the source go into superblanks:
	// a mark outside of one is Apertium's own.
	marks = "*@#"
	// joiner wakes the last stage of a pair, which swallows it.
	joiner = '~'
	// endOfText is the superblank behind the text. No other superblank has this
	// content: ours hold a token, white space, a mark, a joiner or a number.
	endOfText = "e"
)

// encode writes a text and its number in the stream format, without the NUL.
func encode(text string, id uint64) []byte {
	wire := make([]byte, 0, len(text)+len(text)/4+32)
	for text != "" {
		if length := blankLength(text); length > 0 {
			wire = superblank(wire, text[:length])
			text = text[length:]
			continue
		}
		length := plainLength(text)
		// Dictionaries hold letters with their accents in one code point.
		for _, r := range norm.NFC.String(text[:length]) {
			wire = escape(wire, r)
		}
		text = text[length:]
	}
	wire = superblank(wire, endOfText)
	wire = append(wire, '.')
	return superblank(wire, strconv.FormatUint(id, 10))
}

// blankLength returns the length of what a text starts with and must go into a
// superblank: a token, white space other than one space, a mark or a joiner. It is
// 0 when the text starts with something else.
func blankLength(text string) int {
	if text == "" {
		return 0
	}
	if length := tokenLength(text); length > 0 {
		return length
	}
	r, size := utf8.DecodeRuneInString(text)
	if r == joiner || strings.ContainsRune(marks, r) {
		return size
	}
	if length := spaces(text); text[:length] != " " {
		return length
	}
	return 0
}

// plainLength returns the length of a text up to what must go into a superblank.
func plainLength(text string) int {
	for i := 0; i < len(text); {
		if blankLength(text[i:]) > 0 {
			return i
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	return len(text)
}

// spaces returns the length of the white space that a text starts with.
func spaces(text string) int {
	return len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
}

func superblank(wire []byte, content string) []byte {
	wire = append(wire, '[')
	for _, r := range content {
		wire = escape(wire, r)
	}
	return append(wire, ']')
}

func escape(wire []byte, r rune) []byte {
	if strings.ContainsRune(reserved, r) {
		wire = append(wire, '\\')
	}
	return utf8.AppendRune(wire, r)
}
