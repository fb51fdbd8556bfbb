package qa

import (
	"fmt"
	"slices"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Score is tenths of a point on the scale from 0 to 100: 985 is "98.5".
type Score int

// Perfect is the score without a finding, or the score of a whole job of such.
const Perfect Score = 1000

// String returns the score with one decimal, as the API carries it.
func (s Score) String() string { return fmt.Sprintf("%d.%d", s/10, s%10) }

// shortSample is the fewest words a penalty is spread over. MQM scores hold from a
// few hundred words on; without a floor one wrong comma in a button label would
// cost as much as a wrong sentence in a page.
const shortSample = 50

// Penalty sums the points of findings after MQM 2.0: 0 for neutral, 1 for minor, 5
// for major, 25 for critical.
func Penalty(findings []Finding) int {
	sum := 0
	for _, f := range findings {
		switch f.Severity {
		case v1alpha1.MinorSeverity:
			sum++
		case v1alpha1.MajorSeverity:
			sum += 5
		case v1alpha1.CriticalSeverity:
			sum += 25
		case v1alpha1.NeutralSeverity:
		}
	}
	return sum
}

// HasCritical says whether a finding fails the segment whatever its score.
func HasCritical(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == v1alpha1.CriticalSeverity })
}

// SegmentScore is 100·(1 − penalty ÷ max(words, 50)), not below 0, rounded half up
// to a tenth. Words are those of the source. Up to 50 words one minor finding
// makes 98.0, one major 90.0, one critical 50.0.
func SegmentScore(findings []Finding, words int) Score {
	return score(Penalty(findings), max(words, shortSample))
}

// Part is what one segment adds to the score of a job.
type Part struct{ Penalty, Words int }

// JobScore is the score of a job with these parts; see Tally.
func JobScore(parts []Part) (Score, bool) {
	var t Tally
	for _, part := range parts {
		t.Add(part)
	}
	return t.Score()
}

// Tally is the score of a job whose segments change: the mean of the segment scores
// weighted by max(words, 50). A segment takes no more than its own share, as its
// own score does not go below 0. The zero value has no segments.
type Tally struct{ penalty, words, parts int }

// Add puts a segment in.
func (t *Tally) Add(p Part) { t.count(p, 1) }

// Remove takes a segment out that was put in.
func (t *Tally) Remove(p Part) { t.count(p, -1) }

func (t *Tally) count(p Part, n int) {
	weight := max(p.Words, shortSample)
	t.penalty += n * min(p.Penalty, weight)
	t.words += n * weight
	t.parts += n
}

// Parts is how many segments are in.
func (t *Tally) Parts() int { return t.parts }

// Score of the segments. Without one there is none.
func (t *Tally) Score() (Score, bool) {
	if t.words == 0 {
		return 0, false
	}
	return score(t.penalty, t.words), true
}

// score rounds 1000·(1 − penalty ÷ words) half up, in integers, so that it is the
// same on every machine.
func score(penalty, words int) Score {
	kept := max(words-penalty, 0)
	return Score((2*int(Perfect)*kept + words) / (2 * words))
}
