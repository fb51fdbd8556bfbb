package openai_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

func TestCallsEndWithTheirContext(t *testing.T) {
	cases := map[string]struct {
		next []openaitest.Fault
		// want are the segments that came back before.
		want map[int]string
	}{
		"with nothing back the context's error is the call's": {next: faults(openaitest.Hang())},
		"what came back before is kept": {
			next: faults(openaitest.ExtraID(), openaitest.None(), openaitest.Hang()),
			want: map[int]string{1: wantA, 2: "transient: context canceled"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Next(tc.next...)
			ctx, cancel := context.WithCancel(t.Context())
			e, err := openai.New(s.Config(), openai.Options{Transport: cancelAt{s: s, call: len(tc.next), cancel: cancel}})
			if err != nil {
				t.Fatal(err)
			}
			res, err := e.Translate(ctx, request(textA, textB))
			if tc.want == nil {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("Translate() = %v, want the context's error", err)
				}
				return
			}
			if diff := cmp.Diff(tc.want, enginetest.Outcome(res)); err != nil || diff != "" {
				t.Errorf("Translate() = %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// cancelAt carries calls and ends the context while the given one is under way.
type cancelAt struct {
	s      *openaitest.Server
	call   int
	cancel context.CancelFunc
}

func (c cancelAt) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.s.Count()+1 == c.call {
		go c.cancel()
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestCallsEndWithTheTimeout(t *testing.T) {
	s := openaitest.New(t)
	s.Always(openaitest.Hang())
	cfg := s.Config()
	cfg.Timeout = time.Millisecond
	_, err := engineFor(t, cfg).Translate(t.Context(), request(textA))
	if got := engine.AsError(err); err == nil || got.Class != engine.Transient || !strings.Contains(err.Error(), "gave no answer within 1ms") {
		t.Errorf("Translate() = %v, want a Transient timeout", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		t.Error("the provider's timeout passes for the caller's")
	}
}

func TestManyCallsAtOnce(t *testing.T) {
	s := openaitest.New(t)
	s.Always(openaitest.NoJSONSchema(), openaitest.MissingIDFor("zorro"))
	e := newEngine(t, s)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var used engine.Usage
	for range 16 {
		wg.Go(func() {
			for range 4 {
				res, err := e.Translate(t.Context(), request(textA, textB, textC, textD))
				if diff := cmp.Diff(wantBut(map[int]string{2: "transient: the model's answer leaves out 1 of 1 segments"}), enginetest.Outcome(res)); err != nil || diff != "" {
					t.Errorf("Translate() = %v (-want +got):\n%s", err, diff)
				}
				mu.Lock()
				used = used.Add(res.Usage)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if used != s.Usage() {
		t.Errorf("usage = %v, billed %v", used, s.Usage())
	}
}

func TestShapesOfAnswers(t *testing.T) {
	const inner = `{\"translations\":[{\"id\":1,\"text\":\"Desa\"}]}`
	cases := map[string]struct {
		body string
		// want is the text; wantErr a part of the error.
		want, wantErr string
	}{
		"a string":                  {body: `{"choices":[{"message":{"content":"` + inner + `"}}]}`, want: "Desa"},
		"a list of parts":           {body: `{"choices":[{"message":{"content":[{"type":"thinking","text":"{"},{"type":"text","text":"` + inner + `"}]}}]}`, want: "Desa"},
		"a finish reason of null":   {body: `{"choices":[{"finish_reason":null,"message":{"content":"` + inner + `"}}]}`, want: "Desa"},
		"a second choice":           {body: `{"choices":[{"message":{"content":"` + inner + `"}},{"message":{"content":"x"}}]}`, want: "Desa"},
		"no content":                {body: `{"choices":[{"message":{"content":null}}]}`, wantErr: "not the JSON it was asked for"},
		"content of another kind":   {body: `{"choices":[{"message":{"content":{"a":1}}}]}`, wantErr: "not the JSON it was asked for"},
		"an error of null":          {body: `{"choices":[],"error":null}`, wantErr: "holds no choice"},
		"an error without a code":   {body: `{"error":{"message":"Upstream gone"}}`, wantErr: "the provider failed (502: Upstream gone)"},
		"an error that is a code":   {body: `{"error":{"code":"server_error"}}`, wantErr: "the provider failed (502, server_error)"},
		"nothing":                   {body: ``, wantErr: "not JSON of a chat completion"},
		"a stream nobody asked for": {body: "data: {}\n\n", wantErr: "not JSON of a chat completion"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e, err := openai.Factory(openai.Options{})(engine.Config{Endpoint: answering(t, 200, nil, tc.body), Model: "m"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = e.Close() })
			res, err := e.Translate(t.Context(), request("Guarde"))
			if tc.wantErr != "" {
				if got := engine.AsError(err); err == nil || got.Class != engine.Transient || !strings.Contains(err.Error(), tc.wantErr) {
					t.Errorf("Translate() = %v, want Transient: …%s…", err, tc.wantErr)
				}
			} else if diff := cmp.Diff(map[int]string{1: tc.want}, enginetest.Outcome(res)); err != nil || diff != "" {
				t.Errorf("Translate() = %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestReadingUsage(t *testing.T) {
	cases := map[string]struct {
		usage string
		want  engine.Usage
	}{
		"as documented":          {usage: `{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}`, want: engine.Usage{InputTokens: 12, OutputTokens: 3}},
		"with a point":           {usage: `{"prompt_tokens":12.0,"completion_tokens":3.0}`, want: engine.Usage{InputTokens: 12, OutputTokens: 3}},
		"null":                   {usage: `null`},
		"of another kind":        {usage: `"much"`},
		"less than nothing":      {usage: `{"prompt_tokens":-12,"completion_tokens":3}`, want: engine.Usage{OutputTokens: 3}},
		"more than anybody sold": {usage: `{"prompt_tokens":1e300}`, want: engine.Usage{InputTokens: 1e9}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			body := `{"choices":[{"message":{"content":"{\"translations\":[{\"id\":1,\"text\":\"Desa\"}]}"}}],"usage":` + tc.usage + `}`
			e := engineFor(t, engine.Config{Endpoint: answering(t, 200, nil, body), Model: "m"})
			res, err := e.Translate(t.Context(), request("Guarde"))
			if err != nil || res.Usage != tc.want {
				t.Errorf("usage = %v, %v; want %v", res.Usage, err, tc.want)
			}
		})
	}
}

func BenchmarkTranslate(b *testing.B) {
	s := openaitest.New(b)
	e, err := openai.New(s.Config(), openai.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	req := request(textA)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := e.Translate(b.Context(), req); err != nil {
				b.Error(err)
			}
		}
	})
}
