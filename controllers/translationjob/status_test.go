package translationjob

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/condition"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/kstatus"
)

// report is that of a job with two of three segments done.
func report() pipeline.Report {
	return pipeline.Report{
		Step:     v1alpha1.TranslatorStep,
		Progress: v1alpha1.Progress{Total: 3, Done: 2, Pending: 1},
		Segments: []v1alpha1.SegmentStatus{{ID: 1, State: v1alpha1.SegmentCompleted}},
		Score:    985, Scored: 2, Words: 12, BilledWords: 8,
		Usage: engine.Usage{InputTokens: 40, OutputTokens: 20},
		Cost:  30_000, PlannedMax: 500_000,
		Result: &v1alpha1.Result{WordCount: 9},
	}
}

func underWay() pipeline.Observation {
	return pipeline.Observation{
		Now: beginning.Add(500 * time.Millisecond), Generation: 4, Digest: "work",
		Status:  v1alpha1.TranslationJobStatus{ObservedGeneration: -1},
		Attempt: &pipeline.Attempt{Digest: "work", StartedAt: beginning.Add(-time.Minute), Report: report()},
	}
}

func stamp(d time.Duration) *metav1.Time { return &metav1.Time{Time: beginning.Add(d)} }

// told is the status that the report of underWay makes.
func told(change func(*v1alpha1.TranslationJobStatus)) v1alpha1.TranslationJobStatus {
	r := report()
	s := v1alpha1.TranslationJobStatus{
		ObservedGeneration: 4, WorkDigest: "work",
		Progress: &r.Progress, ProgressSummary: "2/3", Segments: r.Segments, Result: r.Result,
		QAScore: "98.5", ScoredSegments: 2, WordCount: new(int32(12)), BilledWords: new(int32(8)),
		PlannedMaxCost: "0.50", Cost: "0.03", TokenUsage: &v1alpha1.TokenUsage{Input: 40, Output: 20},
		StartedAt: stamp(-time.Minute),
	}
	change(&s)
	return s
}

func TestStatusOf(t *testing.T) {
	provider := &pipeline.Provider{Reference: v1alpha1.ProviderStatusReference{Kind: v1alpha1.TranslationProviderKind, Name: "p"}}
	working := pipeline.Decision{Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: "m", Attempts: 1}
	with := func(change func(*pipeline.Observation)) pipeline.Observation {
		o := underWay()
		change(&o)
		return o
	}
	cases := map[string]struct {
		seen     pipeline.Observation
		provider *pipeline.Provider
		decided  pipeline.Decision
		want     v1alpha1.TranslationJobStatus
	}{
		"an attempt at work": {
			seen: underWay(), provider: provider, decided: working,
			want: told(func(s *v1alpha1.TranslationJobStatus) {
				s.Phase, s.CurrentStep, s.Attempts, s.Provider = v1alpha1.ProcessingPhase, v1alpha1.TranslatorStep, 1, &provider.Reference
			}),
		},
		"one that waits has no step": {
			seen:    underWay(),
			decided: pipeline.Decision{Stage: pipeline.Waiting, Reason: v1alpha1.QueuedReason, Message: "m", Attempts: 2, Failed: 1, Lost: 1},
			want: told(func(s *v1alpha1.TranslationJobStatus) {
				s.Phase, s.Attempts, s.FailedAttempts, s.LostAttempts = v1alpha1.QueuedPhase, 2, 1, 1
			}),
		},
		"a paid attempt is written down before it begins": {
			seen:    with(func(o *pipeline.Observation) { o.Attempt = nil }),
			decided: pipeline.Decision{Verb: pipeline.Start, Number: 1, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason, Message: "m", Attempts: 1},
			want: v1alpha1.TranslationJobStatus{
				ObservedGeneration: 4, WorkDigest: "work", Phase: v1alpha1.ProcessingPhase, Attempts: 1, StartedAt: stamp(0),
			},
		},
		"the first start is kept": {
			seen: with(func(o *pipeline.Observation) {
				o.Status.ObservedGeneration, o.Status.StartedAt = 4, stamp(-time.Hour)
			}),
			decided: working,
			want: told(func(s *v1alpha1.TranslationJobStatus) {
				s.Phase, s.CurrentStep, s.Attempts, s.StartedAt = v1alpha1.ProcessingPhase, v1alpha1.TranslatorStep, 1, stamp(-time.Hour)
			}),
		},
		"a held job has no start": {
			seen: with(func(o *pipeline.Observation) {
				o.Status.ObservedGeneration, o.Status.StartedAt = 4, stamp(-time.Hour)
			}),
			decided: pipeline.Decision{Stage: pipeline.Held, Reason: v1alpha1.SuspendedReason, Message: "m", Attempts: 1},
			want: told(func(s *v1alpha1.TranslationJobStatus) {
				s.Phase, s.Attempts, s.StartedAt = v1alpha1.SuspendedPhase, 1, nil
			}),
		},
		"a back-off is never cut short by whole seconds": {
			seen: underWay(),
			decided: pipeline.Decision{
				Stage: pipeline.Working, Reason: v1alpha1.BackingOffReason, Message: "m", Attempts: 1, Failed: 1,
				NextAttempt: beginning.Add(1200 * time.Millisecond),
			},
			want: told(func(s *v1alpha1.TranslationJobStatus) {
				s.Phase, s.CurrentStep, s.Attempts, s.FailedAttempts, s.NextAttemptTime = v1alpha1.ProcessingPhase, v1alpha1.TranslatorStep, 1, 1, stamp(2*time.Second)
			}),
		},
		"a back-off of whole seconds stays as it is": {
			seen: underWay(),
			decided: pipeline.Decision{
				Stage: pipeline.Working, Reason: v1alpha1.BackingOffReason, Message: "m", NextAttempt: beginning.Add(time.Second),
			},
			want: told(func(s *v1alpha1.TranslationJobStatus) {
				s.Phase, s.CurrentStep, s.NextAttemptTime = v1alpha1.ProcessingPhase, v1alpha1.TranslatorStep, stamp(time.Second)
			}),
		},
		"the end": {
			seen:    underWay(),
			decided: pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.NeedsReviewReason, Message: "m", Attempts: 1},
			want: told(func(s *v1alpha1.TranslationJobStatus) {
				s.Phase, s.Attempts, s.CompletedAt = v1alpha1.NeedsReviewPhase, 1, stamp(0)
			}),
		},
		"the same end for a new generation": {
			seen: with(func(o *pipeline.Observation) {
				o.Attempt = nil
				o.Status.ObservedGeneration, o.Status.CompletedAt, o.Status.WorkDigest = 3, stamp(-time.Hour), "work"
				o.Status.Conditions = []metav1.Condition{{Type: v1alpha1.FinishedCondition, Reason: v1alpha1.CompletedReason}}
				o.Status.Result = &v1alpha1.Result{WordCount: 1}
			}),
			decided: pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.CompletedReason, Message: "m", Attempts: 1},
			want: v1alpha1.TranslationJobStatus{
				ObservedGeneration: 4, WorkDigest: "work", Phase: v1alpha1.CompletedPhase, Attempts: 1, CompletedAt: stamp(-time.Hour),
				Result: &v1alpha1.Result{WordCount: 1},
			},
		},
		"an attempt at another translation says nothing of this one": {
			seen:    with(func(o *pipeline.Observation) { o.Digest = "other" }),
			decided: pipeline.Decision{Stage: pipeline.Waiting, Reason: v1alpha1.SourceNotFoundReason, Message: "m"},
			want:    v1alpha1.TranslationJobStatus{ObservedGeneration: 4, WorkDigest: "other", Phase: v1alpha1.QueuedPhase},
		},
		"a run that has not begun leaves what is recorded": {
			seen: with(func(o *pipeline.Observation) {
				o.Attempt.Report, o.Attempt.StartedAt = pipeline.Report{}, time.Time{}
				o.Status.ObservedGeneration, o.Status.Progress, o.Status.Cost = 4, &v1alpha1.Progress{Total: 1, Done: 1}, "0.01"
			}),
			decided: working,
			want: v1alpha1.TranslationJobStatus{
				ObservedGeneration: 4, WorkDigest: "work", Phase: v1alpha1.ProcessingPhase, Attempts: 1,
				Progress: &v1alpha1.Progress{Total: 1, Done: 1}, Cost: "0.01",
			},
		},
		"fifty segments stand in the object; tokens of one direction count": {
			seen: with(func(o *pipeline.Observation) {
				o.Attempt.Report.Segments = make([]v1alpha1.SegmentStatus, 50)
				o.Attempt.Report.Usage = engine.Usage{OutputTokens: 1}
				o.Status.ObservedGeneration, o.Status.CurrentStep = 4, v1alpha1.QAStep
			}),
			decided: pipeline.Decision{Stage: pipeline.Waiting, Reason: v1alpha1.QueuedReason, Message: "m"},
			want: told(func(s *v1alpha1.TranslationJobStatus) {
				s.Phase, s.Segments, s.TokenUsage = v1alpha1.QueuedPhase, make([]v1alpha1.SegmentStatus, 50), &v1alpha1.TokenUsage{Output: 1}
			}),
		},
		"more do not; no score, no tokens": {
			seen: with(func(o *pipeline.Observation) {
				o.Attempt.Report.Segments = make([]v1alpha1.SegmentStatus, 51)
				o.Attempt.Report.Scored, o.Attempt.Report.Score, o.Attempt.Report.Usage = 0, 0, engine.Usage{}
				o.Status.ObservedGeneration, o.Status.QAScore = 4, "12.0"
				o.Status.Segments = []v1alpha1.SegmentStatus{{ID: 7}}
			}),
			decided: working,
			want: told(func(s *v1alpha1.TranslationJobStatus) {
				s.Phase, s.CurrentStep, s.Attempts = v1alpha1.ProcessingPhase, v1alpha1.TranslatorStep, 1
				s.Segments, s.QAScore, s.ScoredSegments, s.TokenUsage = nil, "", 0, nil
			}),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := statusOf(tc.seen, tc.provider, tc.decided)
			job := &v1alpha1.TranslationJob{ObjectMeta: metav1.ObjectMeta{Generation: 4}, Status: *got.DeepCopy()}
			if broken := kstatus.Broken(kstatus.Job(job)); len(broken) > 0 {
				t.Errorf("broken rules: %v", broken)
			}
			got.Conditions = nil // they have a table of their own
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("statusOf() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	const yes, no = metav1.ConditionTrue, metav1.ConditionFalse
	type said struct {
		Status metav1.ConditionStatus
		Reason string
	}
	cases := map[string]struct {
		decided                             pipeline.Decision
		finished, ready, reconciling, stall said
		phase                               v1alpha1.Phase
	}{
		"waiting": {
			decided:  pipeline.Decision{Stage: pipeline.Waiting, Reason: v1alpha1.QueuedReason},
			finished: said{no, "Queued"}, ready: said{no, "Queued"}, reconciling: said{yes, "Queued"}, stall: said{no, "Queued"},
			phase: v1alpha1.QueuedPhase,
		},
		"working": {
			decided:  pipeline.Decision{Stage: pipeline.Working, Reason: v1alpha1.BackingOffReason},
			finished: said{no, "BackingOff"}, ready: said{no, "BackingOff"}, reconciling: said{yes, "BackingOff"}, stall: said{no, "BackingOff"},
			phase: v1alpha1.ProcessingPhase,
		},
		"held": {
			decided:  pipeline.Decision{Stage: pipeline.Held, Reason: v1alpha1.SuspendedReason},
			finished: said{no, "Suspended"}, ready: said{no, "Suspended"}, reconciling: said{yes, "Suspended"}, stall: said{no, "Suspended"},
			phase: v1alpha1.SuspendedPhase,
		},
		"completed": {
			decided:  pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.CompletedReason},
			finished: said{yes, "Completed"}, ready: said{yes, "Completed"}, reconciling: said{no, "Completed"}, stall: said{no, "Completed"},
			phase: v1alpha1.CompletedPhase,
		},
		"completed with blocks": {
			decided:  pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.CompletedWithBlocksReason},
			finished: said{yes, "CompletedWithBlocks"}, ready: said{no, "CompletedWithBlocks"}, reconciling: said{no, "CompletedWithBlocks"}, stall: said{yes, "CompletedWithBlocks"},
			phase: v1alpha1.CompletedWithBlocksPhase,
		},
		"needs review": {
			decided:  pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.NeedsReviewReason},
			finished: said{yes, "NeedsReview"}, ready: said{no, "NeedsReview"}, reconciling: said{no, "NeedsReview"}, stall: said{yes, "NeedsReview"},
			phase: v1alpha1.NeedsReviewPhase,
		},
		"failed, with its cause": {
			decided:  pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.FailedReason, Cause: v1alpha1.MisconfiguredReason},
			finished: said{yes, "Failed"}, ready: said{no, "Misconfigured"}, reconciling: said{no, "Misconfigured"}, stall: said{yes, "Misconfigured"},
			phase: v1alpha1.FailedPhase,
		},
		"dead": {
			decided:  pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.DeadReason},
			finished: said{yes, "Dead"}, ready: said{no, "Dead"}, reconciling: said{no, "Dead"}, stall: said{yes, "Dead"},
			phase: v1alpha1.DeadPhase,
		},
		"cancelled": {
			decided:  pipeline.Decision{Stage: pipeline.Ended, Reason: v1alpha1.CancelledReason},
			finished: said{yes, "Cancelled"}, ready: said{no, "Cancelled"}, reconciling: said{no, "Cancelled"}, stall: said{yes, "Cancelled"},
			phase: v1alpha1.CancelledPhase,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.decided.Message = "said"
			o := underWay()
			// As another generation left them: what was True then is not now.
			o.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: yes, Reason: "Old", ObservedGeneration: 3, LastTransitionTime: *stamp(-time.Hour)}}
			got := statusOf(o, nil, tc.decided)
			for kind, want := range map[string]said{
				v1alpha1.FinishedCondition: tc.finished, v1alpha1.ReadyCondition: tc.ready,
				v1alpha1.ReconcilingCondition: tc.reconciling, v1alpha1.StalledCondition: tc.stall,
			} {
				c := meta.FindStatusCondition(got.Conditions, kind)
				if c == nil {
					t.Fatalf("condition %s is missing", kind)
				}
				if diff := cmp.Diff(want, said{c.Status, c.Reason}); diff != "" {
					t.Errorf("condition %s (-want +got):\n%s", kind, diff)
				}
				if c.ObservedGeneration != 4 || c.Message != "said" {
					t.Errorf("condition %s speaks of generation %d and says %q", kind, c.ObservedGeneration, c.Message)
				}
			}
			if got.Phase != tc.phase {
				t.Errorf("phase %q, want %q", got.Phase, tc.phase)
			}
			job := &v1alpha1.TranslationJob{ObjectMeta: metav1.ObjectMeta{Generation: 4}, Status: got}
			job.Status.Progress = nil
			if broken := kstatus.Broken(kstatus.Job(job)); len(broken) > 0 {
				t.Errorf("broken rules: %v", broken)
			}
			if was := o.Status.Conditions[0]; len(o.Status.Conditions) != 1 || was.Status != yes {
				t.Error("the recorded conditions were changed in place")
			}
		})
	}
}

func TestLongMessagesAreCutAtARune(t *testing.T) {
	cases := map[string]struct {
		message string
		want    string
	}{
		"it fits":       {message: strings.Repeat("a", 1024), want: strings.Repeat("a", 1024)},
		"it is cut":     {message: strings.Repeat("a", 1025), want: strings.Repeat("a", 1021) + "…"},
		"not in a rune": {message: strings.Repeat("é", 600), want: strings.Repeat("é", 510) + "…"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := condition.Cut(tc.message)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("cut() (-want +got):\n%s", diff)
			}
			if !utf8.ValidString(got) || len(got) > condition.MaxMessage {
				t.Errorf("cut() gave %d bytes, valid %v", len(got), utf8.ValidString(got))
			}
		})
	}
}

func TestWhoHasToLook(t *testing.T) {
	for reason, want := range map[string]bool{
		v1alpha1.CompletedReason: false, v1alpha1.CancelledReason: false,
		v1alpha1.CompletedWithBlocksReason: true, v1alpha1.NeedsReviewReason: true, v1alpha1.FailedReason: true, v1alpha1.DeadReason: true,
	} {
		if got := needsPerson(reason); got != want {
			t.Errorf("needsPerson(%s) = %v, want %v", reason, got, want)
		}
	}
}
