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
	// stuckFrom is how many different sources with one translation show an engine that
	// gives the same answer to everything. Two may be two ways to say one thing.
	stuckFrom = 3
)

// Pair is a segment of a job with its translation; an empty target is none.
type Pair struct{ Source, Target string }

// Inconsistencies looks over all segments of a job and returns what it finds by their
// index: a source that was translated otherwise before, and a translation that is also
// that of a quite different source, which is how exchanged answers look. From
// stuckFrom sources on that is critical: then hardly any of them is translated.
func Inconsistencies(pairs []Pair) map[int][]Finding {
	found := map[int][]Finding{}
	bySource, byTarget := map[string]int{}, map[string]*shared{}
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
		same := byTarget[target]
		switch {
		case same == nil:
			byTarget[target] = &shared{by: []int{i}, sources: map[string]bool{source: true}}
		case length(p.Target) >= leastShared*letterLength && overlap(comparableForm(pairs[same.by[0]].Source), source) <= mostOverlap:
			same.by, same.sources[source] = append(same.by, i), true
		}
	}
	for _, same := range byTarget {
		same.report(found)
	}
	return found
}

// shared is a translation, with the segments that have it although their sources are
// quite different from the first one's.
type shared struct {
	by      []int
	sources map[string]bool
}

// report adds what a translation of several sources means for each of its segments: one
// finding, however many there are.
func (s *shared) report(found map[int][]Finding) {
	if len(s.by) < 2 {
		return
	}
	for n, i := range s.by {
		other := s.by[0]
		if n == 0 {
			other = s.by[1]
		}
		f := finding(ConsistencyCheck, mistranslation, v1alpha1.MajorSeverity,
			"segment %d has another source and the same translation", other+1)
		if len(s.sources) >= stuckFrom {
			f = finding(ConsistencyCheck, mistranslation, v1alpha1.CriticalSeverity,
				"%d different sources have the same translation", len(s.sources))
		}
		found[i] = append(found[i], f)
	}
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
