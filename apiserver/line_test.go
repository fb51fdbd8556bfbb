package apiserver

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

func urgent(priority int32) func(*v1alpha1.TranslationJob) {
	return func(job *v1alpha1.TranslationJob) { job.Spec.Priority = &priority }
}

func begun(job *v1alpha1.TranslationJob) { job.Status.StartedAt = new(metav1.NewTime(noon)) }

func held(job *v1alpha1.TranslationJob) { job.Spec.Suspend = new(true) }

func TestPlacesInTheLine(t *testing.T) {
	cases := map[string]struct {
		jobs []*v1alpha1.TranslationJob
		want map[string]int
	}{
		"older first": {
			jobs: []*v1alpha1.TranslationJob{made("b", 2), made("a", 1), made("c", 3)},
			want: map[string]int{"a": 1, "b": 2, "c": 3},
		},
		"the id breaks ties, as in the list": {
			jobs: []*v1alpha1.TranslationJob{made("b", 1), made("a", 1)}, want: map[string]int{"a": 1, "b": 2},
		},
		"higher priority first, and a negative one last": {
			jobs: []*v1alpha1.TranslationJob{made("a", 1, urgent(-1)), made("b", 2), made("c", 3, urgent(7)), made("d", 4, urgent(7))},
			want: map[string]int{"c": 1, "d": 2, "b": 3, "a": 4},
		},
		"others do not stand in it": {
			jobs: []*v1alpha1.TranslationJob{
				made("a", 1, begun), made("b", 2, held), made("c", 3, finished), made("d", 4, of("other")), made("e", 5),
			},
			want: map[string]int{"e": 1, "d": 1},
		},
		"who begins, ends or goes leaves it": {
			jobs: []*v1alpha1.TranslationJob{
				made("a", 1), made("b", 2), made("c", 3), made("d", 4),
				made("a", 1, version(11), begun), made("b", 2, version(11), finished), made("c", 3, version(11), held),
			},
			want: map[string]int{"d": 1},
		},
		"who is resumed or moved up finds its place": {
			jobs: []*v1alpha1.TranslationJob{
				made("a", 1, held), made("b", 2), made("c", 3), made("a", 1, version(11)), made("c", 3, version(11), urgent(1)),
			},
			want: map[string]int{"c": 1, "a": 2, "b": 3},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			x := newIndex()
			for _, job := range tc.jobs {
				x.confirm(job)
			}
			got := map[string]int{}
			for _, job := range x.all(convert.InLine) {
				got[string(job.UID)] = x.place(job)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
		})
	}
}

// A line of any length tells the same as a sorted list.
func TestTheLineAgreesWithASortedList(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 7))
	var l line
	var list []place
	for range 20_000 {
		p := place{priority: int32(dice.IntN(3)), position: position{created: int64(dice.IntN(500)), uid: types.UID(fmt.Sprint(dice.IntN(20)))}} //nolint:gosec // small
		at, found := slices.BinarySearchFunc(list, p, place.compare)
		switch {
		case dice.IntN(3) > 0:
			l.join(p)
			if !found {
				list = slices.Insert(list, at, p)
			}
		default:
			l.leave(p)
			if found {
				list = slices.Delete(list, at, at+1)
			}
		}
		if got := l.rank(p); got != at {
			t.Fatalf("rank(%v) = %d, want %d of %d", p, got, at, len(list))
		}
	}
	if len(l.blocks) < 4 {
		t.Errorf("%d blocks for %d places; want several", len(l.blocks), len(list))
	}
	for _, block := range l.blocks {
		if len(block) == 0 || len(block) > maxBlock {
			t.Errorf("a block of %d places", len(block))
		}
	}
}

// What lists and batches show of a finished job is the same of the whole one and of
// the one that is kept.
func TestACompactJobShowsTheSame(t *testing.T) {
	cases := map[string]func(*v1alpha1.TranslationJob){
		"completed":     func(*v1alpha1.TranslationJob) {},
		"archived":      func(job *v1alpha1.TranslationJob) { job.Labels[v1alpha1.ArchivedLabel] = "true" },
		"a single job":  func(job *v1alpha1.TranslationJob) { job.OwnerReferences, job.Annotations, job.Labels = nil, nil, nil },
		"failed early":  func(job *v1alpha1.TranslationJob) { job.Status = failedStatus() },
		"a file":        func(job *v1alpha1.TranslationJob) { job.Spec.Source = v1alpha1.Source{File: &v1alpha1.FileSource{}} },
		"premium":       func(job *v1alpha1.TranslationJob) { job.Spec.Quality = v1alpha1.PremiumQuality },
		"needs review":  func(job *v1alpha1.TranslationJob) { job.Status.Conditions[0].Reason = v1alpha1.NeedsReviewReason },
		"second run":    func(job *v1alpha1.TranslationJob) { job.Generation, job.Status.ObservedGeneration = 4, 4 },
		"without words": func(job *v1alpha1.TranslationJob) { job.Status.WordCount, job.Status.BilledWords = nil, nil },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			job := asSent(3)
			change(job)
			lean, ok := keepJob(job).(*compactJob)
			if !ok {
				t.Fatal("it is kept whole")
			}
			got := lean.object()
			if diff := cmp.Diff(convert.NewListItem(job), convert.NewListItem(got)); diff != "" {
				t.Errorf("list item (-whole +kept):\n%s", diff)
			}
			batch := &v1alpha1.TranslationBatch{}
			if diff := cmp.Diff(convert.NewBatchDetail(batch, []*v1alpha1.TranslationJob{job}), convert.NewBatchDetail(batch, []*v1alpha1.TranslationJob{got})); diff != "" {
				t.Errorf("in a batch (-whole +kept):\n%s", diff)
			}
			if itemOf(got) != itemOf(job) || got.Annotations[convert.ContentAnnotation] != job.Annotations[convert.ContentAnnotation] ||
				got.ResourceVersion != job.ResourceVersion || convert.Repeatable(got) != convert.Repeatable(job) {
				t.Errorf("kept as %+v", got.ObjectMeta)
			}
		})
	}
}

func failedStatus() v1alpha1.TranslationJobStatus {
	return v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Conditions: []metav1.Condition{
		{Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.FailedReason},
	}}
}

func TestJobsThatAreKeptWhole(t *testing.T) {
	cases := map[string]func(*v1alpha1.TranslationJob){
		"one that runs":          func(job *v1alpha1.TranslationJob) { job.Status.Conditions[0].Status = metav1.ConditionFalse },
		"one that changed since": func(job *v1alpha1.TranslationJob) { job.Generation = 2 },
		"one that was retried":   func(job *v1alpha1.TranslationJob) { job.Annotations[v1alpha1.RetryAnnotation] = "1" },
		"one that is going":      func(job *v1alpha1.TranslationJob) { job.DeletionTimestamp = new(metav1.NewTime(noon)) },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			job := asSent(3)
			change(job)
			if lean := keepJob(job); lean.object().Spec.BackoffLimit == nil {
				t.Errorf("kept as %T", lean)
			}
		})
	}
}
