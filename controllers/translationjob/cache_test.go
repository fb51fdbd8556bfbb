package translationjob

import (
	"context"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/fanout"
	"github.com/dragoman-dev/dragoman/test/build"
)

// onRecord gives a job a status in which every field is set, so that what is left out
// shows.
func onRecord(job *v1alpha1.TranslationJob) {
	is := func(kind string) metav1.Condition {
		return metav1.Condition{
			Type: kind, Status: metav1.ConditionTrue, ObservedGeneration: 2, LastTransitionTime: *stamp(0), Reason: v1alpha1.CompletedReason, Message: "1 segments passed QA",
		}
	}
	job.Generation = 2
	job.Status = v1alpha1.TranslationJobStatus{
		Conditions:         []metav1.Condition{is(v1alpha1.StalledCondition), is(v1alpha1.ReadyCondition), is(v1alpha1.FinishedCondition), is(v1alpha1.ReconcilingCondition)},
		ObservedGeneration: 2, WorkDigest: "digest", Phase: v1alpha1.CompletedPhase, CurrentStep: v1alpha1.QAStep,
		Progress: &v1alpha1.Progress{Total: 1, Done: 1}, ProgressSummary: "1/1",
		Segments: []v1alpha1.SegmentStatus{{ID: 1}},
		Result: &v1alpha1.Result{
			Text: new("Hola."), Texts: []v1alpha1.ResultItem{{}}, Findings: []v1alpha1.Finding{{Segment: 1}}, SHA256: "sum", WordCount: 1,
			PayloadRef: &v1alpha1.PayloadReference{Name: "out", SHA256: "sum"},
		},
		QAScore: "98.5", ScoredSegments: 1, WordCount: new(int32(1)), BilledWords: new(int32(2)),
		PlannedMaxCost: "0.02", Cost: "0.01", TokenUsage: &v1alpha1.TokenUsage{Input: 1}, Provider: &v1alpha1.ProviderStatusReference{Name: "p"},
		Attempts: 3, FailedAttempts: 1, LostAttempts: 1, LastHandledRetry: "r",
		NextAttemptTime: stamp(1), StartedAt: stamp(0), CompletedAt: stamp(2),
	}
}

func TestStripLeavesOfASettledJobWhatIsRead(t *testing.T) {
	job := build.Job("j", "n").Texts("Hola.").With(func(s *v1alpha1.TranslationJobSpec) {
		s.Glossary, s.GlossaryRefs = []v1alpha1.InlineTerm{{Source: "a"}}, []v1alpha1.GlossaryReference{{Name: "g"}}
		s.Constraints = []v1alpha1.Constraint{{Type: v1alpha1.MaxCharsConstraint, Value: new(int32(9))}}
		s.Domain, s.Tone, s.Instructions, s.StyleReference, s.MaxCost = "d", "t", "i", "s", "1"
		s.ProviderRef, s.Delivery = &v1alpha1.ProviderReference{Name: "p"}, &v1alpha1.Delivery{Name: "d"}
		s.Suspend, s.Cancel, s.Priority = new(false), new(true), new(int32(5))
		s.BackoffLimit, s.ActiveDeadlineSeconds = new(int32(6)), new(int32(60))
		s.TTLAfterFinished = &v1alpha1.OutcomeTTL{Completed: new(int32(0)), Failed: new(int32(1))}
		s.Source.Payload = &v1alpha1.PayloadSource{Form: v1alpha1.TextsForm, Ref: v1alpha1.PayloadReference{Name: "in", SHA256: "sum"}}
	}).Obj()
	onRecord(job)
	identity := metav1.ObjectMeta{
		Name: "j", Namespace: "n", UID: "uid", ResourceVersion: "7", Generation: 2, CreationTimestamp: *stamp(-1),
		DeletionTimestamp: stamp(3), DeletionGracePeriodSeconds: new(int64(1)), Finalizers: []string{"f"},
		Labels:          map[string]string{v1alpha1.BatchLabel: "b", "team": "web"},
		OwnerReferences: []metav1.OwnerReference{{Kind: "TranslationBatch", Name: "b", UID: "b-uid", Controller: new(true)}},
	}
	job.TypeMeta, job.ObjectMeta = metav1.TypeMeta{Kind: "TranslationJob", APIVersion: "v1"}, *identity.DeepCopy()
	job.GenerateName, job.ManagedFields = "j", []metav1.ManagedFieldsEntry{{Manager: "kubectl"}}
	read := map[string]string{v1alpha1.RetryAnnotation: "r", v1alpha1.BatchItemAnnotation: "4", fanout.SpecHashAnnotation: "hash"}
	job.Annotations = maps.Clone(read)
	job.Annotations["kubectl.kubernetes.io/last-applied-configuration"] = "{}"

	identity.Annotations = read
	want := &v1alpha1.TranslationJob{TypeMeta: job.TypeMeta, ObjectMeta: identity}
	want.Spec.TargetLanguage = job.Spec.TargetLanguage
	want.Spec.Suspend, want.Spec.Cancel, want.Spec.Priority = new(false), new(true), new(int32(5))
	want.Spec.BackoffLimit, want.Spec.ActiveDeadlineSeconds = new(int32(6)), new(int32(60))
	want.Spec.TTLAfterFinished = &v1alpha1.OutcomeTTL{Completed: new(int32(0)), Failed: new(int32(1))}
	want.Spec.Source.Payload = &v1alpha1.PayloadSource{Ref: v1alpha1.PayloadReference{Name: "in"}}
	want.Status = v1alpha1.TranslationJobStatus{
		Conditions: []metav1.Condition{
			{Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, ObservedGeneration: 2, Reason: v1alpha1.CompletedReason, Message: "1 segments passed QA"},
			{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionTrue, ObservedGeneration: 2, Reason: v1alpha1.CompletedReason},
		},
		ObservedGeneration: 2, WorkDigest: "digest", Phase: v1alpha1.CompletedPhase, Progress: &v1alpha1.Progress{Total: 1, Done: 1},
		Result:  &v1alpha1.Result{PayloadRef: &v1alpha1.PayloadReference{Name: "out", SHA256: "sum"}},
		QAScore: "98.5", WordCount: new(int32(1)), BilledWords: new(int32(2)), Cost: "0.01",
		Attempts: 3, FailedAttempts: 1, LostAttempts: 1, LastHandledRetry: "r", CompletedAt: stamp(2),
	}
	for _, pass := range []string{"first", "second"} { // the cache may call it again
		if diff := cmp.Diff(want, strip(t, job)); diff != "" {
			t.Errorf("after the %s pass (-want +got):\n%s", pass, diff)
		}
	}
	if !stripped(job) {
		t.Error("a settled job is not called stripped, and would be worked on as it is")
	}
}

func TestStripLeavesNothingThatWasNotThere(t *testing.T) {
	job := &v1alpha1.TranslationJob{}
	job.Status.CompletedAt = stamp(0)
	want := job.DeepCopy()
	if diff := cmp.Diff(want, strip(t, job)); diff != "" {
		t.Errorf("Strip() (-want +got):\n%s", diff)
	}
}

func TestStripTextsOfUnfinishedJobs(t *testing.T) {
	long := strings.Repeat("a", keepBytes+1)
	style := func(style string) func(*v1alpha1.TranslationJobSpec) {
		return func(s *v1alpha1.TranslationJobSpec) {
			s.StyleReference, s.Glossary = style, []v1alpha1.InlineTerm{{Source: "a"}}
		}
	}
	edited := build.Job("j", "n").Text("Hola.").Obj()
	onRecord(edited)
	edited.Generation++
	cases := map[string]struct {
		job  *v1alpha1.TranslationJob
		want bool
	}{
		"a short text is kept":                     {job: build.Job("j", "n").Text("Hola.").With(style("s")).Obj()},
		"a text of the limit is kept":              {job: build.Job("j", "n").Text(long[1:]).Obj()},
		"a longer text is dropped":                 {job: build.Job("j", "n").Text(long).With(style("s")).Obj(), want: true},
		"short texts are kept":                     {job: build.Job("j", "n").Texts("Hola.", "Sí.").Obj()},
		"texts that are long together are dropped": {job: build.Job("j", "n").Texts(long[:keepBytes/2], long[:keepBytes/2+2]).Obj(), want: true},
		"metadata counts": {job: build.Job("j", "n").Texts("Hola.").With(func(s *v1alpha1.TranslationJobSpec) {
			s.Source.Texts[0].Metadata = &v1alpha1.Metadata{Raw: []byte(long)}
		}).Obj(), want: true},
		"a long style reference is dropped":          {job: build.Job("j", "n").Text("Hola.").With(style(long)).Obj(), want: true},
		"a long style reference of a text elsewhere": {job: build.Job("j", "n").ConfigMap("c", "k").With(style(long)).Obj(), want: true},
		"a text elsewhere":                           {job: build.Job("j", "n").ConfigMap("c", "k").Obj()},
		"a job that was changed after its end":       {job: edited},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.job.Annotations = map[string]string{"team": "web"}
			tc.job.Status.Result = &v1alpha1.Result{Text: new("Hola."), Texts: []v1alpha1.ResultItem{{}}, Findings: []v1alpha1.Finding{{Segment: 1}}, SHA256: "sum", WordCount: 1}
			want := tc.job.DeepCopy()
			want.Status.Result = &v1alpha1.Result{SHA256: "sum", WordCount: 1}
			tc.job.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl"}}
			got := strip(t, tc.job)
			if stripped(got) != tc.want {
				t.Errorf("stripped() = %v, want %v", stripped(got), tc.want)
			}
			if diff := cmp.Diff(want.Spec, got.Spec); (diff != "") != tc.want {
				t.Errorf("what is not called stripped is whole, and the other way round:\n%s", diff)
			}
			if tc.want && sourceBytes(got)+len(got.Spec.Glossary) > 0 {
				t.Errorf("%d bytes and %d terms are left", sourceBytes(got), len(got.Spec.Glossary))
			}
			want.Spec, got.Spec = v1alpha1.TranslationJobSpec{}, v1alpha1.TranslationJobSpec{}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("beside the spec (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettledJobsShareWhatIsTheSame(t *testing.T) {
	s := &stripper{}
	cut := func(change func(*v1alpha1.TranslationJob)) *v1alpha1.TranslationJob {
		job := build.Job("j", "n").Obj()
		onRecord(job)
		job.Spec.TTLAfterFinished = &v1alpha1.OutcomeTTL{Completed: new(int32(1))}
		job.Labels = map[string]string{"a": "b"}
		job.OwnerReferences = []metav1.OwnerReference{{Name: "b", Controller: new(true)}}
		job.Status.Result.PayloadRef = nil
		change(job)
		s.cut(job)
		return job
	}
	first := cut(func(*v1alpha1.TranslationJob) {})
	same := cut(func(*v1alpha1.TranslationJob) {})
	if first.Status.Progress != same.Status.Progress || first.Spec.TTLAfterFinished != same.Spec.TTLAfterFinished ||
		first.Status.Result != same.Status.Result || first.Status.WordCount != same.Status.WordCount ||
		&first.Status.Conditions[0] != &same.Status.Conditions[0] || &first.OwnerReferences[0] != &same.OwnerReferences[0] ||
		reflect.ValueOf(first.Labels).Pointer() != reflect.ValueOf(same.Labels).Pointer() {
		t.Error("equal parts are kept twice")
	}
	other := func(j *v1alpha1.TranslationJob) {
		j.Spec.TTLAfterFinished = &v1alpha1.OutcomeTTL{NeedsReview: new(int32(1))}
		j.Labels = map[string]string{`a"b`: ""}
		j.OwnerReferences[0].Controller = new(false)
		j.Status.Progress.Done, j.Status.WordCount = 0, new(int32(7))
		meta.FindStatusCondition(j.Status.Conditions, v1alpha1.FinishedCondition).Reason = v1alpha1.FailedReason
	}
	got := cut(other)
	want := got.DeepCopy()
	other(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a part of another job is taken for its own (-want +got):\n%s", diff)
	}
}

func TestTimesToLiveAreToldApart(t *testing.T) {
	s := &stripper{}
	for _, want := range []*v1alpha1.OutcomeTTL{
		{}, {Completed: new(int32(1))}, {NeedsReview: new(int32(1))}, {Failed: new(int32(1))}, {Failed: new(int32(0))},
	} {
		if diff := cmp.Diff(want, s.ttl(want.DeepCopy())); diff != "" {
			t.Errorf("ttl() (-want +got):\n%s", diff)
		}
	}
}

func TestSharingIsBounded(t *testing.T) {
	s := &stripper{}
	for i := range 3*poolEntries + 1 {
		if want, got := strconv.Itoa(i), s.text(strconv.Itoa(i)); got != want {
			t.Fatalf("text(%q) = %q", want, got)
		}
		if n := len(s.texts.values); n > poolEntries {
			t.Fatalf("%d texts are shared, the limit is %d", n, poolEntries)
		}
	}
	long := strings.Repeat("a", poolBytes+1)
	labels := map[string]string{"a": long}
	if got := s.text(long); got != long || s.texts.values[long] != "" {
		t.Error("a long text is lost, or shared")
	}
	if diff := cmp.Diff(labels, s.stringMap(labels)); diff != "" || len(s.maps.values) != 0 {
		t.Errorf("a large map is lost, or shared:\n%s", diff)
	}
}

// stored is an API server that has one job.
type stored struct {
	client.Reader
	job *v1alpha1.TranslationJob
}

// Get implements client.Reader.
func (s stored) Get(_ context.Context, _ client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	s.job.DeepCopyInto(into.(*v1alpha1.TranslationJob))
	return nil
}

func TestNoStatusIsMadeFromWhatTheCacheHasCut(t *testing.T) {
	cases := map[string]struct {
		change func(*v1alpha1.TranslationJob)
		want   bool
	}{
		"an unfinished job without a result": {change: func(j *v1alpha1.TranslationJob) { j.Status.CompletedAt, j.Status.Result = nil, nil }},
		"an unfinished job with a result":    {change: func(j *v1alpha1.TranslationJob) { j.Status.CompletedAt = nil }, want: true},
		"a settled job without a result":     {change: func(j *v1alpha1.TranslationJob) { j.Status.Result = nil }, want: true},
		"a settled job with a result":        {change: func(*v1alpha1.TranslationJob) {}, want: true},
		"a job that was changed after its end": {change: func(j *v1alpha1.TranslationJob) {
			j.Generation++
			j.Status.Result = nil
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			whole := build.Job("j", "n").Text("Hola.").Obj()
			onRecord(whole)
			tc.change(whole)
			cached := strip(t, whole.DeepCopy())
			cached.ResourceVersion, whole.ResourceVersion = "7", "8"
			live := whole.DeepCopy()
			live.Finalizers = []string{"read past the cache"}
			got, err := (&Reconciler{live: stored{job: live}}).base(t.Context(), cached)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole.Status, got.Status); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
			if read := got.Finalizers != nil; read != tc.want || got.ResourceVersion != "7" {
				t.Errorf("read %v, want %v; version %q, want that of the cached copy", read, tc.want, got.ResourceVersion)
			}
		})
	}
}

func strip(t *testing.T, job *v1alpha1.TranslationJob) *v1alpha1.TranslationJob {
	t.Helper()
	out, err := Strip(job)
	if err != nil {
		t.Fatal(err)
	}
	return out.(*v1alpha1.TranslationJob).DeepCopy() // the cache hands out copies
}

func TestStripLeavesOtherObjectsAlone(t *testing.T) {
	in := build.ConfigMap("c", "n", "k", "v")
	want := in.DeepCopy()
	out, err := Strip(in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(runtime.Object(want), out.(runtime.Object)); diff != "" {
		t.Errorf("Strip() (-want +got):\n%s", diff)
	}
}

func TestIndexes(t *testing.T) {
	job := func(change func(*v1alpha1.TranslationJob)) *v1alpha1.TranslationJob {
		j := build.Job("j", "n").With(func(s *v1alpha1.TranslationJobSpec) {
			s.GlossaryRefs = []v1alpha1.GlossaryReference{{Name: "brand"}, {Name: "legal"}}
			s.Source.File = &v1alpha1.FileSource{ConfigMapKeyRef: v1alpha1.ConfigMapKeyReference{Name: "file", Key: "k"}}
		}).Obj()
		change(j)
		return j
	}
	asIs := func(*v1alpha1.TranslationJob) {}
	cases := map[string]struct {
		job            *v1alpha1.TranslationJob
		wantConfigMaps []string
		wantGlossaries []string
	}{
		"a file":        {job: job(asIs), wantConfigMaps: []string{"file"}, wantGlossaries: []string{"brand", "legal"}},
		"a text by key": {job: build.Job("j", "n").ConfigMap("text", "k").Obj(), wantConfigMaps: []string{"text"}},
		"a text":        {job: build.Job("j", "n").Text("Hola.").Obj()},
		"an ended job refers to nothing": {job: job(func(j *v1alpha1.TranslationJob) {
			j.Generation, j.Status.ObservedGeneration, j.Status.CompletedAt = 1, 1, stamp(0)
		})},
		"one that was changed after its end does": {
			job: job(func(j *v1alpha1.TranslationJob) {
				j.Generation, j.Status.ObservedGeneration, j.Status.CompletedAt = 2, 1, stamp(0)
			}), wantConfigMaps: []string{"file"}, wantGlossaries: []string{"brand", "legal"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.wantConfigMaps, unfinished(configMapsOf)(tc.job)); diff != "" {
				t.Errorf("ConfigMaps (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantGlossaries, unfinished(glossariesOf)(tc.job)); diff != "" {
				t.Errorf("glossaries (-want +got):\n%s", diff)
			}
		})
	}
	if got := unfinished(glossariesOf)(build.ConfigMap("c", "n", "k", "v")); got != nil {
		t.Errorf("another kind is indexed as %v", got)
	}
}
