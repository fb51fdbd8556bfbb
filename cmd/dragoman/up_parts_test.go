package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/controlplane"
	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

func TestTogether(t *testing.T) {
	fault := errors.New("the adapter fell over")
	waits := func(ctx context.Context) error { <-ctx.Done(); return nil }
	stumbles := func(ctx context.Context) error { <-ctx.Done(); return errors.New("could not end in order") }
	fails := func(context.Context) error { return fault }
	done := func(context.Context) error { return nil }
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	cases := map[string]struct {
		ctx       context.Context
		functions []func(context.Context) error
		wantErr   error
	}{
		"the first error ends the others, and is the one that counts": {
			ctx: t.Context(), functions: []func(context.Context) error{waits, fails, stumbles}, wantErr: fault,
		},
		"the end of the context ends all": {
			ctx: cancelled, functions: []func(context.Context) error{waits, stumbles}, wantErr: context.Canceled,
		},
		"all have done their work": {ctx: t.Context(), functions: []func(context.Context) error{done, done}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := together(tc.ctx, tc.functions...); !errors.Is(err, tc.wantErr) {
				t.Errorf("want %v, got %v", tc.wantErr, err)
			}
		})
	}
}

func TestDescribeEngines(t *testing.T) {
	provider := func(name string, kind v1alpha1.ProviderType, ready metav1.ConditionStatus, change func(*v1alpha1.ProviderStatus)) v1alpha1.ClusterTranslationProvider {
		p := clusterProvider(name, kind)
		p.Generation = 2
		p.Status.ObservedGeneration = 2
		p.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: ready, Message: "the key was refused"}}
		if change != nil {
			change(&p.Status)
		}
		return *p
	}
	cases := map[string]struct {
		providers []v1alpha1.ClusterTranslationProvider
		want      []string
		wantErr   string
	}{
		"each kind of provider": {
			providers: []v1alpha1.ClusterTranslationProvider{
				provider("apertium", v1alpha1.ApertiumProvider, metav1.ConditionTrue, func(s *v1alpha1.ProviderStatus) {
					s.Pairs = make([]v1alpha1.LanguagePair, 20)
				}),
				provider("model", v1alpha1.OpenAIProvider, metav1.ConditionTrue, func(s *v1alpha1.ProviderStatus) { s.PairPolicy = v1alpha1.AnyPair }),
				provider("other", v1alpha1.OpenAIProvider, metav1.ConditionFalse, nil),
				provider("pseudo", v1alpha1.PseudoProvider, metav1.ConditionTrue, func(s *v1alpha1.ProviderStatus) { s.PairPolicy = v1alpha1.AnyPair }),
			},
			want: []string{
				"apertium: 20 pairs of languages",
				"model: every pair of languages",
				"other: not ready, the key was refused",
				"pseudo: pseudo-localisation for tests, only when a job names it",
			},
		},
		"one has no answer yet": {
			providers: []v1alpha1.ClusterTranslationProvider{provider("apertium", v1alpha1.ApertiumProvider, metav1.ConditionUnknown, nil)},
			wantErr:   "provider apertium has not been probed",
		},
		"the answer is about an older spec": {
			providers: []v1alpha1.ClusterTranslationProvider{
				provider("apertium", v1alpha1.ApertiumProvider, metav1.ConditionTrue, func(s *v1alpha1.ProviderStatus) { s.ObservedGeneration = 1 }),
			},
			wantErr: "provider apertium has not been probed",
		},
		"nothing has been seen yet": {wantErr: "there is no provider"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := describeEngines(tc.providers)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("engines (-want +got):\n%s", diff)
			}
			if gotErr := errorText(err); gotErr != tc.wantErr {
				t.Errorf("error: want %q, got %q", tc.wantErr, gotErr)
			}
		})
	}
}

func TestSummaryCanBeCopied(t *testing.T) {
	u := up{
		upOptions: upOptions{DataDir: "my data", Listen: "127.0.0.1:8080"},
		key:       "sk_live_test",
		finder:    controlplane.Finder{LookPath: func(string) (string, error) { return "", errors.New("not on the PATH") }},
	}
	want := `
Dragoman is ready.

  REST API    http://127.0.0.1:8080/v1 (documentation: http://127.0.0.1:8080/docs)
  API key     sk_live_test
  kubeconfig  'my data/kubeconfig' (namespace demo)
  engines     apertium: 20 pairs of languages
              pseudo: for tests

Try it:

  kubectl --kubeconfig 'my data/kubeconfig' apply -f - <<EOF
apiVersion: translation.dragoman.dev/v1alpha1
kind: TranslationJob
metadata:
  name: hello
spec:
  sourceLanguage: es
  targetLanguage: ca
  source:
    text: Buenos días. El museo está abierto.
EOF
  kubectl --kubeconfig 'my data/kubeconfig' get tj

  curl http://127.0.0.1:8080/v1/jobs -H "X-API-Key: $(cat 'my data/api-key')" \
    -H 'Content-Type: application/json' \
    -d '{"mode": "translation", "source_lang": "en", "target_lang": "es", "text": "Good morning. The museum is open."}'

Ctrl-C stops everything and keeps the data in 'my data'.
`
	got := u.summary([]string{"apertium: 20 pairs of languages", "pseudo: for tests"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestShellWord(t *testing.T) {
	cases := map[string]struct{ word, want string }{
		"a plain path":       {word: ".dragoman/kube-config_1~", want: ".dragoman/kube-config_1~"},
		"a space":            {word: "my data", want: "'my data'"},
		"a quote":            {word: "it's", want: `'it'\''s'`},
		"what a shell runs":  {word: "$(reboot)", want: "'$(reboot)'"},
		"letters with marks": {word: "día", want: "'día'"},
		"nothing":            {word: "", want: "''"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := shellWord(tc.word); got != tc.want {
				t.Errorf("want %s, got %s", tc.want, got)
			}
		})
	}
}

// The key of the first start is the key of every start, until somebody revokes
// it or the file is lost.
func TestAPIKeyIsKept(t *testing.T) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: demoNamespace}}
	store := &tenancy.Store{
		Client: fake.NewClientBuilder().WithObjects(namespace).Build(),
		Random: strings.NewReader(strings.Repeat("a", 32) + strings.Repeat("b", 32)),
		Now:    func() time.Time { return time.Unix(0, 0) },
	}
	path := filepath.Join(t.TempDir(), "api-key")
	ensure := func() string {
		key, err := ensureKey(t.Context(), store, path)
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil || string(content) != key+"\n" {
			t.Errorf("the file holds %q, error %v", content, err)
		}
		return key
	}
	first := ensure()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != fs.FileMode(0o600) {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	if again := ensure(); again != first {
		t.Error("the next start has another key")
	}
	if _, err := store.Revoke(t.Context(), demoNamespace, tenancy.Hash(first)); err != nil {
		t.Fatal(err)
	}
	write(t, path, first+"\n", 0o644)
	second := ensure()
	if second == first {
		t.Error("a revoked key is used again")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != fs.FileMode(0o600) {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
}

func TestApertiumInstalled(t *testing.T) {
	onPath := func(name string) (string, error) { return "/usr/bin/" + name, nil }
	notOnPath := func(string) (string, error) { return "", errors.New("not on the PATH") }
	cases := map[string]struct {
		lookPath func(string) (string, error)
		modes    string
		want     bool
	}{
		"the program is on the PATH": {lookPath: onPath, modes: "/nowhere", want: true},
		"only languages are there":   {lookPath: notOnPath, modes: t.TempDir(), want: true},
		"nothing is there":           {lookPath: notOnPath, modes: "/nowhere"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := apertiumInstalled(tc.lookPath, tc.modes); got != tc.want {
				t.Errorf("want %v, got %v", tc.want, got)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
