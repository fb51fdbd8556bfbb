package pipeline_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// judgedBench is a paid job whose translations are rated; the ratings are by source.
func judgedBench(ratings map[string]string, texts ...string) (*bench, *notebook, *[]engine.Request) {
	b, kept := paidBench(texts...)
	b.engine.Description.MaxSegments = 10
	b.engine.Description.Rates, b.engine.Description.Model, b.engine.Description.Prompt = true, "m", "rate/1"
	b.job.Options.QA = &v1alpha1.QAOptions{Judge: v1alpha1.JudgeEnabled}
	b.tools.Checks = []qa.Check{}
	var rated []engine.Request
	inner := b.engine.Script
	b.engine.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
		if !req.Rating {
			return inner(ctx, call, req)
		}
		rated = append(rated, req)
		var out engine.Response
		for _, s := range req.Segments {
			out.Usage.Characters += int64(len(s.Text))
			answer := engine.Translation{ID: s.ID, Text: ratings[s.Text]}
			if answer.Text == "" {
				answer.Err = engine.Errorf(engine.Transient, "no rating")
			}
			out.Segments = append(out.Segments, answer)
		}
		return out, nil
	}
	return b, kept, &rated
}

// The judge sees each translation once, and what it finds counts as what the checks find.
func TestTheJudge(t *testing.T) {
	b, _, rated := judgedBench(map[string]string{
		"Hola amigo.": "none", "Una casa {n}.": "critical accuracy/mistranslation", "Buenos días.": "minor fluency/grammar",
	}, "Hola amigo.", "Una casa {n}.", "Buenos días.", "Hola amigo.", "Sin juicio.", "42")
	run := b.run()
	got := buy(t, run)
	if got.Reason != v1alpha1.NeedsReviewReason {
		t.Errorf("ended %q: %s", got.Reason, got.Message)
	}
	if len(*rated) != 1 || len((*rated)[0].Segments) != 4 || !strings.Contains((*rated)[0].Segments[1].Target, "{n}") {
		t.Fatalf("asked for ratings: %+v", *rated)
	}
	var findings []string
	for _, f := range b.published[0].Findings {
		findings = append(findings, f.Type+" "+string(f.Severity))
	}
	if diff := cmp.Diff([]string{"low_confidence Critical", "low_confidence Minor"}, findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	// The repeat counts; what has no text, or was given no rating, does not.
	if diff := cmp.Diff(&v1alpha1.JudgeStatus{Model: "m", Prompt: "rate/1", Segments: 4}, run.Report().Judge); diff != "" {
		t.Errorf("judge (-want +got):\n%s", diff)
	}
	if r := run.Report(); r.Committed > r.PlannedMax {
		t.Errorf("spent %s, announced %s", r.Committed.Decimal(), r.PlannedMax.Decimal())
	}
}

// A critical finding of a check stays, whatever the judge says.
func TestTheJudgeTakesNothingAway(t *testing.T) {
	b, _, _ := judgedBench(map[string]string{"Hola amigo.": "none"}, "Hola amigo.")
	b.tools.Checks = []qa.Check{{Name: "strict", Run: func(qa.Input) []qa.Finding {
		return []qa.Finding{{Check: "strict", Category: "x", Severity: v1alpha1.CriticalSeverity, Message: "wrong"}}
	}}}
	if got := buy(t, b.run()); got.Reason != v1alpha1.NeedsReviewReason {
		t.Errorf("ended %q", got.Reason)
	}
}

// Ratings are kept on the pages, and not bought again by a later run.
func TestRatingsAreKept(t *testing.T) {
	b, kept, rated := judgedBench(map[string]string{"Hola amigo.": "none", "Buenos días.": "major accuracy/omission"}, "Hola amigo.", "Buenos días.")
	b.engine.Description.MaxSegments = 1
	run := b.run()
	if got := buy(t, run); got.Reason != v1alpha1.CompletedReason {
		t.Fatalf("ended %q: %s", got.Reason, got.Message)
	}
	if err := run.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := len(*rated)
	b.job.Announced = run.Report().PlannedMax
	next := pipeline.New(b.job, b.tools, kept.all())
	if got := buy(t, next); got.Reason != v1alpha1.CompletedReason || len(*rated) != before || b.engine.Calls() != 4 {
		t.Errorf("the next run ended %q after %d ratings and %d calls", got.Reason, len(*rated)-before, b.engine.Calls())
	}
	if a, b := run.Report().Score, next.Report().Score; a != b || a == 1000 {
		t.Errorf("scores %s and %s", a, b)
	}
}

// The plan has room for the ratings, and a job that asks for none pays for none.
func TestRatingsArePlanned(t *testing.T) {
	plan := func(change func(*bench)) money.Euro {
		b, _, _ := judgedBench(map[string]string{}, "Hola amigo.")
		b.job.Prices = money.Prices{InputPerMillionTokens: 1_000_000, OutputPerMillionTokens: 2_000_000}
		change(b)
		run := b.run()
		if got := run.Do(t.Context()); got.End != pipeline.Planned {
			t.Fatalf("ended %d: %s", got.End, got.Message)
		}
		return run.Report().PlannedMax
	}
	with, without := plan(func(*bench) {}), plan(func(b *bench) { b.job.Options.QA = nil })
	// 1500 tokens of the prompt and 150 of the answer at least.
	if with-without < 1500+2*150 {
		t.Errorf("with ratings %s, without %s", with.Decimal(), without.Decimal())
	}
}

// An engine that cannot rate is told of before anything is bought.
func TestAJudgeThatCannotRate(t *testing.T) {
	b := newBench("Hola amigo.")
	b.job.Options.QA = &v1alpha1.QAOptions{Judge: v1alpha1.JudgeEnabled}
	got := b.run().Do(t.Context())
	if got.Reason != v1alpha1.UnsupportedReason || b.engine.Calls() != 0 || !strings.Contains(got.Message, `engine "scripted" cannot rate translations`) {
		t.Errorf("ended %q after %d calls: %s", got.Reason, b.engine.Calls(), got.Message)
	}
}

// A provider that is down while it rates is waited for as while it translates.
func TestAJudgeThatIsDown(t *testing.T) {
	b, _, _ := judgedBench(nil, "Hola amigo.")
	down := true
	b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		switch {
		case !req.Rating:
			return scripted.Translation(req), nil
		case down:
			return engine.Response{}, engine.Errorf(engine.Transient, "down")
		default:
			return engine.Response{Segments: []engine.Translation{{ID: 1, Text: "none"}}}, nil
		}
	}
	run := b.run()
	if got := buy(t, run); got.End != pipeline.Retry {
		t.Fatalf("ended %d: %s", got.End, got.Message)
	}
	down = false
	if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason || b.engine.Calls() != 3 {
		t.Errorf("up again it ended %q after %d calls", got.Reason, b.engine.Calls())
	}
}
