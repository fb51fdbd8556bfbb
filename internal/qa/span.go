package qa

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// Span is a part of a text by its byte offsets, the end behind the last byte. The zero
// value is none.
type Span struct{ Start, End int }

// of returns the part of a text.
func (s Span) of(text string) string { return text[s.Start:s.End] }

// at says where in the translation the fault is.
func (f Finding) at(s Span) Finding {
	f.Span = s
	return f
}

// about says what in the source the fault is about.
func (f Finding) about(s Span) Finding {
	f.SourceSpan = s
	return f
}

// whole is a text without the white space around it.
func whole(text string) Span {
	start := len(leading(text))
	if start == len(text) {
		return Span{}
	}
	return Span{Start: start, End: len(text) - len(trailing(text))}
}

// trimmed takes the white space off the ends of a part of a text.
func trimmed(text string, s Span) Span {
	in := whole(s.of(text))
	return Span{Start: s.Start + in.Start, End: s.Start + in.End}
}

// first is the first place of a part in a text.
func first(text, part string) Span {
	at := strings.Index(text, part)
	if at < 0 || part == "" {
		return Span{}
	}
	return Span{Start: at, End: at + len(part)}
}

// runeAt is the rune at a place.
func runeAt(text string, at int) Span {
	_, size := utf8.DecodeRuneInString(text[at:])
	return Span{Start: at, End: at + size}
}

// matched is what a regular expression found; see FindStringIndex.
func matched(at []int) Span {
	if len(at) < 2 {
		return Span{}
	}
	return Span{Start: at[0], End: at[1]}
}

// span is where a part of the prose stands in the text. A placeable, of which the prose
// has a space, is in it as a whole.
func (r *reading) span(in Span) Span {
	return r.restored(in, func(int) int { return 1 })
}

// maskedSpan is where a part of the masked text stands in the text.
func (r *reading) maskedSpan(in Span) Span {
	return r.restored(in, func(i int) int { return len(placeholder.Token(i + 1)) })
}

// restored is where a part of a text stands that has something else, so many bytes wide,
// in place of each placeable.
func (r *reading) restored(in Span, width func(int) int) Span {
	if in.Start >= in.End {
		return Span{}
	}
	out, shift := Span{Start: -1, End: -1}, 0
	for i, p := range r.placeables {
		at := p.Start - shift // of what stands for it
		shift += len(p.Text) - width(i)
		if out.Start < 0 && in.Start <= at {
			out.Start = in.Start + p.Start - at
		}
		if out.End < 0 && in.End <= at {
			out.End = in.End + p.Start - at
		}
	}
	if out.Start < 0 {
		out.Start = in.Start + shift
	}
	if out.End < 0 {
		out.End = in.End + shift
	}
	return out
}

// wordSpan is where some words that follow each other stand in the text, without the
// punctuation around them.
func (r *reading) wordSpan(from, to int) Span {
	in := Span{Start: r.words[from].start, End: r.words[to].end}
	text := in.of(r.prose)
	inner := strings.TrimLeft(text, aroundWords)
	in.Start += len(text) - len(inner)
	in.End -= len(inner) - len(strings.TrimRight(inner, aroundWords))
	return r.span(in)
}

// lastWord is the last word of the text, or its last letter where the words are not set
// apart.
func (r *reading) lastWord() Span {
	for i, w := range slices.Backward(r.words) {
		if w.text == "" {
			continue
		}
		s := r.wordSpan(i, i)
		if last, size := utf8.DecodeLastRuneInString(s.of(r.text)); !isSpaced(last) {
			s.Start = s.End - size
		}
		return s
	}
	return whole(r.text)
}

// exact finds a term in its own letter case.
func (r *reading) exact(term string) Span { return r.span(fold(r.prose, false).words(term)) }

// folded is a text in the form of normal, or with its letter case, that knows where it
// is from.
type folded struct {
	text string
	// from has the place of each byte in the text as it was, and its end.
	from []int
}

// fold makes one space of each white space, and small letters where asked.
func fold(text string, lower bool) folded {
	var b strings.Builder
	var from []int
	gap := -1 // where white space began that is not yet written
	for i, r := range text {
		if unicode.IsSpace(r) {
			if gap < 0 {
				gap = i
			}
			continue
		}
		if gap >= 0 && b.Len() > 0 {
			b.WriteByte(' ')
			from = append(from, gap)
		}
		gap = -1
		if lower {
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
		for range utf8.RuneLen(r) {
			from = append(from, i)
		}
	}
	if gap < 0 {
		gap = len(text)
	}
	return folded{text: b.String(), from: append(from, gap)}
}

// span is where a part of the folded text was.
func (f folded) span(in Span) Span {
	if in.Start >= in.End {
		return Span{}
	}
	return Span{Start: f.from[in.Start], End: f.from[in.End]}
}

// words finds a term as whole words.
func (f folded) words(term string) Span { return f.span(wordsAt(f.text, term)) }

// form finds the words of a term side by side, each in any of its forms.
func (f folded) form(term string) Span {
	wanted := splitWords(term)
	var words []Span
	at := 0
	for _, w := range splitWords(f.text) {
		at += strings.Index(f.text[at:], w)
		words = append(words, Span{Start: at, End: at + len(w)})
		at += len(w)
	}
	for i := 0; i+len(wanted) <= len(words) && len(wanted) > 0; i++ {
		matches := true
		for j, w := range wanted {
			matches = matches && isForm(words[i+j].of(f.text), w)
		}
		if matches {
			return f.span(Span{Start: words[i].Start, End: words[i+len(wanted)-1].End})
		}
	}
	return Span{}
}

// term finds a glossary term, or a form of it.
func (r *reading) term(term string) Span {
	f := fold(r.prose, true)
	term = normal(term)
	s := f.words(term)
	if s == (Span{}) {
		s = f.form(term)
	}
	return r.span(s)
}
