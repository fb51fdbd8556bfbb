package openai_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

func TestCorrectionsTravel(t *testing.T) {
	s := openaitest.New(t)
	s.Correct = func(_ engine.Pair, seg openaitest.Segment) string {
		return seg.Previous + " + " + strings.Join(seg.Findings, ", ")
	}
	req := request(textA, textB)
	req.Segments[1].Correction = &engine.Correction{Previous: "Guineu", Findings: []string{"too short", "no verb"}, Round: 2}
	res, err := newEngine(t, s).Translate(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[int]string{1: wantA, 2: "Guineu + too short, no verb"}, enginetest.Outcome(res)); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
	if got := s.Calls()[0].Temperature; got == nil || *got != 0.3 {
		t.Errorf("temperature = %v, want 0.3", got)
	}
}

// TestFormsTravel: two segments with the same text come back each in its form, also when
// the call had to be divided.
func TestFormsTravel(t *testing.T) {
	s := openaitest.New(t)
	s.Spoil = func(_ openaitest.Call, seg openaitest.Segment, text string) string {
		return text + " (" + strings.Join(seg.Forms, "; ") + ")"
	}
	s.Next(openaitest.MissingID())
	req := request(textB, textB, textB)
	req.Segments[0].Forms = []engine.Form{{Kind: engine.PluralForm, Category: "few", Example: "2"}}
	req.Segments[1].Forms = []engine.Form{{Kind: engine.OrdinalForm, Category: "other", Example: "3"}, {Kind: engine.PluralForm, Category: "=0", Example: "0"}}
	e := newEngine(t, s)
	res, err := e.Translate(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]string{1: wantB + " (plural few, as for 2)", 2: wantB + " (ordinal other, as for 3; plural, for 0 alone)", 3: wantB + " ()"}
	if diff := cmp.Diff(want, enginetest.Outcome(res)); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
	if _, err := e.Translate(t.Context(), request(textB)); err != nil {
		t.Fatal(err)
	}
	for _, call := range s.Calls() {
		told := slices.ContainsFunc(call.Segments, func(seg openaitest.Segment) bool { return len(seg.Forms) > 0 })
		if explained := strings.Contains(call.System, `"forms"`); explained != told {
			t.Errorf("a call with forms %v explains them %v", told, explained)
		}
	}
}

func TestRequestAsSent(t *testing.T) {
	s := openaitest.New(t)
	req := request(textA)
	req.Creation = true
	req.Context = []engine.Example{{Source: "uno", Target: "un"}}
	if _, err := newEngine(t, s).Translate(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	got := s.Calls()[0]
	zero := 0.0
	want := openaitest.Call{
		Pair: req.Pair, Creation: true, Model: openaitest.Model, Format: "json_schema", Temperature: &zero,
		System: got.System, User: got.User,
		Segments: []openaitest.Segment{{ID: 1, Text: textA}},
		Context:  []openaitest.Example{{Source: "uno", Target: "un"}},
		Status:   200,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("call (-want +got):\n%s", diff)
	}
}

func TestMarkersAreFreshForEveryExchange(t *testing.T) {
	s := openaitest.New(t)
	s.Next(openaitest.MissingID())
	if _, err := newEngine(t, s).Translate(t.Context(), request(textA, textB)); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range s.Calls() {
		marker, _, _ := strings.Cut(c.User, "\n")
		seen[marker] = true
	}
	if len(seen) != 3 {
		t.Errorf("3 exchanges had %d markers", len(seen))
	}
}

func TestTheMarkerInAnAnswerIsALeak(t *testing.T) {
	s := openaitest.New(t)
	s.Translate = func(engine.Pair, string) string { return "ca: " + strings.Repeat("0", 32) }
	e, err := openai.New(s.Config(), openai.Options{Random: zeros{}})
	if err != nil {
		t.Fatal(err)
	}
	res, err := e.Translate(t.Context(), request(textA))
	want := map[int]string{1: "rejected: the model's answer repeats the prompt"}
	if diff := cmp.Diff(want, enginetest.Outcome(res)); err != nil || diff != "" {
		t.Errorf("Translate() = %v (-want +got):\n%s", err, diff)
	}
}

func TestTextsThatAreNoneAreLeftToACallerWhoAsksAgain(t *testing.T) {
	empty := func(texts ...string) func(openaitest.Call, openaitest.Segment, string) string {
		return func(_ openaitest.Call, s openaitest.Segment, text string) string {
			if slices.Contains(texts, s.Text) {
				return ""
			}
			return text
		}
	}
	cases := map[string]struct {
		spoil func(openaitest.Call, openaitest.Segment, string) string
		next  []openaitest.Fault
		// before is a call that went well.
		before bool
		want   map[int]string
		// wantCalls is the number of exchanges.
		wantCalls int
	}{
		"a slip of a model that keeps the form": {
			spoil: empty(), before: true, next: faults(openaitest.None(), openaitest.MalformedJSON()),
			want: map[int]string{1: wantNoJSON, 2: wantNoJSON, 3: wantNoJSON, 4: wantNoJSON}, wantCalls: 2,
		},
		"a cut answer is no slip": {
			spoil: empty(), before: true, next: faults(openaitest.None(), openaitest.FinishLength(0)), want: wantAll(), wantCalls: 4,
		},
		"one of four":       {spoil: empty(textB), want: wantBut(map[int]string{2: wantEmptyText}), wantCalls: 1},
		"all of them":       {spoil: empty(textA, textB, textC, textD), want: map[int]string{1: wantEmptyText, 2: wantEmptyText, 3: wantEmptyText, 4: wantEmptyText}, wantCalls: 1},
		"ids in disorder":   {spoil: empty(), next: faults(openaitest.SwappedIDs()), want: wantAll(), wantCalls: 3},
		"one, and disorder": {spoil: empty(textB), next: faults(openaitest.SwappedIDs()), want: wantBut(map[int]string{2: wantEmptyText}), wantCalls: 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Spoil = tc.spoil
			s.Next(tc.next...)
			req := request(textA, textB, textC, textD)
			req.Partial = true
			e := newEngine(t, s)
			if tc.before {
				if _, err := e.Translate(t.Context(), req); err != nil {
					t.Fatal(err)
				}
			}
			res, err := e.Translate(t.Context(), req)
			if diff := cmp.Diff(tc.want, enginetest.Outcome(res)); err != nil || diff != "" {
				t.Errorf("Translate() = %v (-want +got):\n%s", err, diff)
			}
			if s.Count() != tc.wantCalls {
				t.Errorf("%d calls, want %d", s.Count(), tc.wantCalls)
			}
		})
	}
}

func TestTheContextGivesWayToTheText(t *testing.T) {
	s := openaitest.New(t)
	s.Always(openaitest.PromptLength(120))
	req := request(textA, textB)
	req.Context = []engine.Example{{Source: strings.Repeat("uno ", 20), Target: strings.Repeat("un ", 20)}}
	res, err := newEngine(t, s).Translate(t.Context(), req)
	if diff := cmp.Diff(map[int]string{1: wantA, 2: wantB}, enginetest.Outcome(res)); err != nil || diff != "" {
		t.Errorf("Translate() = %v (-want +got):\n%s", err, diff)
	}
	var got []int
	for _, c := range s.Calls() {
		got = append(got, len(c.Segments)*10+len(c.Context))
	}
	if diff := cmp.Diff([]int{21, 11, 10, 10}, got); diff != "" {
		t.Errorf("segments and context of the calls (-want +got):\n%s", diff)
	}
}
