package convert

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// notOverREST lists the fields of a job's spec that a request cannot set, and why.
// A field that is neither set by the request below nor listed here was forgotten.
var notOverREST = map[string]string{
	"ProviderRef":           "the operator of the account chooses engines; callers know languages",
	"Priority":              "an account's jobs are served in the order they come",
	"BackoffLimit":          "the API's default is right for callers who cannot see attempts",
	"ActiveDeadlineSeconds": "callers who stop waiting cancel",
	"Suspend":               "set by POST /v1/jobs/{job_id}/suspend",
	"Cancel":                "set by POST /v1/jobs/{job_id}/cancel",
	"TTLAfterFinished":      "how long results are kept is the operator's decision",
	"Delivery":              "callers fetch the result",
	"Segmentation":          "the rule file is an object of the cluster",
}

// everything is a request that sets all it can.
func everything() CreateRequest {
	yes := true
	number := int32(5)
	text := "Hola"
	return CreateRequest{
		Options: Options{
			Mode: "creation", Domain: "d", Tone: "t", Instructions: "i", GlossaryID: "gloss_abc23456",
			GlossaryPriority: "private_first", Glossary: []Term{{Source: "a", Target: "b"}}, StyleReference: "s",
			Constraints: []Constraint{{Type: "max_chars", Value: ConstraintValue{Number: &number}}},
			TextType:    "x", Quality: "premium", Tier: "business", SourceReview: &yes, InjectionPolicy: "flag", SelfTest: true, Judge: true, ProjectName: "p", MaxCostEUR: Money{Text: "0.05"},
		},
		SourceLang: "es", TargetLang: Targets{Tags: []string{"ca"}}, Text: &text,
	}
}

func TestEverySpecFieldIsMappedOrListed(t *testing.T) {
	brief, err := ReadBrief(everything())
	if err != nil {
		t.Fatal(err)
	}
	langs, err := ReadLanguages("es", Targets{Tags: []string{"ca"}}, brief.Options.Mode)
	if err != nil {
		t.Fatal(err)
	}
	job := brief.Job("demo", Identify("demo", "", nil, brief.Content(langs)), langs)
	seen := map[string]bool{}
	check := func(value reflect.Value) {
		for i := range value.NumField() {
			field := value.Type().Field(i)
			if field.Anonymous {
				continue
			}
			seen[field.Name] = true
			_, listed := notOverREST[field.Name]
			if value.Field(i).IsZero() == !listed {
				t.Errorf("spec field %s: mapped is %t and listed as ignored is %t; one of them must be true", field.Name, !value.Field(i).IsZero(), listed)
			}
		}
	}
	check(reflect.ValueOf(job.Spec))
	check(reflect.ValueOf(job.Spec.JobOptions))
	for name := range notOverREST {
		if !seen[name] {
			t.Errorf("%s is listed and is no field of the spec", name)
		}
	}
}

// Of the sources, ConfigMaps and files are not sent inline.
func TestEverySourceIsMappedOrListed(t *testing.T) {
	listed := map[string]string{
		"ConfigMapKeyRef": "callers cannot see ConfigMaps",
		"File":            "files have an address of their own",
	}
	text, long := "Hola", strings.Repeat("a", maxTextBytes+1)
	var sources []reflect.Value
	for _, sent := range []CreateRequest{{Text: &text}, {Texts: []Text{{Text: "Hola"}}}, {Text: &long}} {
		input, err := readInput(sent.Text, sent.Texts)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, reflect.ValueOf(input.source()))
	}
	kind := reflect.TypeFor[v1alpha1.Source]()
	for i := range kind.NumField() {
		mapped := slices.ContainsFunc(sources, func(source reflect.Value) bool { return !source.Field(i).IsZero() })
		if _, ignored := listed[kind.Field(i).Name]; mapped == ignored {
			t.Errorf("source %s: mapped is %t and listed as ignored is %t; one of them must be true", kind.Field(i).Name, mapped, ignored)
		}
	}
}

// Every option of a request decides the content, except those that are listed: a
// new one that is left out of the hash would turn different requests into
// duplicates.
func TestEveryOptionDecidesTheContent(t *testing.T) {
	same := map[string]string{
		"ProjectName":     "groups jobs and changes no output",
		"InjectionPolicy": "decides whether there is an output, not which",
		"MaxCostEUR":      "decides whether there is an output, not which",
		"Tier":            "counts only through the review that it decides, which this request sets itself",
		"GlossaryIDs":     "the other spelling of GlossaryID, which is changed",
	}
	content := func(request CreateRequest) string {
		t.Helper()
		brief, err := ReadBrief(request)
		if err != nil {
			t.Fatal(err)
		}
		langs, err := ReadLanguages("es", request.TargetLang, brief.Options.Mode)
		if err != nil {
			t.Fatal(err)
		}
		return Identify("demo", "", nil, brief.Content(langs)).Content
	}
	before := content(everything())
	kind := reflect.TypeFor[Options]()
	for i := range kind.NumField() {
		name := kind.Field(i).Name
		request := everything()
		reflect.ValueOf(&request.Options).Elem().Field(i).SetZero()
		switch name {
		case "Mode":
			// It is needed.
			request.Mode = "translation"
		case "SourceReview":
			// Without it the tier says the same.
			request.SourceReview = new(bool)
		}
		if _, listed := same[name]; (content(request) == before) != listed {
			t.Errorf("without option %s the content is the same: %t, listed so: %t", name, content(request) == before, listed)
		}
	}
}
