package pipeline_test

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// inDigest says of every field of the spec whether it decides the translation. A
// new field has to be listed.
var inDigest = map[string]bool{
	"SourceLanguage": true, "TargetLanguage": true, "Source": true,
	"Mode": true, "Domain": true, "Tone": true, "Instructions": true, "StyleReference": true, "TextType": true,
	"GlossaryRefs": true, "GlossaryPriority": true, "Glossary": true, "Constraints": true,
	"Quality": true, "Tier": true, "SourceReview": true, "ProviderRef": true, "QA": true, "Segmentation": true,

	"Suspend": false, "Cancel": false, "TTLAfterFinished": false, "Delivery": false,
	"ProjectName": false, "Priority": false, "BackoffLimit": false, "ActiveDeadlineSeconds": false, "MaxCost": false,
	"InjectionPolicy": false,
}

func TestDigestNamesAllThatDecidesTheTranslation(t *testing.T) {
	fields := map[string]bool{}
	for _, kind := range []reflect.Type{reflect.TypeFor[v1alpha1.TranslationJobSpec](), reflect.TypeFor[v1alpha1.JobOptions]()} {
		for field := range kind.Fields() {
			if !field.Anonymous {
				fields[field.Name] = true
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(inDigest)), slices.Sorted(maps.Keys(fields))); diff != "" {
		t.Fatalf("fields of the spec (-listed +there):\n%s", diff)
	}
	empty := pipeline.Digest(v1alpha1.TranslationJobSpec{})
	if !regexp.MustCompile("^[0-9a-f]{64}$").MatchString(empty) {
		t.Errorf("Digest() = %q, want a SHA-256 in hex", empty)
	}
	for field, want := range inDigest {
		t.Run(field, func(t *testing.T) {
			var spec v1alpha1.TranslationJobSpec
			fill(reflect.ValueOf(&spec).Elem().FieldByName(field))
			before := *spec.DeepCopy()
			if got := pipeline.Digest(spec) != empty; got != want {
				t.Errorf("the field changes the digest: %v, want %v", got, want)
			}
			if diff := cmp.Diff(before, spec); diff != "" {
				t.Errorf("Digest() changed the spec (-before +after):\n%s", diff)
			}
		})
	}
}

// fill gives a value of any type that is not its zero value.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("1")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).Kind() != reflect.Slice || v.NumField() == 1 {
				fill(v.Field(i))
				return
			}
		}
	default:
		panic("no value for a field of kind " + v.Kind().String())
	}
}
