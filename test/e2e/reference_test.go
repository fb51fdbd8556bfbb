package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Languages that the installed engine offers, in place of the samples' German.
var (
	pair     = strings.NewReplacer(`"source_lang": "de"`, `"source_lang": "es"`, `"target_lang": "en"`, `"target_lang": "ca"`, `source_lang: "de"`, `source_lang: "es"`, `target_lang: "en"`, `target_lang: "ca"`)
	glossary = strings.NewReplacer(`"target_lang": "de"`, `"target_lang": "es"`)
	list     = strings.NewReplacer(`"source_lang": "de"`, `"source_lang": "es"`, `["en", "fr", "es"]`, `["en", "ca", "pt"]`)
)

// sample reads a sample and replaces host, key and languages.
func sample(t *testing.T, name, key string, languages *strings.Replacer) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "reference", name))
	if err != nil {
		t.Fatal(err)
	}
	there := strings.NewReplacer("https://app.falara.io", home.url, "https://falara.io", home.url, "sk_live_...", key)
	return languages.Replace(there.Replace(string(data)))
}

// execute runs a sample with its interpreter and returns what it prints.
func execute(t *testing.T, name, key string, languages *strings.Replacer) string {
	t.Helper()
	text := sample(t, name, key, languages)
	var cmd *exec.Cmd
	switch filepath.Ext(name) {
	case ".sh":
		cmd = exec.CommandContext(t.Context(), "bash", "-euc", strings.ReplaceAll(text, "curl ", "curl -sS "))
	case ".py":
		cmd = exec.CommandContext(t.Context(), python(t), "-c", "import os\nFALARA_API_KEY = os.environ['FALARA_API_KEY']\n"+text)
	case ".mjs":
		cmd = exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", "const FALARA_API_KEY = process.env.FALARA_API_KEY;\n"+text)
	}
	cmd.Env = append(os.Environ(), "FALARA_API_KEY="+key)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// python returns an interpreter that has requests: the first on the path, or the
// system's own.
func python(t *testing.T) string {
	t.Helper()
	for _, path := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), path, "-c", "import requests").Run() == nil {
			return path
		}
	}
	t.Fatal("no python3 with requests; make test installs it, or install the package python3-requests")
	return ""
}

func TestReferenceSamplesCreateJobs(t *testing.T) {
	for name, account := range map[string]string{"create.sh": "sample-curl", "create.py": "sample-python", "create.mjs": "sample-node"} {
		t.Run(name, func(t *testing.T) {
			key := home.account(t, account)
			out := execute(t, name, key, pair)
			if !strings.Contains(out, "job_id") || !strings.Contains(out, "queued") {
				t.Fatalf("printed %q", out)
			}
			if strings.Contains(out, "batch_id") {
				t.Errorf("a job of one language has no batch_id: %q", out)
			}
			again := execute(t, name, key, pair)
			if !strings.Contains(again, "Duplicate content") {
				t.Errorf("the same text again printed %q, want the duplicate's answer", again)
			}
		})
	}
}

func TestReferenceBodies(t *testing.T) {
	key := home.account(t, "sample-bodies")
	gloss := `{"apiVersion":"translation.dragoman.dev/v1alpha1","kind":"Glossary","metadata":{"name":"gloss-abc12345"},
		"spec":{"sourceLanguage":"en","entries":[{"term":"hypertension","translations":[{"language":"es","term":"hipertensión"}]}]}}`
	file := filepath.Join(t.TempDir(), "glossary.json")
	if err := os.WriteFile(file, []byte(gloss), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := home.kubectl(t.Context(), "sample-bodies", "apply", "-f", file); err != nil {
		t.Fatalf("apply the glossary: %v\n%s", err, out)
	}
	for name, tc := range map[string]struct {
		languages *strings.Replacer
		path      string
		wantJobs  int
	}{
		"glossary_and_domain.json": {languages: glossary, path: "/v1/jobs"},
		"batch_mode.json":          {languages: pair, path: "/v1/jobs"},
		"multi_language.json":      {languages: list, path: "/api/v1/jobs/batch-text", wantJobs: 3},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := home.call(t, key, "POST", tc.path, sample(t, name, key, tc.languages))
			if status != 202 {
				t.Fatalf("POST %s = %d %s", tc.path, status, body)
			}
			var answer struct {
				JobID     string `json:"job_id"`
				TotalJobs int    `json:"total_jobs"`
				Jobs      []struct {
					JobID string `json:"job_id"`
				} `json:"jobs"`
			}
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				t.Fatal(err)
			}
			if len(answer.Jobs) != tc.wantJobs || answer.TotalJobs != tc.wantJobs {
				t.Fatalf("%d jobs of %d, want %d: %s", len(answer.Jobs), answer.TotalJobs, tc.wantJobs, body)
			}
			ids := []string{answer.JobID}
			for _, job := range answer.Jobs {
				ids = append(ids, job.JobID)
			}
			for _, id := range ids {
				if id == "" {
					continue
				}
				status, body := home.call(t, key, "GET", "/v1/jobs/"+id+"/result?wait=60s", "")
				if status != 200 || strings.Contains(body, `"translation":null`) {
					t.Errorf("result = %d %s", status, body)
				}
			}
		})
	}
}

func TestReferenceSamplesListAndArchive(t *testing.T) {
	key := home.account(t, "sample-list")
	status, body := home.call(t, key, "POST", "/v1/jobs",
		`{"mode":"translation","source_lang":"es","target_lang":"ca","text":"La casa es grande.","project_name":"Website"}`)
	if status != 202 {
		t.Fatalf("POST = %d %s", status, body)
	}
	var created struct {
		JobID string `json:"job_id"`
	}
	if err := json.Unmarshal([]byte(body), &created); err != nil {
		t.Fatal(err)
	}
	if status, body := home.call(t, key, "GET", "/v1/jobs/"+created.JobID+"/result?wait=60s", ""); status != 200 {
		t.Fatalf("result = %d %s", status, body)
	}

	pages := strings.Split(strings.TrimSpace(strings.ReplaceAll(execute(t, "list.sh", key, list), "}{", "}\n{")), "\n")
	if len(pages) != 3 {
		t.Fatalf("three calls printed %q", pages)
	}
	for i, page := range pages[:2] {
		if !strings.Contains(page, created.JobID) {
			t.Errorf("call %d does not list the job: %s", i+1, page)
		}
	}
	if !strings.Contains(pages[2], `"detail"`) {
		t.Errorf("a cursor that is none answered %s", pages[2])
	}
	if out := execute(t, "list.py", key, list); out != "" {
		t.Errorf("list.py printed %q", out)
	}
	if out := execute(t, "list.mjs", key, list); !strings.Contains(out, created.JobID) {
		t.Errorf("list.mjs printed %q", out)
	}
	if out := execute(t, "archive_batch.mjs", key, list); out != "Archived 0 jobs\n" {
		t.Errorf("archive_batch.mjs printed %q", out)
	}
}
