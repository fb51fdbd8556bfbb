package libretranslate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
	"github.com/dragoman-dev/dragoman/internal/engine/libretranslate"
	lt "github.com/dragoman-dev/dragoman/internal/engine/libretranslate/libretranslatetest"
)

var ende = engine.Pair{Source: "en", Target: "de"}

func TestConformance(t *testing.T) {
	cases := map[string]func(*lt.Server){
		"a server without limits":          func(*lt.Server) {},
		"a server with a key and a limit":  func(s *lt.Server) { s.Key, s.CharLimit = "key-4711", 6000 },
		"an old server that tells nothing": func(s *lt.Server) { s.Settings = false },
	}
	for name, prepare := range cases {
		t.Run(name, func(t *testing.T) {
			s := lt.New(t)
			prepare(s)
			enginetest.Run(t, enginetest.Suite{
				NewEngine:  enginetest.From(libretranslate.Factory(httpcall.Options{}), s.Config()),
				Pair:       ende,
				Samples:    []string{"Save your work before you leave.", "Tom & Jerry need a <file> of 5 MB.", "It costs 1,234.56 and is new."},
				NotOffered: engine.Pair{Source: "de", Target: "ja"},
			})
		})
	}
}

func open(t *testing.T, s *lt.Server) engine.Engine {
	t.Helper()
	return enginetest.Open(t, libretranslate.Factory(httpcall.Options{}), s.Config())
}

func TestWhatIsAsked(t *testing.T) {
	s := lt.New(t)
	resp, err := open(t, s).Translate(t.Context(), enginetest.Request(engine.Pair{Source: "en-US", Target: "zh-TW"}, "Save a<b", " Open ⟦1⟧ & go\n", "42"))
	if err != nil {
		t.Fatal(err)
	}
	wantCalls := []lt.Call{
		{Q: []string{"Save a<b"}, Source: "en", Target: "zh-Hant", Format: "text"},
		{Q: []string{`Open <x id="1"/> &amp; go`}, Source: "en", Target: "zh-Hant", Format: "html"},
	}
	if diff := cmp.Diff(wantCalls, s.Calls()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	want := []engine.Translation{{ID: 3, Text: "42"}, {ID: 1, Text: "evaS a<b"}, {ID: 2, Text: " nepO ⟦1⟧ & og\n"}}
	if diff := cmp.Diff(want, resp.Segments); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if want := int64(len("Save a<b") + len("Open [1] & go")); resp.Usage.Characters != want {
		t.Errorf("%d characters were used, want %d", resp.Usage.Characters, want)
	}
}

func TestAServersLimit(t *testing.T) {
	s := lt.New(t)
	s.CharLimit = 30
	resp, err := open(t, s).Translate(t.Context(), enginetest.Request(ende, "Save your work now", "Open it", strings.Repeat("long ", 10), "Go home and sleep well"))
	if err != nil {
		t.Fatal(err)
	}
	if calls := len(s.Calls()); calls != 2 {
		t.Errorf("%d requests were made, want 2", calls)
	}
	for _, got := range resp.Segments {
		rejected := got.Err != nil && got.Err.Class == engine.Rejected
		if rejected != (got.ID == 3) {
			t.Errorf("segment %d carries the error %v", got.ID, got.Err)
		}
	}
}

func TestErrors(t *testing.T) {
	const text, key = "Keep these passwords private please", "key-4711"
	cases := map[string]struct {
		fault         lt.Fault
		wantClass     engine.Class
		wantText      string
		wantAfter     time.Duration
		wantUncertain int
	}{
		"a wrong key":                  {fault: lt.Status(403, "Invalid API key"), wantClass: engine.Misconfigured, wantText: "403"},
		"no key":                       {fault: lt.Status(400, "Please contact the server operator to get an API key"), wantClass: engine.Misconfigured, wantText: "refused the API key"},
		"too fast":                     {fault: lt.RetryAfter(7), wantClass: engine.RateLimited, wantText: "80 per 1 minute", wantAfter: 7 * time.Second},
		"too fast too often":           {fault: lt.Status(403, "Too many request limits violations"), wantClass: engine.RateLimited, wantText: "rate of calls"},
		"a language it does not have":  {fault: lt.Status(400, "de is not supported"), wantClass: engine.Misconfigured, wantText: "is not supported"},
		"a text that is too long":      {fault: lt.Status(400, "Invalid request: request (9) exceeds text limit (3)"), wantClass: engine.Rejected, wantText: "longer than the server takes"},
		"a model that failed":          {fault: lt.Status(500, "Cannot translate text: CUDA out of memory"), wantClass: engine.Transient, wantText: "CUDA out of memory"},
		"a gateway that gave up":       {fault: lt.Status(504, ""), wantClass: engine.Transient, wantText: "504", wantUncertain: 1},
		"a message with text in it":    {fault: lt.Quote(), wantClass: engine.Misconfigured, wantText: "(400)"},
		"a message with the key in it": {fault: lt.Status(400, "bad key-4711 given"), wantClass: engine.Misconfigured, wantText: "(400)"},
		"a redirect":                   {fault: lt.Redirect("http://127.0.0.1:1/elsewhere"), wantClass: engine.Misconfigured, wantText: "redirect (307)"},
		"no JSON":                      {fault: lt.Body("<html>"), wantClass: engine.Transient, wantText: "not JSON", wantUncertain: 1},
		"one text too few":             {fault: lt.Short(), wantClass: engine.Transient, wantText: "answered 1 texts with 0"},
		"a connection that ends":       {fault: lt.Drop(), wantClass: engine.Transient, wantText: "ended before the answer did", wantUncertain: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := lt.New(t)
			s.Key = key
			s.Next(tc.fault)
			resp, err := open(t, s).Translate(t.Context(), enginetest.Request(ende, text))
			e, ok := errors.AsType[*engine.Error](err)
			if !ok || e.Class != tc.wantClass || e.After != tc.wantAfter || !strings.Contains(err.Error(), tc.wantText) {
				t.Fatalf("Translate() = %v, want %s with %q", err, tc.wantClass, tc.wantText)
			}
			if strings.Contains(err.Error(), "passwords") || strings.Contains(err.Error(), key) {
				t.Errorf("error %q shows the text or the key", err)
			}
			if resp.Uncertain != tc.wantUncertain {
				t.Errorf("%d requests are uncertain, want %d", resp.Uncertain, tc.wantUncertain)
			}
		})
	}
}

// The second exchange of a call fails: what came is kept, as it was paid for.
func TestHalfACall(t *testing.T) {
	s := lt.New(t)
	s.Next(lt.Body(`{"translatedText":["evaS"]}`), lt.Status(500, ""))
	resp, err := open(t, s).Translate(t.Context(), enginetest.Request(ende, "Save", "Open ⟦1⟧"))
	if err != nil || len(resp.Segments) != 2 || resp.Segments[0].Err != nil || resp.Segments[1].Err == nil {
		t.Errorf("Translate() = %+v, %v; want the first segment alone", resp.Segments, err)
	}
}

func TestAnEmptyAnswerIsAnError(t *testing.T) {
	s := lt.New(t)
	s.Next(lt.Body(`{"translatedText":["", "nepO"]}`))
	resp, err := open(t, s).Translate(t.Context(), enginetest.Request(ende, "Save", "Open"))
	if err != nil || resp.Segments[0].Err == nil || resp.Segments[1].Text != "nepO" {
		t.Errorf("Translate() = %+v, %v", resp.Segments, err)
	}
}

func TestProbe(t *testing.T) {
	pair := func(source, target string) engine.Pair { return engine.Pair{Source: source, Target: target} }
	cases := map[string]struct {
		languages map[string][]string
		key       bool
		want      []engine.Pair
		wantErr   string
	}{
		"the targets of each language": {
			languages: map[string][]string{"en": {"de", "en"}, "de": {"en"}}, want: []engine.Pair{pair("de", "en"), ende},
		},
		"an old server translates between all": {
			languages: map[string][]string{"en": nil, "zt": nil}, want: []engine.Pair{pair("en", "zh-Hant"), pair("zh-Hant", "en")},
		},
		"names of older servers": {
			languages: map[string][]string{"en": {"pb", "zh", "zt", "nb"}},
			want:      []engine.Pair{pair("en", "nb"), pair("en", "pt-BR"), pair("en", "zh"), pair("en", "zh-Hant")},
		},
		"a code that names no language": {languages: map[string][]string{"en": {"xx", "de"}}, want: []engine.Pair{ende}},
		"no language":                   {languages: map[string][]string{}, wantErr: "no list of languages"},
		"no pair":                       {languages: map[string][]string{"en": {}}, wantErr: "no model for any pair"},
		"a key that is not set":         {languages: map[string][]string{"en": {"de"}}, key: true, wantErr: "asks for an API key"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := lt.New(t)
			s.Languages = tc.languages
			cfg := s.Config()
			if tc.key {
				s.Key = "key-4711"
			}
			e, err := libretranslate.New(cfg, httpcall.Options{})
			if err != nil {
				t.Fatal(err)
			}
			offer, err := e.Probe(t.Context())
			if tc.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tc.wantErr) || engine.AsError(err).Class != engine.Misconfigured {
					t.Errorf("Probe() = %v, want a Misconfigured error with %q", err, tc.wantErr)
				}
				return
			}
			if diff := cmp.Diff(tc.want, offer.Pairs); diff != "" || err != nil {
				t.Errorf("Probe() = %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestACallIsPaidWithAKeyOrPrices(t *testing.T) {
	cases := map[string]struct {
		cfg  engine.Config
		want bool
	}{
		"one's own server": {cfg: engine.Config{Endpoint: "http://a"}},
		"a key":            {cfg: engine.Config{Endpoint: "http://a", APIKey: "k\n"}, want: true},
		"prices":           {cfg: engine.Config{Endpoint: "http://a", Priced: true}, want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e, err := libretranslate.New(tc.cfg, httpcall.Options{})
			if err != nil || e.Info().Paid != tc.want {
				t.Errorf("New() = %v; paid %v, want %v", err, e.Info().Paid, tc.want)
			}
		})
	}
}
