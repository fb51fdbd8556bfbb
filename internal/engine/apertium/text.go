package apertium

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// part is a stretch of a segment: either to be translated, or to be kept as it is.
type part struct {
	text      string
	translate bool
}

// split cuts a segment where no sentence goes on: at blank lines, at NUL, which the
// stream cannot carry, and at longText. White space around each part stays outside
// of it, and parts without a letter are kept. The parts joined are the segment.
func split(text string) []part {
	var parts []part
	for text != "" {
		at, length := nextBreak(text)
		parts = appendBlock(parts, text[:at])
		if length > 0 {
			parts = append(parts, part{text: text[at : at+length]})
		}
		text = text[at+length:]
	}
	return parts
}

// nextBreak finds the next NUL or blank line, and its length; without one it
// returns the length of the text and 0.
func nextBreak(text string) (at, length int) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case 0:
			return i, 1
		case '\n':
			if blank := blankLine(text[i:]); blank > 0 {
				return i, blank
			}
		}
	}
	return len(text), 0
}

// blankLine returns the length of the white space that starts with a newline and
// has another one in it; 0 when there is no other.
func blankLine(text string) int {
	end := 1
	for i := 1; i < len(text) && strings.IndexByte(" \t\r\n", text[i]) >= 0; i++ {
		if text[i] == '\n' {
			end = i + 1
		}
	}
	if end == 1 {
		return 0
	}
	return end
}

// longText is how long, in bytes, one message may be. Some stages take a time that
// grows with the square of a text without an end of sentence, or of a word: 50 kB
// of either take minutes. Sentences are shorter.
const longText = 2000

// appendBlock adds a block in pieces of at most longText.
func appendBlock(parts []part, block string) []part {
	for len(block) > longText {
		at := cutAt(block)
		if head := block[:at]; len(head) > longText {
			parts = append(parts, part{text: head})
		} else {
			parts = appendPiece(parts, head)
		}
		block = block[at:]
	}
	return appendPiece(parts, block)
}

// cutAt returns where to cut a block that is too long: behind the last end of a
// sentence, else before the last white space. When there is none it is the end of
// the first word, which is too long itself and is no word of a language.
func cutAt(block string) int {
	sentence, space := 0, 0
	var last rune
	for i, r := range block {
		if unicode.IsSpace(r) && i > 0 {
			if i > longText {
				space = cmp.Or(space, i)
				break
			}
			space = i
			if strings.ContainsRune(".!?…:;", last) {
				sentence = i
			}
		}
		last = r
	}
	return cmp.Or(sentence, space, len(block))
}

func appendPiece(parts []part, block string) []part {
	if block == "" {
		return parts
	}
	if !hasLetters(block) {
		return append(parts, part{text: block})
	}
	core := strings.TrimFunc(block, isEdge)
	start := strings.Index(block, core)
	if start > 0 {
		parts = append(parts, part{text: block[:start]})
	}
	parts = append(parts, part{text: core, translate: true})
	if end := start + len(core); end < len(block) {
		parts = append(parts, part{text: block[end:]})
	}
	return parts
}

// isEdge says what may surround a text without belonging to it: white space and
// marks that cannot be seen.
func isEdge(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
}

// hasLetters says whether a text has a letter outside its tokens.
func hasLetters(text string) bool {
	for text != "" {
		if length := tokenLength(text); length > 0 {
			text = text[length:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		if unicode.IsLetter(r) {
			return true
		}
		text = text[size:]
	}
	return false
}

const (
	tokenOpen  = "⟦"
	tokenClose = "⟧"
)

// tokenLength returns the length of the ⟦n⟧ that a text starts with, or 0.
func tokenLength(text string) int {
	inside, found := strings.CutPrefix(text, tokenOpen)
	if !found {
		return 0
	}
	digits := 0
	for digits < len(inside) && inside[digits] >= '0' && inside[digits] <= '9' {
		digits++
	}
	if digits == 0 || !strings.HasPrefix(inside[digits:], tokenClose) {
		return 0
	}
	return len(tokenOpen) + digits + len(tokenClose)
}

// splitAtBlanks cuts a text at what goes into superblanks, which is kept.
func splitAtBlanks(text string) []part {
	var parts []part
	for text != "" {
		plain := plainLength(text)
		parts = appendBlock(parts, text[:plain])
		text = text[plain:]
		if length := blankLength(text); length > 0 {
			parts = append(parts, part{text: text[:length]})
			text = text[length:]
		}
	}
	return parts
}

// blanks lists what goes into superblanks, sorted.
func blanks(text string) []string {
	var found []string
	for text != "" {
		text = text[plainLength(text):]
		if length := blankLength(text); length > 0 {
			found = append(found, text[:length])
			text = text[length:]
		}
	}
	slices.Sort(found)
	return found
}
