package translationbatch

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/condition"
	"github.com/dragoman-dev/dragoman/test/kstatus"
)

func TestJudge(t *testing.T) {
	type jobs = v1alpha1.JobCounts
	renew := []*v1alpha1.TranslationJob{{}}
	cases := map[string]struct {
		batch     *v1alpha1.TranslationBatch
		tally     tally
		want      verdict
		wantReady bool
	}{
		"no job is made": {
			batch: batch(), tally: tally{jobs: jobs{Total: 4, Waiting: 4}},
			want: verdict{reason: v1alpha1.QueuedReason, phase: v1alpha1.BatchQueued, message: "no job has been made yet"},
		},
		"jobs are under way": {
			batch: batch(), tally: tally{jobs: jobs{Total: 4, Waiting: 1, Active: 2, Completed: 1}},
			want: verdict{reason: v1alpha1.ProcessingReason, phase: v1alpha1.BatchProcessing, message: "2 of 4 jobs are under way, 1 wait"},
		},
		"ended jobs are to be renewed": {
			batch: batch(), tally: tally{jobs: jobs{Total: 4, Completed: 4}, toRenew: renew},
			want: verdict{reason: v1alpha1.ProcessingReason, phase: v1alpha1.BatchProcessing, message: "0 of 4 jobs are under way, 0 wait"},
		},
		"suspended": {
			batch: batch(suspended), tally: tally{jobs: jobs{Total: 4, Waiting: 4}},
			want: verdict{reason: v1alpha1.SuspendedReason, phase: v1alpha1.BatchSuspended, message: "spec.suspend holds the batch; finished jobs are kept"},
		},
		"suspended after the end": {
			batch: batch(suspended), tally: tally{jobs: jobs{Total: 4, Completed: 4}},
			want: verdict{ended: true, reason: v1alpha1.CompletedReason, phase: v1alpha1.BatchCompleted, message: "4 jobs are completed"}, wantReady: true,
		},
		"cancelled, and jobs are still ending": {
			batch: batch(cancelled), tally: tally{jobs: jobs{Total: 4, Active: 1, Cancelled: 3}},
			want: verdict{reason: v1alpha1.ProcessingReason, phase: v1alpha1.BatchProcessing, message: "1 of 4 jobs are under way, 0 wait"},
		},
		"cancelled": {
			batch: batch(cancelled), tally: tally{jobs: jobs{Total: 4, Completed: 1, Cancelled: 3}},
			want: verdict{ended: true, reason: v1alpha1.CancelledReason, phase: v1alpha1.BatchCancelled, message: "spec.cancel was set; 1 of 4 jobs had ended before"},
		},
		"cancelled when all had ended": {
			batch: batch(cancelled), tally: tally{jobs: jobs{Total: 4, Completed: 4}},
			want: verdict{ended: true, reason: v1alpha1.CompletedReason, phase: v1alpha1.BatchCompleted, message: "4 jobs are completed"}, wantReady: true,
		},
		"all failed": {
			batch: batch(), tally: tally{jobs: jobs{Total: 4, Failed: 3, Dead: 1}},
			want: verdict{ended: true, reason: v1alpha1.FailedReason, phase: v1alpha1.BatchFailed, message: "all 4 jobs failed"},
		},
		"some of each": {
			batch: batch(), tally: tally{jobs: jobs{Total: 21, Completed: 6, NeedsReview: 5, CompletedWithBlocks: 4, Failed: 3, Dead: 2, Cancelled: 1}},
			want: verdict{
				ended: true, reason: v1alpha1.CompletedWithErrorsReason, phase: v1alpha1.BatchCompletedWithErrors,
				message: "6 of 21 jobs are completed; 5 need review, 4 have blocks, 3 failed, 2 are dead, 1 were cancelled",
			},
		},
		"some could not be made": {
			batch: batch(), tally: tally{jobs: jobs{Total: 4, Completed: 2, Failed: 2}, refusals: []refusal{
				{language: "pt", item: 1, reason: v1alpha1.ChildConflictReason, err: errors.New("taken")}, {language: "ca"},
			}},
			want: verdict{
				ended: true, reason: v1alpha1.CompletedWithErrorsReason, phase: v1alpha1.BatchCompletedWithErrors,
				message: "2 of 4 jobs are completed; 0 need review, 0 have blocks, 2 failed, 0 are dead, 0 were cancelled" +
					"; 2 could not be made, the first is item 1 into pt (ChildConflict): taken",
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, judge(tc.batch, tc.tally), cmp.AllowUnexported(verdict{})); diff != "" {
				t.Errorf("judge() (-want +got):\n%s", diff)
			}
			tc.tally.scores = map[string]*mean{"": {}}
			got := tc.batch.DeepCopy()
			got.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionTrue, Reason: "Old", ObservedGeneration: 2}}
			got.Status = statusOf(got, tc.tally, now)
			if broken := kstatus.Broken(kstatus.Batch(got)); len(broken) > 0 {
				t.Errorf("broken rules: %v", broken)
			}
			for kind, want := range map[string]bool{
				v1alpha1.FinishedCondition: tc.want.ended, v1alpha1.ReadyCondition: tc.wantReady,
				v1alpha1.ReconcilingCondition: !tc.want.ended, v1alpha1.StalledCondition: tc.want.ended && !tc.wantReady,
			} {
				c := meta.FindStatusCondition(got.Status.Conditions, kind)
				if (c.Status == metav1.ConditionTrue) != want || c.Reason != tc.want.reason || c.Message != tc.want.message {
					t.Errorf("condition %s is %s, %s, %q", kind, c.Status, c.Reason, c.Message)
				}
			}
			if got.Status.Phase != tc.want.phase {
				t.Errorf("phase %s, want %s", got.Status.Phase, tc.want.phase)
			}
		})
	}
}

func TestStatusOf(t *testing.T) {
	b := batch()
	ago := metav1.NewTime(now.Add(-time.Hour))
	begun := batch(func(b *v1alpha1.TranslationBatch) { b.Status.StartedAt = &ago })
	done := over(v1alpha1.CompletedReason)
	cases := map[string]struct {
		batch *v1alpha1.TranslationBatch
		jobs  []*v1alpha1.TranslationJob
		want  v1alpha1.TranslationBatchStatus
	}{
		"nothing is made": {
			batch: b,
			want: v1alpha1.TranslationBatchStatus{
				ObservedGeneration: 3, Phase: v1alpha1.BatchQueued, Jobs: &v1alpha1.JobCounts{Total: 4, Waiting: 4}, JobsSummary: "0/4", Cost: "0.00",
				Languages: []v1alpha1.LanguageStatus{
					{Language: "ca", Jobs: v1alpha1.JobCounts{Total: 2, Waiting: 2}}, {Language: "pt", Jobs: v1alpha1.JobCounts{Total: 2, Waiting: 2}},
				},
			},
		},
		"one has ended": {
			batch: b, jobs: []*v1alpha1.TranslationJob{child(b, 0, "ca", done), child(b, 0, "pt")},
			want: v1alpha1.TranslationBatchStatus{
				ObservedGeneration: 3, Phase: v1alpha1.BatchProcessing, JobsSummary: "1/4",
				Jobs: &v1alpha1.JobCounts{Total: 4, Waiting: 2, Active: 1, Completed: 1},
				Languages: []v1alpha1.LanguageStatus{
					{Language: "ca", Jobs: v1alpha1.JobCounts{Total: 2, Waiting: 1, Completed: 1}, QAScore: "90.0"},
					{Language: "pt", Jobs: v1alpha1.JobCounts{Total: 2, Waiting: 1, Active: 1}},
				},
				Progress: &v1alpha1.Progress{Total: 4, Done: 1, FromMemory: 1, Blocked: 1, Failed: 1, Pending: 1},
				QAScore:  "90.0", WordCount: 10, BilledWords: 15, Cost: "0.25", StartedAt: &metav1.Time{Time: now},
			},
		},
		"all have ended": {
			batch: begun, jobs: []*v1alpha1.TranslationJob{child(b, 0, "ca", done), child(b, 0, "pt", done), child(b, 1, "ca", done), child(b, 1, "pt", done)},
			want: v1alpha1.TranslationBatchStatus{
				ObservedGeneration: 3, Phase: v1alpha1.BatchCompleted, JobsSummary: "4/4", Jobs: &v1alpha1.JobCounts{Total: 4, Completed: 4},
				Languages: []v1alpha1.LanguageStatus{
					{Language: "ca", Jobs: v1alpha1.JobCounts{Total: 2, Completed: 2}, QAScore: "90.0"},
					{Language: "pt", Jobs: v1alpha1.JobCounts{Total: 2, Completed: 2}, QAScore: "90.0"},
				},
				Progress: &v1alpha1.Progress{Total: 16, Done: 4, FromMemory: 4, Blocked: 4, Failed: 4, Pending: 4},
				QAScore:  "90.0", WordCount: 40, BilledWords: 60, Cost: "1.00", StartedAt: &ago, CompletedAt: &metav1.Time{Time: now},
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := statusOf(tc.batch, count(tc.batch, tc.jobs, knows(tc.batch)), now.Add(300*time.Millisecond))
			got.Conditions = nil // they have a table of their own
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("statusOf() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLongMessagesAreCutAtARune(t *testing.T) {
	cases := map[string]struct{ message, want string }{
		"it fits":       {message: strings.Repeat("a", 1024), want: strings.Repeat("a", 1024)},
		"it is cut":     {message: strings.Repeat("a", 1025), want: strings.Repeat("a", 1021) + "…"},
		"not in a rune": {message: strings.Repeat("é", 600), want: strings.Repeat("é", 510) + "…"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := condition.Cut(tc.message)
			if diff := cmp.Diff(tc.want, got); diff != "" || !utf8.ValidString(got) {
				t.Errorf("cut() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettled(t *testing.T) {
	done := &metav1.Time{Time: now}
	cases := map[string]struct {
		generation, observed int64
		completedAt          *metav1.Time
		want                 bool
	}{
		"never seen":        {generation: 1, observed: -1},
		"under way":         {generation: 1, observed: 1},
		"ended":             {generation: 1, observed: 1, completedAt: done, want: true},
		"changed after all": {generation: 2, observed: 1, completedAt: done},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := batch()
			b.Generation, b.Status.ObservedGeneration, b.Status.CompletedAt = tc.generation, tc.observed, tc.completedAt
			if got := settled(b); got != tc.want {
				t.Errorf("settled() = %v, want %v", got, tc.want)
			}
		})
	}
}
