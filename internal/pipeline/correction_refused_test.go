package pipeline_test

import (
	"context"
	"testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// A provider that filters the corrected text must not cost the answer that is
// there and paid for.
func TestARefusedCorrectionKeepsTheBestCandidate(t *testing.T) {
	e := scripted.New()
	e.Description.Corrects = true
	e.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
		if call == 1 {
			return engine.Response{Segments: []engine.Translation{{ID: 1, Text: "Le cese tuana 3 vantenes y 2 puartes."}}}, nil
		}
		return engine.Response{}, engine.Errorf(engine.Rejected, "refused by the content filter")
	}
	run := pipeline.New(pipeline.Job{
		Pair: engine.Pair{Source: "es", Target: "ca"}, SourceLanguage: "es", TargetLanguage: "ca",
		Text: "La casa tiene 14 ventanas y 2 puertas.",
	}, pipeline.Tools{
		Engine: e, Checks: qa.Default(),
		Publish: func(_ context.Context, r document.Result) (*v1alpha1.Result, error) { return r.Inline(), nil },
	}, pipeline.Checkpoint{})

	outcome := run.Do(t.Context())
	if outcome.End != pipeline.Finished || outcome.Reason == v1alpha1.FailedReason {
		t.Fatalf("the run ended as %+v", outcome)
	}
	if text := run.Report().Result.Text; text == nil || *text != "Le cese tuana 3 vantenes y 2 puartes." {
		t.Errorf("result = %v, want the answer that was paid for", text)
	}
	if e.Calls() != 3 {
		t.Errorf("%d calls, want the first and two corrections", e.Calls())
	}
}
