package apy_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/apy"
	"github.com/dragoman-dev/dragoman/internal/engine/apy/apytest"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
)

var esca = engine.Pair{Source: "es", Target: "ca"}

func TestConformance(t *testing.T) {
	s := apytest.New(t)
	enginetest.Run(t, enginetest.Suite{
		NewEngine: enginetest.From(apy.Factory(httpcall.Options{}), s.Config()),
		Pair:      esca,
		Samples: []string{
			"La calidad de nuestros productos habla por sí misma.",
			"Guarda tu trabajo antes de cerrar la ventana.",
			"El comité publicará su informe el 12 de marzo de 2026.",
		},
		NotOffered: engine.Pair{Source: "de", Target: "ja"},
	})
}

func open(t *testing.T, s *apytest.Server) engine.Engine {
	t.Helper()
	return enginetest.Open(t, apy.Factory(httpcall.Options{}), s.Config())
}

func one(ctx context.Context, e engine.Engine, text string) (engine.Translation, error) {
	resp, err := e.Translate(ctx, engine.Request{Pair: esca, Segments: []engine.Segment{{ID: 1, Text: text}}})
	if err != nil {
		return engine.Translation{}, err
	}
	return resp.Segments[0], nil
}

func TestWhatComesBack(t *testing.T) {
	cases := map[string]struct {
		text        string
		marks       map[string]string
		want        string
		wantUnknown []string
	}{
		"words are translated":                       {text: "Guarda ahora.", want: "adrauG aroha."},
		"marks of unknown words are taken off":       {text: "Guarda el byte.", marks: map[string]string{"byte": "*"}, want: "adrauG le byte.", wantUnknown: []string{"byte"}},
		"so are those of words without a form":       {text: "Guarda el byte.", marks: map[string]string{"byte": "#", "el": "@"}, want: "adrauG el byte.", wantUnknown: []string{"el", "byte"}},
		"marks of the source stay":                   {text: "**Guarda** #ya 2*3 a@b", want: "**adrauG** #ay 2*3 a@b"},
		"reserved signs stay":                        {text: "Si a<b & c>d [ya] {x} ^y$ \\z /", want: "iS a<b & c>d [ay] {x} ^y$ \\z /"},
		"entities of the source stay":                {text: "Usa &amp; y &lt;", want: "asU &pma; y &tl;"},
		"inner white space stays":                    {text: "Uno\n\n  dos\t\u00a0tres", want: "onU\n\n  sod\t\u00a0sert"},
		"NUL stays":                                  {text: "Uno\x00dos", want: "onU\x00sod"},
		"a token in the way of the last full stop":   {text: "Abre ⟦1⟧.", want: "erbA ⟦1⟧."},
		"what has no letter is not asked for at all": {text: "⟦1⟧ 42 — ⟦2⟧", want: "⟦1⟧ 42 — ⟦2⟧"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := apytest.New(t)
			s.Marks = tc.marks
			got, err := one(t.Context(), open(t, s), tc.text)
			if err != nil {
				t.Fatal(err)
			}
			want := engine.Translation{ID: 1, Text: tc.want, Unknown: tc.wantUnknown}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Translate() (-want +got):\n%s", diff)
			}
			if calls := len(s.Calls()); strings.HasPrefix(name, "what has no letter") && calls > 0 {
				t.Errorf("%d requests were made", calls)
			}
		})
	}
}

// The service reads 1,000 characters and loses the rest without a word.
func TestLongTextsComeBackWhole(t *testing.T) {
	words := func(n int, word string) string { return strings.Repeat(word+" ", n-1) + word }
	cases := map[string]string{
		"many sentences":            strings.Repeat("Guarda tu trabajo antes de cerrar. ", 300) + "Fin.",
		"one sentence without end":  words(2000, "palabra"),
		"many tokens":               words(1000, "uno ⟦1⟧"),
		"signs that become longer":  words(1500, "a&b<c"),
		"a word without end":        strings.Repeat("a", 5000),
		"characters of three bytes": strings.Repeat("你好世界。", 500),
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			s := apytest.New(t)
			got, err := one(t.Context(), open(t, s), text)
			if err != nil {
				t.Fatal(err)
			}
			if want, have := utf8.RuneCountInString(text), utf8.RuneCountInString(got.Text); want != have {
				t.Errorf("%d characters came back of %d", have, want)
			}
			for _, c := range s.Calls() {
				if n := utf8.RuneCountInString(c.Query); n > 1000 {
					t.Errorf("a request has %d characters", n)
				}
			}
		})
	}
}

func TestAnAnswerThatIsCut(t *testing.T) {
	long := strings.Repeat("Guarda tu trabajo. ", 20) + "Fin."
	t.Run("is asked for again in halves", func(t *testing.T) {
		s := apytest.New(t)
		s.Next(apytest.Cut())
		got, err := one(t.Context(), open(t, s), long)
		if err != nil || len(got.Text) != len(long) || len(s.Calls()) != 3 {
			t.Errorf("%d bytes of %d came back after %d requests, error %v", len(got.Text), len(long), len(s.Calls()), err)
		}
	})
	t.Run("is an error when the text is short", func(t *testing.T) {
		s := apytest.New(t)
		s.Next(apytest.Cut())
		_, err := one(t.Context(), open(t, s), "Guarda tu trabajo.")
		if err == nil || engine.AsError(err).Class != engine.Transient {
			t.Errorf("Translate() = %v, want a Transient error", err)
		}
	})
}

func TestErrors(t *testing.T) {
	const secret = "Guarda tus secretos ahora mismo."
	cases := map[string]struct {
		fault         apytest.Fault
		wantClass     engine.Class
		wantText      string
		wantUncertain int
	}{
		"a pair it does not have":     {fault: apytest.Status(400, "That pair is not installed"), wantClass: engine.Misconfigured, wantText: "That pair is not installed"},
		"programs that crashed":       {fault: apytest.Status(503, "Pipeline is down"), wantClass: engine.Transient, wantText: "503"},
		"too many requests":           {fault: apytest.Status(429, ""), wantClass: engine.RateLimited, wantText: "429"},
		"no service at this path":     {fault: apytest.Status(404, ""), wantClass: engine.Misconfigured, wantText: "404"},
		"something that is no JSON":   {fault: apytest.Body("<html>"), wantClass: engine.Transient, wantText: "not JSON"},
		"JSON of something else":      {fault: apytest.Body(`{"a":1}`), wantClass: engine.Transient, wantText: "not JSON of a translation"},
		"a connection that ends":      {fault: apytest.Drop(), wantClass: engine.Transient, wantText: "ended before the answer did", wantUncertain: 1},
		"a message with text in it":   {fault: apytest.Quote(), wantClass: engine.Misconfigured, wantText: "(400)"},
		"an answer that is too short": {fault: apytest.Cut(), wantClass: engine.Transient, wantText: "cut its answer off"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := apytest.New(t)
			s.Next(tc.fault)
			resp, err := open(t, s).Translate(t.Context(), engine.Request{Pair: esca, Segments: []engine.Segment{{ID: 1, Text: secret}}})
			if err == nil || engine.AsError(err).Class != tc.wantClass || !strings.Contains(err.Error(), tc.wantText) {
				t.Errorf("Translate() = %v, want %s with %q", err, tc.wantClass, tc.wantText)
			}
			if err != nil && strings.Contains(err.Error(), "secretos") {
				t.Errorf("error %q shows the text", err)
			}
			if resp.Uncertain != tc.wantUncertain {
				t.Errorf("%d requests are uncertain, want %d", resp.Uncertain, tc.wantUncertain)
			}
		})
	}
}

// What is counted never exceeds what plans are made from: the characters of the
// segments.
func TestWhatIsCounted(t *testing.T) {
	s := apytest.New(t)
	text := "Abre ⟦1⟧ & ⟦2⟧ <ya>."
	resp, err := open(t, s).Translate(t.Context(), engine.Request{Pair: esca, Segments: []engine.Segment{{ID: 1, Text: text}}})
	if want := int64(utf8.RuneCountInString(text)); err != nil || resp.Usage.Characters != want {
		t.Errorf("%d characters were counted, error %v; want %d", resp.Usage.Characters, err, want)
	}
}

func TestAFailureInTheMiddleKeepsWhatCame(t *testing.T) {
	s := apytest.New(t)
	s.Next(func(w http.ResponseWriter, _ apytest.Call, right string) {
		_, _ = fmt.Fprintf(w, `{"responseData":{"translatedText":%q}}`, right)
	}, apytest.Status(503, ""))
	resp, err := open(t, s).Translate(t.Context(), engine.Request{Pair: esca, Segments: []engine.Segment{
		{ID: 1, Text: "Uno es uno"}, {ID: 2, Text: "Dos son dos"}, {ID: 3, Text: "Tres son tres"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i, wantErr := range []bool{false, true, true} {
		if got := resp.Segments[i]; (got.Err != nil) != wantErr || got.ID != i+1 {
			t.Errorf("segment %d carries the error %v", got.ID, got.Err)
		}
	}
	if calls := len(s.Calls()); calls != 2 {
		t.Errorf("%d requests were made of a service that fails, want 2", calls)
	}
}

func TestAPairThatAnswersNothing(t *testing.T) {
	s := apytest.New(t)
	e := open(t, s)
	s.Break("spa|cat", true)
	const text = "Guarda tu trabajo antes de cerrar."
	if _, err := one(t.Context(), e, text); err == nil || engine.AsError(err).Class != engine.Transient {
		t.Errorf("the first time: %v, want a Transient error", err)
	}
	if _, err := one(t.Context(), e, text); err == nil || engine.AsError(err).Class != engine.Misconfigured {
		t.Errorf("the second time: %v, want a Misconfigured one", err)
	}
	offer, err := e.Probe(t.Context())
	if err != nil || !cmp.Equal(offer.Broken, []engine.Pair{esca}) {
		t.Errorf("Probe() = %+v, %v; want the pair among the broken", offer, err)
	}
	s.Break("spa|cat", false)
	offer, err = e.Probe(t.Context())
	if err != nil || len(offer.Broken) > 0 {
		t.Errorf("Probe() of a mended pair = %+v, %v", offer, err)
	}
	if _, err := one(t.Context(), e, text); err != nil {
		t.Errorf("the mended pair: %v", err)
	}
}

func TestAFewWordsThatComeToNothingStay(t *testing.T) {
	s := apytest.New(t)
	s.Next(func(w http.ResponseWriter, _ apytest.Call, _ string) {
		_, _ = fmt.Fprint(w, `{"responseData":{"translatedText":"<x id=\"end\"/>"}}`)
	})
	got, err := one(t.Context(), open(t, s), "Would")
	want := engine.Translation{ID: 1, Text: "Would", Unknown: []string{"Would"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Translate() = %v (-want +got):\n%s", err, diff)
	}
}

func TestProbe(t *testing.T) {
	s := apytest.New(t)
	offer, err := open(t, s).Probe(t.Context())
	want := engine.Offer{Pairs: []engine.Pair{
		{Source: "en", Target: "es"}, esca, {Source: "es", Target: "pt-BR"}, {Source: "nb", Target: "nn"}, {Source: "oc-aranes", Target: "ca"},
	}}
	if diff := cmp.Diff(want, offer); diff != "" || err != nil {
		t.Errorf("Probe() = %v (-want +got):\n%s", err, diff)
	}
	s.Pairs = nil
	if _, err := open(t, s).Probe(t.Context()); err == nil || engine.AsError(err).Class != engine.Misconfigured {
		t.Errorf("Probe() of a service without pairs = %v, want a Misconfigured error", err)
	}
	if len(s.Calls()) > 0 {
		t.Error("a probe had something translated")
	}
}

func TestNew(t *testing.T) {
	for name, endpoint := range map[string]string{"no endpoint": "", "another scheme": "ftp://a", "a password": "https://a:b@c"} {
		t.Run(name, func(t *testing.T) {
			_, err := apy.New(engine.Config{Endpoint: endpoint}, httpcall.Options{})
			if e, ok := errors.AsType[*engine.Error](err); !ok || e.Class != engine.Misconfigured {
				t.Errorf("New() = %v, want a Misconfigured error", err)
			}
		})
	}
}
