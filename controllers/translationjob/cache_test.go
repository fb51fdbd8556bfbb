package translationjob

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/test/build"
)

func TestStrip(t *testing.T) {
	long := strings.Repeat("a", keepBytes+1)
	finished := func(j *build.JobWrapper) *v1alpha1.TranslationJob {
		job := j.Obj()
		job.Generation, job.Status.ObservedGeneration, job.Status.CompletedAt = 2, 2, stamp(0)
		return job
	}
	edited := func(j *build.JobWrapper) *v1alpha1.TranslationJob {
		job := finished(j)
		job.Generation = 3
		return job
	}
	style := func(style string) func(*v1alpha1.TranslationJobSpec) {
		return func(s *v1alpha1.TranslationJobSpec) {
			s.StyleReference, s.Glossary = style, []v1alpha1.InlineTerm{{Source: "a"}}
		}
	}
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
		"a long style reference is dropped":                           {job: build.Job("j", "n").Text("Hola.").With(style(long)).Obj(), want: true},
		"a long style reference of a text elsewhere":                  {job: build.Job("j", "n").ConfigMap("c", "k").With(style(long)).Obj(), want: true},
		"a text elsewhere":                                            {job: build.Job("j", "n").ConfigMap("c", "k").Obj()},
		"the short text of an ended job is dropped":                   {job: finished(build.Job("j", "n").Text("Hola.").With(style("s"))), want: true},
		"the texts of an ended job are dropped":                       {job: finished(build.Job("j", "n").Texts("Hola.")), want: true},
		"the terms of an ended job with a text elsewhere are dropped": {job: finished(build.Job("j", "n").ConfigMap("c", "k").With(style(""))), want: true},
		"an ended job with a text elsewhere":                          {job: finished(build.Job("j", "n").ConfigMap("c", "k"))},
		"a job that was changed after its end":                        {job: edited(build.Job("j", "n").Text("Hola."))},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.job.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl"}}
			tc.job.Status.Result = &v1alpha1.Result{Text: new("Hola."), Texts: []v1alpha1.ResultItem{{}}, Findings: []v1alpha1.Finding{{Segment: 1}}, SHA256: "sum", WordCount: 1}
			whole := tc.job.DeepCopy()
			out, err := Strip(tc.job)
			if err != nil {
				t.Fatal(err)
			}
			// The cache hands out copies.
			got := out.(*v1alpha1.TranslationJob).DeepCopy()
			if got.ManagedFields != nil {
				t.Error("managed fields are kept")
			}
			if diff := cmp.Diff(&v1alpha1.Result{SHA256: "sum", WordCount: 1}, got.Status.Result); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if stripped(got) != tc.want {
				t.Errorf("stripped() = %v, want %v", stripped(got), tc.want)
			}
			if diff := cmp.Diff(whole.Spec, got.Spec); (diff != "") != tc.want {
				t.Errorf("what is not called stripped is whole, and the other way round:\n%s", diff)
			}
			if tc.want && sourceBytes(got)+len(got.Spec.Glossary) > 0 {
				t.Errorf("%d bytes and %d terms are left", sourceBytes(got), len(got.Spec.Glossary))
			}
		})
	}
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
