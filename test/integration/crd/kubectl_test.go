package crd_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

func TestDefinitionsAreEstablished(t *testing.T) {
	definitions := &unstructured.UnstructuredList{}
	definitions.SetGroupVersionKind(schema.GroupVersionKind{
		Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinitionList",
	})
	if err := strict.List(t.Context(), definitions); err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]string{}
	for _, definition := range definitions.Items {
		conditions, _, err := unstructured.NestedSlice(definition.Object, "status", "conditions")
		if err != nil {
			t.Fatal(err)
		}
		states := map[string]string{}
		for _, c := range conditions {
			condition := c.(map[string]any)
			states[condition["type"].(string)] = condition["status"].(string)
		}
		got[definition.GetName()] = states
	}
	good := map[string]string{"NamesAccepted": "True", "Established": "True"}
	want := map[string]map[string]string{
		"translationjobs.translation.dragoman.dev":             good,
		"translationbatches.translation.dragoman.dev":          good,
		"translationproviders.translation.dragoman.dev":        good,
		"clustertranslationproviders.translation.dragoman.dev": good,
		"glossaries.translation.dragoman.dev":                  good,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("conditions of the definitions (-want +got):\n%s", diff)
	}
}

func TestNames(t *testing.T) {
	type names struct {
		Kind       string
		ShortNames []string
		Categories []string
		Namespaced bool
	}
	category := []string{"translation"}
	want := map[string]names{
		"translationjobs":             {Kind: "TranslationJob", ShortNames: []string{"tj"}, Categories: category, Namespaced: true},
		"translationbatches":          {Kind: "TranslationBatch", ShortNames: []string{"tb"}, Categories: category, Namespaced: true},
		"translationproviders":        {Kind: "TranslationProvider", ShortNames: []string{"tp"}, Categories: category, Namespaced: true},
		"clustertranslationproviders": {Kind: "ClusterTranslationProvider", ShortNames: []string{"ctp"}, Categories: category},
		"glossaries":                  {Kind: "Glossary", ShortNames: []string{"gl"}, Categories: category, Namespaced: true},
	}

	resources, err := discovery.NewDiscoveryClientForConfigOrDie(world.Config).
		ServerResourcesForGroupVersion(v1alpha1.GroupVersion.String())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]names{}
	for _, r := range resources.APIResources {
		if !strings.Contains(r.Name, "/") {
			got[r.Name] = names{Kind: r.Kind, ShortNames: r.ShortNames, Categories: r.Categories, Namespaced: r.Namespaced}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names of the kinds (-want +got):\n%s", diff)
	}
}

// The columns are what kubectl get and kubectl get -o wide print.
func TestColumns(t *testing.T) {
	namespace := newNamespace(t)
	cases := map[string]struct {
		kind, spec, status string
		// want and wantWide map a column to its cell. NAME and AGE stand for themselves.
		want, wantWide [][2]string
	}{
		"translationjobs": {
			kind: "TranslationJob",
			spec: jobOf + "projectName: Spring",
			status: "phase: Processing\ncurrentStep: Translator\nprogressSummary: 1/2\nqaScore: '98.5'\n" +
				"provider: {kind: TranslationProvider, name: apertium, type: Apertium}\nwordCount: 12\ncost: '0.03'",
			want: [][2]string{
				{"PHASE", "Processing"},
				{"STEP", "Translator"},
				{"SOURCE", "es"},
				{"TARGET", "ca"},
				{"PROGRESS", "1/2"},
				{"SCORE", "98.5"},
				{"AGE", "*"},
			},
			wantWide: [][2]string{
				{"PROVIDER", "apertium"},
				{"WORDS", "12"},
				{"COST", "0.03"},
				{"PROJECT", "Spring"},
			},
		},
		"translationbatches": {
			kind: "TranslationBatch",
			spec: batchOf + "targetLanguages: [ca, pt]\ntemplate: {projectName: Spring}",
			status: "phase: Processing\njobsSummary: 1/2\nqaScore: '98.5'\n" +
				"wordCount: 12\ncost: '0.03'",
			want: [][2]string{
				{"PHASE", "Processing"},
				{"JOBS", "1/2"},
				{"SOURCE", "es"},
				{"TARGETS", `["ca","pt"]`},
				{"SCORE", "98.5"},
				{"AGE", "*"},
			},
			wantWide: [][2]string{{"WORDS", "12"}, {"COST", "0.03"}, {"PROJECT", "Spring"}},
		},
		"translationproviders": {
			kind: "TranslationProvider",
			spec: "type: OpenAI\nmodel: m\nendpoint: https://api.example.com/v1",
			status: "conditions: [{type: Ready, status: 'True', reason: ProbeSucceeded, message: The engine answers," +
				" lastTransitionTime: '2026-01-01T00:00:00Z'}]",
			want:     [][2]string{{"TYPE", "OpenAI"}, {"READY", "True"}, {"MODEL", "m"}, {"AGE", "*"}},
			wantWide: [][2]string{{"MESSAGE", "The engine answers"}},
		},
		"clustertranslationproviders": {
			kind:     "ClusterTranslationProvider",
			spec:     "type: Apertium",
			status:   "observedGeneration: 1",
			want:     [][2]string{{"TYPE", "Apertium"}, {"READY", ""}, {"MODEL", ""}, {"AGE", "*"}},
			wantWide: [][2]string{{"MESSAGE", ""}},
		},
		"glossaries": {
			kind:     "Glossary",
			spec:     "sourceLanguage: es\ndisplayName: Shop",
			want:     [][2]string{{"SOURCE", "es"}, {"SCOPE", "Account"}, {"AGE", "*"}},
			wantWide: [][2]string{{"NAME", "Shop"}},
		},
	}
	for resource, tc := range cases {
		t.Run(resource, func(t *testing.T) {
			u := object(t, namespace, tc.kind, tc.spec)
			if err := create(t, u); err != nil {
				t.Fatal(err)
			}
			setStatus(t, u, tc.status)
			normal, wide := tableRow(t, resource, u)
			wantNormal := append([][2]string{{"NAME", u.GetName()}}, tc.want...)
			if diff := cmp.Diff(wantNormal, normal); diff != "" {
				t.Errorf("columns of kubectl get (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantWide, wide); diff != "" {
				t.Errorf("further columns of kubectl get -o wide (-want +got):\n%s", diff)
			}
		})
	}
}

// setStatus writes a status given in YAML; "" leaves it alone.
func setStatus(t *testing.T, u *unstructured.Unstructured, status string) {
	t.Helper()
	if status == "" {
		return
	}
	var fields map[string]any
	if err := yaml.UnmarshalStrict([]byte(status), &fields); err != nil {
		t.Fatalf("read the status: %v", err)
	}
	u.Object["status"] = fields
	if err := strict.Status().Update(t.Context(), u); err != nil {
		t.Fatalf("write the status: %v", err)
	}
}

// tableRow asks the API server for the row that kubectl would print, as pairs of
// column and cell: those always shown, and those for -o wide. An age is "*".
func tableRow(t *testing.T, resource string, u *unstructured.Unstructured) (normal, wide [][2]string) {
	t.Helper()
	c := rest.CopyConfig(world.Config)
	c.APIPath, c.GroupVersion = "/apis", &v1alpha1.GroupVersion
	c.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	server, err := rest.RESTClientFor(c)
	if err != nil {
		t.Fatal(err)
	}
	data, err := server.Get().NamespaceIfScoped(u.GetNamespace(), u.GetNamespace() != "").
		Resource(resource).Name(u.GetName()).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var table metav1.Table
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	if len(table.Rows) != 1 {
		t.Fatalf("want one row, got %d", len(table.Rows))
	}
	for i, column := range table.ColumnDefinitions {
		cell := ""
		switch value := table.Rows[0].Cells[i].(type) {
		case nil:
		case string:
			cell = value
		default:
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			cell = string(text)
		}
		if column.Name == "Age" {
			cell = "*"
		}
		pair := [2]string{strings.ToUpper(column.Name), cell}
		if column.Priority == 0 {
			normal = append(normal, pair)
		} else {
			wide = append(wide, pair)
		}
	}
	return normal, wide
}

func TestSelectableFields(t *testing.T) {
	namespace := newNamespace(t)
	add := func(kind, spec, status string) string {
		u := object(t, namespace, kind, spec)
		if err := create(t, u); err != nil {
			t.Fatal(err)
		}
		setStatus(t, u, status)
		return u.GetName()
	}
	wanted := map[string]string{
		"TranslationJob": add("TranslationJob",
			"sourceLanguage: fr\ntargetLanguage: pt\nprojectName: Spring\nsource: {text: Salut}", "phase: Completed"),
		"TranslationBatch": add("TranslationBatch",
			"sourceLanguage: fr\ntargetLanguages: [pt]\nitems: [{source: {text: Salut}}]", "phase: Completed"),
		"TranslationProvider": add("TranslationProvider", "type: Pseudo", ""),
	}
	add("TranslationJob", jobOf, "phase: Queued")
	add("TranslationBatch", batchOf+"targetLanguages: [ca]", "phase: Queued")
	add("TranslationProvider", "type: Apertium", "")

	cases := map[string]map[string]string{
		"TranslationJob": {
			"status.phase": "Completed", "spec.sourceLanguage": "fr", "spec.targetLanguage": "pt", "spec.projectName": "Spring",
		},
		"TranslationBatch":    {"status.phase": "Completed", "spec.sourceLanguage": "fr"},
		"TranslationProvider": {"spec.type": "Pseudo"},
	}
	for kind, fields := range cases {
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			t.Run(kind+" by "+field, func(t *testing.T) {
				list := &unstructured.UnstructuredList{}
				list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind + "List"))
				err := strict.List(t.Context(), list, client.InNamespace(namespace), client.MatchingFields{field: fields[field]})
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, u := range list.Items {
					got = append(got, u.GetName())
				}
				if diff := cmp.Diff([]string{wanted[kind]}, got); diff != "" {
					t.Errorf("objects selected by %s=%s (-want +got):\n%s", field, fields[field], diff)
				}
			})
		}
	}
}
