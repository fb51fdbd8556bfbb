package openai_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

// limits lists what the calls allowed: "new 50" by max_completion_tokens, "old 50" by
// max_tokens, "none".
func limits(s *openaitest.Server) []string {
	var all []string
	for _, c := range s.Calls() {
		switch {
		case c.MaxCompletionTokens > 0:
			all = append(all, fmt.Sprint("new ", c.MaxCompletionTokens))
		case c.MaxTokens > 0:
			all = append(all, fmt.Sprint("old ", c.MaxTokens))
		default:
			all = append(all, "none")
		}
	}
	return all
}

func TestTheLimitOfAnAnswerIsSentAsTheServerKnowsIt(t *testing.T) {
	cases := map[string]struct {
		limit  int64
		always []openaitest.Fault
		// wantFirst are the limits sent in the first call, wantThen in the second.
		wantFirst, wantThen []string
	}{
		"none is asked for": {wantFirst: []string{"none"}, wantThen: []string{"none"}},
		"a server that takes the new name": {
			limit: 50, wantFirst: []string{"new 50"}, wantThen: []string{"new 50"},
		},
		"a server that takes the new name alone": {
			limit: 50, always: faults(openaitest.NoMaxTokens()),
			wantFirst: []string{"new 50"}, wantThen: []string{"new 50"},
		},
		"a server that takes the old name alone": {
			limit: 50, always: faults(openaitest.NoMaxCompletionTokens()),
			wantFirst: []string{"new 50", "old 50"}, wantThen: []string{"old 50"},
		},
		"a model that never writes as much": {
			limit: 50, always: faults(openaitest.OutputLimit(49)),
			wantFirst: []string{"new 50", "none"}, wantThen: []string{"none"},
		},
		"the old name for a model that never writes as much": {
			limit: 50, always: faults(openaitest.NoMaxCompletionTokens(), openaitest.OutputLimit(49)),
			wantFirst: []string{"new 50", "old 50", "none"}, wantThen: []string{"none"},
		},
		"a prompt that leaves less room, which the next one need not": {
			limit: 50, always: faults(openaitest.ContextRoom(49)),
			wantFirst: []string{"new 50", "none"}, wantThen: []string{"new 50", "none"},
		},
		"beside another form": {
			limit: 50, always: faults(openaitest.NoJSONSchema(), openaitest.NoTemperature(), openaitest.NoMaxCompletionTokens()),
			wantFirst: []string{"new 50", "new 50", "new 50", "old 50"}, wantThen: []string{"old 50"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Always(tc.always...)
			e := newEngine(t, s)
			for i, want := range [][]string{tc.wantFirst, tc.wantThen} {
				s.Reset()
				req := request(textA)
				req.MaxOutputTokens = tc.limit
				res, err := e.Translate(t.Context(), req)
				if diff := cmp.Diff(map[int]string{1: wantA}, enginetest.Outcome(res)); err != nil || diff != "" {
					t.Fatalf("call %d: Translate() = %v (-want +got):\n%s", i, err, diff)
				}
				if diff := cmp.Diff(want, limits(s)); diff != "" {
					t.Errorf("limits of call %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}

func TestASmallerLimitIsSentToAModelThatRefusedALargerOne(t *testing.T) {
	s := openaitest.New(t)
	s.Always(openaitest.OutputLimit(49))
	e := newEngine(t, s)
	for _, limit := range []int64{80, 60, 70, 49} {
		req := request(textA)
		req.MaxOutputTokens = limit
		if _, err := e.Translate(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"new 80", "none", "new 60", "none", "none", "new 49"}, limits(s)); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

func TestALimitThatIsPassedOverIsNoticed(t *testing.T) {
	cases := map[string]struct {
		always []openaitest.Fault
		want   []string
	}{
		"the old name is taken": {always: faults(openaitest.DeafToMaxCompletionTokens()), want: []string{"new 8", "old 8", "old 8"}},
		"the old name is refused": {
			always: faults(openaitest.DeafToMaxCompletionTokens(), openaitest.NoMaxTokens()),
			want:   []string{"new 8", "old 8", "new 8", "new 8"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Always(tc.always...)
			e := newEngine(t, s)
			for range 3 {
				req := request(textA, textB) // of 14 tokens
				req.MaxOutputTokens = 8
				_, _ = e.Translate(t.Context(), req) // what is sent is what counts
			}
			if diff := cmp.Diff(tc.want, limits(s)); diff != "" {
				t.Errorf("limits (-want +got):\n%s", diff)
			}
		})
	}
}

// Each segment takes the server 7 tokens.
func TestTheLimitHoldsForTheWholeCall(t *testing.T) {
	const wantUsedUp = "transient: the answer needs more than the %d tokens that are budgeted for it"
	cases := map[string]struct {
		texts        []string
		limit        int64
		next, always []openaitest.Fault
		// want are the outcomes; nil where the call fails with wantErr.
		want       map[int]string
		wantErr    string
		wantLimits []string
	}{
		"an answer that fits exactly": {
			texts: []string{textA, textB}, limit: 14,
			want: map[int]string{1: wantA, 2: wantB}, wantLimits: []string{"new 14"},
		},
		"one text that needs more is never asked for again": {
			texts: []string{textA}, limit: 6,
			want:       map[int]string{1: "rejected: the answer needs more than the 6 tokens that are budgeted for it"},
			wantLimits: []string{"new 6"},
		},
		"several texts that need more are the caller's to divide": {
			texts: []string{textA, textB}, limit: 13,
			wantErr: "rejected: the answer needs more than the 13 tokens that are budgeted for it", wantLimits: []string{"new 13"},
		},
		"the halves of a bad answer share what is left": {
			texts: []string{textA, textB, textC, textD}, limit: 60, next: faults(openaitest.MissingID()),
			want: wantAll(), wantLimits: []string{"new 60", "new 32", "new 18"},
		},
		"and stop when nothing is left": {
			texts: []string{textA, textB, textC, textD}, limit: 50, next: faults(openaitest.MissingID(), openaitest.None(), openaitest.MissingID()),
			want:       map[int]string{1: wantA, 2: wantB, 3: fmt.Sprintf(wantUsedUp, 50), 4: fmt.Sprintf(wantUsedUp, 50)},
			wantLimits: []string{"new 50", "new 22", "new 8"},
		},
		"one that is cut off by what others left may do better alone": {
			texts: []string{textA, textB}, limit: 18, next: faults(openaitest.ExtraID()),
			wantErr: fmt.Sprintf(wantUsedUp, 18), wantLimits: []string{"new 18", "new 4"},
		},
		"a cut by the model's own limit divides as ever": {
			texts: []string{textA, textB, textC, textD}, limit: 90, always: faults(openaitest.FinishLength(35)),
			want: wantAll(), wantLimits: []string{"new 90", "new 62", "new 48"},
		},
		"an answer without a count may have used all of it": {
			texts: []string{textA, textB}, limit: 500, next: faults(openaitest.NoUsage(openaitest.MissingID())),
			wantErr: fmt.Sprintf(wantUsedUp, 500), wantLimits: []string{"new 500"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Next(tc.next...)
			s.Always(tc.always...)
			req := request(tc.texts...)
			req.MaxOutputTokens = tc.limit
			res, err := newEngine(t, s).Translate(t.Context(), req)
			got := ""
			if err != nil {
				got = engine.AsError(err).Class.String() + ": " + err.Error()
			}
			if got != tc.wantErr {
				t.Errorf("Translate() = %q, want %q", got, tc.wantErr)
			}
			if diff := cmp.Diff(tc.want, enginetest.Outcome(res)); tc.wantErr == "" && diff != "" {
				t.Errorf("segments (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantLimits, limits(s)); diff != "" {
				t.Errorf("limits (-want +got):\n%s", diff)
			}
			if used := s.Usage(); used.OutputTokens > tc.limit {
				t.Errorf("%d tokens were generated, and %d allowed", used.OutputTokens, tc.limit)
			}
			if strings.Contains(got, textA) {
				t.Error("the error shows the text")
			}
		})
	}
}

// A call that has to be divided sends no more than is budgeted for it, and at least
// once.
func TestWhatADividedCallSendsHasABound(t *testing.T) {
	cases := map[string]struct {
		limit     int64
		wantCalls int
	}{
		"without a bound it is divided to the end": {wantCalls: 7},
		"no room beyond the first request":         {limit: 1, wantCalls: 1},
		"room for all of it":                       {limit: 100_000, wantCalls: 7},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Always(openaitest.MissingID())
			req := request("Uno.", "Dos.", "Tres.", "Cuatro.")
			req.MaxInputTokens = tc.limit
			if _, err := newEngine(t, s).Translate(t.Context(), req); engine.AsError(err).Class != engine.Transient {
				t.Errorf("Translate() = %v, want an error that may pass", err)
			}
			if got := len(s.Calls()); got != tc.wantCalls {
				t.Errorf("%d requests, want %d", got, tc.wantCalls)
			}
		})
	}
}
