package pipeline_test

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

func TestWhatIsPublished(t *testing.T) {
	b := newBench("Uno.", "Dos.", "Dos.")
	b.tools.Checks = graded()
	b.engine.Script = answers(map[string]string{"Uno.": " one two ", "Dos.": "three+minor"})
	run := b.run()
	run.Do(t.Context())
	got := b.published[0]
	minor := func(segment int32) v1alpha1.Finding {
		return v1alpha1.Finding{Segment: segment, Type: "graded", Severity: v1alpha1.MinorSeverity, Message: "a minor fault"}
	}
	if diff := cmp.Diff([]v1alpha1.Finding{minor(2), minor(3)}, got.Findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"one two", "three+minor", "three+minor"}, b.translations()); diff != "" {
		t.Errorf("texts, with their white space mended (-want +got):\n%s", diff)
	}
	if len(got.Segments) != 3 || got.WordCount != 6 {
		t.Errorf("%d segments and %d words, want 3 and 6", len(got.Segments), got.WordCount)
	}
	// 100.0, 98.0 and 98.0 of equal weight.
	if r := run.Report(); r.Score.String() != "98.7" || r.Scored != 3 {
		t.Errorf("score %s of %d segments, want 98.7 of 3", r.Score, r.Scored)
	}
}

func TestARepeatOfWhatWasRefusedFailsToo(t *testing.T) {
	b := newBench("Uno.", "Dos.", "Dos.")
	b.engine.Script = faults(engine.Rejected, "Dos.")
	run := b.run()
	run.Do(t.Context())
	if want := (v1alpha1.Progress{Total: 3, Done: 1, Failed: 2}); run.Report().Progress != want {
		t.Errorf("progress %+v, want %+v", run.Report().Progress, want)
	}
}

func TestUnknownWordsReachTheChecks(t *testing.T) {
	b := newBench("Un <b>gato</b> negro.")
	var seen [][]string
	b.tools.Checks = append(qa.Default(), qa.Check{Name: "spy", Run: func(in qa.Input) []qa.Finding {
		seen = append(seen, in.Unknown)
		return nil
	}})
	b.engine.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
		out := scripted.Translation(req)
		if call == 1 {
			out.Segments[0].Text = "Un geti nagri." // the placeables are lost
		}
		for i := range out.Segments {
			out.Segments[i].Unknown = []string{strings.TrimSpace(req.Segments[i].Text)}
		}
		return out, nil
	}
	b.run().Do(t.Context())
	want := [][]string{{"Un ⟦1⟧gato⟦2⟧ negro."}, {"Un", "gato", "negro."}}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("unknown words, by judgement (-want +got):\n%s", diff)
	}
}

func TestFindingsOfACorrectionHaveABound(t *testing.T) {
	b := newBench("Uno.")
	b.engine.Description.Corrects = true
	b.tools.Checks = []qa.Check{{Name: "wordy", Run: func(qa.Input) []qa.Finding {
		one := qa.Finding{Severity: v1alpha1.CriticalSeverity, Message: strings.Repeat("é", 150)}
		return []qa.Finding{one, one, one, one}
	}}}
	var lengths []int
	b.engine.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
		if c := req.Segments[0].Correction; c != nil && call == 2 {
			for _, f := range c.Findings {
				lengths = append(lengths, utf8.RuneCountInString(f))
			}
		}
		return scripted.Translation(req), nil
	}
	b.run().Do(t.Context())
	if diff := cmp.Diff([]int{150, 50}, lengths); diff != "" {
		t.Errorf("runes of each finding (-want +got):\n%s", diff)
	}
}

// What an earlier process has done counts as done from the beginning; a repeat of it is
// judged with the rest.
func TestSegmentsOnTheirWay(t *testing.T) {
	b := newBench("Uno.", "Dos.", "Uno.")
	b.engine.Description.MaxSegments = 1
	b.engine.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
		if call == 2 {
			return engine.Response{}, engine.Errorf(engine.Transient, "no answer")
		}
		return scripted.Translation(req), nil
	}
	first := b.run()
	first.Do(t.Context())
	var states []v1alpha1.SegmentState
	var done int32
	var next *pipeline.Run
	b.tools.Entered = func(_ context.Context, step v1alpha1.Step) {
		if step == v1alpha1.TranslatorStep {
			done = next.Report().Progress.Done
			for _, s := range next.Report().Segments {
				states = append(states, s.State)
			}
		}
	}
	next = pipeline.New(b.job, b.tools, first.Checkpoint())
	next.Do(t.Context())
	want := []v1alpha1.SegmentState{v1alpha1.SegmentCompleted, v1alpha1.SegmentPending, v1alpha1.SegmentProcessing}
	if diff := cmp.Diff(want, states); diff != "" || done != first.Report().Progress.Done {
		t.Errorf("%d are done of what was taken over, %d were; states (-want +got):\n%s", done, first.Report().Progress.Done, diff)
	}
}
