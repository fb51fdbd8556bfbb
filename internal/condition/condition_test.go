package condition_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/internal/condition"
)

func TestSetStampsAndDates(t *testing.T) {
	before := time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC)
	now := before.Add(time.Minute)
	was := []metav1.Condition{
		{Type: "Ready", Status: metav1.ConditionFalse, Reason: "Old", Message: "old", ObservedGeneration: 1, LastTransitionTime: metav1.NewTime(before)},
		{Type: "Stalled", Status: metav1.ConditionFalse, Reason: "Old", Message: "old", ObservedGeneration: 1, LastTransitionTime: metav1.NewTime(before)},
	}
	kept := append([]metav1.Condition(nil), was...)
	set := condition.From(was, 2, now, "new")
	set.Is("Ready", true, "New")
	set.Is("Stalled", false, "New")
	set.Unknown("Probed", "New")
	want := []metav1.Condition{
		{Type: "Ready", Status: metav1.ConditionTrue, Reason: "New", Message: "new", ObservedGeneration: 2, LastTransitionTime: metav1.NewTime(now)},
		{Type: "Stalled", Status: metav1.ConditionFalse, Reason: "New", Message: "new", ObservedGeneration: 2, LastTransitionTime: metav1.NewTime(before)},
		{Type: "Probed", Status: metav1.ConditionUnknown, Reason: "New", Message: "new", ObservedGeneration: 2, LastTransitionTime: metav1.NewTime(now)},
	}
	if diff := cmp.Diff(want, set.List()); diff != "" {
		t.Errorf("List() (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(kept, was); diff != "" {
		t.Errorf("the recorded conditions were changed (-want +got):\n%s", diff)
	}
}
