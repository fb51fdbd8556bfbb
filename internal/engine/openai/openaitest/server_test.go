package openaitest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

const (
	system = "You are a professional translator. Translate from Spanish (es) into Brazilian Portuguese (pt-BR).\n"
	marker = "000102030405060708090a0b0c0d0e0f"
)

// post sends a chat with segments in JSON and returns the status and the body.
func post(t *testing.T, s *openaitest.Server, key, system, segments string) (int, string) {
	t.Helper()
	user := "<<" + marker + "\n{\"segments\":" + segments + "}\n" + marker + ">>"
	body, err := json.Marshal(map[string]any{
		"model":    openaitest.Model,
		"messages": []map[string]string{{"role": "system", "content": system}, {"role": "user", "content": user}},
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// content returns the content of the first choice.
func content(t *testing.T, body string) string {
	t.Helper()
	var res struct {
		Choices []struct {
			Message struct{ Content string }
		}
	}
	if err := json.Unmarshal([]byte(body), &res); err != nil || len(res.Choices) != 1 {
		t.Fatalf("no completion: %v in %s", err, body)
	}
	return res.Choices[0].Message.Content
}

func TestReverse(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"words and a placeable":   {text: "Save ⟦12⟧ now", want: "ca: evaS ⟦12⟧ won"},
		"numbers and punctuation": {text: "It's 1,234.56 €!", want: "ca: tI's 1,234.56 €!"},
		"white space":             {text: " a\n\tbc ", want: "ca:  a\n\tcb "},
		"nothing":                 {text: "", want: "ca: "},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := openaitest.Reverse(engine.Pair{Target: "ca"}, tc.text); got != tc.want {
				t.Errorf("Reverse(%q) = %q, want %q", tc.text, got, tc.want)
			}
		})
	}
}

func TestChat(t *testing.T) {
	cases := map[string]struct {
		key, system, segments string
		wantStatus            int
		wantContent           string
	}{
		"a translation": {
			key: "k", system: system, segments: `[{"id":3,"text":"Hola"}]`,
			wantStatus: 200, wantContent: `{"translations":[{"id":3,"text":"pt-BR: aloH"}]}`,
		},
		"a creation": {
			key: "k", system: "You are a professional writer. Write new text in French (fr). Each segment is a brief: …", segments: `[{"id":1,"text":"Ici"}]`,
			wantStatus: 200, wantContent: `{"translations":[{"id":1,"text":"fr: icI"}]}`,
		},
		"no key":            {system: system, segments: `[]`, wantStatus: 401},
		"another key":       {key: "x", system: system, segments: `[]`, wantStatus: 401},
		"an unknown prompt": {key: "k", system: "Hello.", segments: `[]`, wantStatus: 400},
		"data that is none": {key: "k", system: system, segments: `[`, wantStatus: 400},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Key = "k"
			status, body := post(t, s, tc.key, tc.system, tc.segments)
			if status != tc.wantStatus {
				t.Fatalf("status %d, want %d: %s", status, tc.wantStatus, body)
			}
			if status == 200 {
				if diff := cmp.Diff(tc.wantContent, content(t, body)); diff != "" {
					t.Errorf("content (-want +got):\n%s", diff)
				}
			}
			if got := s.Calls(); len(got) != 1 || got[0].Status != tc.wantStatus || s.Count() != 1 {
				t.Errorf("the log is %+v, %d calls", got, s.Count())
			}
			if (s.Sold() > 0) != (tc.wantStatus == 200) {
				t.Errorf("sold %d segments with status %d", s.Sold(), status)
			}
		})
	}
}

func TestFaultsComeInTheirOrder(t *testing.T) {
	s := openaitest.New(t)
	s.Next(openaitest.Status429(time.Second), openaitest.None())
	s.Always(openaitest.ContentFilterStatus("stop"), openaitest.Status5xx(502))
	numbers := []float64{0.9, 0.1, 0.6}
	s.Randomly(func() float64 {
		n := numbers[0]
		numbers = append(numbers[1:], n)
		return n
	}, 0.5, openaitest.CodeFence(), openaitest.UnknownModel())
	var got []string
	for _, text := range []string{"a", "a", "stop", "a", "a"} {
		post(t, s, "", system, `[{"id":1,"text":"`+text+`"}]`)
	}
	for _, c := range s.Calls() {
		got = append(got, fmt.Sprintf("%s %d", c.Fault, c.Status))
	}
	want := []string{
		"Status429 429", " 200", // the queue
		"ContentFilterStatus 400", // 0.9: no chance fault, the first that applies
		"UnknownModel 404",        // 0.1: a fault, and 0.6 the second one
		"Status5xx 502",           // 0.9
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestWhatWasSold(t *testing.T) {
	s := openaitest.New(t)
	s.Next(openaitest.MalformedJSON(), openaitest.Status5xx(500))
	for range 3 {
		post(t, s, "", system, `[{"id":1,"text":"a"},{"id":2,"text":"b"}]`)
	}
	if diff := cmp.Diff(map[string]int{"a": 2, "b": 2}, s.SoldTexts()); diff != "" || s.Sold() != 4 {
		t.Errorf("sold %d (-want +got):\n%s", s.Sold(), diff)
	}
	if want := (engine.Usage{InputTokens: 240, OutputTokens: 28}); s.Usage() != want {
		t.Errorf("Usage() = %v, want %v", s.Usage(), want)
	}
	s.Reset()
	if s.Count() != 0 || s.Sold() != 0 || s.Usage() != (engine.Usage{}) || len(s.Calls()) != 0 {
		t.Error("Reset() left something")
	}
}

func TestCloseEndsHangingCalls(t *testing.T) {
	s := openaitest.Start()
	arrived := make(chan struct{})
	s.Translate = func(engine.Pair, string) string { close(arrived); return "x" }
	s.Always(openaitest.Hang())
	done := make(chan error)
	go func() {
		res, err := http.Post(s.URL+"/chat/completions", "application/json", bytes.NewReader([]byte( //nolint:noctx // The server is to end it.
			`{"messages":[{"role":"system","content":"You are a professional translator. Translate from a (es) into b (ca).\n"},`+
				`{"role":"user","content":"<<`+marker+`\n{\"segments\":[{\"id\":1,\"text\":\"x\"}]}\n`+marker+`>>"}]}`)))
		if err == nil {
			err = res.Body.Close()
		}
		done <- err
	}()
	<-arrived
	s.Close()
	if err := <-done; err == nil {
		t.Error("the hanging call went well")
	}
	s.Close()
}

func TestModels(t *testing.T) {
	cases := map[string]struct {
		models     []string
		wantStatus int
		want       string
	}{
		"listed":       {models: []string{"a"}, wantStatus: 200, want: `{"object":"list","data":[{"id":"a","object":"model"}]}`},
		"none listed":  {models: []string{}, wantStatus: 200, want: `{"object":"list","data":[]}`},
		"no such path": {models: nil, wantStatus: 404, want: `{"error":{"code":"not_found","message":"unknown path","param":null,"type":"invalid_request_error"}}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Models = tc.models
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/models", nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != tc.wantStatus || string(body) != tc.want {
				t.Errorf("GET /models = %d %s, %v; want %d %s", res.StatusCode, body, err, tc.wantStatus, tc.want)
			}
		})
	}
}

func TestEveryFaultHasAName(t *testing.T) {
	var names []string
	for _, f := range openaitest.All() {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	if names[0] == "" || len(slices.Compact(names)) != len(openaitest.All()) {
		t.Errorf("names are empty or not unique: %q", names)
	}
}
