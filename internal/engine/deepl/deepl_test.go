package deepl_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/deepl"
	"github.com/dragoman-dev/dragoman/internal/engine/deepl/deepltest"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
)

var ende = engine.Pair{Source: "en", Target: "de"}

func TestConformance(t *testing.T) {
	s := deepltest.New(t)
	enginetest.Run(t, enginetest.Suite{
		NewEngine:  enginetest.From(deepl.Factory(httpcall.Options{}), s.Config()),
		Pair:       ende,
		Samples:    []string{"Save your work before you leave.", "Tom & Jerry need a <file> of 5 MB.", "It costs 1,234.56 and is new."},
		NotOffered: engine.Pair{Source: "de", Target: "ja"},
	})
}

func open(t *testing.T, s *deepltest.Server) engine.Engine {
	t.Helper()
	return enginetest.Open(t, deepl.Factory(httpcall.Options{}), s.Config())
}

func TestWhatIsAsked(t *testing.T) {
	context := []engine.Example{{Source: "Open the door.", Target: "Öffne die Tür."}}
	cases := map[string]struct {
		req  engine.Request
		want deepltest.Call
	}{
		"plain text": {
			req:  enginetest.Request(engine.Pair{Source: "en-GB", Target: "de-AT"}, "Save a<b & go", "42"),
			want: deepltest.Call{Text: []string{"Save a<b & go"}, SourceLang: "EN", TargetLang: "DE"},
		},
		"placeables as elements": {
			req: enginetest.Request(ende, "Open ⟦1⟧ & ⟦12⟧", "a<b"),
			want: deepltest.Call{
				Text: []string{`Open <x id="1"/> &amp; <x id="12"/>`, "a&lt;b"}, SourceLang: "EN", TargetLang: "DE",
				TagHandling: "xml", IgnoreTags: []string{"x"},
			},
		},
		"the variant of English that is meant": {
			req:  enginetest.Request(engine.Pair{Source: "de", Target: "en-GB"}, "Hallo"),
			want: deepltest.Call{Text: []string{"Hallo"}, SourceLang: "DE", TargetLang: "EN-GB"},
		},
		"the usual one when none is": {
			req:  enginetest.Request(engine.Pair{Source: "de", Target: "en"}, "Hallo"),
			want: deepltest.Call{Text: []string{"Hallo"}, SourceLang: "DE", TargetLang: "EN-US"},
		},
		"Portuguese without a region is that of Brazil": {
			req:  enginetest.Request(engine.Pair{Source: "de", Target: "pt"}, "Hallo"),
			want: deepltest.Call{Text: []string{"Hallo"}, SourceLang: "DE", TargetLang: "PT-BR"},
		},
		"Chinese by its script": {
			req:  enginetest.Request(engine.Pair{Source: "de", Target: "zh-TW"}, "Hallo"),
			want: deepltest.Call{Text: []string{"Hallo"}, SourceLang: "DE", TargetLang: "ZH-HANT"},
		},
		"a formal tone, with context": {
			req:  engine.Request{Pair: ende, Tone: "Professional, warm", Context: context, Segments: []engine.Segment{{ID: 1, Text: "Close it."}}},
			want: deepltest.Call{Text: []string{"Close it."}, SourceLang: "EN", TargetLang: "DE", Formality: "prefer_more", Context: "Open the door."},
		},
		"an informal one": {
			req:  engine.Request{Pair: ende, Tone: "informal", Segments: []engine.Segment{{ID: 1, Text: "Close it."}}},
			want: deepltest.Call{Text: []string{"Close it."}, SourceLang: "EN", TargetLang: "DE", Formality: "prefer_less"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := deepltest.New(t)
			resp, err := open(t, s).Translate(t.Context(), tc.req)
			if err != nil || len(resp.Segments) != len(tc.req.Segments) {
				t.Fatalf("Translate() = %d segments, %v", len(resp.Segments), err)
			}
			if diff := cmp.Diff([]deepltest.Call{tc.want}, s.Calls()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGlossary(t *testing.T) {
	terms := []engine.Term{
		{Source: "work", Target: "Arbeit"}, {Source: "Dragoman", Keep: true}, {Source: "work", Target: "Werk"},
		{Source: "tab\tbed", Target: "x"}, {Source: "none"}, {Source: " space", Target: "x"},
	}
	cases := map[string]struct {
		refuse                int
		message               string
		calls                 int
		wantEntries, wantText string
		wantClass             engine.Class
		wantMade              int
	}{
		"lives for the call":                     {calls: 1, wantEntries: "work\tArbeit\nDragoman\tDragoman\n", wantText: "evaS Arbeit ni Dragoman"},
		"is missed when the pair has none":       {calls: 2, refuse: 400, message: "Unsupported language pair", wantText: "evaS krow ni namogarD"},
		"is missed when there are too many":      {calls: 2, refuse: 400, message: "Limit reached", wantText: "evaS krow ni namogarD"},
		"a limit of the rate is one of the call": {calls: 1, refuse: 429, wantClass: engine.RateLimited},
		"so is a quota that is used up":          {calls: 1, refuse: 456, wantClass: engine.Misconfigured},
		"and a failure":                          {calls: 1, refuse: 503, wantClass: engine.Transient},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := deepltest.New(t)
			s.RefuseGlossaries, s.GlossaryMessage = tc.refuse, tc.message
			e := open(t, s)
			for range tc.calls {
				req := enginetest.Request(ende, "Save work in Dragoman")
				req.Terms = terms
				resp, err := e.Translate(t.Context(), req)
				if tc.wantClass != 0 {
					if err == nil || engine.AsError(err).Class != tc.wantClass || len(s.Calls()) > 0 {
						t.Errorf("Translate() = %v after %d translations, want %s and none", err, len(s.Calls()), tc.wantClass)
					}
					continue
				}
				if err != nil || resp.Segments[0].Text != tc.wantText {
					t.Errorf("Translate() = %+v, %v; want %q", resp.Segments, err, tc.wantText)
				}
			}
			for _, c := range s.Calls() {
				if c.Entries != tc.wantEntries || (c.GlossaryID != "") != (tc.wantEntries != "") {
					t.Errorf("asked with glossary %q of %q, want %q", c.GlossaryID, c.Entries, tc.wantEntries)
				}
			}
			if left := s.Glossaries(); len(left) > 0 {
				t.Errorf("%d glossaries are left behind", len(left))
			}
		})
	}
}

func TestGlossariesThatWereLeftBehind(t *testing.T) {
	s := deepltest.New(t)
	old := time.Now().Add(-3 * time.Hour)
	s.Keep(deepltest.Glossary{ID: "a", Name: "dragoman 0011", Created: old})
	s.Keep(deepltest.Glossary{ID: "b", Name: "dragoman 2233", Created: time.Now()})
	s.Keep(deepltest.Glossary{ID: "c", Name: "Marketing", Created: old})
	if _, err := open(t, s).Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, g := range s.Glossaries() {
		left = append(left, g.ID)
	}
	if diff := cmp.Diff([]string{"b", "c"}, left); diff != "" {
		t.Errorf("glossaries left (-want +got):\n%s", diff)
	}
}

func TestWhatIsBilled(t *testing.T) {
	cases := map[string]struct {
		faults []deepltest.Fault
		want   int64
	}{
		"by DeepL's own count":                  {faults: []deepltest.Fault{deepltest.Body(`{"translations":[{"text":"a","billed_characters":3},{"text":"b","billed_characters":4}]}`)}, want: 7},
		"by ours without it, and no placeables": {faults: []deepltest.Fault{deepltest.Uncounted()}, want: int64(len("Open ") + len("Go on"))},
		"also for an answer that is no use":     {faults: []deepltest.Fault{deepltest.Short()}, want: int64(len("Open "))},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := deepltest.New(t)
			s.Next(tc.faults...)
			resp, _ := open(t, s).Translate(t.Context(), enginetest.Request(ende, "Open ⟦1⟧", "Go on"))
			if resp.Usage.Characters != tc.want {
				t.Errorf("%d characters are billed, want %d", resp.Usage.Characters, tc.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	const text = "Keep these passwords private please"
	cases := map[string]struct {
		fault         deepltest.Fault
		wantClass     engine.Class
		wantText      string
		wantAfter     time.Duration
		wantUncertain int
	}{
		"the quota is used up":        {fault: deepltest.Status(456, "Quota Exceeded"), wantClass: engine.Misconfigured, wantText: "characters of the DeepL account are used up (456)"},
		"too many requests":           {fault: deepltest.RetryAfter(429, 3), wantClass: engine.RateLimited, wantText: "429", wantAfter: 3 * time.Second},
		"too many requests elsewhere": {fault: deepltest.RetryAfter(529, 4), wantClass: engine.RateLimited, wantText: "529", wantAfter: 4 * time.Second},
		"a failure":                   {fault: deepltest.Status(500, "Internal error"), wantClass: engine.Transient, wantText: "500: Internal error"},
		"a pause":                     {fault: deepltest.Status(503, ""), wantClass: engine.Transient, wantText: "503"},
		"a gateway that gave up":      {fault: deepltest.Status(504, ""), wantClass: engine.Transient, wantText: "504", wantUncertain: 1},
		"a key that is refused":       {fault: deepltest.Status(403, "Wrong endpoint"), wantClass: engine.Misconfigured, wantText: "https://api-free.deepl.com alone"},
		"a parameter that is refused": {fault: deepltest.Status(400, "Value for 'target_lang' not supported."), wantClass: engine.Misconfigured, wantText: "'target_lang' not supported"},
		"markup it cannot read":       {fault: deepltest.Status(400, "Tag handling parsing failed, please check input."), wantClass: engine.Rejected, wantText: "could not read the placeables"},
		"a body that is too long":     {fault: deepltest.Status(413, ""), wantClass: engine.Rejected, wantText: "longer than DeepL takes"},
		"a message with text in it":   {fault: deepltest.Quote(), wantClass: engine.Misconfigured, wantText: "(400)"},
		"no JSON":                     {fault: deepltest.Body("<html>"), wantClass: engine.Transient, wantText: "not JSON", wantUncertain: 1},
		"one text too few":            {fault: deepltest.Short(), wantClass: engine.Transient, wantText: "answered 1 texts with 0"},
		"nothing for a text":          {fault: deepltest.Body(`{"translations":[{"text":" "}]}`), wantClass: engine.Transient, wantText: "answered nothing"},
		"a connection that ends":      {fault: deepltest.Drop(), wantClass: engine.Transient, wantText: "ended before the answer did", wantUncertain: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := deepltest.New(t)
			s.Next(tc.fault)
			resp, err := open(t, s).Translate(t.Context(), enginetest.Request(ende, text))
			e, ok := errors.AsType[*engine.Error](err)
			if !ok || e.Class != tc.wantClass || e.After != tc.wantAfter || !strings.Contains(err.Error(), tc.wantText) {
				t.Fatalf("Translate() = %v, want %s with %q", err, tc.wantClass, tc.wantText)
			}
			if strings.Contains(err.Error(), "passwords") || strings.Contains(err.Error(), s.Key) {
				t.Errorf("error %q shows the text or the key", err)
			}
			if resp.Uncertain != tc.wantUncertain {
				t.Errorf("%d requests are uncertain, want %d", resp.Uncertain, tc.wantUncertain)
			}
		})
	}
}

// A call of the full length fits one request whatever the text is made of, and a
// segment that does not is refused here.
func TestTheLengthOfARequest(t *testing.T) {
	s := deepltest.New(t)
	e := open(t, s)
	info := e.Info()
	for name, sign := range map[string]string{"signs of markup": "a&<>\"", "astral": "a𝒳", "tokens": "a⟦1⟧"} {
		t.Run(name, func(t *testing.T) {
			text := strings.Repeat(sign, info.MaxRunes/len([]rune(sign)))
			if resp, err := e.Translate(t.Context(), enginetest.Request(ende, text)); err != nil || resp.Segments[0].Text == "" {
				t.Errorf("Translate() = %v", err)
			}
		})
	}
	_, err := e.Translate(t.Context(), enginetest.Request(ende, strings.Repeat("a", 130<<10)))
	if err == nil || engine.AsError(err).Class != engine.Rejected {
		t.Errorf("Translate() of 130 KiB = %v, want a Rejected error", err)
	}
}

func TestProbe(t *testing.T) {
	s := deepltest.New(t)
	offer, err := open(t, s).Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for pair, want := range map[engine.Pair]bool{
		ende:                              true,
		{Source: "de", Target: "en"}:      true,
		{Source: "de", Target: "en-GB"}:   true,
		{Source: "de", Target: "pt"}:      true,
		{Source: "de", Target: "es-419"}:  true,
		{Source: "de", Target: "zh-Hant"}: true,
		{Source: "en", Target: "en-GB"}:   false,
		{Source: "zh-Hant", Target: "de"}: false,
	} {
		if slices.Contains(offer.Pairs, pair) != want {
			t.Errorf("%s is offered: %v, want %v", pair, !want, want)
		}
	}
	if len(s.Calls()) > 0 {
		t.Error("a probe had something translated")
	}
}

func TestAProbeThatFails(t *testing.T) {
	cases := map[string]struct {
		prepare  func(*deepltest.Server, *engine.Config)
		wantText string
	}{
		"the quota is used up": {prepare: func(s *deepltest.Server, _ *engine.Config) { s.Used, s.Limit = 500_000, 500_000 }, wantText: "used up (by its own count)"},
		"the key is another":   {prepare: func(_ *deepltest.Server, c *engine.Config) { c.APIKey = "other" }, wantText: "refused the API key"},
		"the address is wrong": {prepare: func(_ *deepltest.Server, c *engine.Config) { c.Endpoint += "/x" }, wantText: "404"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := deepltest.New(t)
			cfg := s.Config()
			tc.prepare(s, &cfg)
			e, err := deepl.New(cfg, httpcall.Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.Probe(t.Context())
			if err == nil || engine.AsError(err).Class != engine.Misconfigured || !strings.Contains(err.Error(), tc.wantText) {
				t.Errorf("Probe() = %v, want a Misconfigured error with %q", err, tc.wantText)
			}
		})
	}
}

// elsewhere notes the host of a request and answers nothing.
type elsewhere struct{ host, path string }

// RoundTrip implements http.RoundTripper.
func (e *elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	e.host, e.path = r.URL.Scheme+"://"+r.URL.Host, r.URL.Path
	return nil, errors.New("nobody there")
}

func TestTheHost(t *testing.T) {
	cases := map[string]struct {
		endpoint, key      string
		wantHost, wantPath string
	}{
		"a key of the free plan":       {key: "abc:fx", wantHost: "https://api-free.deepl.com", wantPath: "/v2/usage"},
		"with a newline":               {key: "abc:fx\n", wantHost: "https://api-free.deepl.com", wantPath: "/v2/usage"},
		"any other key":                {key: "abc", wantHost: "https://api.deepl.com", wantPath: "/v2/usage"},
		"an endpoint wins":             {key: "abc:fx", endpoint: "https://proxy.example.com/deepl", wantHost: "https://proxy.example.com", wantPath: "/deepl/v2/usage"},
		"an endpoint with the version": {key: "abc", endpoint: "https://api.deepl.com/v2/", wantHost: "https://api.deepl.com", wantPath: "/v2/usage"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			there := &elsewhere{}
			e, err := deepl.New(engine.Config{Endpoint: tc.endpoint, APIKey: tc.key}, httpcall.Options{Transport: there})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Probe(t.Context()); err == nil {
				t.Error("Probe() of nobody succeeded")
			}
			if there.host != tc.wantHost || there.path != tc.wantPath {
				t.Errorf("asked %s%s, want %s%s", there.host, there.path, tc.wantHost, tc.wantPath)
			}
		})
	}
	if _, err := deepl.New(engine.Config{}, httpcall.Options{}); err == nil || engine.AsError(err).Class != engine.Misconfigured {
		t.Errorf("New() without a key = %v, want a Misconfigured error", err)
	}
}
