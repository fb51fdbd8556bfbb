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
// knows those as white space and moves them along.
func newQuery(text string) query {
	var q query
	var out strings.Builder
	plain := 0 // where the text begins that is not written yet
	flush := func(end int) {
		out.WriteString(masked.Escape(norm.NFC.String(text[plain:end])))
	}
	for i := 0; i < len(text); {
		length := keptAt(text[i:])
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

// keptAt returns the length of what a text starts with and must not be touched, or 0.
func keptAt(text string) int {
	if length := apertium.KeptLength(text); length > 0 {
		return length
	}
	if text[0] < ' ' {
		return 1 // the service swallows NUL
	}
	return 0
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
func cut(text string, room int) int {
	sentence, space := 0, 0
	used := len(masked.Tag(sentinel))
	last := rune(0)
	for i := 0; i < len(text); {
		length, cost := step(text[i:])
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

// step returns the length of what a text starts with, and how many characters it takes
// in a request.
func step(text string) (length, cost int) {
	if length = keptAt(text); length > 0 {
		const digits = 3 // a request holds less than 1,000 elements
		return length, len(masked.Tag("")) + digits
	}
	r, size := utf8.DecodeRuneInString(text)
	return size, utf8.RuneCountInString(masked.Escape(string(r)))
}
