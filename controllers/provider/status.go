package provider

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Bounds of the status.
const (
	maxPairs   = 500
	maxMessage = 1024
)

// statusOf returns the status after a probe. It is pure.
func statusOf(was v1alpha1.ProviderStatus, generation int64, f finding, now time.Time) v1alpha1.ProviderStatus {
	s := v1alpha1.ProviderStatus{
		Conditions:         append([]metav1.Condition(nil), was.Conditions...),
		ObservedGeneration: generation,
		SecretVersion:      f.secretVersion,
	}
	usable := f.problem == nil && !f.probing
	message := messageOf(f)
	message = strings.ToValidUTF8(message[:min(len(message), maxMessage)], "") // also where it was cut
	if usable {
		s.PairPolicy = v1alpha1.ListedPairs
		if f.offer.Any {
			s.PairPolicy = v1alpha1.AnyPair
		}
		s.Pairs = pairs(f.offer.Pairs)
	}
	s.BrokenPairs = pairs(f.offer.Broken)
	for _, c := range []struct {
		kind string
		is   bool
	}{
		{v1alpha1.ReadyCondition, usable},
		{v1alpha1.ReconcilingCondition, f.probing || f.problem != nil && f.waits},
		{v1alpha1.StalledCondition, f.problem != nil && !f.waits},
	} {
		status := metav1.ConditionFalse
		if c.is {
			status = metav1.ConditionTrue
		}
		if f.probing && c.kind == v1alpha1.ReadyCondition {
			status = metav1.ConditionUnknown
		}
		meta.SetStatusCondition(&s.Conditions, metav1.Condition{
			Type: c.kind, Status: status, Reason: f.reason, Message: message,
			ObservedGeneration: generation, LastTransitionTime: metav1.NewTime(now),
		})
	}
	return s
}

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

func pairs(in []engine.Pair) []v1alpha1.LanguagePair {
	var out []v1alpha1.LanguagePair
	for _, p := range in[:min(len(in), maxPairs)] {
		out = append(out, v1alpha1.LanguagePair{Source: v1alpha1.LanguageTag(p.Source), Target: v1alpha1.LanguageTag(p.Target)})
	}
	return out
}
