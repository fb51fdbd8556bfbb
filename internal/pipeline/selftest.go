package pipeline

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// mostPlanted is how many segments of a job take each kind of error in its self-test:
// enough for a rate, and a bound for the work.
const mostPlanted = 20

// selfTest tries the checks on errors that are planted into copies of the job's own
// translations, when the job asks for it. The dice are thrown by what is translated,
// so that the same job has the same test.
func (r *Run) selfTest() {
	if o := r.job.Options.QA; o == nil || o.SelfTest != v1alpha1.SelfTestEnabled {
		return
	}
	var inputs []qa.Input
	seed := sha256.New()
	for _, it := range r.leaders() {
		if it.best != nil && !it.best.blocked {
			inputs = append(inputs, r.input(it, it.best.text))
			_, _ = seed.Write([]byte(it.key)) // a hash takes all
		}
	}
	sum := seed.Sum(nil)
	dice := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:]))) //nolint:gosec // a test, no secret
	r.caught = nil
	for _, c := range qa.SelfTest(r.tools.Checks, inputs, r.job.threshold(), mostPlanted, dice) {
		r.caught = append(r.caught, v1alpha1.CaughtFaults{
			Fault: c.Fault, Planted: int32(c.Planted), Caught: int32(c.Caught), //nolint:gosec // at most mostPlanted
		})
	}
}
