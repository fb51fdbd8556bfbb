package openai_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

const testKey = "sk-proj-Zx81qRtVwKey"

// zeros is a source of markers without chance.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// engineFor makes an engine that is closed with the test.
func engineFor(t *testing.T, cfg engine.Config) engine.Engine {
	t.Helper()
	return enginetest.Open(t, openai.Factory(openai.Options{}), cfg)
}

// request makes a request of texts with the ids 1, 2 …
func request(texts ...string) engine.Request {
	return enginetest.Request(engine.Pair{Source: "es", Target: "ca"}, texts...)
}

// newEngine makes an engine for a server.
func newEngine(t *testing.T, s *openaitest.Server) engine.Engine {
	t.Helper()
	return engineFor(t, s.Config())
}

const (
	textA = "Guarde ⟦1⟧ ahora"
	textB = "El zorro salta"
	textC = "Quinientos barcos"
	textD = "Nada más que decir"

	wantA = "ca: edrauG ⟦1⟧ aroha"
	wantB = "ca: lE orroz atlas"
	wantC = "ca: sotneiniuQ socrab"
	wantD = "ca: adaN sám euq riced"

	wantRefused   = "rejected: the model refused the text"
	wantNoJSON    = "transient: the model's answer is not the JSON it was asked for"
	wantFiltered  = "rejected: the provider's content filter stopped the text"
	wantCutOff    = "rejected: answer was cut off at the model's output limit"
	wantEmptyText = "transient: the model's answer has an empty text"
	wantNoText    = "rejected: the model's answer has an empty text"
)

func wantAll() map[int]string { return map[int]string{1: wantA, 2: wantB, 3: wantC, 4: wantD} }

// wantBut replaces some outcomes of wantAll.
func wantBut(changes map[int]string) map[int]string {
	all := wantAll()
	maps.Copy(all, changes)
	return all
}

func TestTranslateSurvivesWhatModelsDo(t *testing.T) {
	cases := map[string]struct {
		next, always []openaitest.Fault
		want         map[int]string
		// wantCalls is the number of exchanges; wantSold that of segments billed.
		wantCalls, wantSold int
	}{
		"all goes well in one call":             {want: wantAll(), wantCalls: 1, wantSold: 4},
		"a code fence is taken off":             {next: faults(openaitest.CodeFence()), want: wantAll(), wantCalls: 1, wantSold: 4},
		"prose around the JSON is left out":     {next: faults(openaitest.ChatterAround()), want: wantAll(), wantCalls: 1, wantSold: 4},
		"thoughts before the JSON are left out": {next: faults(openaitest.Reasoning()), want: wantAll(), wantCalls: 1, wantSold: 4},
		"a preface in each text is taken off":   {next: faults(openaitest.Preface()), want: wantAll(), wantCalls: 1, wantSold: 4},
		"an echo is an answer, for others to judge": {
			next: faults(openaitest.EchoSource()),
			want: map[int]string{1: textA, 2: textB, 3: textC, 4: textD}, wantCalls: 1, wantSold: 4,
		},
		"a lost placeable is an answer, for others to judge": {
			next: faults(openaitest.DropPlaceable()),
			want: wantBut(map[int]string{1: "ca: edrauG  aroha"}), wantCalls: 1, wantSold: 4,
		},
		"broken JSON once is asked again in halves":       {next: faults(openaitest.MalformedJSON()), want: wantAll(), wantCalls: 3, wantSold: 8},
		"prose once is asked again in halves":             {next: faults(openaitest.BareText()), want: wantAll(), wantCalls: 3, wantSold: 8},
		"swapped ids are asked again in halves":           {next: faults(openaitest.SwappedIDs()), want: wantAll(), wantCalls: 3, wantSold: 8},
		"texts under each other's id are asked again":     {next: faults(openaitest.SwappedTexts()), want: wantAll(), wantCalls: 3, wantSold: 8},
		"a missing id is asked again in halves":           {next: faults(openaitest.MissingID()), want: wantAll(), wantCalls: 3, wantSold: 8},
		"a doubled id is asked again in halves":           {next: faults(openaitest.DuplicatedID()), want: wantAll(), wantCalls: 3, wantSold: 8},
		"an id too many is asked again in halves":         {next: faults(openaitest.ExtraID()), want: wantAll(), wantCalls: 3, wantSold: 8},
		"an empty text is asked for again alone":          {next: faults(openaitest.EmptyText()), want: wantAll(), wantCalls: 2, wantSold: 5},
		"a refusal of a batch is asked again":             {next: faults(openaitest.Refusal("")), want: wantAll(), wantCalls: 3, wantSold: 8},
		"faults in a half divide that half":               {next: faults(openaitest.MissingID(), openaitest.ExtraID()), want: wantAll(), wantCalls: 5, wantSold: 10},
		"a long answer is cut off and divided until fits": {always: faults(openaitest.FinishLength(20)), want: wantAll(), wantCalls: 7, wantSold: 12},
		"a prompt too long is divided until it fits":      {always: faults(openaitest.ContextLength(33)), want: wantAll(), wantCalls: 5, wantSold: 4},
		"one text over the model's output limit": {
			always: faults(openaitest.FinishLength(17)),
			want:   wantBut(map[int]string{4: wantCutOff}), wantCalls: 7, wantSold: 12,
		},
		"one text over the model's context": {
			always: faults(openaitest.ContextLength(17)),
			want: wantBut(map[int]string{4: "rejected: the text is longer than the model can take " +
				"(400, context_length_exceeded, invalid_request_error: This model's maximum context length is exceeded)"}),
			wantCalls: 7, wantSold: 3,
		},
		"one text that the filter stops": {
			always: faults(openaitest.ContentFilter("barcos")),
			want:   wantBut(map[int]string{3: wantFiltered}), wantCalls: 5, wantSold: 4 + 2 + 2 + 1 + 1,
		},
		"one text that the filter stops with a status": {
			always:    faults(openaitest.ContentFilterStatus("barcos")),
			want:      wantBut(map[int]string{3: wantFiltered + " (400, content_filter, invalid_request_error: The response was filtered)"}),
			wantCalls: 5, wantSold: 3,
		},
		"one text that the model refuses in prose": {
			always: faults(openaitest.Refusal("zorro")),
			want:   wantBut(map[int]string{2: wantRefused}), wantCalls: 5, wantSold: 10,
		},
		"one text that the model refuses in the field for it": {
			always: faults(openaitest.RefusalField("zorro")),
			want:   wantBut(map[int]string{2: wantRefused}), wantCalls: 5, wantSold: 10,
		},
		"one text whose translation is a refusal": {
			always: faults(openaitest.RefusalText("zorro")),
			want:   wantBut(map[int]string{2: wantRefused}), wantCalls: 2, wantSold: 5,
		},
		"one text that never comes back readable": {
			always: faults(openaitest.MalformedJSONFor("Quinientos")),
			want:   wantBut(map[int]string{3: wantNoJSON}), wantCalls: 5, wantSold: 10,
		},
		"every text is refused, which is an answer": {
			always: faults(openaitest.Refusal("")),
			want:   map[int]string{1: wantRefused, 2: wantRefused, 3: wantRefused, 4: wantRefused}, wantCalls: 7, wantSold: 12,
		},
		"the provider fails in the middle": {
			next: faults(openaitest.MissingID(), openaitest.None(), openaitest.Status429(7*time.Second)),
			want: wantBut(map[int]string{
				3: "rate_limited: the provider limits the rate of calls (429, rate_limit_exceeded, invalid_request_error: Rate limit reached for requests)",
				4: "rate_limited: the provider limits the rate of calls (429, rate_limit_exceeded, invalid_request_error: Rate limit reached for requests)",
			}),
			wantCalls: 3, wantSold: 6,
		},
		"a text that stays empty when it is alone": {
			next: faults(openaitest.EmptyText(), openaitest.EmptyText()),
			want: wantBut(map[int]string{1: wantNoText}), wantCalls: 2, wantSold: 4 + 1,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Next(tc.next...)
			s.Always(tc.always...)
			res, err := newEngine(t, s).Translate(t.Context(), request(textA, textB, textC, textD))
			if err != nil {
				t.Fatalf("Translate() = %v", err)
			}
			if diff := cmp.Diff(tc.want, enginetest.Outcome(res)); diff != "" {
				t.Errorf("segments (-want +got):\n%s", diff)
			}
			if s.Count() != tc.wantCalls || s.Sold() != tc.wantSold {
				t.Errorf("%d calls sold %d segments, want %d calls and %d segments", s.Count(), s.Sold(), tc.wantCalls, tc.wantSold)
			}
			if diff := cmp.Diff(s.Usage(), res.Usage); diff != "" {
				t.Errorf("usage (-billed +reported):\n%s", diff)
			}
			for i, seg := range res.Segments {
				if seg.ID != i+1 {
					t.Errorf("segment %d has id %d", i, seg.ID)
				}
			}
		})
	}
}

// faults names a list of faults.
func faults(f ...openaitest.Fault) []openaitest.Fault { return f }

func TestTranslateFailsAsAWhole(t *testing.T) {
	cases := map[string]struct {
		fault       openaitest.Fault
		wantClass   engine.Class
		wantAfter   time.Duration
		wantMessage string
		wantCalls   int
		// wantBilled: the usage is reported beside the error; wantUncertain: it may be more.
		wantBilled, wantUncertain bool
	}{
		"rate limit": {
			fault: openaitest.Status429(3 * time.Second), wantClass: engine.RateLimited, wantAfter: 3 * time.Second,
			wantMessage: "limits the rate of calls (429", wantCalls: 1,
		},
		"rate limit without a time": {
			fault: openaitest.Status429(0), wantClass: engine.RateLimited,
			wantMessage: "limits the rate of calls (429", wantCalls: 1,
		},
		"rate limit in milliseconds": {
			fault:     openaitest.Status429Headers(map[string]string{"Retry-After-Ms": "1500", "Retry-After": "9"}),
			wantClass: engine.RateLimited, wantAfter: 1500 * time.Millisecond, wantMessage: "(429", wantCalls: 1,
		},
		"server error":        {fault: openaitest.Status5xx(503), wantClass: engine.Transient, wantMessage: "the provider failed (503)", wantCalls: 1},
		"server error nested": {fault: openaitest.NestedError(500), wantClass: engine.Transient, wantMessage: "the provider failed (500, ", wantCalls: 1},
		"server error flat":   {fault: openaitest.FlatError(500), wantClass: engine.Transient, wantMessage: "the provider failed (500, BadRequestError)", wantCalls: 1},
		"cut body":            {fault: openaitest.CutBody(), wantClass: engine.Transient, wantMessage: "the connection ended before the answer did", wantCalls: 1, wantUncertain: true},
		"reset connection":    {fault: openaitest.Reset(), wantClass: engine.Transient, wantMessage: "the connection ended before the answer did", wantCalls: 1, wantUncertain: true},
		"page in place of JSON": {
			fault: openaitest.NotJSON(), wantClass: engine.Transient, wantMessage: "not JSON of a chat completion", wantCalls: 1, wantUncertain: true,
		},
		"no choices":       {fault: openaitest.NoChoices(), wantClass: engine.Transient, wantMessage: "holds no choice", wantCalls: 1, wantBilled: true},
		"answer too large": {fault: openaitest.Huge(8 << 20), wantClass: engine.Transient, wantMessage: "longer than 4194304 bytes", wantCalls: 1, wantUncertain: true},
		"error with status 200": {
			fault: openaitest.ErrorInAnswer(429), wantClass: engine.RateLimited,
			wantMessage: "limits the rate of calls (429)", wantCalls: 1,
		},
		"wrong key":     {fault: openaitest.WrongKey(), wantClass: engine.Misconfigured, wantMessage: "refused the API key (401, invalid_api_key", wantCalls: 1},
		"unknown model": {fault: openaitest.UnknownModel(), wantClass: engine.Misconfigured, wantMessage: `no model "test-model" (404, model_not_found`, wantCalls: 1},
		"no credit":     {fault: openaitest.NoCredit(), wantClass: engine.Misconfigured, wantMessage: "no credit left at the provider (402", wantCalls: 1},
		"no quota":      {fault: openaitest.InsufficientQuota(), wantClass: engine.Misconfigured, wantMessage: "no credit left at the provider (429, insufficient_quota", wantCalls: 1},
		"flat 400":      {fault: openaitest.FlatError(400), wantClass: engine.Misconfigured, wantMessage: "refused the request (400, BadRequestError)", wantCalls: 1},
		"redirect":      {fault: openaitest.Redirect("http://127.0.0.1:1/v1"), wantClass: engine.Misconfigured, wantMessage: "redirect (307), which is not followed", wantCalls: 1},
		"never readable is given up early": {
			// 6, 3, 1, 2, 1, 1, and 3, 1 of the second half: four single segments.
			fault: openaitest.MalformedJSON(), wantClass: engine.Transient,
			wantMessage: "not the JSON it was asked for", wantCalls: 8, wantBilled: true,
		},
		"ids always missing": {
			fault: openaitest.MissingID(), wantClass: engine.Transient,
			wantMessage: "leaves out 1 of 1 segments", wantCalls: 8, wantBilled: true,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Key = testKey
			s.Always(tc.fault)
			res, err := newEngine(t, s).Translate(t.Context(), request(textA, textB, textC, textD, textB, textC))
			got, ok := errors.AsType[*engine.Error](err)
			if !ok {
				t.Fatalf("Translate() = %v, want an *engine.Error", err)
			}
			if got.Class != tc.wantClass || got.After != tc.wantAfter || !strings.Contains(got.Error(), tc.wantMessage) {
				t.Errorf("Translate() = %v after %v: %v; want %v after %v: …%s…", got.Class, got.After, got, tc.wantClass, tc.wantAfter, tc.wantMessage)
			}
			if s.Count() != tc.wantCalls {
				t.Errorf("%d calls, want %d", s.Count(), tc.wantCalls)
			}
			want := engine.Response{}
			want.Uncertain = map[bool]int{true: 1}[tc.wantUncertain]
			if tc.wantBilled {
				want.Usage = s.Usage()
				if want.Usage == (engine.Usage{}) {
					t.Error("the server billed nothing")
				}
			}
			if diff := cmp.Diff(want, res); diff != "" {
				t.Errorf("response beside the error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHowLongACallGoesOn(t *testing.T) {
	cases := map[string]struct {
		texts        []string
		next, always []openaitest.Fault
		// want are the outcomes; nil where the call fails with wantErr.
		want      map[int]string
		wantErr   engine.Class
		wantCalls int
	}{
		"one text that could be read is reason to try all others": {
			texts: []string{textA, "1 malo", "2 malo", "3 malo", "4 malo", "5 malo"}, always: faults(openaitest.MalformedJSONFor("malo")),
			want:      map[int]string{1: wantA, 2: wantNoJSON, 3: wantNoJSON, 4: wantNoJSON, 5: wantNoJSON, 6: wantNoJSON},
			wantCalls: 11,
		},
		"so is one that was refused": {
			texts: []string{"zorro", "1 malo", "2 malo", "3 malo", "4 malo", "5 malo"}, always: faults(openaitest.Refusal("zorro"), openaitest.MalformedJSONFor("malo")),
			want:      map[int]string{1: wantRefused, 2: wantNoJSON, 3: wantNoJSON, 4: wantNoJSON, 5: wantNoJSON, 6: wantNoJSON},
			wantCalls: 11,
		},
		"a fault of the provider ends it": {
			texts: []string{textA, textB, textC, textD}, next: faults(openaitest.MissingID(), openaitest.Status429(0)),
			wantErr: engine.RateLimited, wantCalls: 2,
		},
		"a fault of the provider counts more than what failed before": {
			texts: []string{textA, textB}, next: faults(openaitest.MissingID(), openaitest.MalformedJSON(), openaitest.WrongKey()),
			wantErr: engine.Misconfigured, wantCalls: 3,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Next(tc.next...)
			s.Always(tc.always...)
			res, err := newEngine(t, s).Translate(t.Context(), request(tc.texts...))
			if tc.wantErr != 0 {
				if got := engine.AsError(err); err == nil || got.Class != tc.wantErr {
					t.Errorf("Translate() = %v, want class %v", err, tc.wantErr)
				}
			} else if diff := cmp.Diff(tc.want, enginetest.Outcome(res)); err != nil || diff != "" {
				t.Errorf("Translate() = %v (-want +got):\n%s", err, diff)
			}
			if s.Count() != tc.wantCalls {
				t.Errorf("%d calls, want %d", s.Count(), tc.wantCalls)
			}
			if res.Usage != s.Usage() {
				t.Errorf("usage = %v, billed %v", res.Usage, s.Usage())
			}
		})
	}
}

func TestTranslateASingleSegment(t *testing.T) {
	cases := map[string]struct {
		fault openaitest.Fault
		// want is the outcome; wantErr the class of the call's error.
		want    map[int]string
		wantErr engine.Class
	}{
		"a refusal is the segment's":           {fault: openaitest.Refusal(""), want: map[int]string{1: wantRefused}},
		"a cut answer is the segment's":        {fault: openaitest.FinishLength(0), want: map[int]string{1: wantCutOff}},
		"a filtered answer is the segment's":   {fault: openaitest.ContentFilter(""), want: map[int]string{1: wantFiltered}},
		"broken JSON means nothing came back":  {fault: openaitest.MalformedJSON(), wantErr: engine.Transient},
		"a wrong id means nothing came back":   {fault: openaitest.SwappedIDs(), wantErr: engine.Transient},
		"an extra id means nothing came back":  {fault: openaitest.ExtraID(), wantErr: engine.Transient},
		"a doubled id means nothing came back": {fault: openaitest.DuplicatedID(), wantErr: engine.Transient},
		"bare text is no JSON":                 {fault: openaitest.BareText(), wantErr: engine.Transient},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Always(tc.fault)
			res, err := newEngine(t, s).Translate(t.Context(), request(textA))
			if tc.wantErr != 0 {
				if got := engine.AsError(err); err == nil || got.Class != tc.wantErr {
					t.Errorf("Translate() = %v, want class %v", err, tc.wantErr)
				}
			} else if diff := cmp.Diff(tc.want, enginetest.Outcome(res)); err != nil || diff != "" {
				t.Errorf("Translate() = %v (-want +got):\n%s", err, diff)
			}
			if s.Count() != 1 || res.Usage != s.Usage() {
				t.Errorf("%d calls with usage %v, want 1 with %v", s.Count(), res.Usage, s.Usage())
			}
		})
	}
}

func TestWhiteSpaceIsNotSold(t *testing.T) {
	s := openaitest.New(t)
	e := newEngine(t, s)
	for name, tc := range map[string]struct {
		req  engine.Request
		want map[int]string
	}{
		"no segments":  {req: request(), want: map[int]string{}},
		"blank":        {req: request(" \n"), want: map[int]string{1: " \n"}},
		"empty":        {req: request(""), want: map[int]string{1: ""}},
		"several kind": {req: request("\t", "\u00a0"), want: map[int]string{1: "\t", 2: "\u00a0"}},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := e.Translate(t.Context(), tc.req)
			if diff := cmp.Diff(tc.want, enginetest.Outcome(res)); err != nil || diff != "" {
				t.Errorf("Translate() = %v (-want +got):\n%s", err, diff)
			}
		})
	}
	if s.Count() != 0 {
		t.Errorf("%d calls for nothing", s.Count())
	}
}

func TestWhiteSpaceAroundATextIsTheSources(t *testing.T) {
	s := openaitest.New(t)
	s.Translate = func(_ engine.Pair, text string) string { return "\n<" + text + "> " }
	res, err := newEngine(t, s).Translate(t.Context(), request(" \tuno dos\r\n", "tres", "\u00a0a a"))
	want := map[int]string{1: " \t<uno dos>\r\n", 2: "<tres>", 3: "\u00a0<a a>"}
	if diff := cmp.Diff(want, enginetest.Outcome(res)); err != nil || diff != "" {
		t.Errorf("Translate() = %v (-want +got):\n%s", err, diff)
	}
	if got := s.Calls()[0].Segments[0].Text; got != "uno dos" {
		t.Errorf("the model saw %q", got)
	}
}
