package qa

import (
	"sort"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/segment"
)

// constraints reports the formal limits that the translation breaks. Placeables
// count as the characters they have in the text; as words they count nothing.
func constraints(in Input) []Finding {
	var findings []Finding
	if in.MaxChars > 0 {
		if chars := countChars(in.Target); chars > in.MaxChars {
			findings = append(findings, finding(ConstraintCheck, lengthCategory, v1alpha1.CriticalSeverity,
				"the translation has %s, the limit is %d", counted(chars, "character"), in.MaxChars).at(beyondChars(in.Target, in.MaxChars)))
		}
	}
	if in.MaxWords > 0 {
		if words := segment.CountWords(placeholder.Mask(in.Target).Text); words > in.MaxWords {
			findings = append(findings, finding(ConstraintCheck, lengthCategory, v1alpha1.MajorSeverity,
				"the translation has %s, the limit is %d", counted(words, "word"), in.MaxWords).at(in.target().beyondWords(in.MaxWords)))
		}
	}
	if len(in.Forbidden) == 0 {
		return findings
	}
	text := normal(in.target().prose)
	for _, forbidden := range in.Forbidden {
		if hasWords(text, normal(forbidden)) {
			findings = append(findings, finding(ConstraintCheck, requirementCategory, v1alpha1.MajorSeverity,
				"the translation has the forbidden term %q", forbidden).at(in.target().term(forbidden)))
		}
	}
	return findings
}

// countChars counts what a reader sees as characters: a letter with its accents,
// or a family of emoji, is one.
func countChars(text string) int {
	count := 0
	for it := graphemes.FromString(text); it.Next(); {
		count++
	}
	return count
}

// beyondChars is what is too much of a text that may have so many characters.
func beyondChars(text string, most int) Span {
	end := 0
	for it := graphemes.FromString(text); most > 0 && it.Next(); most-- {
		end += len(it.Value())
	}
	return Span{Start: end, End: len(text)}
}

// beyondWords is what is too much of a text that may have so many words.
func (r *reading) beyondWords(most int) Span {
	var starts []int
	for i := range r.prose {
		starts = append(starts, i)
	}
	// The shortest beginning that has a word too many ends with the first letter of that.
	i := sort.Search(len(starts), func(i int) bool { return segment.CountWords(r.prose[:runeAt(r.prose, starts[i]).End]) > most })
	if i == len(starts) {
		return Span{}
	}
	return r.span(Span{Start: starts[i], End: len(r.prose) - len(trailing(r.prose))})
}
