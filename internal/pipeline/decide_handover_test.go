package pipeline_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// After a restart of the manager its engines are not ready yet. Writing so must not
// make an attempt that was handed over look like a lost one.
func TestAHandedOverAttemptIsNotLostWhileItsEngineStarts(t *testing.T) {
	now := time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC)
	at := metav1.NewTime(now.Add(-time.Minute))
	o := pipeline.Observation{
		Now: now, Pace: pipeline.DefaultPace, Generation: 1, Digest: "d",
		Status: v1alpha1.TranslationJobStatus{
			ObservedGeneration: 1, WorkDigest: "d", Attempts: 1, StartedAt: &at, NextAttemptTime: &at,
		},
		Blocker: &pipeline.Blocker{Reason: v1alpha1.ProviderNotReadyReason, Message: "not ready"},
	}
	waiting := pipeline.Decide(o)
	if waiting.Lost != 0 || !waiting.NextAttempt.Equal(at.Time) {
		t.Fatalf("Decide() = lost %d, next attempt %v; want none lost and the next attempt at %v", waiting.Lost, waiting.NextAttempt, at)
	}
	o.Blocker = nil
	if started := pipeline.Decide(o); started.Verb != pipeline.Start || started.Lost != 0 || started.Number != 2 {
		t.Errorf("Decide() = %+v, want a start of attempt 2 with nothing lost", started)
	}
	o.Status.NextAttemptTime = nil
	if lost := pipeline.Decide(o); lost.Lost != 1 {
		t.Errorf("without the word of the earlier manager %d attempts are lost, want 1", lost.Lost)
	}
}
