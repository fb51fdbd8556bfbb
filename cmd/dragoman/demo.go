package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	demoJob       = "train-ca"
	spanishText   = "El tren sale a las ocho de la mañana. Compre el billete antes de subir."
	englishText   = "The museum opens every day. The new exhibition is very interesting."
	demoWait      = "60s"
	demoNeedsPair = "the demonstration needs Apertium with the pairs es-ca and en-es: run `make engines` and start again"
)

// demo translates one text by kubectl and one by curl. What it prints after a
// "$" is what it runs, so that a newcomer can do the same.
type demo struct {
	// kubectl is the path of the program; curl says whether there is one.
	kubectl string
	curl    bool
	// kubeconfig and keyFile are paths; key is what the file holds.
	kubeconfig, keyFile, key string
	// base is the URL of the REST adapter.
	base   string
	out    io.Writer
	client client.Reader
}

// outcome is a text, its translation and its score.
type outcome struct{ how, source, translation, score string }

func (d demo) run(ctx context.Context) error {
	if err := d.checkEngines(ctx); err != nil {
		return err
	}
	byKubectl, err := d.byKubectl(ctx)
	if err != nil {
		return fmt.Errorf("the demonstration with kubectl failed: %w", err)
	}
	byCurl, err := d.byCurl(ctx)
	if err != nil {
		return fmt.Errorf("the demonstration with curl failed: %w", err)
	}
	fmt.Fprintln(d.out)
	for _, o := range []outcome{byKubectl, byCurl} {
		fmt.Fprintf(d.out, "%s\n    %s\n  → %s\n    score %s of 100\n\n", o.how, o.source, o.translation, o.score)
	}
	return nil
}

// checkEngines fails at once where the jobs would wait for an engine.
func (d demo) checkEngines(ctx context.Context) error {
	var providers v1alpha1.ClusterTranslationProviderList
	if err := d.client.List(ctx, &providers); err != nil {
		return fmt.Errorf("list the providers: %w", err)
	}
	offered := map[v1alpha1.LanguagePair]bool{}
	for _, p := range providers.Items {
		if p.Spec.Type == v1alpha1.PseudoProvider || !meta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ReadyCondition) {
			continue
		}
		if p.Status.PairPolicy == v1alpha1.AnyPair {
			return nil
		}
		for _, pair := range p.Status.Pairs {
			offered[pair] = true
		}
	}
	if !offered[v1alpha1.LanguagePair{Source: "es", Target: "ca"}] || !offered[v1alpha1.LanguagePair{Source: "en", Target: "es"}] {
		return errors.New(demoNeedsPair)
	}
	return nil
}

func (d demo) byKubectl(ctx context.Context) (outcome, error) {
	kubectl := shellWord(d.kubectl)
	if path, err := exec.LookPath("kubectl"); err == nil && path == d.kubectl {
		kubectl = "kubectl"
	}
	fmt.Fprintf(d.out, "Spanish to Catalan, with kubectl\n\n$ export KUBECONFIG=%s\n", shellWord(d.kubeconfig))
	for _, command := range []string{
		kubectl + " apply -f - <<EOF\n" + jobManifest(demoJob, "es", "ca", spanishText) + "EOF",
		kubectl + " wait --for=condition=Finished tj/" + demoJob + " --timeout=" + demoWait,
		kubectl + " get tj " + demoJob,
	} {
		if _, err := d.shell(ctx, command); err != nil {
			return outcome{}, err
		}
	}
	var job v1alpha1.TranslationJob
	if err := d.client.Get(ctx, types.NamespacedName{Namespace: demoNamespace, Name: demoJob}, &job); err != nil {
		return outcome{}, fmt.Errorf("read the job: %w", err)
	}
	if job.Status.Result == nil || job.Status.Result.Text == nil {
		return outcome{}, fmt.Errorf("the job has no result: %s", conditionMessage(job.Status.Conditions))
	}
	return outcome{"es → ca by kubectl", spanishText, *job.Status.Result.Text, string(job.Status.QAScore)}, nil
}

func conditionMessage(conditions []metav1.Condition) string {
	if finished := meta.FindStatusCondition(conditions, v1alpha1.FinishedCondition); finished != nil {
		return finished.Message
	}
	return "it has not been seen by a controller"
}

func (d demo) byCurl(ctx context.Context) (outcome, error) {
	fmt.Fprintf(d.out, "\nEnglish to Spanish, with curl\n\n")
	if !d.curl {
		fmt.Fprintln(d.out, "(curl is not installed, so dragoman sends these requests itself.)")
	}
	answer, err := d.request(ctx, http.MethodPost, "/v1/jobs", jobRequest("en", "es", englishText))
	if err != nil {
		return outcome{}, err
	}
	var created struct {
		JobID  string `json:"job_id"`
		Detail string `json:"detail"`
	}
	if err := json.Unmarshal(answer, &created); err != nil {
		return outcome{}, fmt.Errorf("read the answer: %w", err)
	}
	// A demonstration that ran before left the same job: the answer is then 409,
	// with its id.
	if created.JobID == "" {
		return outcome{}, fmt.Errorf("the job was refused: %s", created.Detail)
	}
	answer, err = d.request(ctx, http.MethodGet, "/v1/jobs/"+created.JobID+"/result?wait="+demoWait, "")
	if err != nil {
		return outcome{}, err
	}
	var result struct {
		Translation *string     `json:"translation"`
		QAScore     json.Number `json:"qa_score"`
		Detail      string      `json:"detail"`
		Warning     string      `json:"warning"`
	}
	if err := json.Unmarshal(answer, &result); err != nil {
		return outcome{}, fmt.Errorf("read the answer: %w", err)
	}
	if result.Translation == nil {
		return outcome{}, fmt.Errorf("the job has no result: %s%s", result.Detail, result.Warning)
	}
	return outcome{"en → es by curl", englishText, *result.Translation, result.QAScore.String()}, nil
}

// request sends one request, by curl when there is one, and prints it and the
// answer.
func (d demo) request(ctx context.Context, method, path, body string) ([]byte, error) {
	command := fmt.Sprintf(`curl -sS '%s%s' -H "X-API-Key: $(cat %s)"`, d.base, path, shellWord(d.keyFile))
	if body != "" {
		command += " \\\n    -H 'Content-Type: application/json' \\\n    -d " + shellWord(body)
	}
	if d.curl {
		return d.shell(ctx, command)
	}
	fmt.Fprintf(d.out, "$ %s\n", command)
	request, err := http.NewRequestWithContext(ctx, method, d.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-API-Key", d.key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	d.show(answer)
	return answer, nil
}

// shell prints a command, runs it and prints what it says.
func (d demo) shell(ctx context.Context, command string) ([]byte, error) {
	fmt.Fprintf(d.out, "$ %s\n", command)
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	// curl would send requests to this machine through a proxy, too.
	cmd.Env = append(os.Environ(), "KUBECONFIG="+d.kubeconfig, "NO_PROXY=127.0.0.1,localhost", "no_proxy=127.0.0.1,localhost")
	var said, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complaint
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%s: %w", strings.TrimSpace(complaint.String()), err)
	}
	d.show(said.Bytes())
	return said.Bytes(), nil
}

// show prints what was answered. Not every answer ends with a line's end.
func (d demo) show(answer []byte) { fmt.Fprintf(d.out, "%s\n", bytes.TrimSpace(answer)) }

// jobManifest is a TranslationJob as people write it.
func jobManifest(name, source, target, text string) string {
	return fmt.Sprintf(`apiVersion: translation.dragoman.dev/v1alpha1
kind: TranslationJob
metadata:
  name: %s
spec:
  sourceLanguage: %s
  targetLanguage: %s
  source:
    text: %s
`, name, source, target, text)
}

// jobRequest is the body of POST /v1/jobs for one text.
func jobRequest(source, target, text string) string {
	return fmt.Sprintf(`{"mode": "translation", "source_lang": "%s", "target_lang": "%s", "text": "%s"}`, source, target, text)
}
