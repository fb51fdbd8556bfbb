package crd_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// What stands right at a bound, or looks odd and is meant, is accepted.
func TestAccepted(t *testing.T) {
	namespace := newNamespace(t)
	cases := map[string]struct {
		kind, spec string
	}{
		"a text of 32768 bytes in letters of two": {
			kind: "TranslationJob", spec: job + "source: {text: " + strings.Repeat("ñ", 16384) + "}",
		},
		"1000 texts of 32768 bytes in all": {
			kind: "TranslationJob",
			spec: job + "source: {texts: [" + strings.Repeat("{text: "+strings.Repeat("a", 32)+"},", 999) + "{text: " + strings.Repeat("a", 800) + "}]}",
		},
		"new text in the language of its brief": {
			kind: "TranslationJob", spec: "mode: Creation\nsourceLanguage: es\ntargetLanguage: es\nsource: {text: Hola}",
		},
		"a regional variant of the same language": {
			kind: "TranslationJob", spec: "sourceLanguage: pt-PT\ntargetLanguage: pt-BR\nsource: {text: Olá}",
		},
		"a language in another script": {
			kind: "TranslationJob", spec: "sourceLanguage: sr-Latn-RS\ntargetLanguage: sr-Cyrl-RS\nsource: {text: Zdravo}",
		},
		"a term that stays as it is": {
			kind: "TranslationJob", spec: jobOf + "glossary: [{source: Meridia, handling: Keep}]",
		},
		"money without a point, and 0": {
			kind: "TranslationProvider", spec: "type: Pseudo\nprices: {inputPerMillionTokens: '3', outputPerMillionTokens: '0'}",
		},
		"a server in the own network": {
			kind: "TranslationProvider", spec: "type: OpenAI\nmodel: m\nendpoint: http://llm.models.svc:8000/v1",
		},
		"an entry that only forbids": {
			kind: "Glossary", spec: glossaryOf + "- {term: carrito, forbidden: [carro]}",
		},
		"a payload": {
			kind: "TranslationJob", spec: job + "source: {payload: {form: Texts, ref: " + payloadRef + "}}",
		},
		"a batch of payloads with a budget": {
			kind: "TranslationBatch",
			spec: "sourceLanguage: es\ntargetLanguages: [ca]\nmaxCost: '12.50'\nitems: [{source: {payload: {ref: " + payloadRef + "}}}]",
		},
		"an empty glossary": {kind: "Glossary", spec: "sourceLanguage: es"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := create(t, object(t, namespace, tc.kind, tc.spec)); err != nil {
				t.Errorf("the API server refused it: %v", err)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	namespace := newNamespace(t)
	cases := map[string]struct {
		kind, spec string
		wantSpec   map[string]any
	}{
		"TranslationJob": {
			kind: "TranslationJob", spec: jobOf,
			wantSpec: map[string]any{
				"sourceLanguage": "es", "targetLanguage": "ca", "source": map[string]any{"text": "Hola"},
				"mode": "Translation", "quality": "Standard", "sourceReview": "ByTier", "injectionPolicy": "Block",
				"glossaryPriority": "AccountFirst", "backoffLimit": int64(6),
			},
		},
		"TranslationJob from a payload": {
			kind: "TranslationJob", spec: job + "source: {payload: {ref: " + payloadRef + "}}",
			wantSpec: map[string]any{
				"sourceLanguage": "es", "targetLanguage": "ca",
				"source": map[string]any{"payload": map[string]any{
					"form": "Text",
					"ref":  map[string]any{"name": "in-0", "shards": int64(1), "bytes": int64(40000), "sha256": strings.Repeat("0a", 32)},
				}},
				"mode": "Translation", "quality": "Standard", "sourceReview": "ByTier", "injectionPolicy": "Block",
				"glossaryPriority": "AccountFirst", "backoffLimit": int64(6),
			},
		},
		"TranslationBatch": {
			kind: "TranslationBatch", spec: batchOf + "targetLanguages: [ca]",
			wantSpec: map[string]any{
				"sourceLanguage": "es", "targetLanguages": []any{"ca"},
				"items":       []any{map[string]any{"source": map[string]any{"text": "Hola"}}},
				"maxParallel": int64(100),
				"template": map[string]any{
					"mode": "Translation", "quality": "Standard", "sourceReview": "ByTier", "injectionPolicy": "Block",
					"glossaryPriority": "AccountFirst", "backoffLimit": int64(6),
				},
			},
		},
		"TranslationProvider": {
			kind: "TranslationProvider", spec: "type: Pseudo",
			wantSpec: map[string]any{"type": "Pseudo", "timeoutSeconds": int64(120), "probeIntervalSeconds": int64(60)},
		},
		"ClusterTranslationProvider": {
			kind: "ClusterTranslationProvider", spec: "type: Apertium",
			wantSpec: map[string]any{"type": "Apertium", "timeoutSeconds": int64(120), "probeIntervalSeconds": int64(60)},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := object(t, namespace, tc.kind, tc.spec)
			if err := create(t, u); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.wantSpec, u.Object["spec"]); diff != "" {
				t.Errorf("spec after create (-want +got):\n%s", diff)
			}
			// An object that no controller has seen must not read as done.
			want := map[string]any{"observedGeneration": int64(-1)}
			if tc.kind == "TranslationJob" {
				want["phase"] = "Queued" // nothing is written for a job that waits
			}
			if diff := cmp.Diff(want, u.Object["status"]); diff != "" {
				t.Errorf("status after create (-want +got):\n%s", diff)
			}
		})
	}
}

// The status of a provider takes what plans are made from, and no more.
func TestCapabilitiesOfAProvider(t *testing.T) {
	namespace := newNamespace(t)
	cases := map[string]struct {
		capabilities map[string]any
		want         []string
	}{
		"all of them": {capabilities: map[string]any{"corrections": "Findings", "segmentsPerCall": int64(20), "charactersPerCall": int64(8000)}},
		"no bounds":   {capabilities: map[string]any{"corrections": "Parts"}},
		"a mode that does not exist": {capabilities: map[string]any{"corrections": "Prayer"}, want: []string{
			`status.capabilities.corrections: Unsupported value: "Prayer": supported values: "Findings", "Parts"`,
		}},
		"bounds of 0": {capabilities: map[string]any{"corrections": "Parts", "segmentsPerCall": int64(0), "charactersPerCall": int64(0)}, want: []string{
			"status.capabilities.charactersPerCall: capabilities.charactersPerCall in body should be greater than or equal to 1",
			"status.capabilities.segmentsPerCall: capabilities.segmentsPerCall in body should be greater than or equal to 1",
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := object(t, namespace, "TranslationProvider", "type: Pseudo")
			if err := create(t, u); err != nil {
				t.Fatal(err)
			}
			u.Object["status"] = map[string]any{"observedGeneration": int64(1), "capabilities": tc.capabilities}
			err := strict.Status().Update(t.Context(), u)
			if len(tc.want) == 0 {
				if err != nil {
					t.Errorf("the API server refused it: %v", err)
				}
				return
			}
			if err == nil {
				t.Fatalf("the API server accepted it; want %q", tc.want)
			}
			if diff := cmp.Diff(tc.want, sentences(t, err)); diff != "" {
				t.Errorf("what the API server says (-want +got):\n%s", diff)
			}
		})
	}
}

// A client cannot bring a status along when it creates an object.
func TestStatusOfANewObjectIsTheDefault(t *testing.T) {
	u := object(t, newNamespace(t), "TranslationJob", jobOf)
	u.Object["status"] = map[string]any{"observedGeneration": int64(1), "phase": "Completed"}
	if err := create(t, u); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"observedGeneration": int64(-1), "phase": "Queued"}
	if diff := cmp.Diff(want, u.Object["status"]); diff != "" {
		t.Errorf("status after create (-want +got):\n%s", diff)
	}
}

func TestMetadataOfATextIsKeptAsItIs(t *testing.T) {
	namespace := newNamespace(t)
	cases := map[string]struct {
		metadata string
		want     any
	}{
		"a string":         {metadata: "cart.add", want: "cart.add"},
		"a number":         {metadata: "7", want: int64(7)},
		"a boolean":        {metadata: "false", want: false},
		"a list":           {metadata: "[1, a]", want: []any{int64(1), "a"}},
		"an object in one": {metadata: "{a: {b: [null]}}", want: map[string]any{"a": map[string]any{"b": []any{nil}}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := object(t, namespace, "TranslationJob", job+"source: {texts: [{text: Hola, metadata: "+tc.metadata+"}]}")
			if err := create(t, u); err != nil {
				t.Fatal(err)
			}
			texts, _, err := unstructured.NestedSlice(u.Object, "spec", "source", "texts")
			if err != nil {
				t.Fatal(err)
			}
			want := []any{map[string]any{"text": "Hola", "metadata": tc.want}}
			if diff := cmp.Diff(want, texts); diff != "" {
				t.Errorf("texts after create (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSamplesApply(t *testing.T) {
	for _, dir := range []string{samplesDir, filepath.Join(samplesDir, "openai"), filepath.Join(samplesDir, "mt")} {
		namespace := newNamespace(t)
		files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("want samples in %s, got %d files, error %v", dir, len(files), err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				for _, u := range readSample(t, file) {
					if u.GetKind() != "ClusterTranslationProvider" {
						u.SetNamespace(namespace)
					}
					owner := client.FieldOwner("samples-test")
					if err := strict.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(u), owner); err != nil {
						t.Errorf("apply %s %s: %v", u.GetKind(), u.GetName(), err)
					}
				}
			})
		}
	}
}

// yamlBlock matches an example of a page.
var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// Whoever copies an example from a page gets an object.
func TestExamplesOfThePagesApply(t *testing.T) {
	pages, err := filepath.Glob("../../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	applied := 0
	for _, page := range pages {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		namespace := newNamespace(t)
		for _, block := range yamlBlock.FindAllStringSubmatch(string(data), -1) {
			if !strings.HasPrefix(block[1], "apiVersion:") {
				continue // a part of an object
			}
			u := &unstructured.Unstructured{}
			if err := yaml.Unmarshal([]byte(block[1]), &u.Object); err != nil {
				t.Fatalf("%s: %v", page, err)
			}
			u.SetNamespace(namespace)
			if err := create(t, u); err != nil {
				t.Errorf("%s: create %s %s: %v", page, u.GetKind(), u.GetName(), err)
			}
			applied++
		}
	}
	if applied < 4 {
		t.Errorf("want an example for each kind, found %d", applied)
	}
}

// readSample reads the documents of a YAML file.
func readSample(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	var out []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(f, 4096)
	for {
		u := &unstructured.Unstructured{}
		err := decoder.Decode(u)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("read %s: %v", file, err)
		}
		out = append(out, u)
	}
	if len(out) == 0 {
		t.Fatalf("%s holds no object", file)
	}
	return out
}
