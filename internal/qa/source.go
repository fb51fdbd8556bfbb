package qa

import (
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/langtag"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/segment"
)

// longSentence is the number of words from which on a sentence is noted. Style
// guides ask for 25 at most; above 60 engines begin to lose the thread.
const longSentence = 60

// ReviewSource returns notes on a source text that may spoil its translation. They
// are neutral: they cost nothing and block nothing. At most one note is made of each
// kind, and none quotes the text.
func ReviewSource(text, lang string) []Finding {
	var notes []Finding
	note := func(where Span, format string, args ...any) {
		notes = append(notes, finding(SourceErrorCheck, sourceCategory, v1alpha1.NeutralSeverity, format, args...).about(where))
	}
	source := newReading(text)
	if n := countBroken(text); n > 0 {
		note(firstBroken(text), "the source has %s that look like a wrong encoding or control characters", counted(n, "place"))
	}
	if alone := unbalancedTags(source.placeables); len(alone) > 0 {
		note(alone[0], "the source has %s without a partner", counted(len(alone), "tag"))
	}
	if alone := openBraces(source.prose); len(alone) > 0 {
		note(source.span(runeAt(source.prose, alone[0])), "the source has %s that may be part of a broken placeholder", counted(len(alone), "lone brace"))
	}
	if at := lone(withoutSmileys(source.prose)); at >= 0 {
		note(source.span(runeAt(source.prose, at)), "the source has a bracket without its partner")
	}
	if share, ok := scriptShare(source.prose, lang, nil); ok && share < leastShare {
		notes = append(notes, finding(SourceLanguageCheck, sourceCategory, v1alpha1.NeutralSeverity,
			"only %d%% of the source is in the script that its language is written in", share).about(source.foreignScript(lang, nil)))
	} else if found := wrongLanguage(Input{Target: text, TargetLanguage: lang}); len(found) > 0 {
		notes = append(notes, finding(SourceLanguageCheck, sourceCategory, v1alpha1.NeutralSeverity,
			"the source does not seem to be in the language that it is said to be in").about(found[0].Span))
	}
	if n, where := mixedWords(text); n > 0 {
		note(where, "the source has %s with letters of two scripts that look alike", counted(n, "word"))
	}
	if unseen := invisibles(text, lang); len(unseen) > 0 {
		note(unseen[0], "the source has %s that nobody sees: spaces of no width, or signs of direction", counted(len(unseen), "character"))
	}
	if !doublesWords(langtag.Base(lang)) && doubled(text) > 0 {
		note(source.twice(), "the source has %s twice in a row", counted(doubled(text), "word"))
	}
	if words, where := longestSentence(text, lang); words > longSentence {
		note(where, "the source has a sentence of %d words; shorter ones translate better", words)
	}
	return notes
}

// longestSentence counts the words of the longest sentence.
func longestSentence(text, lang string) (longest int, where Span) {
	at := 0
	for _, piece := range segment.Split(text, lang) {
		if words := segment.CountWords(placeholder.Mask(piece.Text).Text); piece.Translatable && words > longest {
			longest, where = words, trimmed(text, Span{Start: at, End: at + len(piece.Text)})
		}
		at += len(piece.Text)
	}
	return longest, where
}

// withoutSmileys sets spaces for what looks like a bracket and is a face.
func withoutSmileys(text string) string {
	const two, three = "  ", "   "
	return strings.NewReplacer(":-)", three, ":)", two, ";-)", three, ";)", two, ":-(", three, ":(", two, ":-]", three, ":]", two, "=)", two, "8)", two).Replace(text)
}

// mixedWords counts the words, and finds the first, that have Latin letters beside Cyrillic or Greek ones.
// No orthography mixes them; a slip of the keyboard does, and who hides something. A
// hyphen or an apostrophe begins a new word, as in "USB-кабель"; units such as "µm"
// and a single letter, as in "α-helix", do not count.
func mixedWords(text string) (count int, where Span) {
	if isASCII(text) {
		return 0, Span{}
	}
	for word := range strings.FieldsFuncSeq(prose(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		latin, other := 0, 0
		for _, r := range word {
			switch {
			case unicode.Is(unicode.Latin, r):
				latin++
			case unicode.In(r, unicode.Cyrillic, unicode.Greek) && r != 'µ' && r != 'μ' && r != 'Ω' && r != 'Δ':
				other++
			}
		}
		if latin > 0 && other > 0 && latin+other > 2 {
			if count++; count == 1 {
				where = first(text, word)
			}
		}
	}
	return count, where
}

// invisibles finds spaces of no width, but in languages that set them between
// words, and signs that turn the direction of what follows. The plain marks of a
// direction and the joiners of scripts and emoji are in use.
func invisibles(text, lang string) []Span {
	if isASCII(text) {
		return nil
	}
	var found []Span
	for i := range hidden(text, langtag.Base(lang)) {
		found = append(found, runeAt(text, i))
	}
	for i, r := range text {
		if turnsDirection(r) {
			found = append(found, runeAt(text, i))
		}
	}
	return found
}

// unbalancedTags finds the tags of paired elements that lack the other half.
func unbalancedTags(all []placeholder.Placeable) []Span {
	var open []placeholder.Placeable
	var lone []Span
	for _, p := range all {
		switch p.Kind {
		case placeholder.OpenTag:
			open = append(open, p)
		case placeholder.ClosingTag:
			at := lastIndex(open, p.Name)
			if at < 0 {
				lone = append(lone, Span{Start: p.Start, End: p.End()})
				continue
			}
			lone = append(lone, strict(open[at+1:])...)
			open = open[:at]
		}
	}
	return append(lone, strict(open)...)
}

// strict leaves out the elements whose end tag HTML lets people leave out.
func strict(tags []placeholder.Placeable) []Span {
	var spans []Span
	for _, tag := range tags {
		switch tag.Name {
		case "p", "li", "dt", "dd", "td", "th", "tr", "option", "thead", "tbody", "tfoot":
		default:
			spans = append(spans, Span{Start: tag.Start, End: tag.End()})
		}
	}
	return spans
}

func lastIndex(tags []placeholder.Placeable, name string) int {
	for i := len(tags) - 1; i >= 0; i-- {
		if tags[i].Name == name {
			return i
		}
	}
	return -1
}

// openBraces finds the braces of a prose that have no partner.
func openBraces(prose string) []int {
	var open, lone []int
	for i, r := range prose {
		switch {
		case r == '{':
			open = append(open, i)
		case r == '}' && len(open) > 0:
			open = open[:len(open)-1]
		case r == '}':
			lone = append(lone, i)
		}
	}
	return append(lone, open...)
}
