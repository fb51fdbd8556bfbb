package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// demoOutput is what a newcomer reads; curl and its absence differ in NOTE.
const demoOutput = `Spanish to Catalan, with kubectl

$ export KUBECONFIG=DIR/kubeconfig
$ DIR/kubectl apply -f - <<EOF
apiVersion: translation.dragoman.dev/v1alpha1
kind: TranslationJob
metadata:
  name: train-ca
spec:
  sourceLanguage: es
  targetLanguage: ca
  source:
    text: El tren sale a las ocho de la mañana. Compre el billete antes de subir.
EOF
kubectl apply -f - with DIR/kubeconfig
$ DIR/kubectl wait --for=condition=Finished tj/train-ca --timeout=60s
kubectl wait --for=condition=Finished tj/train-ca --timeout=60s with DIR/kubeconfig
$ DIR/kubectl get tj train-ca
kubectl get tj train-ca with DIR/kubeconfig

English to Spanish, with curl

NOTE$ curl -sS 'URL/v1/jobs' -H "X-API-Key: $(cat DIR/api-key)" \
    -H 'Content-Type: application/json' \
    -d '{"mode": "translation", "source_lang": "en", "target_lang": "es", "text": "The museum opens every day. The new exhibition is very interesting."}'
{"job_id":"id-1","status":"queued"}
$ curl -sS 'URL/v1/jobs/id-1/result?wait=60s' -H "X-API-Key: $(cat DIR/api-key)"
{"translation":"El museo abre.","qa_score":97.5}

es → ca by kubectl
    El tren sale a las ocho de la mañana. Compre el billete antes de subir.
  → El tren surt a les vuit.
    score 100.0 of 100

en → es by curl
    The museum opens every day. The new exhibition is very interesting.
  → El museo abre.
    score 97.5 of 100

`

func TestDemo(t *testing.T) {
	created := answer{202, `{"job_id":"id-1","status":"queued"}`}
	result := answer{200, `{"translation":"El museo abre.","qa_score":97.5}`}
	translated := func(job *v1alpha1.TranslationJob) {
		job.Status.Result = &v1alpha1.Result{Text: new("El tren surt a les vuit.")}
		job.Status.QAScore = "100.0"
	}
	failed := func(job *v1alpha1.TranslationJob) {
		job.Status.Conditions = []metav1.Condition{{Type: v1alpha1.FinishedCondition, Message: "the engine crashed"}}
	}
	cases := map[string]struct {
		pairs       []v1alpha1.LanguagePair
		job         func(*v1alpha1.TranslationJob)
		kubectlFail bool
		noCurl      bool
		post, get   answer
		wantOutput  string // not looked at when empty
		wantErr     string
	}{
		"by kubectl and curl": {
			job: translated, post: created, get: result, wantOutput: strings.Replace(demoOutput, "NOTE", "", 1),
		},
		"without curl dragoman sends the requests": {
			job: translated, post: created, get: result, noCurl: true,
			wantOutput: strings.Replace(demoOutput, "NOTE", "(curl is not installed, so dragoman sends these requests itself.)\n", 1),
		},
		"the second time the job is there already": {
			job: translated, post: answer{409, `{"detail":"Duplicate content","job_id":"id-1","status":"completed"}`}, get: result,
		},
		"an engine is missing": {
			pairs:   []v1alpha1.LanguagePair{{Source: "es", Target: "ca"}},
			wantErr: "the demonstration needs Apertium with the pairs es-ca and en-es: run `make engines` and start again",
		},
		"kubectl fails": {
			kubectlFail: true,
			wantErr:     "the demonstration with kubectl failed: the server is on holiday: exit status 1",
		},
		"the job fails": {
			job: failed, wantErr: "the demonstration with kubectl failed: the job has no result: the engine crashed",
		},
		"the adapter refuses the job": {
			job: translated, post: answer{422, `{"detail":"no provider offers en to es"}`},
			wantErr: "the demonstration with curl failed: the job was refused: no provider offers en to es",
		},
		"the job does not end in time": {
			job: translated, post: created, get: answer{409, `{"detail":"the job has not ended","job_id":"id-1","status":"processing"}`},
			wantErr: "the demonstration with curl failed: the job has no result: the job has not ended",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.pairs == nil {
				tc.pairs = []v1alpha1.LanguagePair{{Source: "es", Target: "ca"}, {Source: "en", Target: "es"}}
			}
			dir := t.TempDir()
			var output bytes.Buffer
			server := httptest.NewServer(adapter(t, tc.post, tc.get))
			defer server.Close()
			d := demo{
				kubectl: fakeKubectl(t, dir, tc.kubectlFail), curl: !tc.noCurl,
				kubeconfig: filepath.Join(dir, "kubeconfig"), keyFile: filepath.Join(dir, "api-key"), key: "sk_live_test",
				base: server.URL, out: &output, client: demoObjects(t, tc.pairs, tc.job),
			}
			write(t, d.keyFile, "sk_live_test\n", 0o600)

			err := d.run(t.Context())

			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tc.wantErr, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			said := strings.NewReplacer(dir, "DIR", server.URL, "URL").Replace(output.String())
			if diff := cmp.Diff(tc.wantOutput, said); tc.wantOutput != "" && diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

type answer struct {
	status int
	body   string
}

// adapter answers the two requests of the demonstration when they carry the key
// and, for the first, the text.
func adapter(t *testing.T, post, get answer) http.Handler {
	reply := func(w http.ResponseWriter, a answer) {
		w.WriteHeader(a.status)
		fmt.Fprint(w, a.body)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/jobs", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !strings.Contains(string(body), englishText) || r.Header.Get("X-API-Key") != "sk_live_test" {
			t.Errorf("request: key %q, body %q, error %v", r.Header.Get("X-API-Key"), body, err)
		}
		reply(w, post)
	})
	mux.HandleFunc("GET /v1/jobs/id-1/result", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "wait=60s" || r.Header.Get("X-API-Key") != "sk_live_test" {
			t.Errorf("request: key %q, query %q", r.Header.Get("X-API-Key"), r.URL.RawQuery)
		}
		reply(w, get)
	})
	return mux
}

// fakeKubectl says how it was called, or fails.
func fakeKubectl(t *testing.T, dir string, fails bool) string {
	body := `echo "kubectl $* with $KUBECONFIG"`
	if fails {
		body = `echo "the server is on holiday" >&2; exit 1`
	}
	path := filepath.Join(dir, "kubectl")
	write(t, path, "#!/bin/sh\n"+body+"\n", 0o700)
	return path
}

func demoObjects(t *testing.T, pairs []v1alpha1.LanguagePair, change func(*v1alpha1.TranslationJob)) client.Client {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	apertium := clusterProvider("apertium", v1alpha1.ApertiumProvider)
	apertium.Status.Pairs = pairs
	apertium.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionTrue}}
	pseudo := clusterProvider("pseudo", v1alpha1.PseudoProvider)
	pseudo.Status.PairPolicy = v1alpha1.AnyPair
	pseudo.Status.Conditions = apertium.Status.Conditions
	job := &v1alpha1.TranslationJob{ObjectMeta: metav1.ObjectMeta{Namespace: demoNamespace, Name: demoJob}}
	if change != nil {
		change(job)
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(apertium, pseudo, job).Build()
}

func write(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}
