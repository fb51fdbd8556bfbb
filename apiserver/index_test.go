package apiserver

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// made returns a job that was made some seconds after noon.
func made(uid string, after int, changes ...func(*v1alpha1.TranslationJob)) *v1alpha1.TranslationJob {
	job := &v1alpha1.TranslationJob{ObjectMeta: metav1.ObjectMeta{
		Namespace: "demo", Name: uid, UID: types.UID(uid), ResourceVersion: "10", Generation: 1,
		CreationTimestamp: metav1.NewTime(noon.Add(time.Duration(after) * time.Second)),
	}}
	for _, change := range changes {
		change(job)
	}
	return job
}

func version(v int) func(*v1alpha1.TranslationJob) {
	return func(job *v1alpha1.TranslationJob) { job.ResourceVersion = strconv.Itoa(v) }
}

func of(namespace string) func(*v1alpha1.TranslationJob) {
	return func(job *v1alpha1.TranslationJob) { job.Namespace = namespace }
}

func finished(job *v1alpha1.TranslationJob) {
	job.Status = v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Conditions: []metav1.Condition{
		{Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.CompletedReason},
	}}
}

func ofBatch(uid string, item int, lang string) func(*v1alpha1.TranslationJob) {
	return func(job *v1alpha1.TranslationJob) {
		job.OwnerReferences = []metav1.OwnerReference{{Kind: "TranslationBatch", UID: types.UID(uid), Controller: ptr.To(true)}}
		job.Annotations = map[string]string{v1alpha1.BatchItemAnnotation: strconv.Itoa(item)}
		job.Spec.TargetLanguage = v1alpha1.LanguageTag(lang)
	}
}

func every(*v1alpha1.TranslationJob) bool { return true }

func uids(jobs []*v1alpha1.TranslationJob) []string {
	out := make([]string, len(jobs))
	for i, job := range jobs {
		out[i] = string(job.UID)
	}
	return out
}

func TestPage(t *testing.T) {
	idx := newIndex()
	for _, job := range []*v1alpha1.TranslationJob{
		made("b", 1), made("d", 3), made("a", 1), made("c", 2), made("foreign", 9, of("other")),
	} {
		idx.confirm(job)
	}
	at := func(uid string, after int) *position { return ptr.To(positionOf(made(uid, after))) }
	cases := map[string]struct {
		after    *position
		limit    int
		matches  func(*v1alpha1.TranslationJob) bool
		want     []string
		wantNext *position
	}{
		"newest first, ties by id":                {limit: 10, matches: every, want: []string{"d", "c", "b", "a"}},
		"a page that is full says where to go on": {limit: 2, matches: every, want: []string{"d", "c"}, wantNext: at("c", 2)},
		"the last page":                           {after: at("c", 2), limit: 2, matches: every, want: []string{"b", "a"}},
		"between two of the same second":          {after: at("b", 1), limit: 2, matches: every, want: []string{"a"}},
		"a job that is gone still marks a place":  {after: at("bb", 1), limit: 1, matches: every, want: []string{"b"}, wantNext: at("b", 1)},
		"after the end":                           {after: at("a", 1), limit: 2, matches: every, want: []string{}},
		"what does not match is passed over": {
			limit: 2, want: []string{"c", "a"},
			matches: func(job *v1alpha1.TranslationJob) bool { return job.UID == "a" || job.UID == "c" },
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, next := idx.page("demo", tc.after, tc.limit, tc.matches)
			if diff := cmp.Diff(tc.want, uids(got)); diff != "" {
				t.Errorf("page() (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantNext, next, cmp.AllowUnexported(position{})); diff != "" {
				t.Errorf("page() goes on (-want +got):\n%s", diff)
			}
		})
	}
}

func TestShelfKeepsTheNewestVersion(t *testing.T) {
	type step func(*index)
	confirm := func(v int) step { return func(x *index) { x.confirm(made("a", 1, version(v))) } }
	expect := func(v int) step { return func(x *index) { x.expect(made("a", 1, version(v)), noon) } }
	remove := func(x *index) { x.remove("a") }
	cases := map[string]struct {
		steps []step
		want  string
	}{
		"what was written is there before the informer says so": {steps: []step{expect(10)}, want: "10"},
		"an older version from the informer changes nothing":    {steps: []step{expect(100), confirm(99)}, want: "100"},
		"a newer one does":                                  {steps: []step{expect(99), confirm(100)}, want: "100"},
		"an answer that comes late changes nothing":         {steps: []step{confirm(100), expect(99)}, want: "100"},
		"what is deleted is gone":                           {steps: []step{confirm(10), remove}, want: ""},
		"an answer that comes after the deletion stays out": {steps: []step{remove, expect(10)}, want: ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			x := newIndex()
			for _, do := range tc.steps {
				do(x)
			}
			got := ""
			if job, ok := x.get("demo", "a"); ok {
				got = job.ResourceVersion
			}
			if got != tc.want {
				t.Errorf("version %q is there, want %q", got, tc.want)
			}
			listed, _ := x.page("demo", nil, 10, every)
			if (len(listed) == 1) != (tc.want != "") {
				t.Errorf("the list has %d jobs", len(listed))
			}
		})
	}
}

// The index is filled in the order of names, which says nothing about creation, and
// jobs go at any time.
func TestPagesAreInOrderWhateverTheOrderOfArrival(t *testing.T) {
	const count = 3 * nearEnd
	random := rand.New(rand.NewPCG(1, 2))
	x := newIndex()
	var want []string
	arrive := random.Perm(count)
	for _, i := range arrive {
		x.confirm(made(fmt.Sprintf("%06d", i), i/3))
	}
	gone := map[int]bool{}
	for _, i := range random.Perm(count)[:2*nearEnd] {
		x.remove(types.UID(fmt.Sprintf("%06d", i)))
		gone[i] = true
	}
	// Some of a second that has others already, and some that belong far back.
	for _, i := range []int{count + 2, count, count + 1, count + 3} {
		x.confirm(made(fmt.Sprintf("%06d", i), i/3))
	}
	for i := count + 3; i >= 0; i-- {
		if !gone[i] {
			want = append(want, fmt.Sprintf("%06d", i))
		}
	}
	var got []string
	var after *position
	for {
		page, next := x.page("demo", after, 100, every)
		got = append(got, uids(page)...)
		if next == nil {
			break
		}
		after = next
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the pages (-want +got):\n%s", diff)
	}
	oldest := func(job *v1alpha1.TranslationJob) bool { return string(job.UID) == want[len(want)-1] }
	if found, next := x.page("demo", nil, 1, oldest); len(found) != 1 || next != nil {
		t.Errorf("a filter that only the oldest matches finds %v and goes on at %v", uids(found), next)
	}
	if acc := x.accounts["demo"]; acc.unsorted || len(acc.jobs) != len(want) {
		t.Errorf("%d places are kept for %d jobs", len(acc.jobs), len(want))
	}
}

func TestAJobThatComesBackIsListedOnce(t *testing.T) {
	x := newIndex()
	for _, uid := range []string{"a", "b"} {
		x.confirm(made(uid, 1))
	}
	x.remove("a")
	x.confirm(made("a", 1))
	x.remove("b")
	listed, _ := x.page("demo", nil, 10, every)
	if diff := cmp.Diff([]string{"a"}, uids(listed)); diff != "" {
		t.Errorf("page() (-want +got):\n%s", diff)
	}
}

func TestUnfinishedCounts(t *testing.T) {
	x := newIndex()
	counts := []int{}
	note := func() { counts = append(counts, x.unfinished("demo")) }
	x.confirm(made("a", 1))
	x.confirm(made("b", 2))
	x.confirm(made("c", 2, of("other")))
	note()
	x.confirm(made("a", 1, version(11), finished))
	note()
	x.confirm(made("a", 1, version(12), finished))
	note()
	x.confirm(made("a", 1, version(13)))
	note()
	x.remove("a")
	note()
	x.remove("b")
	note()
	if want := []int{2, 1, 1, 2, 1, 0}; !slices.Equal(counts, want) {
		t.Errorf("unfinished jobs after each step = %v, want %v", counts, want)
	}
	if len(x.accounts) != 1 {
		t.Errorf("the index keeps %d accounts, want the one that has jobs", len(x.accounts))
	}
}

func TestJobsOfABatchAreInTheOrderOfItemsAndLanguages(t *testing.T) {
	x := newIndex()
	for i, job := range []*v1alpha1.TranslationJob{
		made("i10pt", 1, ofBatch("b", 10, "pt")), made("i2ca", 1, ofBatch("b", 2, "ca")), made("i2pt", 1, ofBatch("b", 2, "pt")),
		made("i10ca", 1, ofBatch("b", 10, "ca")), made("other", 1, ofBatch("c", 0, "ca")), made("single", 1),
	} {
		x.expect(job, noon.Add(time.Duration(i)))
	}
	batch := &v1alpha1.TranslationBatch{
		ObjectMeta: metav1.ObjectMeta{Namespace: "demo", UID: "b"},
		Spec:       v1alpha1.TranslationBatchSpec{TargetLanguages: []v1alpha1.LanguageTag{"pt", "ca"}},
	}
	if diff := cmp.Diff([]string{"i2pt", "i2ca", "i10pt", "i10ca"}, uids(x.batch(batch))); diff != "" {
		t.Errorf("batch() (-want +got):\n%s", diff)
	}
	for _, uid := range []types.UID{"i2pt", "i2ca", "i10pt", "i10ca"} {
		x.remove(uid)
	}
	if got := x.batch(batch); len(got) != 0 {
		t.Errorf("batch() = %v after all were deleted", uids(got))
	}
}

func TestSameContent(t *testing.T) {
	hashed := func(job *v1alpha1.TranslationJob) {
		job.Annotations = map[string]string{convert.ContentAnnotation: "h"}
	}
	x := newIndex()
	x.confirm(made("a", 1, hashed))
	x.confirm(made("b", 1, hashed, of("other")))
	x.confirm(made("c", 1))
	if diff := cmp.Diff([]string{"a"}, uids(x.sameContent("demo", "h"))); diff != "" {
		t.Errorf("sameContent() (-want +got):\n%s", diff)
	}
}

func TestAwait(t *testing.T) {
	x := newIndex()
	arrived := make(chan string)
	go func() {
		job, _, ok := x.await(t.Context(), "demo", "a", func(job *v1alpha1.TranslationJob) bool { return job.ResourceVersion == "12" })
		arrived <- fmt.Sprintf("%s %t", job.ResourceVersion, ok)
	}()
	for v := 10; v <= 12; v++ {
		x.confirm(made("a", 1, version(v)))
	}
	if got := <-arrived; got != "12 true" {
		t.Errorf("await() = %s, want version 12", got)
	}

	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, known, ok := x.await(over, "demo", "a", func(*v1alpha1.TranslationJob) bool { return false }); !known || ok {
		t.Errorf("await() after the end = known %t, satisfied %t, want the last version", known, ok)
	}
	if _, known, _ := x.await(over, "other", "a", every); known {
		t.Error("await() shows the job of another account")
	}
	if len(x.waiters) != 0 {
		t.Errorf("%d jobs are still watched", len(x.waiters))
	}
}

// Another replica may just have made the job.
func TestFindWaitsForWhatIsOnItsWay(t *testing.T) {
	const id = "550e8400-e29b-41d4-a716-446655440000"
	x := newIndex()
	found := make(chan bool)
	go func() {
		_, ok := find(t.Context(), x.shelf, "demo", id, time.Minute)
		found <- ok
	}()
	x.confirm(made(id, 1))
	if !<-found {
		t.Error("find() did not wait for the job")
	}

	if _, ok := find(t.Context(), x.shelf, "other", id, time.Millisecond); ok {
		t.Error("find() shows the job of another account")
	}
	if _, ok := find(t.Context(), x.shelf, "demo", "no-id", time.Hour); ok {
		t.Error("find() knows what is no id")
	}
}

func TestUnconfirmed(t *testing.T) {
	x := newIndex()
	x.expect(made("old", 1), noon)
	x.expect(made("new", 1), noon.Add(time.Minute))
	x.expect(made("seen", 1), noon)
	x.confirm(made("seen", 1))
	if diff := cmp.Diff([]string{"old"}, uids(x.unconfirmed(noon.Add(time.Second)))); diff != "" {
		t.Errorf("unconfirmed() (-want +got):\n%s", diff)
	}
}

func TestTombstonesAreBounded(t *testing.T) {
	x := newIndex()
	for i := range maxTombstones + 10 {
		x.remove(types.UID(strconv.Itoa(i)))
	}
	x.remove("0")
	if len(x.gone) != maxTombstones {
		t.Errorf("%d deleted uids are remembered, want %d", len(x.gone), maxTombstones)
	}
}

func TestCursor(t *testing.T) {
	at := position{created: 1790000000, uid: "550e8400-e29b-41d4-a716-446655440000"}
	got, ok := decodeCursor(encodeCursor(at))
	if !ok || got != at {
		t.Errorf("decodeCursor(encodeCursor(%v)) = %v, %t", at, got, ok)
	}
	for name, value := range map[string]string{
		"no base64":       "***",
		"no JSON":         "abcd",
		"nothing in it":   "e30",
		"far too long":    encodeCursor(position{uid: types.UID(make([]byte, 600))}),
		"a list in place": "W10",
	} {
		t.Run(name, func(t *testing.T) {
			if _, ok := decodeCursor(value); ok {
				t.Errorf("decodeCursor(%q) is a cursor", value)
			}
		})
	}
}

func TestLeanCopiesHoldNoTexts(t *testing.T) {
	job := made("a", 1)
	job.Spec.Source.Texts = []v1alpha1.TextItem{{Text: "secret"}}
	job.Spec.StyleReference, job.Spec.Instructions = "secret", "secret"
	job.Spec.Glossary = []v1alpha1.InlineTerm{{Source: "secret"}}
	job.Status.Result = &v1alpha1.Result{Text: ptr.To("secret")}
	before := job.DeepCopy()
	lean := leanJob(job)
	want := made("a", 1)
	want.Spec.Source.Texts = []v1alpha1.TextItem{}
	if diff := cmp.Diff(want, lean); diff != "" {
		t.Errorf("leanJob() (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, job); diff != "" {
		t.Errorf("leanJob() changed its argument (-want +got):\n%s", diff)
	}

	batch := &v1alpha1.TranslationBatch{Spec: v1alpha1.TranslationBatchSpec{
		Items: []v1alpha1.BatchItem{
			{Source: v1alpha1.Source{Text: ptr.To("secret")}, Metadata: &v1alpha1.Metadata{Raw: []byte(`"secret"`)}},
			{Source: v1alpha1.Source{Text: ptr.To("secret")}},
		},
		Template: v1alpha1.JobOptions{StyleReference: "secret"},
	}}
	wantBatch := &v1alpha1.TranslationBatch{Spec: v1alpha1.TranslationBatchSpec{Items: []v1alpha1.BatchItem{{Metadata: &v1alpha1.Metadata{}}, {}}}}
	if diff := cmp.Diff(wantBatch, leanBatch(batch)); diff != "" {
		t.Errorf("leanBatch() (-want +got):\n%s", diff)
	}
}
