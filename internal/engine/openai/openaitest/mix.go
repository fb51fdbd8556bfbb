package openaitest

import (
	"math/rand/v2"
	"time"
)

// Mix is a blend of faults, each with a probability from 0 to 1; together they stay
// below 1.
type Mix struct {
	// Seed of the chance. The order in which calls arrive decides who meets which fault.
	Seed uint64
	// RateLimited calls get a 429 with RetryAfter.
	RateLimited float64
	RetryAfter  time.Duration
	// Failed calls get a 500, 502 or 503.
	Failed float64
	// Spoiled answers are cut in the middle, no JSON, or under the wrong ids. They are
	// billed.
	Spoiled float64
	// Silent calls get no answer until the caller gives up. They are not billed.
	Silent float64
}

// Storm is what a bad night brings: 10 % 429 with a second to wait, 5 % 5xx, 5 %
// spoiled, 2 % silent.
func Storm(seed uint64) Mix {
	return Mix{Seed: seed, RateLimited: 0.10, RetryAfter: time.Second, Failed: 0.05, Spoiled: 0.05, Silent: 0.02}
}

// Mix makes calls meet faults by chance, once the queue is empty, in the place of
// Randomly.
func (s *Server) Mix(m Mix) {
	chance := rand.New(rand.NewPCG(m.Seed, 0))
	kinds := []struct {
		probability float64
		faults      []Fault
	}{
		{m.RateLimited, []Fault{Status429(m.RetryAfter)}},
		{m.Failed, []Fault{Status5xx(500), Status5xx(502), Status5xx(503)}},
		{m.Spoiled, []Fault{CutBody(), MalformedJSON(), SwappedIDs()}},
		{m.Silent, []Fault{Hang()}},
	}
	s.ByChance(func() []Fault {
		draw, which := chance.Float64(), chance.IntN(3)
		for _, k := range kinds {
			if draw < k.probability {
				return []Fault{k.faults[which%len(k.faults)]}
			}
			draw -= k.probability
		}
		return nil
	})
}
