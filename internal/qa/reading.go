package qa

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/langtag"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// reading is what several checks need of a text, read once for all of them.
type reading struct {
	text       string
	placeables []placeholder.Placeable
	// prose is the text with a space in place of each placeable.
	prose string
	// length of the prose; see length.
	length int
	// words of the prose in order.
	words []word
}

// word is a word of prose.
type word struct {
	// text in lower case, without the punctuation around it.
	text string
	// plain words are prose: no code, no number, no hyphenated compound of both.
	plain bool
	// lower says that the word does not begin with a capital.
	lower bool
	// start and end are where it stands in the prose, with the punctuation around it.
	start, end int
}

// pairReading is what the checks share of one Input.
type pairReading struct {
	source, target *reading
	// evidence is weighed when the first check asks for it.
	evidence *Evidence
	// from and to are the languages without script and region.
	from, to string
}

// read fills in what the checks share.
func (in *Input) read() {
	in.shared = &pairReading{
		source: newReading(in.Source), target: newReading(in.Target),
		from: langtag.Base(in.SourceLanguage), to: langtag.Base(in.TargetLanguage),
	}
}

// from is the language of the source, without script and region.
func (in Input) from() string {
	if in.shared == nil {
		return langtag.Base(in.SourceLanguage)
	}
	return in.shared.from
}

// to is the language of the translation, without script and region.
func (in Input) to() string {
	if in.shared == nil {
		return langtag.Base(in.TargetLanguage)
	}
	return in.shared.to
}

// source returns the source as it was read, or reads it.
func (in Input) source() *reading {
	if in.shared == nil {
		return newReading(in.Source)
	}
	return in.shared.source
}

// target returns the translation as it was read, or reads it.
func (in Input) target() *reading {
	if in.shared == nil {
		return newReading(in.Target)
	}
	return in.shared.target
}

// evidence returns what the pair shows, weighed once.
func (in Input) evidence() Evidence {
	if in.shared == nil {
		in.read()
	}
	if in.shared.evidence == nil {
		e := weigh(in)
		in.shared.evidence = &e
	}
	return *in.shared.evidence
}

func newReading(text string) *reading {
	r := &reading{text: text, placeables: placeholder.Find(text)}
	r.prose = withoutPlaceables(text, r.placeables)
	r.length = length(r.prose)
	at := 0
	for field := range strings.FieldsSeq(r.prose) {
		w := newWord(field)
		w.start = at + strings.Index(r.prose[at:], field) // behind white space alone
		w.end = w.start + len(field)
		at = w.end
		r.words = append(r.words, w)
	}
	return r
}

// aroundWords is the punctuation that does not belong to the word it touches.
const aroundWords = ".,;:!?()[]\"'`*«»“”„‚‘’‹›¡¿…。！？，、；：「」『』（）"

func newWord(field string) word {
	inner := strings.Trim(field, aroundWords)
	first, _ := utf8.DecodeRuneInString(inner)
	return word{
		text:  strings.ToLower(inner),
		plain: inner != "" && !isCode(field) && !strings.ContainsFunc(inner, isNoPartOfWord),
		lower: !unicode.IsUpper(first) && !unicode.IsTitle(first),
	}
}

// prose returns a text without its placeables.
func prose(text string) string { return withoutPlaceables(text, placeholder.Find(text)) }

func withoutPlaceables(text string, found []placeholder.Placeable) string {
	if len(found) == 0 {
		return text
	}
	var b strings.Builder
	at := 0
	for _, p := range found {
		b.WriteString(text[at:p.Start])
		b.WriteByte(' ')
		at = p.End()
	}
	b.WriteString(text[at:])
	return b.String()
}

// isNothing says that the text has no letter, digit, symbol or placeable.
func (r *reading) isNothing() bool {
	return len(r.placeables) == 0 && !strings.ContainsFunc(r.text, saysSomething)
}
