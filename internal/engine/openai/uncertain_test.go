package openai_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

func TestUncertainCountsWhatMayBeCharged(t *testing.T) {
	cases := map[string]struct {
		next, always []openaitest.Fault
		want         int
		// wantUsage says that the server told what it billed beside.
		wantUsage bool
	}{
		"an answer with a count":              {wantUsage: true},
		"an answer without a count":           {next: faults(openaitest.NoUsage(openaitest.None())), want: 1},
		"a bad answer without one, then good": {next: faults(openaitest.NoUsage(openaitest.MissingID())), want: 1, wantUsage: true},
		"two bad answers without one":         {next: faults(openaitest.NoUsage(openaitest.MissingID()), openaitest.NoUsage(openaitest.MissingID())), want: 2, wantUsage: true},
		"a connection that ended too early":   {next: faults(openaitest.Reset()), want: 1},
		"an answer that broke off":            {next: faults(openaitest.CutBody()), want: 1},
		"an answer that is none":              {next: faults(openaitest.NotJSON()), want: 1},
		"what was told before a break":        {next: faults(openaitest.MissingID(), openaitest.CutBody()), want: 1, wantUsage: true},
		"a gateway that waited no longer":     {next: faults(openaitest.Status5xx(504)), want: 1},
		"a gateway of another kind":           {next: faults(openaitest.Status5xx(524)), want: 1},
		"a refusal":                           {next: faults(openaitest.Status429(time.Second))},
		"a server error":                      {next: faults(openaitest.Status5xx(503))},
		"an error in the place of an answer":  {next: faults(openaitest.ErrorInAnswer(503))},
		"no choice, with a count":             {next: faults(openaitest.NoChoices()), wantUsage: true},
		"a form that is refused on the way":   {always: faults(openaitest.NoJSONSchema()), wantUsage: true},
		"a wrong key":                         {next: faults(openaitest.WrongKey())},
		"a redirect":                          {next: faults(openaitest.Redirect("http://127.0.0.1:1/v1"))},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Next(tc.next...)
			s.Always(tc.always...)
			res, _ := newEngine(t, s).Translate(t.Context(), request(textA, textB)) // both outcomes are told by the response
			if res.Uncertain != tc.want {
				t.Errorf("%d requests are uncertain, want %d", res.Uncertain, tc.want)
			}
			if (res.Usage != engine.Usage{}) != tc.wantUsage {
				t.Errorf("usage is %v", res.Usage)
			}
		})
	}
}

func TestUncertainAfterGivingUp(t *testing.T) {
	cases := map[string]struct {
		timeout time.Duration
		giveUp  bool
	}{
		"by the timeout":       {timeout: 50 * time.Millisecond},
		"because nobody waits": {timeout: time.Minute, giveUp: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Next(openaitest.MissingID(), openaitest.Hang())
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			arrived := make(chan struct{}, 2)
			s.Translate = func(pair engine.Pair, text string) string {
				arrived <- struct{}{}
				return openaitest.Reverse(pair, text)
			}
			if tc.giveUp {
				// The call hangs once its first segment has arrived for the second time.
				go func() {
					for range 3 {
						<-arrived
					}
					cancel()
				}()
			} else {
				s.Translate = openaitest.Reverse
			}
			cfg := s.Config()
			cfg.Timeout = tc.timeout
			res, err := engineFor(t, cfg).Translate(ctx, request(textA, textB))
			if err == nil || res.Uncertain != 1 || res.Usage == (engine.Usage{}) {
				t.Errorf("Translate() = %v with %d uncertain and usage %v, want an error, 1 and that of the first exchange", err, res.Uncertain, res.Usage)
			}
		})
	}
}

// dead returns an address where nobody listens.
func dead(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

func TestWhatNeverLeftIsNotUncertain(t *testing.T) {
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	unfinished := httptest.NewUnstartedServer(http.NotFoundHandler())
	unfinished.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, context.Canceled }} //nolint:gosec // It never speaks.
	unfinished.StartTLS()
	t.Cleanup(unfinished.Close)
	cases := map[string]string{
		"nobody listens":          "http://" + dead(t),
		"a name that nobody has":  "http://nobody.invalid",
		"a certificate of nobody": untrusted.URL,
		"a handshake that breaks": unfinished.URL,
	}
	for name, endpoint := range cases {
		t.Run(name, func(t *testing.T) {
			e, err := openai.New(engine.Config{Endpoint: endpoint, Model: "m"}, openai.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = e.Close() })
			res, err := e.Translate(t.Context(), request(textA))
			if err == nil || res.Uncertain != 0 {
				t.Errorf("Translate() = %v with %d uncertain, want an error and none", err, res.Uncertain)
			}
		})
	}
}
