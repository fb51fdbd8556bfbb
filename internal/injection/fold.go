package injection

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text as the lexicon reads it: compatibility forms and look-alikes
// replaced, in small letters without accents, white space collapsed, and what cannot
// be seen dropped.
type folded struct {
	text []byte
	// joined holds letters that stood apart, as in "i g n o r e".
	joined []byte
	// signs are the ASCII signs there are beside letters, digits and spaces, as bits.
	signs [2]uint64
	// tagged is what tag characters spell, which nobody sees.
	tagged []byte
}

// folder folds one text.
type folder struct {
	folded

	table *table
	// word is where the word under way begins; -1 between words.
	word int
	// latin and other say which letters it has: other are those of scripts with
	// letters that look Latin. letters and digits count.
	latin, other    bool
	letters, digits int
	// gap counts the signs since the last word, breaks the line breaks among them.
	gap, breaks int
	// single are letters that each stand alone, and count how many.
	single []byte
	count  int
}

// fold is linear in the length of the text: the compatibility form of a rune has a few
// runes at most.
func fold(text string) folded {
	if !composed(text) {
		// One sign for a whole blessing, of 18 runes: nobody writes orders with it, and a
		// text of nothing else would cost twenty times as much as any other.
		text = norm.NFKC.String(strings.ReplaceAll(text, "\ufdfa", " "))
	}
	f := folder{word: -1, table: bases()}
	f.text = make([]byte, 0, len(text)+utf8.UTFMax)
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if size := f.run(text[i:]); size > 0 {
				i += size
				continue
			}
			f.ascii(c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		f.rune(r)
		i += size
	}
	f.endWord()
	f.endSingles()
	return f.folded
}

// composed says whether a text needs no compatibility form beside what the table does.
// It knows the letters that most texts are made of, and asks the library of the rest.
func composed(text string) bool {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if r >= foldedRunes && !settled(r) {
			return norm.NFKC.IsNormalString(text)
		}
		i += size
	}
	return true
}

// settled says whether a rune is its own compatibility form, whatever follows.
func settled(r rune) bool {
	switch {
	case r >= 0x4e00 && r <= 0x9fff, r >= 0xac00 && r <= 0xd7a3, r >= 0x3041 && r <= 0x3096, r >= 0x30a1 && r <= 0x30fa:
		return true
	case isWide(r), r == 0x3000: // fold knows them
		return true
	case r >= 0x2013 && r <= 0x2014, r >= 0x2018 && r <= 0x2022, r >= 0x3001 && r <= 0x3002, r >= 0x3008 && r <= 0x3011:
		return true
	default:
		return false
	}
}

// run adds the ASCII letters that a text begins with, and returns how many there are.
func (f *folder) run(text string) int {
	size := 0
	for size < len(text) && isASCIILetter(text[size]|0x20) {
		size++
	}
	if size == 0 {
		return 0
	}
	f.begin()
	f.letters += size
	f.latin = true
	for i := range size {
		f.text = append(f.text, text[i]|0x20)
	}
	return size
}

// ascii adds a sign that is no letter.
func (f *folder) ascii(c byte) {
	switch {
	case c >= '0' && c <= '9':
		f.begin()
		f.digits++
		f.text = append(f.text, c)
	case c == ' ', c == '\n', c == '\t', c == '\r', c == '\v', c == '\f':
		f.space(c == '\n')
	case c < ' ' || c == 0x7f:
		// A control character is not seen.
	default:
		f.endWord()
		f.gap++
		f.signs[c>>6] |= 1 << (c & 63)
		f.text = append(f.text, c)
	}
}

// has says whether one of some ASCII signs is in the text.
func (f *folded) has(signs string) bool {
	for i := range len(signs) {
		if f.signs[signs[i]>>6]&(1<<(signs[i]&63)) != 0 {
			return true
		}
	}
	return false
}

// space collapses white space: an empty line to a line break, the rest to one space.
func (f *folder) space(line bool) {
	f.endWord()
	f.gap++
	if line {
		f.breaks++
	}
	last := len(f.text) - 1
	switch {
	case last < 0:
	case f.text[last] == ' ':
		if f.breaks > 1 {
			f.text[last] = '\n'
		}
	case f.text[last] != '\n':
		f.text = append(f.text, ' ')
	}
}

func (f *folder) rune(r rune) {
	switch {
	case r < foldedRunes:
		f.known(r)
	case joins(r):
		f.joint(r)
	case r == 0x3000:
		f.space(false)
	case isWide(r):
		if c := byte(r - toWide); isASCIILetter(c | 0x20) {
			f.letter(rune(c | 0x20))
		} else {
			f.ascii(c)
		}
	case isTag(r):
		if c := r - toTag; c >= ' ' && c < 0x7f {
			f.tagged = append(f.tagged, byte(c))
		}
	default:
		f.rare(r)
	}
}

const (
	// toWide leads from ASCII to its form in full width, toTag to the tag characters.
	toWide = 0xfee0
	toTag  = 0xe0000
)

// isWide says whether a rune is a visible ASCII sign in full width.
func isWide(r rune) bool { return r >= 0xff01 && r <= 0xff5e }

func isTag(r rune) bool { return r >= toTag && r < toTag+utf8.RuneSelf }

// rare adds a rune that most texts do not have.
func (f *folder) rare(r rune) {
	switch {
	case unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me, unicode.Variation_Selector):
		return
	case r >= 0x1f150 && r <= 0x1f189: // letters in dark circles and, 32 places on, in squares
		f.letter('a' + (r-0x1f150)%0x20%26)
		return
	case unicode.IsSpace(r):
		f.space(r == 0x2028 || r == 0x2029)
		return
	case r == '‘', r == '’':
		f.sign('\'')
		return
	}
	base := baseOf(r)
	if small, ok := smallCapitals()[r]; ok {
		base = small
	}
	if unicode.IsLetter(base) {
		f.letter(base)
		return
	}
	f.sign(r)
}

// known adds a rune of the table.
func (f *folder) known(r rune) {
	base := f.table.base[r]
	switch {
	case base == 0:
		// Marks, and what has no width.
	case joins(base):
		f.joint(base)
	case f.table.letter[r]:
		f.letter(base)
	case unicode.IsSpace(base):
		f.space(false)
	default:
		f.sign(base)
	}
}

// joint adds a letter of a script that joins. A space between two of them is dropped,
// but in Korean and Arabic, which have spaces.
func (f *folder) joint(r rune) {
	if f.word >= 0 || f.count > 0 {
		f.endWord()
		f.endSingles()
	}
	if n := len(f.text); f.gap > 0 && n > 0 && f.text[n-1] == ' ' && crowds(r) {
		if before, _ := utf8.DecodeLastRune(f.text[:n-1]); crowds(before) {
			f.text = f.text[:n-1]
		}
	}
	f.text = utf8.AppendRune(f.text, r)
	f.gap, f.breaks = 0, 0
}

// crowds says whether a script has no spaces.
func crowds(r rune) bool { return r >= 0x3040 && r <= 0x9fff }

func (f *folder) begin() {
	if f.word >= 0 {
		return
	}
	f.word, f.latin, f.other, f.letters, f.digits = len(f.text), false, false, 0, 0
	if f.gap > maxGap {
		f.endSingles()
	}
}

func (f *folder) letter(r rune) {
	f.begin()
	f.letters++
	if r < utf8.RuneSelf {
		f.latin = true
		f.text = append(f.text, byte(r))
		return
	}
	f.other = f.other || hasLookAlikes(r)
	f.text = utf8.AppendRune(f.text, r)
}

func (f *folder) sign(r rune) {
	f.endWord()
	f.gap++
	f.text = utf8.AppendRune(f.text, r)
}

const (
	// maxGap is the most that may stand between letters of one spaced word.
	maxGap = 4
	// leastSingles is how many letters have to stand apart: lists of options and
	// initials have fewer.
	leastSingles = 8
	// leastDisguised is the length from which on digits in a word are read as letters.
	leastDisguised = 4
)

// endWord closes the word under way: look-alikes count as Latin in a word with Latin
// letters, and digits as the letters they look like in a word with letters.
func (f *folder) endWord() {
	if f.word < 0 {
		return
	}
	start := f.word
	f.word = -1
	if f.latin && f.other || f.digits > 0 && f.letters+f.digits >= leastDisguised && f.letters > 1 {
		f.undisguise(start)
	}
	if f.letters == 1 && f.digits == 0 {
		if f.gap > 1 && f.count > 0 {
			f.single = append(f.single, ' ')
		}
		f.single = append(f.single, f.text[start:]...)
		f.count++
	} else {
		f.endSingles()
	}
	f.gap, f.breaks = 0, 0
}

func (f *folder) endSingles() {
	if f.count >= leastSingles {
		f.joined = append(append(f.joined, f.single...), ' ')
	}
	f.single, f.count = f.single[:0], 0
}

// undisguise rewrites the word from a place on.
func (f *folder) undisguise(start int) {
	mixed := f.latin && f.other
	word := string(f.text[start:])
	f.text = f.text[:start]
	for _, r := range word {
		switch latin, ok := lookAlikes()[r]; {
		case mixed && ok:
			r = latin
		case f.digits > 0 && r >= '0' && r <= '9':
			r = rune("oizeasgtbg"[r-'0'])
		}
		f.text = utf8.AppendRune(f.text, r)
	}
}

// lookAlikes returns the Greek, Cyrillic and Armenian letters that look Latin.
var lookAlikes = sync.OnceValue(func() map[rune]rune {
	return pairs("аaвbеeкkмmнhоoрpсcтtуyхxѕsіiјjԁdԛqԝwһhӏlѵv" + "αaβbεeιiκkνvοoρpτtυuχxωwγyηn" + "ոnօoսuհh")
})

// hasLookAlikes says whether a rune is of a script with letters that look Latin.
func hasLookAlikes(r rune) bool { return r >= 0x370 && r < 0x590 }

// foldedRunes is where the table of bases ends: Latin, Greek, Cyrillic, Hebrew, Arabic.
const foldedRunes = 0x700

// table has the base of each rune below foldedRunes: a small letter without its marks;
// 0 for marks and what has no width.
type table struct {
	base [foldedRunes]rune
	// letter says whether the base is one.
	letter [foldedRunes]bool
}

// bases returns the table.
var bases = sync.OnceValue(func() *table {
	var out table
	for r := range rune(foldedRunes) {
		out.base[r] = baseOf(r)
	}
	for from, to := range pairs("łlŁlıiøoØođdĐdɑaɡgɩiɪiʀrɴnɢgʏyʜhʟlʙbىي") {
		out.base[from] = to
	}
	out.base['ـ'] = 0 // stretches a line
	for r, base := range out.base {
		out.letter[r] = unicode.IsLetter(base)
	}
	return &out
})

// baseOf decomposes a rune and drops its marks.
func baseOf(r rune) rune {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	head, _ := utf8.DecodeRuneInString(norm.NFKD.String(string(r)))
	return unicode.ToLower(head)
}

// smallCapitals returns the Latin small capitals above the table.
var smallCapitals = sync.OnceValue(func() map[rune]rune { return pairs("ᴀaᴄcᴅdᴇeꜰfᴊjᴋkᴍmᴏoᴘpꜱsᴛtᴜuᴠvᴡwᴢz") })

// pairs reads a list of runes, each with the one it stands for.
func pairs(list string) map[rune]rune {
	out := map[rune]rune{}
	runes := []rune(list)
	for i := 0; i+1 < len(runes); i += 2 {
		out[runes[i]] = runes[i+1]
	}
	return out
}
