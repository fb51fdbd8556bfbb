package pipeline_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// graded judges a translation by the mark it ends in: "A+minor" has one minor
// finding, "B+critical+minor" a critical and a minor one.
func graded() []qa.Check {
	severities := map[string]v1alpha1.Severity{
		"minor": v1alpha1.MinorSeverity, "major": v1alpha1.MajorSeverity, "critical": v1alpha1.CriticalSeverity,
	}
	return []qa.Check{{Name: "graded", Run: func(in qa.Input) []qa.Finding {
		var out []qa.Finding
		for _, mark := range strings.Split(in.Target, "+")[1:] {
			out = append(out, qa.Finding{Check: "graded", Severity: severities[mark], Message: "a " + mark + " fault"})
		}
		return out
	}}}
}

// TestCorrections plays the answers to one segment, one a round.
func TestCorrections(t *testing.T) {
	cases := map[string]struct {
		quality    v1alpha1.Quality
		cannot     bool // the engine cannot correct
		answers    []string
		wantText   string
		wantReason string
		wantScore  v1alpha1.Decimal
		wantRounds int32
		wantCalls  int
	}{
		"a good answer is left alone": {
			answers: []string{"A"}, wantText: "A", wantReason: v1alpha1.CompletedReason, wantScore: "100.0", wantCalls: 1,
		},
		"a minor fault passes": {
			answers: []string{"A+minor"}, wantText: "A+minor", wantReason: v1alpha1.CompletedReason, wantScore: "98.0", wantCalls: 1,
		},
		"and passes for Premium, which asks for 98": {
			quality: v1alpha1.PremiumQuality, answers: []string{"A+minor"},
			wantText: "A+minor", wantReason: v1alpha1.CompletedReason, wantScore: "98.0", wantCalls: 1,
		},
		"two pass for Standard, which asks for 95": {
			answers: []string{"A+minor+minor"}, wantText: "A+minor+minor", wantReason: v1alpha1.CompletedReason, wantScore: "96.0", wantCalls: 1,
		},
		"and not for Premium": {
			quality: v1alpha1.PremiumQuality, answers: []string{"A+minor+minor", "B"},
			wantText: "B", wantReason: v1alpha1.CompletedReason, wantScore: "100.0", wantRounds: 1, wantCalls: 2,
		},
		"the second correction passes": {
			answers: []string{"A+major", "B+major+minor", "C"}, wantText: "C", wantReason: v1alpha1.CompletedReason, wantScore: "100.0", wantRounds: 2, wantCalls: 3,
		},
		"there is no third": {
			answers: []string{"A+critical", "B+critical", "C+critical", "D"}, wantText: "A+critical",
			wantReason: v1alpha1.NeedsReviewReason, wantScore: "50.0", wantRounds: 2, wantCalls: 3,
		},
		"the best is kept, not the last": {
			answers: []string{"A+major+minor", "B+major", "C+major+major"}, wantText: "B+major",
			wantReason: v1alpha1.CompletedReason, wantScore: "90.0", wantRounds: 2, wantCalls: 3,
		},
		"of equals the first": {
			answers: []string{"A+major", "B+major", "C+major"}, wantText: "A+major",
			wantReason: v1alpha1.CompletedReason, wantScore: "90.0", wantRounds: 2, wantCalls: 3,
		},
		"no critical fault counts more than the score": {
			answers: []string{"A+critical", "B+major+major+major+major+major", "C+critical"}, wantText: "B+major+major+major+major+major",
			wantReason: v1alpha1.NeedsReviewReason, wantScore: "50.0", wantRounds: 2, wantCalls: 3,
		},
		"eighty is good enough when nothing better was found": {
			answers: []string{"A+major+major", "B+critical", "C+critical"}, wantText: "A+major+major",
			wantReason: v1alpha1.CompletedReason, wantScore: "80.0", wantRounds: 2, wantCalls: 3,
		},
		"and less is not": {
			answers: []string{"A+major+major+minor", "B+critical", "C+critical"}, wantText: "A+major+major+minor",
			wantReason: v1alpha1.NeedsReviewReason, wantScore: "78.0", wantRounds: 2, wantCalls: 3,
		},
		"an engine that repeats itself is not asked again": {
			answers: []string{"A+major", "A+major", "B"}, wantText: "A+major",
			wantReason: v1alpha1.CompletedReason, wantScore: "90.0", wantRounds: 2, wantCalls: 2,
		},
		"an engine that cannot correct is not asked": {
			cannot: true, answers: []string{"A+major", "B"}, wantText: "A+major",
			wantReason: v1alpha1.CompletedReason, wantScore: "90.0", wantCalls: 1,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench("Hola amigo.", "Hola amigo.") // a repeat is judged along
			b.engine.Description.Corrects = !tc.cannot
			b.tools.Checks = graded()
			b.job.Options.Quality = tc.quality
			b.engine.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
				if len(req.Segments) != 1 {
					t.Errorf("call %d asks for %d segments", call, len(req.Segments))
				}
				checkCorrection(t, call, req.Segments[0].Correction)
				return engine.Response{Segments: []engine.Translation{{ID: req.Segments[0].ID, Text: tc.answers[call-1]}}}, nil
			}
			run := b.run()
			if got := run.Do(t.Context()); got.Reason != tc.wantReason {
				t.Errorf("Do() ended %q, want %q: %s", got.Reason, tc.wantReason, got.Message)
			}
			if diff := cmp.Diff([]string{tc.wantText, tc.wantText}, b.translations()); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
			for _, s := range run.Report().Segments {
				if s.QAScore != tc.wantScore || s.RetryCount != tc.wantRounds {
					t.Errorf("segment %d: score %s after %d corrections, want %s after %d", s.ID, s.QAScore, s.RetryCount, tc.wantScore, tc.wantRounds)
				}
			}
			if got := b.engine.Calls(); got != tc.wantCalls {
				t.Errorf("%d calls, want %d", got, tc.wantCalls)
			}
		})
	}
}

// checkCorrection holds the calls after the first to what a correction must say.
func checkCorrection(t *testing.T, call int, c *engine.Correction) {
	t.Helper()
	if call == 1 {
		if c != nil {
			t.Errorf("the first call is a correction")
		}
		return
	}
	if c == nil || c.Round != call-1 || c.Previous == "" || len(c.Findings) == 0 || !strings.HasPrefix(c.Findings[0], "a ") {
		t.Errorf("call %d has the correction %+v", call, c)
	}
}

func TestOnlyWhatFailsIsCorrected(t *testing.T) {
	b := newBench("Uno.", "Dos.", "Tres.")
	b.engine.Description.Corrects = true
	b.tools.Checks = graded()
	var asked []string
	b.engine.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
		var out engine.Response
		for _, s := range req.Segments {
			asked = append(asked, fmt.Sprintf("%d:%d", call, s.ID))
			text := "X"
			if s.ID == 2 && call == 1 {
				text = "Y+critical"
			}
			out.Segments = append(out.Segments, engine.Translation{ID: s.ID, Text: text})
		}
		return out, nil
	}
	b.run().Do(t.Context())
	if diff := cmp.Diff([]string{"1:1", "1:2", "1:3", "2:2"}, asked); diff != "" {
		t.Errorf("asked, by call and segment (-want +got):\n%s", diff)
	}
}

// An engine that cannot correct and loses a tag is given the text in stretches.
func TestPlaceablesArePutBackByParts(t *testing.T) {
	cases := map[string]struct {
		stretch    script
		wantText   string
		wantReason string
	}{
		"the stretches are translated": {
			stretch: func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
				return scripted.Translation(req), nil
			},
			wantText: "Un <b>geti</b> nagri.", wantReason: v1alpha1.CompletedReason,
		},
		"one has no answer, and keeps its source": {
			stretch:  faults(engine.Transient, "gato"),
			wantText: "Un <b>gato</b> nagri.", wantReason: v1alpha1.CompletedReason,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench("Un <b>gato</b> negro.")
			b.engine.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
				if call > 1 {
					return tc.stretch(ctx, call, req)
				}
				return engine.Response{Segments: []engine.Translation{{ID: 1, Text: "Un geti nagri."}}}, nil
			}
			run := b.run()
			if got := run.Do(t.Context()); got.Reason != tc.wantReason {
				t.Errorf("Do() ended %q, want %q: %s", got.Reason, tc.wantReason, got.Message)
			}
			if diff := cmp.Diff([]string{tc.wantText}, b.translations()); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
			if b.engine.Calls() != 2 || run.Report().Segments[0].RetryCount != 1 {
				t.Errorf("%d calls and %d corrections, want one more call", b.engine.Calls(), run.Report().Segments[0].RetryCount)
			}
		})
	}
}

func TestBilling(t *testing.T) {
	cases := map[string]struct {
		quality    v1alpha1.Quality
		script     script
		wantWords  int32
		wantBilled int32
	}{
		"Standard bills words once":           {quality: v1alpha1.StandardQuality, wantWords: 5, wantBilled: 5},
		"Premium one and a half, rounded up":  {quality: v1alpha1.PremiumQuality, wantWords: 5, wantBilled: 8},
		"what was refused is not billed":      {script: faults(engine.Rejected, "Hola amigo."), wantWords: 5, wantBilled: 3},
		"nor Premium, and halves are rounded": {quality: v1alpha1.PremiumQuality, script: faults(engine.Rejected, "Tengo un gato."), wantWords: 5, wantBilled: 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench("Hola amigo.", "Tengo un gato.")
			b.job.Options.Quality, b.engine.Script = tc.quality, tc.script
			run := b.run()
			run.Do(t.Context())
			if got := run.Report(); got.Words != tc.wantWords || got.BilledWords != tc.wantBilled {
				t.Errorf("%d words, %d billed; want %d and %d", got.Words, got.BilledWords, tc.wantWords, tc.wantBilled)
			}
		})
	}
}

func TestBlockedWordsAreNotBilled(t *testing.T) {
	b := newBench("Un <b>gato</b> negro.")
	b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		var out engine.Response
		for _, s := range req.Segments {
			out.Segments = append(out.Segments, engine.Translation{ID: s.ID, Text: "⟦9⟧"})
		}
		return out, nil
	}
	run := b.run()
	out := run.Do(t.Context())
	if got := run.Report(); got.Words != 3 || got.BilledWords != 0 || out.End != pipeline.Finished {
		t.Errorf("%d words, %d billed, ended %d; want 3 and 0", got.Words, got.BilledWords, out.End)
	}
}
