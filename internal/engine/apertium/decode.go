package apertium

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// answer is what came back for one message.
type answer struct {
	text string
	// unknown words in order, each once, as the answer spells them.
	unknown []string
	// words counts the words of the text, and marked those behind a mark that is
	// not "*": words that lack a translation or a form.
	words, marked int
	// blanks are the superblanks that came back, sorted, but for our own.
	blanks []string
}

var errOutOfStep = errors.New("an answer belongs to another text")

// decode reads an answer, takes off the marks that Apertium put before words, and
// takes out the spaces it leaves behind where it drops a word. The answer must
// carry the number of its message.
func decode(wire []byte, id uint64) (answer, error) {
	d := decoder{rest: string(wire)}
	for d.rest != "" {
		d.next()
	}
	if !d.done || d.last != strconv.FormatUint(id, 10) {
		return answer{}, errOutOfStep
	}
	d.endWord()
	slices.Sort(d.blanks)
	return answer{text: d.text(), unknown: d.unknown, words: d.words, marked: d.marked, blanks: d.blanks}, nil
}

// decoder holds the state between two items of an answer.
type decoder struct {
	rest string
	out  strings.Builder
	// gap is true when a space was read and not written yet: it is dropped beside
	// other white space, and at both ends.
	gap bool
	// hard is true when what was written last is white space of the source.
	hard bool
	// done is true behind the text, where only the stop and the number follow. tail
	// is what stands there.
	done bool
	tail strings.Builder
	// last superblank seen, and all of the source's.
	last   string
	blanks []string
	// stop is where the last stop was written, with the space before it, and stopEnd
	// what follows it: superblanks alone. There is none when both are 0.
	stop, stopEnd int

	// mark is the mark of the word that is being read, or 0, and word its letters.
	mark    rune
	word    strings.Builder
	inWord  bool
	unknown []string

	words, marked int
}

// next takes one item off the front: a superblank or a character.
func (d *decoder) next() {
	if d.rest[0] == '[' {
		d.superblank()
		return
	}
	r, size := utf8.DecodeRuneInString(d.rest)
	d.rest = d.rest[size:]
	escaped := r == '\\' && d.rest != ""
	if escaped {
		r, size = utf8.DecodeRuneInString(d.rest)
		d.rest = d.rest[size:]
	}
	switch {
	case d.done:
		d.tail.WriteRune(r)
	case r == ' ':
		d.endWord()
		d.gap = true
	case (!escaped || r == '@') && strings.ContainsRune(marks, r) && d.isMark(r):
	default:
		d.write(r)
	}
}

// isMark handles a character that may be a mark, and says whether it was one. A
// mark stands before a word; some pairs write "@" with a backslash, being reserved.
// "#" also stands inside a lemma of several words: "#take# off".
func (d *decoder) isMark(r rune) bool {
	if r == '#' && d.inWord && (d.mark == '#' || d.mark == '@') {
		return true
	}
	following, _ := utf8.DecodeRuneInString(d.rest)
	if following == '\\' || !isWordRune(following) {
		return false
	}
	d.endWord()
	d.mark = r
	return true
}

func (d *decoder) write(r rune) {
	d.stop, d.stopEnd = d.out.Len(), 0
	d.flushGap()
	d.out.WriteRune(r)
	if r == '.' {
		d.stopEnd = d.out.Len()
	}
	if isWordRune(r) || (d.inWord && isInner(r) && d.wordGoesOn()) {
		d.word.WriteRune(r)
		d.inWord = true
		return
	}
	d.endWord()
}

// wordGoesOn says whether a letter or digit follows.
func (d *decoder) wordGoesOn() bool {
	r, _ := utf8.DecodeRuneInString(d.rest)
	return isWordRune(r)
}

func (d *decoder) flushGap() {
	if d.gap && !d.hard && d.out.Len() > 0 {
		d.out.WriteByte(' ')
	}
	d.gap, d.hard = false, false
}

func (d *decoder) endWord() {
	if !d.inWord {
		d.mark = 0
		return
	}
	word := d.word.String()
	d.words++
	if d.mark != 0 && !slices.Contains(d.unknown, word) {
		d.unknown = append(d.unknown, word)
	}
	if d.mark == '@' || d.mark == '#' {
		d.marked++
	}
	d.word.Reset()
	d.inWord, d.mark = false, 0
}

// superblank writes what stands between brackets, or ends the text.
func (d *decoder) superblank() {
	d.endWord()
	content, length := bracketed(d.rest)
	d.rest = d.rest[length:]
	d.last = content
	switch {
	case d.done:
		return
	case content == endOfText:
		d.done = true
		return
	case spaces(content) == len(content) && content != "":
		d.gap, d.hard = false, true
		d.out.WriteString(content)
	default:
		d.flushGap()
		d.out.WriteString(content)
	}
	d.blanks = append(d.blanks, content)
}

// text returns what was written without the stop that encode put behind it. Rules
// that contract words ("a" and "el" to "al") may draw the stop before [e].
func (d *decoder) text() string {
	out := d.out.String()
	tail, found := strings.CutSuffix(strings.TrimSpace(d.tail.String()), ".")
	switch {
	case tail != "":
		out += " " + tail
	case !found && d.stopEnd > 0:
		out = out[:d.stop] + out[d.stopEnd:]
	}
	return out
}

// bracketed reads the superblank that a text starts with, and returns its content
// without backslashes and the length with brackets.
func bracketed(text string) (content string, length int) {
	var inside strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == ']':
			return inside.String(), i + 1
		case c == '\\' && i+1 < len(text):
			i++
			inside.WriteByte(text[i])
		default:
			inside.WriteByte(c)
		}
	}
	return inside.String(), len(text)
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// isInner says what may stand between two letters of one word.
func isInner(r rune) bool {
	return strings.ContainsRune("'’-·‑.", r)
}
