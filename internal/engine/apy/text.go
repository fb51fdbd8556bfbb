package apy

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/apertium"
	"github.com/dragoman-dev/dragoman/internal/engine/masked"
)

// maxQuery bounds the characters of one request. A busy service cuts a text into pieces
// of 1,000 and stops after ten of them without a word, and an idle one somewhat later
// (measured with apertium-apy 0.11.7); a single piece is never cut.
const maxQuery = 1000

// sentinel is the id of the element behind every text. An answer without it lacks its
// end.
const sentinel = "end"

// query is a text as it is sent.
type query struct {
	text string
	// kept is what stands as elements, by their ids.
	kept []string
}

// newQuery writes a text as HTML. What Apertium must not touch goes as an element: it
// knows those as white space and moves them along. Terms are kept as they are.
func newQuery(text string, terms []string) query {
	var q query
	var out strings.Builder
	plain := 0 // where the text begins that is not written yet
	flush := func(end int) {
		out.WriteString(masked.Escape(norm.NFC.String(text[plain:end])))
	}
	for i := 0; i < len(text); {
		length := keptAt(text, i, terms)
		if length == 0 {
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		flush(i)
		out.WriteString(masked.Tag(strconv.Itoa(len(q.kept))))
		q.kept = append(q.kept, text[i:i+length])
		i += length
		plain = i
	}
	flush(len(text))
	out.WriteString(masked.Tag(sentinel))
	q.text = out.String()
	return q
}

// keptAt returns the length of what stands at a place of a text and must not be
// touched, or 0.
func keptAt(text string, at int, terms []string) int {
	rest := text[at:]
	if length := apertium.KeptLength(rest); length > 0 {
		return length
	}
	if rest[0] < ' ' {
		return 1 // the service swallows NUL
	}
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	if isWordRune(before) {
		return 0
	}
	longest := 0
	for _, term := range terms {
		if len(term) > longest && strings.HasPrefix(rest, term) {
			if after, _ := utf8.DecodeRuneInString(rest[len(term):]); !isWordRune(after) {
				longest = len(term)
			}
		}
	}
	return longest
}

// keepTerms lists the terms that stay as they are. A single letter would be found in
// too many places.
func keepTerms(terms []engine.Term) []string {
	var out []string
	for _, t := range terms {
		if t.Keep && utf8.RuneCountInString(t.Source) > 1 {
			out = append(out, t.Source)
		}
	}
	return out
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// read reads the answer to a query. It is not complete when the sentinel did not come
// back.
func (q query) read(answer string) (t engine.Translation, complete bool) {
	var stretches []apertium.Stretch
	for _, p := range masked.Parts(answer) {
		if p.ID == sentinel {
			complete = true
			continue
		}
		if p.ID != "" {
			if n, err := strconv.Atoi(p.ID); err == nil && n < len(q.kept) {
				stretches = append(stretches, apertium.Stretch{Text: q.kept[n], Kept: true})
			}
			continue
		}
		stretches = append(stretches, apertium.Stretch{Text: p.Text})
	}
	return apertium.Read(stretches), complete
}

// cut returns where a text has to end so that a request of it stays within a number of
// characters: behind the last end of a sentence, else before the last white space, else
// where there is no more room. It is the length of a text that fits.
func cut(text string, terms []string, room int) int {
	sentence, space := 0, 0
	used := len(masked.Tag(sentinel))
	last := rune(0)
	for i := 0; i < len(text); {
		length, cost := step(text, i, terms)
		if used += cost; used > room && i > 0 {
			return cmp.Or(sentence, space, i)
		}
		r, _ := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsSpace(r) && i > 0:
			space = i
			if strings.ContainsRune(".!?…:;。！？", last) {
				sentence = i
			}
		default:
			last = r
		}
		i += length
	}
	return len(text)
}

// step returns the length of what stands at a place, and how many characters it takes
// in a request.
func step(text string, at int, terms []string) (length, cost int) {
	if length = keptAt(text, at, terms); length > 0 {
		const digits = 3 // a request holds less than 1,000 elements
		return length, len(masked.Tag("")) + digits
	}
	r, size := utf8.DecodeRuneInString(text[at:])
	return size, utf8.RuneCountInString(masked.Escape(string(r)))
}
