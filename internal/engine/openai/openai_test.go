package openai_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/llm"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

func TestNewRefusesSettingsThatCannotWork(t *testing.T) {
	good := engine.Config{Endpoint: "https://api.example.com/v1", Model: "m", APIKey: testKey}
	cases := map[string]struct {
		change func(*engine.Config)
		want   string
	}{
		"no endpoint":           {change: func(c *engine.Config) { c.Endpoint = " " }, want: "no endpoint is set"},
		"no scheme":             {change: func(c *engine.Config) { c.Endpoint = "api.example.com" }, want: "no http or https URL"},
		"another scheme":        {change: func(c *engine.Config) { c.Endpoint = "ftp://api.example.com" }, want: "no http or https URL"},
		"no host":               {change: func(c *engine.Config) { c.Endpoint = "https:///v1" }, want: "no http or https URL"},
		"no URL":                {change: func(c *engine.Config) { c.Endpoint = "https://a b\x7f" }, want: "no http or https URL"},
		"a password in the URL": {change: func(c *engine.Config) { c.Endpoint = "https://u:hush@api.example.com" }, want: "the key belongs in the provider's secret"},
		"no model":              {change: func(c *engine.Config) { c.Model = "" }, want: "no model is set"},
		"a key with a newline":  {change: func(c *engine.Config) { c.APIKey = "hush\nX-Evil: 1" }, want: "characters that an HTTP header cannot carry"},
		"a key with an accent":  {change: func(c *engine.Config) { c.APIKey = "hushé" }, want: "characters that an HTTP header cannot carry"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := good
			tc.change(&cfg)
			e, err := openai.Factory(openai.Options{})(cfg)
			got, ok := errors.AsType[*engine.Error](err)
			if !ok || got.Class != engine.Misconfigured || !strings.Contains(got.Error(), tc.want) {
				t.Errorf("Factory() = %v, %v; want Misconfigured: …%s…", e, err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("the error tells a secret: %v", err)
			}
			if e != nil {
				t.Error("Factory() returned an engine beside its error")
			}
		})
	}
}

func TestTheEndpointIsABaseURL(t *testing.T) {
	cases := map[string]struct {
		suffix   string
		wantPath string
	}{
		"as it is documented":    {suffix: "/v1", wantPath: "/v1/chat/completions"},
		"with a slash":           {suffix: "/v1/", wantPath: "/v1/chat/completions"},
		"at the root":            {suffix: "", wantPath: "/chat/completions"},
		"with a query":           {suffix: "/openai?api-version=1", wantPath: "/openai/chat/completions?api-version=1"},
		"with space and newline": {suffix: "/v1 \n", wantPath: "/v1/chat/completions"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var path, auth string
			s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				path, auth = r.URL.RequestURI(), r.Header.Get("Authorization")
			}))
			t.Cleanup(s.Close)
			e := engineFor(t, engine.Config{Endpoint: s.URL + tc.suffix, Model: "m", APIKey: " key\n"})
			if _, err := e.Translate(t.Context(), request(textA)); err == nil {
				t.Error("an empty answer passed")
			}
			if path != tc.wantPath || auth != "Bearer key" {
				t.Errorf("asked %s with %q, want %s with \"Bearer key\"", path, auth, tc.wantPath)
			}
		})
	}
}

func TestNoKeyNoHeader(t *testing.T) {
	sent := true
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, sent = r.Header["Authorization"]
	}))
	t.Cleanup(s.Close)
	_, _ = engineFor(t, engine.Config{Endpoint: s.URL, Model: "m"}).Translate(t.Context(), request(textA))
	if sent {
		t.Error("an empty key was sent")
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	reached := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(other.Close)
	s := openaitest.New(t)
	s.Always(openaitest.Redirect(other.URL))
	_, err := newEngine(t, s).Translate(t.Context(), request(textA))
	if got := engine.AsError(err); err == nil || got.Class != engine.Misconfigured || reached {
		t.Errorf("Translate() = %v, other host reached: %v; want Misconfigured and not reached", err, reached)
	}
}

func TestTheEnvironmentIsNotRead(t *testing.T) {
	proxied := false
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied = true }))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("OPENAI_API_KEY", "environment")
	t.Setenv("OPENAI_BASE_URL", proxy.URL)
	e := engineFor(t, engine.Config{Endpoint: "http://provider.invalid/v1", Model: "m"})
	if _, err := e.Translate(t.Context(), request(textA)); err == nil || proxied {
		t.Errorf("Translate() = %v, proxied: %v; want an error and no proxy", err, proxied)
	}
	if e.Info().Paid {
		t.Error("a key was found in the environment")
	}
}

func TestInfo(t *testing.T) {
	cases := map[string]struct {
		key      string
		priced   bool
		wantPaid bool
	}{
		"a local server is free":          {},
		"a key means that somebody bills": {key: testKey, wantPaid: true},
		"prices mean that calls cost":     {priced: true, wantPaid: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := engineFor(t, engine.Config{Endpoint: "http://localhost/v1", Model: "m", APIKey: tc.key, Priced: tc.priced})
			want := engine.Info{Name: "openai", Model: "m", Prompt: llm.PromptVersion, Corrects: true, Creates: true, Rates: true, Terms: true, Paid: tc.wantPaid, MaxSegments: 40, MaxRunes: 8000}
			if diff := cmp.Diff(want, e.Info()); diff != "" {
				t.Errorf("Info() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCloseEndsCalls(t *testing.T) {
	s := openaitest.New(t)
	arrived := make(chan struct{})
	s.Translate = func(engine.Pair, string) string { close(arrived); return "ca: x" }
	s.Always(openaitest.Hang())
	e := newEngine(t, s)
	done := make(chan error)
	go func() {
		_, err := e.Translate(t.Context(), request(textA))
		done <- err
	}()
	<-arrived
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	check := func(what string, err error) {
		t.Helper()
		if got, ok := errors.AsType[*engine.Error](err); !ok || got.Class != engine.Transient || err.Error() != "the engine is closed" {
			t.Errorf("%s = %v, want Transient: the engine is closed", what, err)
		}
	}
	check("the call under way", <-done)
	_, err := e.Translate(t.Context(), request(textA))
	check("Translate() after Close", err)
	_, err = e.Probe(t.Context())
	check("Probe() after Close", err)
	if err := e.Close(); err != nil {
		t.Errorf("second Close() = %v", err)
	}
}

func TestAContextThatIsOverCostsNothing(t *testing.T) {
	s := openaitest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newEngine(t, s).Translate(ctx, request(textA)); !errors.Is(err, context.Canceled) {
		t.Errorf("Translate() = %v, want the context's error", err)
	}
	if _, err := newEngine(t, s).Probe(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Probe() = %v, want the context's error", err)
	}
	if s.Count() != 0 {
		t.Errorf("%d calls", s.Count())
	}
}

func TestNoChanceNoCall(t *testing.T) {
	s := openaitest.New(t)
	e, err := openai.New(s.Config(), openai.Options{Random: strings.NewReader("short")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Translate(t.Context(), request(textA)); err == nil || s.Count() != 0 {
		t.Errorf("Translate() = %v with %d calls, want an error and none", err, s.Count())
	}
}
