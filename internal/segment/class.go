package segment

import (
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// class is a value of the property Sentence_Break of UAX #29. The rules never tell
// Sep, CR and LF apart, except that CR LF is one, nor Extend from Format.
type class uint8

const (
	classOther class = iota
	classATerm
	classClose
	classIgnored // Extend and Format
	classLower
	classNumeric
	classOLetter
	classParaSep // Sep, CR and LF
	classSContinue
	classSp
	classSTerm
	classUpper
)

// classNames are the names of the sections of data/sentencebreak.txt.
var classNames = map[string]class{
	"ATerm": classATerm, "Close": classClose, "Ignored": classIgnored, "Lower": classLower,
	"Numeric": classNumeric, "OLetter": classOLetter, "ParaSep": classParaSep,
	"SContinue": classSContinue, "Sp": classSp, "STerm": classSTerm, "Upper": classUpper,
}

// classes knows the class of every character.
type classes struct {
	// pages by the upper bits of a character; pages without a class are shared.
	pages [unicode.MaxRune>>8 + 1]*[256]class
	// lead marks the first bytes of the terminators and paragraph separators. No other
	// byte can end a sentence, which is what makes reading fast.
	lead [256]bool
	// second marks the second bytes of those with three, by the low bits of both bytes.
	// It tells Kana from the full stop 。, which begins alike.
	second [16][64]bool
	// dashes says that a sentence may begin with a dash, as speech does.
	dashes bool
}

// uax29 holds the classes of the Unicode version that data/sentencebreak.txt names.
var uax29 = sync.OnceValue(newClasses)

// tailored is uax29 with the ellipsis sign as a terminator and with dashes.
var tailored = sync.OnceValue(func() *classes {
	c := newClasses()
	c.set('…', '…', classSTerm)
	c.dashes = true
	return c
})

func newClasses() *classes {
	c := &classes{}
	empty := &[256]class{}
	for i := range c.pages {
		c.pages[i] = empty
	}
	for _, section := range sections("data/sentencebreak.txt", " ") {
		for _, entry := range section.entries {
			first, last, found := strings.Cut(entry, "-")
			if !found {
				last = first
			}
			from, to := codePoint(first), codePoint(last)
			for page := from >> 8; page <= to>>8; page++ {
				if c.pages[page] == empty {
					c.pages[page] = &[256]class{}
				}
			}
			c.set(from, to, classNames[section.name])
		}
	}
	return c
}

// codePoint reads a hexadecimal number. The data is embedded and a test reads all of
// it, so a wrong number cannot reach a user.
func codePoint(digits string) rune {
	n, err := strconv.ParseUint(digits, 16, 21)
	if err != nil {
		panic("data/sentencebreak.txt: " + err.Error())
	}
	return rune(n) //nolint:gosec // 21 bits
}

// set gives a class to a range of characters.
func (c *classes) set(from, to rune, as class) {
	for r := from; r <= to; r++ {
		c.pages[r>>8][r&0xff] = as
		if as == classATerm || as == classSTerm || as == classParaSep {
			bytes := string(r)
			c.lead[bytes[0]] = true
			if isThree(bytes[0]) {
				c.second[bytes[0]&0x0f][bytes[1]&0x3f] = true
			}
		}
	}
}

// isThree says whether a byte begins a character of three bytes.
func isThree(b byte) bool { return b >= 0xe0 && b < 0xf0 }

// mayEnd says whether a terminator or a paragraph separator may begin at an offset.
func (c *classes) mayEnd(text string, i int) bool {
	b := text[i]
	if !c.lead[b] {
		return false
	}
	return !isThree(b) || i+1 >= len(text) || c.second[b&0x0f][text[i+1]&0x3f]
}

// at returns the class and the length of the character at a byte offset. A byte that
// is no UTF-8 is a character without a class.
func (c *classes) at(text string, i int) (as class, size int) {
	if b := text[i]; b < utf8.RuneSelf {
		return c.pages[0][b], 1
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	return c.pages[r>>8][r&0xff], size
}

// before returns the class of the character in front of a byte offset that is not
// ignored, or classOther where the text begins.
func (c *classes) before(text string, i int) class {
	for i > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:i])
		if as := c.pages[r>>8][r&0xff]; as != classIgnored {
			return as
		}
		i -= size
	}
	return classOther
}

// skipIgnored returns the first offset from i on that is not of an ignored character.
func (c *classes) skipIgnored(text string, i int) int {
	for i < len(text) {
		as, size := c.at(text, i)
		if as != classIgnored {
			break
		}
		i += size
	}
	return i
}
