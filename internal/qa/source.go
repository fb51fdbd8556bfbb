package qa

import (
	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/segment"
)

// longSentence is the number of words from which on a sentence is noted. Style
// guides ask for 25 at most; above 60 engines begin to lose the thread.
const longSentence = 60

// ReviewSource returns notes on a source text that may spoil its translation. They
// are neutral: they cost nothing and block nothing.
func ReviewSource(text, lang string) []Finding {
	var notes []Finding
	note := func(format string, args ...any) {
		notes = append(notes, finding(SourceErrorCheck, sourceCategory, v1alpha1.NeutralSeverity, format, args...))
	}
	if n := countBroken(text); n > 0 {
		note("the source has %s that look like a wrong encoding or control characters", counted(n, "place"))
	}
	if n := unbalancedTags(text); n > 0 {
		note("the source has %s without a partner", counted(n, "tag"))
	}
	if n := openBraces(text); n > 0 {
		note("the source has %s that may be part of a broken placeholder", counted(n, "lone brace"))
	}
	if share, ok := scriptShare(text, lang, nil); ok && share < leastShare {
		note("only %d%% of the source is in the script that its language is written in", share)
	}
	for _, piece := range segment.Split(text, lang) {
		if words := segment.CountWords(placeholder.Mask(piece.Text).Text); piece.Translatable && words > longSentence {
			note("the source has a sentence of %d words; shorter ones translate better", words)
		}
	}
	return notes
}

// unbalancedTags counts the tags of paired elements that lack the other half.
func unbalancedTags(text string) int {
	var open []string
	lone := 0
	for _, p := range placeholder.Find(text) {
		switch p.Kind {
		case placeholder.OpenTag:
			open = append(open, p.Name)
		case placeholder.ClosingTag:
			at := lastIndex(open, p.Name)
			if at < 0 {
				lone++
				continue
			}
			lone += countStrict(open[at+1:])
			open = open[:at]
		}
	}
	return lone + countStrict(open)
}

// countStrict leaves out the elements whose end tag HTML lets people leave out.
func countStrict(names []string) int {
	count := 0
	for _, name := range names {
		switch name {
		case "p", "li", "dt", "dd", "td", "th", "tr", "option", "thead", "tbody", "tfoot":
		default:
			count++
		}
	}
	return count
}

func lastIndex(names []string, name string) int {
	for i := len(names) - 1; i >= 0; i-- {
		if names[i] == name {
			return i
		}
	}
	return -1
}

// openBraces counts the braces outside placeables that have no partner.
func openBraces(text string) int {
	text = prose(text)
	depth, lone := 0, 0
	for _, r := range text {
		switch {
		case r == '{':
			depth++
		case r == '}' && depth > 0:
			depth--
		case r == '}':
			lone++
		}
	}
	return depth + lone
}
