package injection

import (
	"embed"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// The stems, a file for each language. A line names a role and the stems that play
// it, apart by bars; one that ends in "*" may go on.
//
//go:embed data/*.txt
var data embed.FS

// role is what a stem does in a sentence. A stem may have several.
type role uint64

// The roles, in the order of roleNames.
const (
	ignore    role = 1 << iota // verbs that leave something aside
	prior                      // what came before
	all                        // everything
	your                       // of the model
	instr                      // instructions
	limits                     // rules, limits and other things that bind
	object                     // what people ask each other to ignore
	not                        // negation before a verb
	late                       // negation behind a verb
	negated                    // a verb with its negation in it
	subject                    // who else does it
	mention                    // signs of a text about such orders
	reveal                     // verbs that tell
	show                       // verbs that show
	betray                     // verbs that tell what is secret
	prompt                     // the prompt, said to be the model's
	sysprompt                  // the prompt
	own                        // the model's own prompt
	mild                       // what may be anybody's
	verbatim                   // to the letter
	refuse                     // no translation of this
	swap                       // something in place of this translation
	shun                       // something in place of a translation
	translate                  // to translate
	first                      // before or after that
	instead                    // in place of that
	do                         // verbs for what a model can do
	order                      // what to answer
	newtask                    // a new task
	become                     // to be somebody
	persona                    // whom to be
	rogue                      // whom to be, without rules
	talk                       // what people are with a bot
	jailbreak                  // known spells
	address                    // to a model
	above                      // the text above
)

// names lists the roles as they stand in the files.
func names() map[string]role {
	out := map[string]role{}
	list := "ignore prior all your instr rules object not late negated subject mention reveal show betray prompt sysprompt own mild verbatim " +
		"refuse swap shun translate first instead do order newtask become persona rogue talk jailbreak address above"
	for i, name := range strings.Fields(list) {
		out[name] = 1 << i
	}
	return out
}

// stem is a word, the beginning of one, or a phrase.
type stem struct {
	text  string
	roles role
	// whole says that a word must end with it, bounded that one must begin with it
	// although its script puts words together.
	whole, bounded bool
}

// hit is a stem at its place in the folded text.
type hit struct {
	start, end int
	roles      role
}

// lexicon finds stems. Where a word begins, its first four bytes decide by one bit
// whether any stem can; in scripts without spaces, the first two runes of every place.
type lexicon struct {
	filter [slots / 64]uint64
	// bucket says where the stems of a slot are.
	bucket  [slots]uint16
	buckets [][]stem
}

// slots of the keys. Keys that share one are told apart by their stems.
const slots = 1 << 16

// words returns the lexicon of all languages. A text is searched for all of them: what
// language an order is written in, its author decides.
var words = sync.OnceValue(func() *lexicon {
	out, err := load()
	if err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	return out
})

func load() (*lexicon, error) {
	out := &lexicon{buckets: [][]stem{nil}}
	files, err := data.ReadDir("data")
	if err != nil {
		return nil, err
	}
	known := names()
	var problems []error
	for _, file := range files {
		content, err := data.ReadFile("data/" + file.Name())
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(content)) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			name, list, _ := strings.Cut(line, ": ")
			if known[name] == 0 {
				return nil, fmt.Errorf("%s has an unknown role %q", file.Name(), name)
			}
			for word := range strings.SplitSeq(list, " | ") {
				if err := out.add(word, known[name]); err != nil {
					problems = append(problems, fmt.Errorf("%s: %w", file.Name(), err))
				}
			}
		}
	}
	return out, errors.Join(problems...)
}

// shortArabic is the length up to which an Arabic stem is taken as a word: shorter ones
// stand in the middle of others.
const shortArabic = 3

func (l *lexicon) add(word string, roles role) error {
	open, prefix := strings.CutSuffix(word, "*")
	text := strings.TrimSpace(string(fold(open).text))
	if text == "" {
		return fmt.Errorf("the stem %q is empty", word)
	}
	key, ok := keyOf([]byte(text))
	head, _ := utf8.DecodeRuneInString(text)
	if !ok || prefix && len(text) < keyBytes {
		return fmt.Errorf("the stem %q is too short", word)
	}
	last, _ := utf8.DecodeLastRuneInString(text)
	s := stem{text: text, roles: roles, whole: !prefix && isLetter(last) && !joins(last)}
	if unicode.Is(unicode.Arabic, head) && utf8.RuneCountInString(text) <= shortArabic {
		s.whole, s.bounded = true, true
	}
	at := slot(key)
	if l.filter[at>>6] |= 1 << (at & 63); l.bucket[at] == 0 {
		l.bucket[at] = uint16(len(l.buckets)) //nolint:gosec // a few thousand stems
		l.buckets = append(l.buckets, nil)
	}
	bucket := &l.buckets[l.bucket[at]]
	for i, known := range *bucket {
		if known.text == text && known.whole == s.whole {
			(*bucket)[i].roles |= roles
			return nil
		}
	}
	*bucket = append(*bucket, s)
	return nil
}

// stems returns those that a key may stand for.
func (l *lexicon) stems(key uint64) []stem {
	at := slot(key)
	if l.filter[at>>6]&(1<<(at&63)) == 0 {
		return nil
	}
	return l.buckets[l.bucket[at]]
}

// keyOf returns what a place is looked up by: up to four bytes of a word, or two runes
// of a script that puts words together. It is false where no stem can begin.
func keyOf(text []byte) (uint64, bool) {
	head, size := utf8.DecodeRune(text)
	if joins(head) {
		if len(text) == size {
			return 0, false
		}
		next, _ := utf8.DecodeRune(text[size:])
		return uint64(head)<<24 | uint64(next), true
	}
	if !isLetter(head) {
		return 0, false
	}
	return wordKey(text, keyBytes), true
}

// keyBytes is how much of a word decides whether a stem can begin there.
const keyBytes = 4

// wordKey returns the key of a word of which no more than some bytes count.
func wordKey(text []byte, most int) uint64 {
	var key uint64
	ascii := text[0] < utf8.RuneSelf
	for i := 0; i < most && i < len(text); i++ {
		c := text[i]
		if ascii && c >= utf8.RuneSelf || c < utf8.RuneSelf && !isASCIILetter(c) {
			break
		}
		key |= uint64(c) << (8 * i)
	}
	return key
}

// slot spreads keys over the slots (Fibonacci hashing).
func slot(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 >> 48 }

// joins says whether a rune is of a script whose words stand together, or take
// prefixes and endings: a stem may begin at any place.
func joins(r rune) bool {
	switch {
	case r < 0x600:
		return false
	case r <= 0x6ff, r >= 0x750 && r <= 0x77f: // Arabic
		return true
	case r >= 0xe00 && r <= 0xe7f: // Thai
		return true
	case r >= 0x3040 && r <= 0x9fff, r >= 0xac00 && r <= 0xd7a3, r >= 0x20000 && r <= 0x3ffff: // kana, Han, Hangul
		return true
	default:
		return false
	}
}

func isASCIILetter(c byte) bool { return c >= 'a' && c <= 'z' }

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return isASCIILetter(byte(r))
	}
	if r < foldedRunes {
		return bases().letter[r]
	}
	return unicode.IsLetter(r)
}

// inWord says whether a rune binds what stands beside it to a word.
func inWord(r rune) bool {
	return !joins(r) && (isLetter(r) || r >= '0' && r <= '9')
}

// maxHits bounds the hits of a piece. A piece cannot hold so many stems, unless its
// compatibility form is many times as long.
const maxHits = 4096

// find returns the stems in folded text, in order of their places. In loose text the
// borders of words are lost.
func (l *lexicon) find(text []byte, loose bool) []hit {
	var hits []hit
	word := false // what stands before is part of a word
	for i := 0; i < len(text) && len(hits) < maxHits; {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[i:])
		}
		switch {
		case !isLetter(r):
			word = r >= '0' && r <= '9'
		case joins(r):
			hits = l.try(hits, text, i, true)
			word = false
		case loose:
			hits = l.tryLoose(hits, text, i)
			word = true
		default:
			if !word {
				hits = l.try(hits, text, i, false)
			}
			word = true
			size += letters(text[i+size:])
		}
		i += size
	}
	return hits
}

// letters counts the ASCII letters that a text begins with.
func letters(text []byte) int {
	for i, c := range text {
		if !isASCIILetter(c) {
			return i
		}
	}
	return len(text)
}

// boundBefore says whether the text ends in a letter.
func boundBefore(text []byte) bool {
	r, _ := utf8.DecodeLastRune(text)
	return unicode.IsLetter(r)
}

// try adds the stems at a place. Joint says that its script joins words.
func (l *lexicon) try(hits []hit, text []byte, at int, joint bool) []hit {
	key, ok := keyOf(text[at:])
	if !ok {
		return hits
	}
	for _, s := range l.stems(key) {
		if !hasPrefix(text[at:], s.text) || joint && s.bounded && boundBefore(text[:at]) || s.whole && !s.endsAt(text, at+len(s.text)) {
			continue
		}
		hits = append(hits, hit{start: at, end: at + len(s.text), roles: s.roles})
	}
	return hits
}

// tryLoose adds the stems at a place, wherever they end.
func (l *lexicon) tryLoose(hits []hit, text []byte, at int) []hit {
	for most := 1; most <= keyBytes && at+most <= len(text); most++ {
		for _, s := range l.stems(wordKey(text[at:], most)) {
			if hasPrefix(text[at:], s.text) {
				hits = append(hits, hit{start: at, end: at + len(s.text), roles: s.roles})
			}
		}
	}
	return hits
}

// endsAt says whether a word ends at a place.
func (s stem) endsAt(text []byte, at int) bool {
	if at >= len(text) {
		return true
	}
	next, _ := utf8.DecodeRune(text[at:])
	return !inWord(next) && (!s.bounded || !unicode.IsLetter(next))
}

func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}
