package openai_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

func TestProbe(t *testing.T) {
	cases := map[string]struct {
		status int
		header map[string]string
		body   string
		// wantClass is 0 where the engine works.
		wantClass engine.Class
		wantAfter time.Duration
		want      string
	}{
		"the model is listed":                 {status: 200, body: `{"data":[{"id":"other"},{"id":"m"}]}`},
		"the model is listed as Gemini does":  {status: 200, body: `{"data":[{"id":"models/m"}]}`},
		"the model is listed as Ollama does":  {status: 200, body: `{"data":[{"id":"m:latest"}]}`},
		"the list is empty":                   {status: 200, body: `{"data":[]}`},
		"the list is missing":                 {status: 200, body: `{}`},
		"the list goes on":                    {status: 200, body: `{"data":[{"id":"other"}],"has_more":true}`},
		"the server has no list":              {status: 404, body: `{"error":{"code":"not_found"}}`},
		"the server has no GET":               {status: 405},
		"the server has no list of that kind": {status: 501},
		"the model is not listed": {
			status: 200, body: `{"data":[{"id":"other"}]}`,
			wantClass: engine.Misconfigured, want: `the provider does not have model "m"`,
		},
		"a page of some other service": {
			status: 200, body: `<html>`,
			wantClass: engine.Misconfigured, want: "the endpoint does not speak the OpenAI API: its list of models is not JSON",
		},
		"a wrong key": {
			status: 401, body: `{"error":{"code":"invalid_api_key"}}`,
			wantClass: engine.Misconfigured, want: "the provider refused the API key (401, invalid_api_key)",
		},
		"no access": {status: 403, wantClass: engine.Misconfigured, want: "the provider denied access (403)"},
		"a rate limit": {
			status: 429, header: map[string]string{"Retry-After": "2"},
			wantClass: engine.RateLimited, wantAfter: 2 * time.Second, want: "the provider limits the rate of calls (429)",
		},
		"a failure":  {status: 502, wantClass: engine.Transient, want: "the provider failed (502)"},
		"a redirect": {status: 302, wantClass: engine.Misconfigured, want: "the endpoint answered with a redirect (302), which is not followed; set the address it leads to"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := engineFor(t, engine.Config{Endpoint: answering(t, tc.status, tc.header, tc.body), Model: "m", APIKey: testKey})
			offer, err := e.Probe(t.Context())
			if tc.wantClass == 0 {
				if diff := cmp.Diff(engine.Offer{Any: true}, offer); err != nil || diff != "" {
					t.Errorf("Probe() = %v (-want +got):\n%s", err, diff)
				}
				return
			}
			got, ok := errors.AsType[*engine.Error](err)
			if !ok || got.Class != tc.wantClass || got.After != tc.wantAfter || got.Error() != tc.want {
				t.Errorf("Probe() = %v, want %v after %v: %s", err, tc.wantClass, tc.wantAfter, tc.want)
			}
		})
	}
}

func TestProbeSpendsNothing(t *testing.T) {
	s := openaitest.New(t)
	s.Key = testKey
	if _, err := newEngine(t, s).Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Count() != 0 {
		t.Errorf("the probe made %d calls for completions", s.Count())
	}
	s.Key = "another"
	cfg := s.Config()
	cfg.APIKey = testKey
	_, err := engineFor(t, cfg).Probe(t.Context())
	if got := engine.AsError(err); err == nil || got.Class != engine.Misconfigured || strings.Contains(err.Error(), testKey) {
		t.Errorf("Probe() = %v, want Misconfigured without the key", err)
	}
}

func TestProbeWaitsNoLongerThanACall(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(release) })
	_, err := engineFor(t, engine.Config{Endpoint: s.URL, Model: "m", Timeout: time.Millisecond}).Probe(t.Context())
	if got := engine.AsError(err); err == nil || got.Class != engine.Transient || err.Error() != "the provider gave no answer within 1ms" {
		t.Errorf("Probe() = %v, want a Transient timeout", err)
	}
}
