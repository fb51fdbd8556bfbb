package anthropic_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/anthropic"
	"github.com/dragoman-dev/dragoman/internal/engine/anthropic/anthropictest"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
)

const testKey = "sk-ant-Zx81qRtVwKey"

// engineFor makes an engine that is closed with the test.
func engineFor(t *testing.T, cfg engine.Config) engine.Engine {
	t.Helper()
	return enginetest.Open(t, anthropic.Factory(anthropic.Options{}), cfg)
}

// request makes a request of texts with the ids 1, 2 …
func request(texts ...string) engine.Request {
	return enginetest.Request(engine.Pair{Source: "es", Target: "ca"}, texts...)
}

const (
	textA = "Guarde ⟦1⟧ ahora"
	textB = "El zorro salta"
	textC = "Quinientos barcos"

	wantA = "ca: edrauG ⟦1⟧ aroha"
	wantB = "ca: lE orroz atlas"
	wantC = "ca: sotneiniuQ socrab"

	wantRefused = "rejected: the model refused the text"
)

func TestConformance(t *testing.T) {
	cases := map[string]func(*anthropictest.Server){
		"a server that takes all": func(*anthropictest.Server) {},
		"a model without tools and temperature": func(s *anthropictest.Server) {
			s.Always(anthropictest.NoTools(), anthropictest.NoTemperature(), anthropictest.OutputLimit(4096, true))
		},
		"a model that makes mistakes in batches": func(s *anthropictest.Server) {
			chance := rand.New(rand.NewPCG(1, 2))
			s.Randomly(chance.Float64, 0.5,
				anthropictest.Batch(anthropictest.MissingID()), anthropictest.Batch(anthropictest.SwappedIDs()),
				anthropictest.Batch(anthropictest.EmptyText()), anthropictest.Batch(anthropictest.LeakedPrompt()),
				anthropictest.Batch(anthropictest.RefusalInWords()), anthropictest.InWords())
		},
	}
	for name, prepare := range cases {
		t.Run(name, func(t *testing.T) {
			s := anthropictest.New(t)
			s.Key = testKey
			prepare(s)
			enginetest.Run(t, enginetest.Suite{
				NewEngine: enginetest.From(anthropic.Factory(anthropic.Options{}), s.Config()),
				Pair:      engine.Pair{Source: "es", Target: "ca"},
				Samples: []string{
					"La calidad de cuanto hacemos habla por sí misma.",
					"Guarde su trabajo antes de salir.",
					"El comité publicará su informe final el 12 de marzo de 2026.",
				},
			})
		})
	}
}

func TestTranslateSurvivesWhatModelsDo(t *testing.T) {
	cases := map[string]struct {
		next, always []anthropictest.Fault
		want         map[int]string // where it is not all three
		wantCalls    int
	}{
		"all goes well in one call":                  {wantCalls: 1},
		"words in the place of the tool":             {next: []anthropictest.Fault{anthropictest.InWords()}, wantCalls: 1},
		"a missing id is asked again in halves":      {next: []anthropictest.Fault{anthropictest.MissingID()}, wantCalls: 3},
		"swapped ids are asked again in halves":      {next: []anthropictest.Fault{anthropictest.SwappedIDs()}, wantCalls: 3},
		"a refusal of a batch is asked again":        {next: []anthropictest.Fault{anthropictest.RefusalInWords()}, wantCalls: 3},
		"an empty text is asked for again":           {next: []anthropictest.Fault{anthropictest.EmptyText()}, wantCalls: 2},
		"a leaked prompt is asked for again":         {next: []anthropictest.Fault{anthropictest.LeakedPrompt()}, wantCalls: 2},
		"a cut answer is divided until it fits":      {always: []anthropictest.Fault{anthropictest.MaxTokens(1)}, wantCalls: 5},
		"a prompt too long is divided until it fits": {always: []anthropictest.Fault{anthropictest.PromptLength(2)}, wantCalls: 3},
		"one text that the model refuses": {
			always: []anthropictest.Fault{anthropictest.For(anthropictest.Refusal(), "zorro")},
			want:   map[int]string{1: wantA, 2: wantRefused, 3: wantC}, wantCalls: 5,
		},
		"one text that leaks, always": {
			always: []anthropictest.Fault{anthropictest.For(anthropictest.LeakedPrompt(), "Guarde")},
			want:   map[int]string{1: "rejected: the model's answer repeats the prompt", 2: wantB, 3: wantC}, wantCalls: 2,
		},
		"a server without tools": {always: []anthropictest.Fault{anthropictest.NoTools()}, wantCalls: 2},
		"a limit that is told":   {always: []anthropictest.Fault{anthropictest.OutputLimit(4096, true)}, wantCalls: 2},
		"a limit that is not":    {always: []anthropictest.Fault{anthropictest.OutputLimit(3000, false)}, wantCalls: 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := anthropictest.New(t)
			s.Next(tc.next...)
			s.Always(tc.always...)
			res, err := engineFor(t, s.Config()).Translate(t.Context(), request(textA, textB, textC))
			if err != nil {
				t.Fatalf("Translate() = %v", err)
			}
			want := tc.want
			if want == nil {
				want = map[int]string{1: wantA, 2: wantB, 3: wantC}
			}
			if diff := cmp.Diff(want, enginetest.Outcome(res)); diff != "" {
				t.Errorf("segments (-want +got):\n%s", diff)
			}
			if n := len(s.Calls()); n != tc.wantCalls {
				t.Errorf("%d calls, want %d", n, tc.wantCalls)
			}
			if diff := cmp.Diff(s.Usage(), res.Usage); diff != "" {
				t.Errorf("usage (-billed +reported):\n%s", diff)
			}
		})
	}
}

func TestTheFormIsLearned(t *testing.T) {
	s := anthropictest.New(t)
	s.Always(anthropictest.NoTools(), anthropictest.NoTemperature(), anthropictest.OutputLimit(1000, true))
	e := engineFor(t, s.Config())
	for range 2 {
		if _, err := e.Translate(t.Context(), request(textA)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, c := range s.Calls() {
		got = append(got, fmt.Sprintf("tool %t, temperature %t, limit %d", c.Tool, c.Temperature != nil, c.MaxTokens))
	}
	want := []string{
		"tool true, temperature true, limit 8192",
		"tool false, temperature true, limit 8192",
		"tool false, temperature false, limit 8192",
		"tool false, temperature false, limit 1000",
		"tool false, temperature false, limit 1000",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
}

func TestTheBudgetOfACallIsItsLimit(t *testing.T) {
	s := anthropictest.New(t)
	req := request(textA)
	req.MaxOutputTokens = 50
	req.Segments[0].Correction = &engine.Correction{Previous: "x", Findings: []string{"y"}, Round: 2}
	if _, err := engineFor(t, s.Config()).Translate(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if c := s.Calls()[0]; c.MaxTokens != 50 || c.Temperature == nil || *c.Temperature != 0.3 || !c.Tool {
		t.Errorf("asked with %+v", c)
	}
}

func TestTranslateFailsAsAWhole(t *testing.T) {
	cases := map[string]struct {
		fault         anthropictest.Fault
		wantClass     engine.Class
		wantAfter     time.Duration
		want          string
		wantUncertain int
	}{
		"a rate limit": {
			fault: anthropictest.RateLimit(7 * time.Second), wantClass: engine.RateLimited, wantAfter: 7 * time.Second,
			want: "the provider limits the rate of calls (429, rate_limit_error: This request would exceed your rate limit)",
		},
		"overloaded": {
			fault: anthropictest.Overloaded(), wantClass: engine.Transient, want: "the provider failed (529, overloaded_error: Overloaded)",
		},
		"overloaded, in a 200": {
			fault: anthropictest.ErrorInAnswer("overloaded_error"), wantClass: engine.Transient, want: "the provider failed (529, overloaded_error: no)",
		},
		"a rate limit in a 200": {
			fault: anthropictest.ErrorInAnswer("rate_limit_error"), wantClass: engine.RateLimited, want: "the provider limits the rate of calls (429, rate_limit_error: no)",
		},
		"a wrong key, which it quotes": {
			fault: anthropictest.Quoting(401, "authentication_error"), wantClass: engine.Misconfigured,
			want: "the provider refused the API key (401, authentication_error)",
		},
		"no access": {
			fault: anthropictest.Quoting(403, "permission_error"), wantClass: engine.Misconfigured, want: "the provider denied access (403, permission_error)",
		},
		"no such model": {
			fault: anthropictest.Failing(404, "not_found_error", "model: test-model"), wantClass: engine.Misconfigured,
			want: `the endpoint has no messages API or no model "test-model" (404, not_found_error: model: test-model)`,
		},
		"no credit": {
			fault:     anthropictest.Failing(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
			wantClass: engine.Misconfigured,
			want:      "the account has no credit left at the provider (400, invalid_request_error: Your credit balance is too low to access the Anthropic API.)",
		},
		"a request that is wrong": {
			fault: anthropictest.Quoting(400, "invalid_request_error"), wantClass: engine.Misconfigured,
			want: "the provider refused the request (400, invalid_request_error)",
		},
		"a page": {
			fault: anthropictest.NotJSON(), wantClass: engine.Transient, want: "the provider's answer is not JSON of a message", wantUncertain: 1,
		},
		"another kind of JSON": {
			fault: anthropictest.NoMessage(), wantClass: engine.Transient, want: "the provider's answer holds no message", wantUncertain: 1,
		},
		"a connection that ended": {
			fault: anthropictest.Reset(), wantClass: engine.Transient, want: "the connection ended before the answer did", wantUncertain: 1,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := anthropictest.New(t)
			s.Key = testKey
			s.Always(tc.fault)
			res, err := engineFor(t, s.Config()).Translate(t.Context(), request("Quijote ⟦1⟧", textB))
			got, ok := errors.AsType[*engine.Error](err)
			if !ok {
				t.Fatalf("Translate() = %v, want an *engine.Error", err)
			}
			if got.Class != tc.wantClass || got.After != tc.wantAfter || got.Error() != tc.want {
				t.Errorf("Translate() = %v after %v: %v", got.Class, got.After, got)
			}
			if res.Uncertain != tc.wantUncertain || len(s.Calls()) != 1 {
				t.Errorf("%d of %d calls are uncertain, want %d of 1", res.Uncertain, len(s.Calls()), tc.wantUncertain)
			}
			for _, secret := range []string{testKey, "Quijote", "zorro"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells %q: %v", secret, err)
				}
			}
		})
	}
}

func TestProbe(t *testing.T) {
	cases := map[string]struct {
		change func(*engine.Config)
		want   string // of the error; "" where the engine works
	}{
		"the model is there":    {change: func(*engine.Config) {}},
		"the model is not":      {change: func(c *engine.Config) { c.Model = "other" }, want: `the provider does not have model "other"`},
		"a wrong key":           {change: func(c *engine.Config) { c.APIKey = "x" }, want: "the provider refused the API key (401, authentication_error)"},
		"no key":                {change: func(c *engine.Config) { c.APIKey = "" }, want: "the provider asks for an API key and none is set (401, authentication_error)"},
		"a gateway without one": {change: func(c *engine.Config) { c.Endpoint += "/gateway" }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := anthropictest.New(t)
			s.Key = testKey
			cfg := s.Config()
			tc.change(&cfg)
			offer, err := engineFor(t, cfg).Probe(t.Context())
			if tc.want == "" {
				if err != nil || !offer.Any {
					t.Errorf("Probe() = %+v, %v", offer, err)
				}
				return
			}
			if err == nil || err.Error() != tc.want || engine.AsError(err).Class != engine.Misconfigured {
				t.Errorf("Probe() = %v, want %s", err, tc.want)
			}
		})
	}
}

func TestSettingsThatCannotWork(t *testing.T) {
	if e, err := anthropic.Factory(anthropic.Options{})(engine.Config{Endpoint: "https://api.example.com/v1"}); err == nil || e != nil {
		t.Errorf("Factory() without a model = %v, %v", e, err)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	s := anthropictest.New(t)
	s.Always(anthropictest.Failing(http.StatusTemporaryRedirect, "", ""))
	_, err := engineFor(t, s.Config()).Translate(t.Context(), request(textA))
	if err == nil || engine.AsError(err).Class != engine.Misconfigured || !strings.Contains(err.Error(), "redirect (307)") {
		t.Errorf("Translate() = %v", err)
	}
}
