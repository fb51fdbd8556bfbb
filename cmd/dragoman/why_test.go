package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// payloads is a store that has one result.
type payloads struct {
	data []byte
	err  error
}

func (p payloads) Open(context.Context, string, v1alpha1.PayloadReference) ([]byte, error) {
	return p.data, p.err
}

func TestWhy(t *testing.T) {
	job := &v1alpha1.TranslationJob{
		ObjectMeta: metav1.ObjectMeta{Name: "launch", Namespace: "shop"},
		Spec:       v1alpha1.TranslationJobSpec{SourceLanguage: "en", TargetLanguage: "es", Source: v1alpha1.Source{Text: new("One. Two.")}},
		Status: v1alpha1.TranslationJobStatus{
			Provider: &v1alpha1.ProviderStatusReference{
				Kind: v1alpha1.TranslationProviderKind, Name: "llm", Type: v1alpha1.OpenAIProvider, Model: "a-model", Prompt: "translation/1",
			},
			Progress: &v1alpha1.Progress{Total: 2, Done: 1, Failed: 1},
			Segments: []v1alpha1.SegmentStatus{
				{ID: 1, State: v1alpha1.SegmentCompleted, QAScore: "98.0", RetryCount: 1, Span: &v1alpha1.TextSpan{End: 4}, Terms: &v1alpha1.TermUse{Applied: []string{"uno", "dos"}, Missed: []string{"tres"}}},
				{ID: 2, State: v1alpha1.SegmentFailed, Error: "content filter"},
			},
			Result: &v1alpha1.Result{Text: new("Un. Dos."), Findings: []v1alpha1.Finding{{
				Segment: 1, Type: "number", Severity: v1alpha1.MajorSeverity, Message: "another number",
				Span: &v1alpha1.CharacterSpan{Start: 0, End: 2}, SourceSpan: &v1alpha1.CharacterSpan{Start: 0, End: 3},
			}}},
		},
	}
	large := job.DeepCopy()
	large.Name, large.Status.Segments, large.Spec.Source = "large", nil, v1alpha1.Source{}
	large.Status.Result = &v1alpha1.Result{PayloadRef: &v1alpha1.PayloadReference{Name: "result"}}
	data, err := document.Result{
		Translation: document.Translation{Text: new("Uno.")},
		Segments:    []v1alpha1.SegmentStatus{{ID: 1, State: v1alpha1.SegmentCompleted, Origin: v1alpha1.MemoryOrigin, Span: &v1alpha1.TextSpan{End: 4}}},
	}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	checks := strings.Join(qa.Names(qa.Default()), ", ")
	first := `segment 1: Completed
  source            One.
  translation       Un. 
  origin            Engine
  engine            OpenAI a-model (TranslationProvider llm)
  prompt            translation/1
  score             98.0
  corrections       1
  terms applied     uno, dos
  terms missed      tres
  checks            ` + checks + `
  finding           major, number: another number
    in source       →One←.
    in translation  →Un←. 
`
	const second = `segment 2: Failed
  source       Two.
  engine       OpenAI a-model (TranslationProvider llm)
  prompt       translation/1
  corrections  0
  error        content filter
`
	cases := map[string]struct {
		name, segment string
		store         payloads
		want, wantErr string
	}{
		"one segment": {name: "launch", segment: "1", want: first},
		"all of them": {name: "launch", want: first + second},
		"of a result in the store": {name: "large", segment: "1", store: payloads{data: data}, want: `segment 1: Completed
  translation  Uno.
  origin       Memory
  engine       OpenAI a-model (TranslationProvider llm)
  corrections  0
  checks       ` + checks + `
`},
		"a store that is gone":   {name: "large", segment: "1", store: payloads{err: errors.New("gone")}, wantErr: "read the result of the job: gone"},
		"a store that is broken": {name: "large", segment: "1", store: payloads{data: []byte("{")}, wantErr: "read the result of the job: unexpected end of JSON input"},
		"a segment too many":     {name: "launch", segment: "3", wantErr: "job shop/launch has nothing to say of segment 3: it has 2 segments"},
		"no number":              {name: "launch", segment: "one", wantErr: `"one" is no number of a segment: they count from 1 to 2`},
		"zero":                   {name: "launch", segment: "0", wantErr: `"0" is no number of a segment`},
		"no job":                 {name: "other", segment: "1", wantErr: "read the job: "},
	}
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(job, large).Build()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			err := why(t.Context(), c, tc.store, client.ObjectKey{Namespace: "shop", Name: tc.name}, tc.segment, &out)
			if tc.wantErr != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tc.wantErr) {
					t.Errorf("why() error %v, want %q", err, tc.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, out.String()); diff != "" {
				t.Errorf("why() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMarked(t *testing.T) {
	long := strings.Repeat("é", 40) + "205" + strings.Repeat("ß", 40)
	cases := map[string]struct {
		text *string
		span *v1alpha1.CharacterSpan
		want string
	}{
		"with what is around it":       {new("Es wiegt 205 Gramm."), &v1alpha1.CharacterSpan{Start: 9, End: 12}, "Es wiegt →205← Gramm."},
		"counted in code points":       {&long, &v1alpha1.CharacterSpan{Start: 40, End: 43}, "…" + strings.Repeat("é", 30) + "→205←" + strings.Repeat("ß", 30) + "…"},
		"what nobody sees":             {new("Jetzt\u200b \u202esichern\n."), &v1alpha1.CharacterSpan{Start: 5, End: 6}, "Jetzt→U+200B← U+202EsichernU+000A."},
		"no stretch":                   {new("a"), nil, ""},
		"no text":                      {nil, &v1alpha1.CharacterSpan{End: 1}, ""},
		"a stretch of another text":    {new("a"), &v1alpha1.CharacterSpan{End: 2}, ""},
		"a stretch that ends too soon": {new("ab"), &v1alpha1.CharacterSpan{Start: 1, End: 1}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := marked(tc.text, tc.span); got != tc.want {
				t.Errorf("marked() = %q, want %q", got, tc.want)
			}
		})
	}
}
