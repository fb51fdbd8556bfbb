package qa

import "math/rand/v2"

// Caught is how many of the faults of one kind the checks found.
type Caught struct {
	// Fault is the name of the kind.
	Fault string
	// Planted is how many segments took the fault, Caught how many of those the
	// checks would not have let pass.
	Planted, Caught int
}

// SelfTest plants each kind of fault into copies of a job's own segments, and says
// how many the checks find: those whose score is then below the threshold or that
// have a critical finding. Only segments that pass as they are take part, for
// elsewhere nobody could tell what was found. Most is how many of them take each
// fault. A kind that found no place is left out. The same dice give the same result.
//
// It runs every check on each segment once more for each kind, nine times the work
// of judging them; no engine is called.
func SelfTest(checks []Check, segments []Input, threshold Score, most int, dice *rand.Rand) []Caught {
	var clean []Input
	for _, in := range segments {
		if Passes(checks, in, threshold) {
			clean = append(clean, in)
		}
	}
	var all []Caught
	for _, fault := range Faults() {
		c := Caught{Fault: fault.Name}
		for _, faulty := range fault.PlantAll(clean, most, dice) {
			c.Planted++
			if !Passes(checks, faulty, threshold) {
				c.Caught++
			}
		}
		if c.Planted > 0 {
			all = append(all, c)
		}
	}
	return all
}

// PlantAll returns copies of segments with the fault, at most so many, of segments
// drawn at random.
func (f Fault) PlantAll(segments []Input, most int, dice *rand.Rand) []Input {
	var all []Input
	for _, i := range dice.Perm(len(segments)) {
		if len(all) == most {
			break
		}
		// The first draw may be too short, or the segment itself.
		const draws = 20
		for range draws {
			if faulty, ok := f.Plant(segments[i], segments[dice.IntN(len(segments))], dice); ok {
				all = append(all, faulty)
				break
			}
		}
	}
	return all
}

// Passes mends a translation as the pipeline does, and says whether its score is at
// least the threshold and no finding is critical.
func Passes(checks []Check, in Input, threshold Score) bool {
	in.Target = Fix(in)
	findings := Evaluate(checks, in)
	return !HasCritical(findings) && SegmentScore(findings, wordsOf(in)) >= threshold
}
