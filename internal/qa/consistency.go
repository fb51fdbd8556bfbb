package qa

import (
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// ConsistencyCheck names the findings that come from other segments of the job.
const ConsistencyCheck = "consistency"

const (
	inconsistencyCategory = "terminology/inconsistent with terminology resource"
	// leastShared is how many letters a translation must have before it may not also
	// be that of another source: short texts ("Open", "Opened") often are one.
	leastShared = 20
	// mostOverlap is the share of letter triples, in per cent, up to which two
	// sources are taken for different texts.
	mostOverlap = 40
)

// Pair is a segment of a job with its translation; an empty target is none.
type Pair struct{ Source, Target string }

// Inconsistencies looks over all segments of a job and returns what it finds by their
// index: a source that was translated otherwise before, and a translation that is also
// that of a quite different source, which is how exchanged answers look.
func Inconsistencies(pairs []Pair) map[int][]Finding {
	found := map[int][]Finding{}
	bySource, byTarget := map[string]int{}, map[string]int{}
	for i, p := range pairs {
		source, target := comparableForm(p.Source), comparableForm(p.Target)
		if source == "" || target == "" {
			continue
		}
		if first, seen := bySource[source]; !seen {
			bySource[source] = i
		} else if comparableForm(pairs[first].Target) != target {
			found[i] = append(found[i], finding(ConsistencyCheck, inconsistencyCategory, v1alpha1.MinorSeverity,
				"segment %d has the same source and another translation", first+1))
		}
		first, seen := byTarget[target]
		switch {
		case !seen:
			byTarget[target] = i
		case length(p.Target) >= leastShared*letterLength && overlap(comparableForm(pairs[first].Source), source) <= mostOverlap:
			for _, at := range [][2]int{{first, i}, {i, first}} {
				found[at[0]] = append(found[at[0]], finding(ConsistencyCheck, mistranslation, v1alpha1.MajorSeverity,
					"segment %d has another source and the same translation", at[1]+1))
			}
		}
	}
	return found
}

// comparableForm folds what does not make a text another one: letter case, white space and
// the punctuation at its end. Placeables stay.
func comparableForm(text string) string {
	if !strings.ContainsFunc(placeholder.Mask(text).Text, unicode.IsLetter) {
		return ""
	}
	return strings.TrimRightFunc(normal(text), func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSpace(r) })
}

// overlap returns how many per cent of the letter triples of the shorter text are in
// the other.
func overlap(a, b string) int {
	x, y := triples(a), triples(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) == 0 {
		return 100
	}
	both := 0
	for triple := range x {
		if y[triple] {
			both++
		}
	}
	return 100 * both / len(x)
}

func triples(text string) map[[3]rune]bool {
	runes := []rune(text)
	out := make(map[[3]rune]bool, len(runes))
	for i := 0; i+3 <= len(runes); i++ {
		out[[3]rune(runes[i:i+3])] = true
	}
	return out
}
