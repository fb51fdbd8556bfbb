package translationbatch

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/fanout"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/test/build"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// batch has two items in two languages: four jobs.
func batch(change ...func(*v1alpha1.TranslationBatch)) *v1alpha1.TranslationBatch {
	b := build.Batch("batch", "ns", []v1alpha1.LanguageTag{"ca", "pt"}, "Uno.", "Dos.")
	b.Generation = 3
	for _, c := range change {
		c(b)
	}
	return b
}

// knows is what a pass knows that follows one with these refusals.
func knows(b *v1alpha1.TranslationBatch, refused ...refusal) known {
	return known{plan: planOf(b), refused: refused}
}

func suspended(b *v1alpha1.TranslationBatch) { b.Spec.Suspend = new(true) }

func cancelled(b *v1alpha1.TranslationBatch) { b.Spec.Cancel = new(true) }

func parallel(n int32) func(*v1alpha1.TranslationBatch) {
	return func(b *v1alpha1.TranslationBatch) { b.Spec.MaxParallel = &n }
}

// child is a job of the batch as it was made, and then changed.
func child(b *v1alpha1.TranslationBatch, item int, language string, change ...func(*v1alpha1.TranslationJob)) *v1alpha1.TranslationJob {
	j := fanout.BuildJob(b, item, language)
	j.Generation, j.Status.ObservedGeneration = 1, 1
	for _, c := range change {
		c(j)
	}
	return j
}

// over says that a job has ended, with words, a score and a cost.
func over(reason string) func(*v1alpha1.TranslationJob) {
	return func(j *v1alpha1.TranslationJob) {
		j.Status.Conditions = []metav1.Condition{{Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: reason, ObservedGeneration: 1}}
		j.Status.WordCount, j.Status.BilledWords = new(int32(10)), new(int32(15))
		j.Status.QAScore, j.Status.Cost = "90.0", "0.25"
		j.Status.Progress = &v1alpha1.Progress{Total: 4, Done: 1, FromMemory: 1, Blocked: 1, Failed: 1, Pending: 1}
	}
}

func edited(j *v1alpha1.TranslationJob) { j.Generation++ }

// work is what a tally wants to have done, in short.
type work struct{ Make, Renew, Steer []string }

func workOf(t tally) work {
	var w work
	for _, m := range t.toMake {
		w.Make = append(w.Make, fmt.Sprintf("%d-%s", m.item, m.language))
	}
	for _, j := range t.toRenew {
		w.Renew = append(w.Renew, j.Name)
	}
	for _, j := range t.toSteer {
		w.Steer = append(w.Steer, j.Name)
	}
	return w
}

func TestCount(t *testing.T) {
	type jobs = v1alpha1.JobCounts
	b := batch()
	two := []*v1alpha1.TranslationJob{child(b, 0, "ca", over(v1alpha1.CompletedReason)), child(b, 1, "pt")}
	cases := map[string]struct {
		batch     *v1alpha1.TranslationBatch
		jobs      []*v1alpha1.TranslationJob
		want      jobs
		wantRows  [2]jobs
		wantWork  work
		wantEnded bool
	}{
		"nothing is made yet: items first, then languages": {
			batch: b, want: jobs{Total: 4, Waiting: 4}, wantRows: [2]jobs{{Total: 2, Waiting: 2}, {Total: 2, Waiting: 2}},
			wantWork: work{Make: []string{"0-ca", "0-pt", "1-ca", "1-pt"}},
		},
		"some are there": {
			batch: b, jobs: two, want: jobs{Total: 4, Waiting: 2, Active: 1, Completed: 1},
			wantRows: [2]jobs{{Total: 2, Waiting: 1, Completed: 1}, {Total: 2, Waiting: 1, Active: 1}},
			wantWork: work{Make: []string{"0-pt", "1-ca"}},
		},
		"as many as maxParallel lets, less those under way": {
			batch: batch(parallel(2)), jobs: two, want: jobs{Total: 4, Waiting: 2, Active: 1, Completed: 1},
			wantRows: [2]jobs{{Total: 2, Waiting: 1, Completed: 1}, {Total: 2, Waiting: 1, Active: 1}},
			wantWork: work{Make: []string{"0-pt"}},
		},
		"a lowered maxParallel makes none, and stops none": {
			batch: batch(parallel(1)), jobs: []*v1alpha1.TranslationJob{child(b, 0, "ca"), child(b, 0, "pt")},
			want: jobs{Total: 4, Waiting: 2, Active: 2}, wantRows: [2]jobs{{Total: 2, Waiting: 1, Active: 1}, {Total: 2, Waiting: 1, Active: 1}},
		},
		"a suspended batch makes none and holds those that go on": {
			batch: batch(suspended), jobs: two, want: jobs{Total: 4, Waiting: 2, Active: 1, Completed: 1},
			wantRows: [2]jobs{{Total: 2, Waiting: 1, Completed: 1}, {Total: 2, Waiting: 1, Active: 1}},
			wantWork: work{Steer: []string{"batch-1-pt"}},
		},
		"a resumed batch lets them go on": {
			batch: batch(parallel(1)), jobs: []*v1alpha1.TranslationJob{child(b, 0, "ca", func(j *v1alpha1.TranslationJob) { j.Spec.Suspend = new(true) })},
			want: jobs{Total: 4, Waiting: 3, Active: 1}, wantRows: [2]jobs{{Total: 2, Waiting: 1, Active: 1}, {Total: 2, Waiting: 2}},
			wantWork: work{Steer: []string{"batch-0-ca"}},
		},
		"a job that somebody cancelled is not brought back": {
			batch: batch(parallel(1)), jobs: []*v1alpha1.TranslationJob{child(b, 0, "ca", func(j *v1alpha1.TranslationJob) { j.Spec.Cancel = new(true) })},
			want: jobs{Total: 4, Waiting: 3, Active: 1}, wantRows: [2]jobs{{Total: 2, Waiting: 1, Active: 1}, {Total: 2, Waiting: 2}},
		},
		"a cancelled batch counts what was never made as cancelled": {
			batch: batch(cancelled), jobs: two, want: jobs{Total: 4, Active: 1, Completed: 1, Cancelled: 2},
			wantRows: [2]jobs{{Total: 2, Completed: 1, Cancelled: 1}, {Total: 2, Active: 1, Cancelled: 1}},
			wantWork: work{Steer: []string{"batch-1-pt"}},
		},
		"a job that knows of it already is left alone": {
			batch: batch(cancelled), jobs: []*v1alpha1.TranslationJob{child(b, 0, "ca", func(j *v1alpha1.TranslationJob) { j.Spec.Cancel = new(true) })},
			want: jobs{Total: 4, Active: 1, Cancelled: 3}, wantRows: [2]jobs{{Total: 2, Active: 1, Cancelled: 1}, {Total: 2, Cancelled: 2}},
		},
		"every outcome in its place": {
			batch: b, jobs: []*v1alpha1.TranslationJob{
				child(b, 0, "ca", over(v1alpha1.CompletedWithBlocksReason)), child(b, 0, "pt", over(v1alpha1.NeedsReviewReason)),
				child(b, 1, "ca", over(v1alpha1.FailedReason)), child(b, 1, "pt", over(v1alpha1.DeadReason)),
			},
			want:     jobs{Total: 4, CompletedWithBlocks: 1, NeedsReview: 1, Failed: 1, Dead: 1},
			wantRows: [2]jobs{{Total: 2, CompletedWithBlocks: 1, Failed: 1}, {Total: 2, NeedsReview: 1, Dead: 1}}, wantEnded: true,
		},
		"an end of an older spec is none": {
			batch: b, jobs: []*v1alpha1.TranslationJob{
				child(b, 0, "ca", over(v1alpha1.CompletedReason), edited), child(b, 0, "pt", over(v1alpha1.CancelledReason)),
				child(b, 1, "ca", over(v1alpha1.CompletedReason)), child(b, 1, "pt", over(v1alpha1.CompletedReason)),
			},
			want: jobs{Total: 4, Active: 1, Completed: 2, Cancelled: 1}, wantRows: [2]jobs{{Total: 2, Active: 1, Completed: 1}, {Total: 2, Completed: 1, Cancelled: 1}},
		},
		"a job of the item as it was is renewed, also one that has ended": {
			batch: batch(func(b *v1alpha1.TranslationBatch) { b.Spec.Template.Tone = "formal" }),
			jobs: []*v1alpha1.TranslationJob{
				child(b, 0, "ca", over(v1alpha1.CompletedReason)), child(b, 0, "pt", over(v1alpha1.CompletedReason)),
				child(b, 1, "ca", over(v1alpha1.CompletedReason)), child(b, 1, "pt"),
			},
			want: jobs{Total: 4, Active: 1, Completed: 3}, wantRows: [2]jobs{{Total: 2, Completed: 2}, {Total: 2, Active: 1, Completed: 1}},
			wantWork: work{Renew: []string{"batch-0-ca", "batch-0-pt", "batch-1-ca", "batch-1-pt"}},
		},
		"jobs of items and languages that are gone do not count": {
			batch: batch(func(b *v1alpha1.TranslationBatch) { b.Spec.Items = b.Spec.Items[:1] }),
			jobs:  []*v1alpha1.TranslationJob{child(b, 0, "ca", over(v1alpha1.CompletedReason)), child(b, 0, "pt", over(v1alpha1.CompletedReason)), child(b, 1, "pt")},
			want:  jobs{Total: 2, Completed: 2}, wantRows: [2]jobs{{Total: 1, Completed: 1}, {Total: 1, Completed: 1}}, wantEnded: true,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := count(tc.batch, tc.jobs, knows(tc.batch))
			if diff := cmp.Diff(tc.want, got.jobs); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			want := []v1alpha1.LanguageStatus{{Language: "ca", Jobs: tc.wantRows[0]}, {Language: "pt", Jobs: tc.wantRows[1]}}
			if diff := cmp.Diff(want, got.languages); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantWork, workOf(got)); diff != "" {
				t.Errorf("to do (-want +got):\n%s", diff)
			}
			if got.ended() != tc.wantEnded {
				t.Errorf("ended() = %v, want %v", got.ended(), tc.wantEnded)
			}
			if n := len(tc.wantWork.Make) + len(tc.wantWork.Renew) + len(tc.wantWork.Steer); got.todo() != n {
				t.Errorf("todo() = %d, want %d", got.todo(), n)
			}
			checkPlaces(t, got)
		})
	}
}

// checkPlaces: each job stands in one place, in all and in its row.
func checkPlaces(t *testing.T, got tally) {
	t.Helper()
	var rows int32
	for _, c := range append([]v1alpha1.LanguageStatus{{Jobs: got.jobs}}, got.languages...) {
		j := c.Jobs
		if j.Total != j.Waiting+j.Active+j.Completed+j.CompletedWithBlocks+j.NeedsReview+j.Failed+j.Dead+j.Cancelled {
			t.Errorf("the counts of %q do not sum up: %+v", c.Language, j)
		}
		rows += j.Total
	}
	if rows != 2*got.jobs.Total {
		t.Errorf("%d jobs in the rows, %d in all", rows-got.jobs.Total, got.jobs.Total)
	}
}

func TestSums(t *testing.T) {
	b := batch()
	score := func(words int32, score v1alpha1.Decimal) func(*v1alpha1.TranslationJob) {
		return func(j *v1alpha1.TranslationJob) { j.Status.WordCount, j.Status.QAScore = &words, score }
	}
	done := over(v1alpha1.CompletedReason)
	got := count(b, []*v1alpha1.TranslationJob{
		child(b, 0, "ca", done, score(30, "100.0")),
		child(b, 1, "ca", done, score(10, "89.9")),
		child(b, 0, "pt", done, score(0, "50.0"), func(j *v1alpha1.TranslationJob) { j.Status.Cost = "" }),
		// Under way: its segments count, its words do not yet.
		child(b, 1, "pt", over(v1alpha1.CompletedReason), edited),
	}, knows(b))
	if want := (v1alpha1.Progress{Total: 16, Done: 4, FromMemory: 4, Blocked: 4, Failed: 4, Pending: 4}); got.progress != want {
		t.Errorf("progress %+v, want %+v", got.progress, want)
	}
	if got.words != 40 || got.billed != 45 || got.cost != money.Euro(500_000) {
		t.Errorf("%d words, %d billed, %s euro; want 40, 45, 0.50", got.words, got.billed, got.cost.Decimal())
	}
	// (30·100.0 + 10·89.9) / 40 = 97.475; with one word of 50.0: 96.317.
	want := map[string]v1alpha1.Decimal{"ca": "97.5", "pt": "50.0", "": "96.3"}
	for language, score := range want {
		if diff := cmp.Diff(score, got.scores[language].decimal()); diff != "" {
			t.Errorf("score of %q (-want +got):\n%s", language, diff)
		}
	}
}

func TestAJobWithoutAScore(t *testing.T) {
	b := batch()
	got := count(b, []*v1alpha1.TranslationJob{child(b, 0, "ca", over(v1alpha1.FailedReason), func(j *v1alpha1.TranslationJob) {
		j.Status.QAScore = ""
	}), child(b, 0, "pt", over(v1alpha1.FailedReason), func(j *v1alpha1.TranslationJob) { j.Status.WordCount = nil })}, knows(b))
	if got.words != 10 || got.scores[""].decimal() != "" {
		t.Errorf("%d words and a score of %q, want 10 and none", got.words, got.scores[""].decimal())
	}
}

func TestRefuse(t *testing.T) {
	refusals := []refusal{{language: "pt", item: 1, reason: v1alpha1.ChildConflictReason, err: errors.New("taken")}}
	got := count(batch(), nil, knows(batch(), refusals...))
	for _, m := range got.toMake {
		if m == (missing{item: 1, language: "pt"}) {
			t.Error("a job that was refused is made again")
		}
	}
	if diff := cmp.Diff(v1alpha1.JobCounts{Total: 4, Waiting: 3, Failed: 1}, got.jobs); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(v1alpha1.JobCounts{Total: 2, Waiting: 1, Failed: 1}, got.languages[1].Jobs); diff != "" {
		t.Errorf("row of pt (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(refusals, got.refusals, cmp.AllowUnexported(refusal{}), cmpopts.EquateErrors()); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
	checkPlaces(t, got)
}

// A job that was made is active before the cache shows it, and made once.
func TestCountWhatWasMade(t *testing.T) {
	b, first, second := batch(parallel(2)), missing{item: 0, language: "ca"}, missing{item: 0, language: "pt"}
	before := knows(b)
	before.made = map[missing]bool{first: true, second: true}
	got := count(b, []*v1alpha1.TranslationJob{child(b, 0, "ca")}, before)
	if diff := cmp.Diff(v1alpha1.JobCounts{Total: 4, Waiting: 2, Active: 2}, got.jobs); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if len(got.toMake) != 0 || got.ended() {
		t.Errorf("%d jobs more are made, ended: %v", len(got.toMake), got.ended())
	}
	if diff := cmp.Diff([]missing{first}, got.shown, cmp.AllowUnexported(missing{})); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	checkPlaces(t, got)
}

func TestWhenToCountAgain(t *testing.T) {
	const gather = 30 * time.Millisecond
	few, many := make([]missing, 1), make([]missing, makePerPass+1)
	for name, tc := range map[string]struct {
		sum  tally
		want time.Duration
	}{
		"nothing to do":             {},
		"something was done":        {sum: tally{toMake: few}, want: gather},
		"more than a pass may do":   {sum: tally{toMake: many}, want: time.Nanosecond},
		"a job that is not in view": {sum: tally{hidden: 1}, want: gather},
	} {
		if got := tc.sum.again(gather); got != tc.want {
			t.Errorf("%s: again() = %v, want %v", name, got, tc.want)
		}
	}
	for _, tc := range [][3]time.Duration{{0, 0, 0}, {1, 0, 1}, {0, 2, 2}, {1, 2, 1}, {2, 1, 1}} {
		if got := sooner(tc[0], tc[1]); got != tc[2] {
			t.Errorf("sooner(%d, %d) = %d", tc[0], tc[1], got)
		}
	}
}

func TestItemOf(t *testing.T) {
	j := child(batch(), 1, "ca")
	if item, ok := itemOf(j); item != 1 || !ok {
		t.Errorf("itemOf() = %d, %v", item, ok)
	}
	j.Annotations = nil
	if _, ok := itemOf(j); ok {
		t.Error("a job without the annotation has an item")
	}
}

func TestWhatReopensABatch(t *testing.T) {
	ended := v1alpha1.JobCounts{Total: 3, Completed: 2, NeedsReview: 1}
	cases := map[string]struct {
		now  v1alpha1.JobCounts
		want bool
	}{
		"nothing has changed":           {now: ended},
		"a job runs again":              {now: v1alpha1.JobCounts{Total: 3, Completed: 2, Active: 1}, want: true},
		"a job has another end":         {now: v1alpha1.JobCounts{Total: 3, Completed: 3}, want: true},
		"a job was deleted":             {now: v1alpha1.JobCounts{Total: 3, Completed: 2, Waiting: 1}},
		"one deleted, one that goes on": {now: v1alpha1.JobCounts{Total: 3, Completed: 1, Active: 1, Waiting: 1}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			batch := &v1alpha1.TranslationBatch{Status: v1alpha1.TranslationBatchStatus{Jobs: &ended}}
			if got := (tally{jobs: tc.now}).reopens(batch); got != tc.want {
				t.Errorf("reopens() = %v, want %v", got, tc.want)
			}
		})
	}
}
