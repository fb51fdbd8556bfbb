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
		Status: v1alpha1.TranslationJobStatus{
			Provider: &v1alpha1.ProviderStatusReference{
				Kind: v1alpha1.TranslationProviderKind, Name: "llm", Type: v1alpha1.OpenAIProvider, Model: "a-model", Prompt: "translation/1",
			},
			Progress: &v1alpha1.Progress{Total: 2, Done: 1, Failed: 1},
			Segments: []v1alpha1.SegmentStatus{
				{ID: 1, State: v1alpha1.SegmentCompleted, QAScore: "98.0", RetryCount: 1, Span: &v1alpha1.TextSpan{End: 4}, Terms: &v1alpha1.TermUse{Applied: []string{"uno", "dos"}, Missed: []string{"tres"}}},
				{ID: 2, State: v1alpha1.SegmentFailed, Error: "content filter"},
			},
			Result: &v1alpha1.Result{Text: new("Un. Dos."), Findings: []v1alpha1.Finding{{Segment: 1, Type: "spacing", Severity: v1alpha1.MinorSeverity, Message: "two spaces"}}},
		},
	}
	large := job.DeepCopy()
	large.Name, large.Status.Segments = "large", nil
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
  translation    Un. 
  origin         Engine
  engine         OpenAI a-model (TranslationProvider llm)
  prompt         translation/1
  score          98.0
  corrections    1
  terms applied  uno, dos
  terms missed   tres
  checks         ` + checks + `
  finding        minor, spacing: two spaces
`
	const second = `segment 2: Failed
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
