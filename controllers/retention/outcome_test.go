package retention

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

// endedAs is a job that ended with a reason, for generation 3, and refers to a result.
func endedAs(reason, result string, change func(*v1alpha1.TranslationJob)) *v1alpha1.TranslationJob {
	ready := metav1.ConditionFalse
	if reason == v1alpha1.CompletedReason {
		ready = metav1.ConditionTrue
	}
	return jobThat(reason, func(j *v1alpha1.TranslationJob) {
		meta.SetStatusCondition(&j.Status.Conditions, metav1.Condition{
			Type: v1alpha1.ReadyCondition, Status: ready, Reason: reason, ObservedGeneration: 3,
		})
		if result != "" {
			j.Status.Result = &v1alpha1.Result{PayloadRef: &v1alpha1.PayloadReference{Name: v1alpha1.ObjectName(result)}}
		}
		if change != nil {
			change(j)
		}
	})
}

func edited(j *v1alpha1.TranslationJob) { j.Generation = 4 }

func askedAgain(j *v1alpha1.TranslationJob) {
	j.Annotations = map[string]string{v1alpha1.RetryAnnotation: "now"}
}

func TestOutcomeOf(t *testing.T) {
	cases := map[string]struct {
		job  *v1alpha1.TranslationJob
		want outcome
	}{
		"Completed":                     {job: endedAs(v1alpha1.CompletedReason, "r", nil), want: outcome{ended: ended, completed: true, result: "r"}},
		"Completed with a small result": {job: endedAs(v1alpha1.CompletedReason, "", nil), want: outcome{ended: ended, completed: true}},
		"NeedsReview":                   {job: endedAs(v1alpha1.NeedsReviewReason, "r", nil), want: outcome{ended: ended, result: "r"}},
		"Failed":                        {job: endedAs(v1alpha1.FailedReason, "", nil), want: outcome{ended: ended}},
		"edited since":                  {job: endedAs(v1alpha1.CompletedReason, "r", edited)},
		"asked to run again":            {job: endedAs(v1alpha1.NeedsReviewReason, "r", askedAgain)},
		"asked in vain":                 {job: endedAs(v1alpha1.CompletedReason, "r", askedAgain), want: outcome{ended: ended, completed: true, result: "r"}},
		"no end on record": {job: endedAs(v1alpha1.CompletedReason, "r", func(j *v1alpha1.TranslationJob) {
			j.Status.CompletedAt = nil
		})},
		"Ready for an older spec": {job: endedAs(v1alpha1.CompletedReason, "r", func(j *v1alpha1.TranslationJob) {
			meta.FindStatusCondition(j.Status.Conditions, v1alpha1.ReadyCondition).ObservedGeneration = 2
		}), want: outcome{ended: ended, result: "r"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, outcomeOf(tc.job), cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASweepKnowsWhatAnEndHasLeft(t *testing.T) {
	const page, old, referred = "page", "another result", "the result"
	all := []string{page, old, referred}
	type change = func(*v1alpha1.TranslationJob)
	absent := func(j *v1alpha1.TranslationJob) { j.Name = "" }
	anew := func(j *v1alpha1.TranslationJob) { j.UID = "anew" }
	cases := map[string]struct {
		reason       string
		young        bool // a minute old, and the grace is an hour
		moment       bool // there may be readers that have not seen the end
		atStart      bool // the sweep of a leader that starts
		cached, live change
		fails        error
		want         []string
	}{
		"Completed":                             {reason: v1alpha1.CompletedReason, want: []string{referred}},
		"Completed a minute ago":                {reason: v1alpha1.CompletedReason, young: true, want: []string{referred}},
		"Completed a moment ago":                {reason: v1alpha1.CompletedReason, moment: true, want: []string{old, referred}},
		"Completed, at the start":               {reason: v1alpha1.CompletedReason, young: true, atStart: true, want: []string{referred}},
		"NeedsReview":                           {reason: v1alpha1.NeedsReviewReason, want: []string{page, referred}},
		"NeedsReview a minute ago":              {reason: v1alpha1.NeedsReviewReason, young: true, want: []string{page, referred}},
		"NeedsReview, at the start":             {reason: v1alpha1.NeedsReviewReason, atStart: true, want: []string{page, referred}},
		"edited":                                {reason: v1alpha1.CompletedReason, cached: edited, live: edited, want: all},
		"edited, and the cache is behind":       {reason: v1alpha1.CompletedReason, live: edited, want: all},
		"the cache has not seen the end":        {reason: v1alpha1.CompletedReason, cached: edited, want: all},
		"run again, and the cache is behind":    {reason: v1alpha1.NeedsReviewReason, live: askedAgain, want: all},
		"gone, and the cache is behind":         {reason: v1alpha1.CompletedReason, live: absent, want: all},
		"another of its name":                   {reason: v1alpha1.CompletedReason, live: anew, want: all},
		"the cache does not have it":            {reason: v1alpha1.CompletedReason, cached: absent, want: all},
		"the API server does not answer":        {reason: v1alpha1.CompletedReason, fails: errors.New("no route"), want: all},
		"nor at the start":                      {reason: v1alpha1.CompletedReason, atStart: true, fails: errors.New("no route"), want: all},
		"the name is too long for that of blob": {reason: v1alpha1.CompletedReason, cached: long, live: long, want: []string{referred}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			backend, err := payload.OpenBucket(t.Context(), "mem://")
			if err != nil {
				t.Fatal(err)
			}
			age := 2 * time.Hour
			if tc.young {
				age = time.Minute
			}
			if tc.moment {
				age = 5 * time.Second
			}
			start := time.Now()
			now := clocktesting.NewFakeClock(start.Add(age))
			store := payload.New(backend, now)
			owner := endedAs(tc.reason, "", func(j *v1alpha1.TranslationJob) {
				j.UID, j.Status.CompletedAt = "uid", new(metav1.NewTime(start))
			})
			if tc.cached != nil && tc.live != nil {
				tc.live(owner) // both know the same
			}
			what := map[string]string{}
			for _, result := range []string{old, referred} {
				ref, err := store.Put(t.Context(), owner, []byte(result))
				if err != nil {
					t.Fatal(err)
				}
				what[string(ref.Name)+"-0"] = result
				owner.Status.Result = &v1alpha1.Result{PayloadRef: &ref} // the last one stays
			}
			pages, _, err := store.OpenPages(t.Context(), owner, false)
			if err != nil {
				t.Fatal(err)
			}
			if err := pages.Append(t.Context(), []byte("page")); err != nil {
				t.Fatal(err)
			}
			var none error
			with := func(fails *error, change change) client.Client {
				job := owner.DeepCopy()
				if change != nil {
					change(job)
				}
				if job.Name == "" {
					return clientOf(t, fails)
				}
				return clientOf(t, fails, job)
			}
			s := &sweeper{
				store: store, clock: now, every: time.Hour, log: logr.Discard(),
				cache: with(&none, tc.cached), live: with(&tc.fails, tc.live),
			}
			if tc.atStart {
				s.sweep(t.Context(), store.SweepLeftOvers)
			} else {
				s.sweep(t.Context(), store.Sweep)
			}
			infos, err := backend.List(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			var left []string
			for _, info := range infos {
				if result, ok := what[info.Name]; ok {
					left = append(left, result)
				} else {
					left = append(left, page)
				}
			}
			slices.Sort(left)
			want := slices.Sorted(slices.Values(tc.want))
			if diff := cmp.Diff(want, left); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
		})
	}
}

// long gives a job a name that blobs cannot hold.
func long(j *v1alpha1.TranslationJob) { j.Name = strings.Repeat("x", 240) }
