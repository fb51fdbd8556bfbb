package fanout_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/ptr"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/fanout"
)

func TestJobName(t *testing.T) {
	long := strings.Repeat("release-notes-", 18)[:250] + "end"
	cases := map[string]struct {
		batch string
		item  int
		lang  string
		want  string
	}{
		"a short name stays readable":                 {batch: "notes", item: 0, lang: "ca", want: "notes-0-ca"},
		"a language is written in lower case":         {batch: "notes", item: 12, lang: "zh-Hant-TW", want: "notes-12-zh-hant-tw"},
		"a name with dots is made fit for a label":    {batch: "notes.v1", item: 3, lang: "ca", want: "notes-v1-0ac0df50cc-3-ca"},
		"a long name keeps its item and its language": {batch: long, item: 999, lang: "zh-Hant-TW", want: "release-notes-release-notes-release-n-c0c16bd7fb-999-zh-hant-tw"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, fanout.JobName(tc.batch, tc.item, tc.lang)); diff != "" {
				t.Errorf("JobName() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJobNameIsAlwaysValidAndItsOwn(t *testing.T) {
	seen := map[string]string{}
	for _, batch := range []string{"a", "a.b", "a-b", strings.Repeat("x", 63), strings.Repeat("x", 253), strings.Repeat("a.", 126) + "a"} {
		for _, item := range []int{0, 9, 999} {
			for _, lang := range []string{"de", "sl-rozaj-biske-1994-x-some-private", "zh-Hant-TW"} {
				got := fanout.JobName(batch, item, lang)
				if faults := validation.IsDNS1123Label(got); len(faults) > 0 {
					t.Errorf("JobName(%q, %d, %q) = %q: %v", batch, item, lang, got, faults)
				}
				if other, ok := seen[got]; ok {
					t.Errorf("JobName(%q, %d, %q) = %q, which is also the name for %s", batch, item, lang, got, other)
				}
				seen[got] = batch
			}
		}
	}
}

func TestBatchLabelValue(t *testing.T) {
	cases := map[string]struct {
		batch string
		want  string
	}{
		"a name that fits is its own value":    {batch: "notes.v1", want: "notes.v1"},
		"the longest that fits":                {batch: strings.Repeat("x", 63), want: strings.Repeat("x", 63)},
		"a longer one is told apart by digest": {batch: strings.Repeat("x", 64), want: strings.Repeat("x", 52) + "-7ce100971f"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, fanout.BatchLabelValue(tc.batch)); diff != "" {
				t.Errorf("BatchLabelValue() (-want +got):\n%s", diff)
			}
		})
	}
}

// batch returns one with two items: the first plain, the second with every
// override set.
func batch() *v1alpha1.TranslationBatch {
	return &v1alpha1.TranslationBatch{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "notes", UID: "b-1",
			Labels:      map[string]string{"argocd.argoproj.io/instance": "shop"},
			Annotations: map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "{}"},
		},
		Spec: v1alpha1.TranslationBatchSpec{
			SourceLanguage:  "es",
			TargetLanguages: []v1alpha1.LanguageTag{"ca", "pt"},
			Items: []v1alpha1.BatchItem{
				{Source: v1alpha1.Source{Text: ptr.To("Hola")}},
				{
					Source: v1alpha1.Source{Texts: []v1alpha1.TextItem{{Text: "Sí"}}},
					Overrides: &v1alpha1.ItemOverrides{
						Domain: "legal", Tone: "formal", Instructions: "short", TextType: "ui",
						Constraints: []v1alpha1.Constraint{{Type: v1alpha1.MaxCharsConstraint, Value: ptr.To(int32(5))}},
					},
				},
			},
			Template: v1alpha1.JobOptions{
				Mode: v1alpha1.TranslationMode, Domain: "sport", Tone: "casual", Instructions: "long", TextType: "news",
				ProjectName: "Website", GlossaryRefs: []v1alpha1.GlossaryReference{{Name: "brand"}},
			},
		},
	}
}

func TestBuildJob(t *testing.T) {
	meta := func(name string, item int) metav1.ObjectMeta {
		return metav1.ObjectMeta{
			Namespace: "shop",
			Name:      name,
			Labels:    map[string]string{v1alpha1.BatchLabel: "notes"},
			Annotations: map[string]string{
				v1alpha1.BatchItemAnnotation: strconv.Itoa(item),
				fanout.SpecHashAnnotation:    fanout.SpecHash(batch(), item),
			},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "translation.dragoman.dev/v1alpha1", Kind: "TranslationBatch", Name: "notes", UID: "b-1",
				Controller: ptr.To(true), BlockOwnerDeletion: ptr.To(true),
			}},
		}
	}
	overridden := *batch().Spec.Template.DeepCopy()
	overridden.Domain, overridden.Tone, overridden.Instructions, overridden.TextType = "legal", "formal", "short", "ui"
	overridden.Constraints = []v1alpha1.Constraint{{Type: v1alpha1.MaxCharsConstraint, Value: ptr.To(int32(5))}}
	cases := map[string]struct {
		item int
		lang string
		want *v1alpha1.TranslationJob
	}{
		"a plain item takes the template": {
			item: 0, lang: "ca",
			want: &v1alpha1.TranslationJob{
				ObjectMeta: meta("notes-0-ca", 0),
				Spec: v1alpha1.TranslationJobSpec{
					JobOptions: batch().Spec.Template, SourceLanguage: "es", TargetLanguage: "ca",
					Source: v1alpha1.Source{Text: ptr.To("Hola")},
				},
			},
		},
		"what an item sets wins over the template": {
			item: 1, lang: "pt",
			want: &v1alpha1.TranslationJob{
				ObjectMeta: meta("notes-1-pt", 1),
				Spec: v1alpha1.TranslationJobSpec{
					JobOptions: overridden, SourceLanguage: "es", TargetLanguage: "pt",
					Source: v1alpha1.Source{Texts: []v1alpha1.TextItem{{Text: "Sí"}}},
				},
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, fanout.BuildJob(batch(), tc.item, tc.lang)); diff != "" {
				t.Errorf("BuildJob() (-want +got):\n%s", diff)
			}
		})
	}
}

// An override that is added to the API and not applied here would be lost
// without a word.
func TestBuildJobAppliesEveryOverride(t *testing.T) {
	kind := reflect.TypeFor[v1alpha1.ItemOverrides]()
	overrides := reflect.ValueOf(batch().Spec.Items[1].Overrides).Elem()
	got := reflect.ValueOf(fanout.BuildJob(batch(), 1, "ca").Spec.JobOptions)
	for i := range kind.NumField() {
		field := kind.Field(i).Name
		if overrides.Field(i).IsZero() {
			t.Errorf("the test's batch does not set override %s", field)
		}
		if !reflect.DeepEqual(overrides.Field(i).Interface(), got.FieldByName(field).Interface()) {
			t.Errorf("override %s is not applied", field)
		}
	}
}

func TestBuildJobSharesNoMemoryWithTheBatch(t *testing.T) {
	parent := batch()
	job := fanout.BuildJob(parent, 1, "ca")
	job.Spec.Source.Texts[0].Text = "changed"
	*job.Spec.Constraints[0].Value = 99
	job.Spec.GlossaryRefs[0].Name = "changed"
	if diff := cmp.Diff(batch(), parent); diff != "" {
		t.Errorf("the batch changed (-want +got):\n%s", diff)
	}
}

func TestSpecHash(t *testing.T) {
	const item = 1
	before := fanout.SpecHash(batch(), item)
	cases := map[string]struct {
		edit func(*v1alpha1.TranslationBatchSpec)
		same bool
	}{
		"nothing changed":               {edit: func(*v1alpha1.TranslationBatchSpec) {}, same: true},
		"another item changed":          {edit: func(s *v1alpha1.TranslationBatchSpec) { s.Items[0].Source.Text = ptr.To("Adiós") }, same: true},
		"another language was added":    {edit: func(s *v1alpha1.TranslationBatchSpec) { s.TargetLanguages = append(s.TargetLanguages, "fr") }, same: true},
		"the batch was suspended":       {edit: func(s *v1alpha1.TranslationBatchSpec) { s.Suspend = ptr.To(true) }, same: true},
		"the item's text changed":       {edit: func(s *v1alpha1.TranslationBatchSpec) { s.Items[item].Source.Texts[0].Text = "No" }},
		"the item's overrides changed":  {edit: func(s *v1alpha1.TranslationBatchSpec) { s.Items[item].Overrides.Tone = "casual" }},
		"the template changed":          {edit: func(s *v1alpha1.TranslationBatchSpec) { s.Template.Tone = "formal" }},
		"the source language was fixed": {edit: func(s *v1alpha1.TranslationBatchSpec) { s.SourceLanguage = "gl" }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := batch()
			tc.edit(&b.Spec)
			if same := fanout.SpecHash(b, item) == before; same != tc.same {
				t.Errorf("the hash stayed the same: %t, want %t", same, tc.same)
			}
		})
	}
}
