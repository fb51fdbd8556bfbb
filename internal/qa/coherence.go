package qa

import (
	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// weights say how much each piece of evidence counts: logarithms of odds.
type weights struct {
	bias float64
	of   Evidence
}

func (w weights) odds(e Evidence) float64 {
	sum := w.bias
	for i, value := range e {
		sum += w.of[i] * value
	}
	return sum
}

// leastJudged, in tenths of a letter, is how much source there has to be for its
// evidence to say anything.
const leastJudged = 300

// Judged says whether there is enough of a source to judge by evidence.
func Judged(in Input) bool { return in.source().length >= leastJudged }

// truncated finds a translation whose end is missing, by all the signs of it
// together. One that is far too short is reported as that alone.
func truncated(in Input) []Finding {
	if !Judged(in) {
		return nil
	}
	w, limit := cutSpaced, cutLimitSpaced
	if isUnspacedLanguage(in.to()) {
		w, limit = cutUnspaced, cutLimitUnspaced
	}
	if w.odds(in.evidence()) < limit || len(lengthDeviation(in)) > 0 {
		return nil
	}
	return []Finding{finding(TruncationCheck, omissionCategory, v1alpha1.MajorSeverity,
		"the translation seems to end before the source does").at(in.target().lastWord())}
}

// mismatched finds a translation that is one of another text, as when an engine
// answers two segments in each other's place. What another check explains is left to
// that.
func mismatched(in Input) []Finding {
	if !Judged(in) {
		return nil
	}
	w, limit := otherSpaced, otherLimitSpaced
	if isUnspacedLanguage(in.to()) {
		w, limit = otherUnspaced, otherLimitUnspaced
	}
	if w.odds(in.evidence()) < limit {
		return nil
	}
	for _, closer := range []func(Input) []Finding{lengthDeviation, truncated, language, untranslated} {
		if len(closer(in)) > 0 {
			return nil
		}
	}
	return []Finding{finding(MismatchCheck, mistranslation, v1alpha1.MajorSeverity,
		"the translation seems to be that of another text: little of the source is found again in it").at(whole(in.Target))}
}
