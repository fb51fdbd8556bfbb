package crd_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const policyDir = "../../../config/components/policy"

// warned is a client that remembers what the API server warns of, and tries objects
// without keeping them when it is dry.
type warned struct {
	client.Client

	mu   sync.Mutex
	text []string
}

func (w *warned) HandleWarningHeader(_ int, _ string, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, text)
}

// try creates the object and returns the warnings of the policies, sorted.
func (w *warned) try(ctx context.Context, u *unstructured.Unstructured, o ...client.CreateOption) ([]string, error) {
	w.mu.Lock()
	w.text = nil
	w.mu.Unlock()
	err := w.Create(ctx, u.DeepCopy(), o...)
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(slices.Values(w.text)), err
}

func newWarned(t *testing.T) *warned {
	t.Helper()
	w := &warned{}
	own := rest.CopyConfig(world.Config)
	own.WarningHandler = w
	var err error
	if w.Client, err = client.New(own, client.Options{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// policies reads the manifests of the component.
func policies(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(policyDir, "cost_*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("want policies in %s, got %d, error %v", policyDir, len(files), err)
	}
	var out []*unstructured.Unstructured
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096); ; {
			u := &unstructured.Unstructured{}
			if err := decoder.Decode(u); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("read %s: %v", file, err)
			}
			out = append(out, u)
		}
	}
	return out
}

// eventually tries until the check holds: a policy is in force a moment after it was
// made.
func eventually(t *testing.T, check func(context.Context) bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		return check(ctx), nil
	})
	if err != nil {
		t.Fatalf("wait for the policies: %v", err)
	}
}

// A provider with prices, and one that costs nothing.
const (
	pricedSpec = "type: OpenAI\nendpoint: https://api.example.com/v1\nmodel: m\nprices: {inputPerMillionTokens: '2.50', outputPerMillionTokens: '10'}"
	freeSpec   = "type: Apertium"
)

func TestWarningsOfWhatAJobMayCost(t *testing.T) {
	namespace, elsewhere := newNamespace(t), newNamespace(t)
	for _, u := range policies(t) {
		if err := create(t, u); err != nil {
			t.Fatalf("create %s %s: %v", u.GetKind(), u.GetName(), err)
		}
	}
	for _, p := range []struct{ kind, name, spec string }{
		{"ClusterTranslationProvider", "cost-shared", pricedSpec}, {"TranslationProvider", "cost-own", pricedSpec}, {"TranslationProvider", "cost-free", freeSpec},
	} {
		u := object(t, namespace, p.kind, p.spec)
		u.SetGenerateName("")
		u.SetName(p.name)
		if err := create(t, u); err != nil {
			t.Fatal(err)
		}
	}
	api := newWarned(t)
	long := strings.Repeat("a", 10_000)
	named := func(kind, name string) string { return "providerRef: {kind: " + kind + ", name: " + name + "}\n" }
	shared, own := named("ClusterTranslationProvider", "cost-shared"), named("TranslationProvider", "cost-own")
	dear := job + "maxCost: '0.01'\nsource: {text: " + long + "}\n" + shared
	eventually(t, func(ctx context.Context) bool {
		first, _ := api.try(ctx, object(t, namespace, "TranslationJob", dear), client.DryRunAll)
		second, _ := api.try(ctx, object(t, namespace, "TranslationJob", job+"source: {text: Hola}\n"+own), client.DryRunAll)
		return len(first) == 1 && len(second) == 1
	})

	// 2 calls: (1500*2 + 10000) tokens in and 40000 out, three times.
	const tenThousand = "1.2975"
	tail := "; the plan is in status.plannedMaxCost before the first call"
	cases := map[string]struct {
		kind, namespace, spec string
		forReal               bool
		want                  []string
	}{
		"a dry run tells the figure": {
			spec: job + "source: {text: " + long + "}\n" + shared,
			want: []string{"with ClusterTranslationProvider cost-shared this may cost up to about " + tenThousand + " euro" + tail},
		},
		"of a provider of the namespace, too": {
			spec: job + "source: {text: " + long + "}\n" + own,
			want: []string{"with TranslationProvider cost-own this may cost up to about " + tenThousand + " euro" + tail},
		},
		"and whether it is over the budget": {
			spec: dear, want: []string{"with ClusterTranslationProvider cost-shared this may cost up to about " + tenThousand +
				" euro, and maxCost is 0.01: it may end with reason BudgetExceeded" + tail},
		},
		"which is told of a real one as well": {
			spec: dear, forReal: true, want: []string{"with ClusterTranslationProvider cost-shared this may cost up to about " + tenThousand +
				" euro, and maxCost is 0.01: it may end with reason BudgetExceeded" + tail},
		},
		"a real one within its budget is not spoken of": {spec: job + "maxCost: '2'\nsource: {text: " + long + "}\n" + shared, forReal: true},
		"a free engine is not":                          {spec: job + "source: {text: " + long + "}\n" + named("TranslationProvider", "cost-free")},
		"a provider of another namespace is not":        {namespace: elsewhere, spec: job + "source: {text: " + long + "}\n" + own},
		"a text in a ConfigMap cannot be known":         {spec: job + "source: {configMapKeyRef: {name: a, key: b}}\n" + shared},
		"a list of texts is summed up": {
			spec: job + "source: {texts: [{text: " + long[:4000] + "}, {text: " + long[:6000] + "}]}\n" + shared,
			want: []string{"with ClusterTranslationProvider cost-shared this may cost up to about " + tenThousand + " euro" + tail},
		},
		"a payload counts with its size": {
			spec: job + "source: {payload: {ref: {name: in-0, shards: 1, bytes: 10000, sha256: " + strings.Repeat("0a", 32) + "}}}\n" + shared,
			want: []string{"with ClusterTranslationProvider cost-shared this may cost up to about " + tenThousand + " euro" + tail},
		},
		// 20000 characters in 4 + 2 calls.
		"a batch counts each item in each language": {
			kind: "TranslationBatch",
			spec: "sourceLanguage: es\ntargetLanguages: [ca, pt]\nmaxCost: '1'\nitems: [{source: {text: " + long[:4000] + "}}, {source: {text: " + long[:6000] + "}}]\ntemplate:\n  " + shared,
			want: []string{"with ClusterTranslationProvider cost-shared this may cost up to about 2.6175 euro, and maxCost is 1: it may end with reason BudgetExceeded" + tail},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.kind == "" {
				tc.kind = "TranslationJob"
			}
			if tc.namespace == "" {
				tc.namespace = namespace
			}
			options := []client.CreateOption{client.DryRunAll}
			if tc.forReal {
				options = nil
			}
			got, err := api.try(t.Context(), object(t, tc.namespace, tc.kind, tc.spec), options...)
			if err != nil {
				t.Fatalf("a warning refused the object: %v", err)
			}
			for i := range got {
				got[i] = said.ReplaceAllString(got[i], "")
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}

	t.Run("a job that names none is told of what it could get", func(t *testing.T) {
		ready := &unstructured.Unstructured{}
		ready.SetAPIVersion("translation.dragoman.dev/v1alpha1")
		ready.SetKind("TranslationProvider")
		if err := strict.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "cost-own"}, ready); err != nil {
			t.Fatal(err)
		}
		ready.Object["status"] = map[string]any{"observedGeneration": int64(1), "conditions": []any{map[string]any{
			"type": "Ready", "status": "True", "reason": "ProbeSucceeded", "message": "", "lastTransitionTime": metav1.Now().UTC().Format(time.RFC3339),
		}}}
		if err := strict.Status().Update(t.Context(), ready); err != nil {
			t.Fatal(err)
		}
		eventually(t, func(ctx context.Context) bool {
			got, err := api.try(ctx, object(t, namespace, "TranslationJob", job+"source: {text: "+long+"}"), client.DryRunAll)
			return err == nil && len(got) == 1 && strings.Contains(got[0], "with TranslationProvider cost-own this may cost up to about "+tenThousand)
		})
	})
}

// said matches what the API server puts before the message of a policy.
var said = regexp.MustCompile(`^Validation failed for ValidatingAdmissionPolicy '[^']+' with binding '[^']+': `)
