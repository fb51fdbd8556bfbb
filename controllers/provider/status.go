package provider

import (
	"math"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/condition"
	"github.com/dragoman-dev/dragoman/internal/engine"
)

// maxPairs and maxBroken bound the pairs in a status. A service with fifty languages
// has 2,450 pairs.
const (
	maxPairs  = 4000
	maxBroken = 500
)

// statusOf returns the status after a probe. It is pure. A manager that starts leaves
// what the one before it has found of the same spec and key, until it has an answer
// of its own: a restart takes no engine off the offer.
func statusOf(was v1alpha1.ProviderStatus, generation int64, f finding, now time.Time) v1alpha1.ProviderStatus {
	if f.probing && was.ObservedGeneration == generation && was.SecretVersion == f.secretVersion &&
		meta.FindStatusCondition(was.Conditions, v1alpha1.ReadyCondition) != nil {
		return was
	}
	s := v1alpha1.ProviderStatus{
		ObservedGeneration: generation,
		SecretVersion:      f.secretVersion,
	}
	usable := f.problem == nil && !f.probing
	if usable {
		s.PairPolicy = v1alpha1.ListedPairs
		if f.offer.Any {
			s.PairPolicy = v1alpha1.AnyPair
		}
		s.Pairs = pairs(f.offer.Pairs, maxPairs)
		s.Capabilities = capabilities(f.info)
	}
	s.BrokenPairs = pairs(f.offer.Broken, maxBroken)
	set := condition.From(was.Conditions, generation, now, messageOf(f))
	if f.probing {
		set.Unknown(v1alpha1.ReadyCondition, f.reason)
	} else {
		set.Is(v1alpha1.ReadyCondition, usable, f.reason)
	}
	set.Is(v1alpha1.ReconcilingCondition, f.probing || f.problem != nil && f.waits, f.reason)
	set.Is(v1alpha1.StalledCondition, f.problem != nil && !f.waits, f.reason)
	s.Conditions = set.List()
	return s
}

// capabilities says of an engine what the cost of a job is computed from.
func capabilities(info engine.Info) *v1alpha1.EngineCapabilities {
	c := &v1alpha1.EngineCapabilities{
		Corrections:       v1alpha1.CorrectByParts,
		SegmentsPerCall:   bound(info.MaxSegments),
		CharactersPerCall: bound(info.MaxRunes),
	}
	if info.Corrects {
		c.Corrections = v1alpha1.CorrectByFindings
	}
	return c
}

// bound keeps a bound between 0, which is none, and what the API can hold.
func bound(n int) int32 { return int32(min(max(n, 0), math.MaxInt32)) }

func messageOf(f finding) string {
	switch {
	case f.probing:
		return "the engine is asked for the first time"
	case f.problem != nil:
		return f.problem.Error()
	default:
		return "the engine answers"
	}
}

func pairs(in []engine.Pair, most int) []v1alpha1.LanguagePair {
	var out []v1alpha1.LanguagePair
	for _, p := range in[:min(len(in), most)] {
		out = append(out, v1alpha1.LanguagePair{Source: v1alpha1.LanguageTag(p.Source), Target: v1alpha1.LanguageTag(p.Target)})
	}
	return out
}
