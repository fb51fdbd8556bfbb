package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/test/cluster"
)

func TestSamplesApplyAndFinish(t *testing.T) {
	const namespace = "samples"
	home.account(t, namespace)
	for range 2 { // the second time changes nothing
		if out, err := home.kubectl(t.Context(), namespace, "apply", "-f", cluster.Path("config/samples")+"/"); err != nil {
			t.Fatalf("apply the samples: %v\n%s", err, out)
		}
	}
	if out, err := home.kubectl(t.Context(), namespace, "wait", "--for=condition=Finished", "tb", "--all", "--timeout=120s"); err != nil {
		t.Fatalf("wait for the batches: %v\n%s", err, out)
	}
	if out, err := home.kubectl(t.Context(), namespace, "wait", "--for=condition=Finished", "tj", "--all", "--timeout=120s"); err != nil {
		t.Fatalf("wait for the jobs: %v\n%s", err, out)
	}
	out, err := home.kubectl(t.Context(), namespace, "get", "tj", "-o", "jsonpath={range .items[*]}{.metadata.name}={.status.phase}{\"\\n\"}{end}")
	if err != nil {
		t.Fatalf("list the jobs: %v\n%s", err, out)
	}
	for _, line := range strings.Fields(out) {
		if !strings.HasSuffix(line, "=Completed") && !strings.HasSuffix(line, "=NeedsReview") {
			t.Errorf("a sample ended as %s", line)
		}
	}
	if out, err := home.kubectl(t.Context(), namespace, "get", "translation"); err != nil || !strings.Contains(out, "translationjob.translation.dragoman.dev/") {
		t.Errorf("kubectl get translation: %v\n%s", err, out)
	}
}

func TestApertiumStageKilledInTheMiddle(t *testing.T) {
	const namespace = "killed"
	key := home.account(t, namespace)
	var text strings.Builder
	for i := range 12000 {
		fmt.Fprintf(&text, "El comité publicará el informe número %d el doce de marzo.\n", i)
	}
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	kubectl := func(args ...string) string {
		t.Helper()
		out, err := home.kubectl(t.Context(), namespace, args...)
		if err != nil {
			t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return out
	}
	kubectl("create", "configmap", "report", "--from-file", file)
	job := filepath.Join(t.TempDir(), "job.yaml")
	manifest := `apiVersion: translation.dragoman.dev/v1alpha1
kind: TranslationJob
metadata: {name: report}
spec: {sourceLanguage: es, targetLanguage: pt, source: {configMapKeyRef: {name: report, key: body}}}
`
	if err := os.WriteFile(job, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	kubectl("apply", "-f", job)
	kubectl("wait", "--for=jsonpath={.status.currentStep}=Translator", "tj/report", "--timeout=60s")
	// Only a stage of this very program: other tests may run the same pair.
	if out, err := exec.CommandContext(t.Context(), "pkill", "-KILL", "-P", fmt.Sprint(home.cmd.Process.Pid), "-f", "es-pt").CombinedOutput(); err != nil {
		t.Fatalf("no stage of the pair was running to be killed: %v\n%s", err, out)
	}
	kubectl("wait", "--for=condition=Finished", "tj/report", "--timeout=120s")
	got := kubectl("get", "tj", "report", "-o", "jsonpath={.status.phase} {.status.failedAttempts} {.status.progress.done}/{.status.progress.total}")
	if got != "Completed 1 12000/12000" {
		t.Errorf("the job ended as %q", got)
	}
	id := kubectl("get", "tj", "report", "-o", "jsonpath={.metadata.uid}")
	status, body := home.call(t, key, "GET", "/v1/jobs/"+id+"/result", "")
	for _, want := range []string{"o relatório número 0 o doze", "o relatório número 11999 o doze"} {
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("result = %d, want %q in it: %.300s", status, want, body)
		}
	}
}
