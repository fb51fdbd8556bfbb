package explain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/explain"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

func TestSegment(t *testing.T) {
	provider := &v1alpha1.ProviderStatusReference{Kind: v1alpha1.TranslationProviderKind, Name: "llm", Type: v1alpha1.OpenAIProvider, Model: "m", Prompt: "translation/1"}
	remembered := provider.DeepCopy()
	remembered.Prompt = ""
	segments := []v1alpha1.SegmentStatus{
		{ID: 1, State: v1alpha1.SegmentCompleted, Span: &v1alpha1.TextSpan{End: 4}},
		{ID: 2, State: v1alpha1.SegmentNeedsReview, Origin: v1alpha1.MemoryOrigin, Span: &v1alpha1.TextSpan{Start: 5, End: 9}, Terms: &v1alpha1.TermUse{Missed: []string{"cart"}}},
		{ID: 3, State: v1alpha1.SegmentFailed, Error: "refused"},
	}
	findings := []v1alpha1.Finding{{Segment: 2, Type: "terminology"}, {Segment: 1, Type: "spacing"}}
	job := &v1alpha1.TranslationJob{Status: v1alpha1.TranslationJobStatus{
		Provider: provider, Segments: segments, Result: &v1alpha1.Result{Text: new("Uno. Dos."), Findings: findings},
	}}
	withRef := &v1alpha1.TranslationJob{Status: v1alpha1.TranslationJobStatus{
		Provider: provider, Result: &v1alpha1.Result{PayloadRef: &v1alpha1.PayloadReference{Name: "result"}},
	}}
	stored := &document.Result{Translation: document.Translation{Text: new("Uno. Dos.")}, Segments: segments, Findings: findings}
	list := &document.Result{Translation: document.Translation{Texts: []*string{new("a"), nil, new("c")}}, Segments: []v1alpha1.SegmentStatus{
		{ID: 1, State: v1alpha1.SegmentCompleted}, {ID: 2, State: v1alpha1.SegmentFailed}, {ID: 3, State: v1alpha1.SegmentCompleted, Origin: v1alpha1.RepeatOrigin},
	}}
	torn := &document.Result{Translation: document.Translation{Text: new("Uno")}, Segments: segments}
	cases := map[string]struct {
		job    *v1alpha1.TranslationJob
		stored *document.Result
		id     int32
		want   explain.Explanation
	}{
		"the engine's own answer": {job: job, id: 1, want: explain.Explanation{
			SegmentStatus: v1alpha1.SegmentStatus{ID: 1, State: v1alpha1.SegmentCompleted, Origin: explain.EngineOrigin, Span: segments[0].Span},
			Text:          new("Uno."), Provider: provider, Findings: findings[1:],
		}},
		"one from the memory":         {job: job, id: 2, want: explain.Explanation{SegmentStatus: segments[1], Text: new("Dos."), Provider: remembered, Findings: findings[:1]}},
		"one without a translation":   {job: job, id: 3, want: explain.Explanation{SegmentStatus: segments[2], Provider: provider}},
		"of a result in the store":    {job: withRef, stored: stored, id: 2, want: explain.Explanation{SegmentStatus: segments[1], Text: new("Dos."), Provider: remembered, Findings: findings[:1]}},
		"of a list":                   {job: withRef, stored: list, id: 3, want: explain.Explanation{SegmentStatus: list.Segments[2], Text: new("c"), Provider: provider}},
		"of a list, not translated":   {job: withRef, stored: list, id: 2, want: explain.Explanation{SegmentStatus: list.Segments[1], Provider: provider}},
		"a span of another text":      {job: withRef, stored: torn, id: 2, want: explain.Explanation{SegmentStatus: segments[1], Provider: remembered}},
		"a segment that is not there": {job: job, id: 4},
		"a job that has not begun":    {job: &v1alpha1.TranslationJob{}, id: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, known := explain.Segment(tc.job, tc.stored, tc.id)
			if known != (tc.want.ID != 0) {
				t.Errorf("Segment() knows it: %v", known)
			}
			if tc.want.State == v1alpha1.SegmentCompleted || tc.want.State == v1alpha1.SegmentNeedsReview {
				tc.want.Checks = qa.Names(qa.Default())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("Segment() (-want +got):\n%s", diff)
			}
		})
	}
}

// A text that stays as it is was not checked, and one that was written after a brief was
// not compared with it.
func TestTheChecksOfASegment(t *testing.T) {
	job := &v1alpha1.TranslationJob{Status: v1alpha1.TranslationJobStatus{Segments: []v1alpha1.SegmentStatus{
		{ID: 1, State: v1alpha1.SegmentCompleted, Origin: v1alpha1.SourceOrigin}, {ID: 2, State: v1alpha1.SegmentCompleted},
	}}}
	if e, _ := explain.Segment(job, nil, 1); e.Checks != nil {
		t.Errorf("the checks of a source are %v", e.Checks)
	}
	job.Spec.Mode = v1alpha1.CreationMode
	if e, _ := explain.Segment(job, nil, 2); len(e.Checks) == 0 || len(e.Checks) >= len(qa.Names(qa.Default())) {
		t.Errorf("the checks of a text after a brief are %v", e.Checks)
	}
}

// The source is cut once more as the pipeline cut it, and not guessed at when it cannot be.
func TestTheSourceOfASegment(t *testing.T) {
	newJob := func(change func(*v1alpha1.TranslationJob)) *v1alpha1.TranslationJob {
		job := &v1alpha1.TranslationJob{Spec: v1alpha1.TranslationJobSpec{
			SourceLanguage: "en_US", TargetLanguage: "pl", Source: v1alpha1.Source{Text: new("One file. Two files.")},
		}}
		job.Generation, job.Status.ObservedGeneration = 2, 2
		job.Status.Segments = []v1alpha1.SegmentStatus{{ID: 1, State: v1alpha1.SegmentPending}, {ID: 2, State: v1alpha1.SegmentPending}}
		change(job)
		return job
	}
	cases := map[string]struct {
		change func(*v1alpha1.TranslationJob)
		want   *string
	}{
		"a sentence of a text": {func(*v1alpha1.TranslationJob) {}, new("Two files.")},
		"a text of a list": {func(job *v1alpha1.TranslationJob) {
			job.Spec.Source = v1alpha1.Source{Texts: []v1alpha1.TextItem{{Text: "a"}, {Text: "b. c."}}}
		}, new("b. c.")},
		"a source that is elsewhere": {func(job *v1alpha1.TranslationJob) {
			job.Spec.Source = v1alpha1.Source{Payload: &v1alpha1.PayloadSource{}}
		}, nil},
		"a source that was changed":     {func(job *v1alpha1.TranslationJob) { job.Generation++ }, nil},
		"a source of another number":    {func(job *v1alpha1.TranslationJob) { job.Spec.Source.Text = new("One.") }, nil},
		"a source cut by rules":         {func(job *v1alpha1.TranslationJob) { job.Spec.Segmentation = &v1alpha1.Segmentation{} }, nil},
		"a language that nobody speaks": {func(job *v1alpha1.TranslationJob) { job.Spec.SourceLanguage = "qqqqqqqqq" }, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e, _ := explain.Segment(newJob(tc.change), nil, 2)
			if diff := cmp.Diff(tc.want, e.Source); diff != "" {
				t.Errorf("source (-want +got):\n%s", diff)
			}
		})
	}
}

// A list may have more segments than texts: what a message chooses from, and attributes.
func TestTheTranslationOfATextWithAttributes(t *testing.T) {
	job := &v1alpha1.TranslationJob{
		Spec: v1alpha1.TranslationJobSpec{SourceLanguage: "en", TargetLanguage: "de", Source: v1alpha1.Source{Texts: []v1alpha1.TextItem{
			{Text: `Our <img alt="red car">.`}, {Text: "Two files."}, {Text: "Gone."},
		}}},
		Status: v1alpha1.TranslationJobStatus{
			Segments: []v1alpha1.SegmentStatus{
				{ID: 1, State: v1alpha1.SegmentCompleted}, {ID: 2, State: v1alpha1.SegmentCompleted},
				{ID: 3, State: v1alpha1.SegmentCompleted}, {ID: 4, State: v1alpha1.SegmentFailed},
			},
			Result: &v1alpha1.Result{Texts: []v1alpha1.ResultItem{
				{Text: new(`Unser <img alt="rotes Auto">.`)}, {Text: new("Zwei Dateien.")}, {Text: new("Gone.")},
			}},
		},
	}
	for id, want := range map[int32]*string{1: new(`Unser <img alt="rotes Auto">.`), 2: nil, 3: new("Zwei Dateien."), 4: nil} {
		e, _ := explain.Segment(job, nil, id)
		if diff := cmp.Diff(want, e.Text); diff != "" {
			t.Errorf("the text of segment %d (-want +got):\n%s", id, diff)
		}
	}
}
