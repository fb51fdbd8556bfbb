// Package kstatus checks that a status keeps the promises that Flux, Argo CD and
// kubectl wait rely on. Tests call it on every object they see.
package kstatus

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Object is what the rules look at.
type Object struct {
	Generation, ObservedGeneration int64
	Conditions                     []metav1.Condition
	// Finishes says that the kind has condition Finished.
	Finishes bool
	Progress *v1alpha1.Progress
}

// Job returns a job as the rules see it.
func Job(j *v1alpha1.TranslationJob) Object {
	return Object{
		Generation: j.Generation, ObservedGeneration: j.Status.ObservedGeneration,
		Conditions: j.Status.Conditions, Finishes: true, Progress: j.Status.Progress,
	}
}

// Batch returns a batch as the rules see it.
func Batch(b *v1alpha1.TranslationBatch) Object {
	return Object{
		Generation: b.Generation, ObservedGeneration: b.Status.ObservedGeneration,
		Conditions: b.Status.Conditions, Finishes: true, Progress: b.Status.Progress,
	}
}

// Provider returns a provider as the rules see it.
func Provider(generation int64, s v1alpha1.ProviderStatus) Object {
	return Object{Generation: generation, ObservedGeneration: s.ObservedGeneration, Conditions: s.Conditions}
}

// Broken returns the rules that the object breaks.
func Broken(o Object) []string {
	if o.ObservedGeneration == -1 {
		if len(o.Conditions) > 0 {
			return []string{"an object that nobody has seen has conditions"}
		}
		return nil
	}
	var out []string
	rule := func(holds bool, format string, args ...any) {
		if !holds {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	rule(o.ObservedGeneration <= o.Generation, "observedGeneration %d is ahead of generation %d", o.ObservedGeneration, o.Generation)
	for _, kind := range kindsOf(o) {
		rule(meta.FindStatusCondition(o.Conditions, kind) != nil, "condition %s is missing", kind)
	}
	for _, c := range o.Conditions {
		rule(c.ObservedGeneration == o.ObservedGeneration, "condition %s speaks of generation %d, the status of %d", c.Type, c.ObservedGeneration, o.ObservedGeneration)
		rule(c.Reason != "", "condition %s has no reason", c.Type)
		rule(c.Message != "", "condition %s has no message", c.Type)
	}
	ready, reconciling, stalled := o.is(v1alpha1.ReadyCondition), o.is(v1alpha1.ReconcilingCondition), o.is(v1alpha1.StalledCondition)
	rule(!ready || !reconciling, "Ready and Reconciling are both True")
	rule(!ready || !stalled, "Ready and Stalled are both True")
	rule(!reconciling || !stalled, "Reconciling and Stalled are both True")
	rule(ready || reconciling || stalled, "Ready is not True, and neither Reconciling nor Stalled says why")
	rule(!o.Finishes || o.is(v1alpha1.FinishedCondition) != reconciling, "Finished and Reconciling agree")
	if p := o.Progress; p != nil {
		rule(p.Total == p.Done+p.Blocked+p.Failed+p.Pending, "total %d is not done %d + blocked %d + failed %d + pending %d",
			p.Total, p.Done, p.Blocked, p.Failed, p.Pending)
		c := meta.FindStatusCondition(o.Conditions, v1alpha1.FinishedCondition)
		rule(c == nil || c.Reason != v1alpha1.CompletedReason || p.Done == p.Total, "Completed with %d of %d segments done", p.Done, p.Total)
	}
	return out
}

// is says whether a condition is True.
func (o Object) is(kind string) bool {
	return meta.IsStatusConditionTrue(o.Conditions, kind)
}

// kindsOf returns the conditions that every object of the kind has.
func kindsOf(o Object) []string {
	kinds := []string{v1alpha1.ReadyCondition, v1alpha1.ReconcilingCondition, v1alpha1.StalledCondition}
	if o.Finishes {
		kinds = append(kinds, v1alpha1.FinishedCondition)
	}
	return kinds
}
