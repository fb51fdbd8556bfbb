package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

// apply applies a manifest in a namespace.
func apply(t *testing.T, namespace, manifest string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "manifest.yaml")
	if err := os.WriteFile(file, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := home.kubectl(t.Context(), namespace, "apply", "-f", file); err != nil {
		t.Fatalf("apply: %v\n%s", err, out)
	}
}

// field reads a field of a job.
func field(t *testing.T, namespace, job, path string) string {
	t.Helper()
	out, err := home.kubectl(t.Context(), namespace, "get", "tj", job, "-o", "jsonpath={"+path+"}")
	if err != nil {
		t.Fatalf("read %s of %s: %v\n%s", path, job, err, out)
	}
	return out
}

// wait waits for a condition or a field of an object.
func wait(t *testing.T, namespace, object, what string) {
	t.Helper()
	if out, err := home.kubectl(t.Context(), namespace, "wait", "--for="+what, object, "--timeout=60s"); err != nil {
		t.Fatalf("wait for %s of %s: %v\n%s", what, object, err, out)
	}
}

const llmManifest = `
apiVersion: v1
kind: Secret
metadata: {name: llm}
stringData: {apiKey: "KEY"}
---
apiVersion: translation.dragoman.dev/v1alpha1
kind: TranslationProvider
metadata: {name: llm}
spec:
  type: OpenAI
  endpoint: URL
  model: test-model
  secretRef: {name: llm}
  probeIntervalSeconds: 1
  prices: {inputPerMillionTokens: "1.5", outputPerMillionTokens: "6"}
`

// The domain keeps the jobs apart: what was bought once would be remembered.
const llmJob = `
apiVersion: translation.dragoman.dev/v1alpha1
kind: TranslationJob
metadata: {name: NAME}
spec:
  sourceLanguage: de
  targetLanguage: en
  domain: NAME
  maxCost: "1"
  source:
    texts:
    - text: Guten Morgen, {name}. Heute haben wir sehr schönes Wetter.
    - text: Ihre Bestellung mit der Nummer 4711 ist auf dem Weg zu Ihnen.
    - text: Besuchen Sie unsere neue Seite im Netz jederzeit gern wieder.
`

func TestLanguageModelBehindAFaultyServer(t *testing.T) {
	const namespace = "llm"
	server := openaitest.New(t)
	server.Key = "sk-right-key-0123456789"
	home.account(t, namespace)
	manifest := strings.NewReplacer("KEY", server.Key, "URL", server.URL).Replace(llmManifest)
	apply(t, namespace, manifest)
	wait(t, namespace, "tp/llm", "condition=Ready")

	for name, faults := range map[string][]openaitest.Fault{
		"faultless":      nil,
		"rate-limited":   {openaitest.Status429(time.Second)},
		"server-error":   {openaitest.Status5xx(503)},
		"cut-answer":     {openaitest.CutBody()},
		"swapped-ids":    {openaitest.SwappedIDs()},
		"missing-id":     {openaitest.MissingID()},
		"chatter":        {openaitest.ChatterAround()},
		"lost-placeable": {openaitest.DropPlaceable()},
		"echo":           {openaitest.EchoSource()},
	} {
		t.Run(name, func(t *testing.T) {
			server.Next(faults...)
			apply(t, namespace, strings.ReplaceAll(llmJob, "NAME", name))
			wait(t, namespace, "tj/"+name, "condition=Finished")
			if phase := field(t, namespace, name, ".status.phase"); phase != "Completed" {
				t.Fatalf("phase %s: %s", phase, field(t, namespace, name, ".status.conditions"))
			}
			var texts []struct{ Text string }
			if err := json.Unmarshal([]byte(field(t, namespace, name, ".status.result.texts")), &texts); err != nil {
				t.Fatal(err)
			}
			if len(texts) != 3 || !strings.Contains(texts[0].Text, "{name}") || !strings.Contains(texts[1].Text, "4711") {
				t.Errorf("texts = %v", texts)
			}
			if cost := field(t, namespace, name, ".status.cost"); !strings.HasPrefix(cost, "0.0") || cost == "0.00" {
				t.Errorf("cost = %q, want what the tokens cost", cost)
			}
			if tokens := field(t, namespace, name, ".status.tokenUsage.input"); tokens == "" || tokens == "0" {
				t.Errorf("input tokens = %q", tokens)
			}
		})
	}

	t.Run("wrong key", func(t *testing.T) {
		apply(t, namespace, strings.Replace(manifest, server.Key, "sk-wrong-key-0123456789", 1))
		wait(t, namespace, "tp/llm", "condition=Stalled")
		out, err := home.kubectl(t.Context(), namespace, "get", "tp", "llm", "-o", "yaml")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out, "Misconfigured") || strings.Contains(strings.Split(out, "\nstatus:")[1], "sk-wrong") {
			t.Errorf("the status must say Misconfigured and not show the key:\n%s", out)
		}
	})
}
