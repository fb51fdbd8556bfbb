package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

var five = []string{"Hola amigo.", "Tengo un gato.", "Hola amigo.", "Buenos dias.", "La casa verde."}

// oneByOne is a bench whose run is stopped when the engine is asked a third time.
func oneByOne(ctx context.Context) (*bench, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	b := newBench(five...)
	b.engine.Description.MaxSegments = 1
	b.engine.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
		if call == 3 {
			cancel()
			return engine.Response{}, ctx.Err()
		}
		out := scripted.Translation(req)
		out.Usage.InputTokens = 1
		return out, nil
	}
	return b, ctx
}

func bought(b *bench) []string {
	sold := b.engine.Sold()
	slices.Sort(sold)
	return sold
}

var allOfFive = []string{"Buenos dias.", "Hola amigo.", "La casa verde.", "Tengo un gato."}

func TestAStoppedRunGoesOn(t *testing.T) {
	b, ctx := oneByOne(t.Context())
	run := b.run()
	if got := run.Do(ctx); got.End != pipeline.Stopped {
		t.Fatalf("Do() ended %d: %s", got.End, got.Message)
	}
	if got := run.Report().Progress; got != (v1alpha1.Progress{Total: 5, Done: 2, Pending: 3}) {
		t.Errorf("progress when stopped: %+v", got)
	}
	if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
		t.Errorf("the next try ended %q: %s", got.Reason, got.Message)
	}
	if diff := cmp.Diff(allOfFive, bought(b)); diff != "" {
		t.Errorf("bought (-want +got):\n%s", diff)
	}
}

func TestACheckpointIsTakenOver(t *testing.T) {
	b, ctx := oneByOne(t.Context())
	run := b.run()
	run.Do(ctx)
	data, err := json.Marshal(run.Checkpoint())
	if err != nil {
		t.Fatal(err)
	}
	var from pipeline.Checkpoint
	if err := json.Unmarshal(data, &from); err != nil {
		t.Fatal(err)
	}
	next := pipeline.New(b.job, b.tools, from)
	if got := next.Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
		t.Errorf("the next run ended %q: %s", got.Reason, got.Message)
	}
	if diff := cmp.Diff(allOfFive, bought(b)); diff != "" {
		t.Errorf("bought (-want +got):\n%s", diff)
	}
	if got := next.Report().Usage.InputTokens; got != 4 {
		t.Errorf("usage %d, want that of both runs", got)
	}
}

// What decides the translation of a segment is its key: nothing else may be taken
// over.
func TestACheckpointOfAnotherTranslation(t *testing.T) {
	cases := map[string]struct {
		change func(*bench)
		want   int // calls of the next run
	}{
		"the same":           {change: func(*bench) {}},
		"another text":       {change: func(b *bench) { b.job.Texts = []string{"Hola amiga.", "Tengo un gato."} }, want: 1},
		"another order":      {change: func(b *bench) { b.job.Texts = []string{"Tengo un gato.", "Hola amigo."} }},
		"another target":     {change: func(b *bench) { b.job.TargetLanguage = "pt" }, want: 2},
		"another pair":       {change: func(b *bench) { b.job.Pair.Source = "es-MX" }, want: 2},
		"another tone":       {change: func(b *bench) { b.job.Options.Tone = "formal" }, want: 2},
		"another domain":     {change: func(b *bench) { b.job.Options.Domain = "legal" }, want: 2},
		"another style":      {change: func(b *bench) { b.job.Options.StyleReference = "as ever" }, want: 2},
		"other instructions": {change: func(b *bench) { b.job.Options.Instructions = "short" }, want: 2},
		"another text type":  {change: func(b *bench) { b.job.Options.TextType = "ui" }, want: 2},
		"another model":      {change: func(b *bench) { b.engine.Description.Model = "new" }, want: 2},
		"another engine":     {change: func(b *bench) { b.engine.Description.Name = "new" }, want: 2},
		"another constraint": {change: func(b *bench) {
			b.job.Options.Constraints = []v1alpha1.Constraint{{Type: v1alpha1.MaxCharsConstraint, Value: new(int32(100))}}
		}, want: 2},
		"another quality": {change: func(b *bench) { b.job.Options.Quality = v1alpha1.PremiumQuality }, want: 2},
		"another project": {change: func(b *bench) { b.job.Options.ProjectName = "new" }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench("Hola amigo.", "Tengo un gato.")
			b.engine.Description.MaxSegments = 1
			first := b.run()
			first.Do(t.Context())
			before := b.engine.Calls()
			tc.change(b)
			next := pipeline.New(b.job, b.tools, first.Checkpoint())
			if got := next.Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
				t.Errorf("the next run ended %q: %s", got.Reason, got.Message)
			}
			if got := b.engine.Calls() - before; got != tc.want {
				t.Errorf("the next run made %d calls, want %d", got, tc.want)
			}
		})
	}
}

// A run that is taken over twice keeps the better answer of a repeat, and the
// corrections that were asked for.
func TestCorrectionsSurviveACheckpoint(t *testing.T) {
	b := newBench("Hola amigo.", "Hola amigo.")
	b.engine.Description.Corrects = true
	b.tools.Checks = graded()
	replies := []string{"A+critical", "B+critical+minor", "C+major"}
	failOn := map[int]bool{2: true, 4: true} // between the corrections
	reply := 0
	b.engine.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
		if failOn[call] {
			return engine.Response{}, engine.Errorf(engine.Transient, "no answer")
		}
		reply++
		return engine.Response{Segments: []engine.Translation{{ID: req.Segments[0].ID, Text: replies[reply-1]}}}, nil
	}
	run := b.run()
	for range 2 {
		if got := run.Do(t.Context()); got.End != pipeline.Retry {
			t.Fatalf("Do() ended %d: %s", got.End, got.Message)
		}
		run = pipeline.New(b.job, b.tools, run.Checkpoint())
	}
	if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
		t.Errorf("the last run ended %q: %s", got.Reason, got.Message)
	}
	if diff := cmp.Diff([]string{"C+major", "C+major"}, b.translations()); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	again := pipeline.New(b.job, b.tools, run.Checkpoint())
	again.Do(t.Context())
	if diff := cmp.Diff([]string{"C+major", "C+major"}, b.translations()); diff != "" {
		t.Errorf("texts after another takeover (-want +got):\n%s", diff)
	}
	if reply != len(replies) || b.engine.Calls() != 5 {
		t.Errorf("%d answers in %d calls, want three in five", reply, b.engine.Calls())
	}
}

func TestAResultThatCouldNotBeStored(t *testing.T) {
	b := newBench("Hola amigo.")
	b.full = errors.New("disk full")
	run := b.run()
	want := pipeline.Outcome{End: pipeline.Waits, Reason: v1alpha1.StorageFailedReason, Message: "store the result: disk full"}
	if diff := cmp.Diff(want, run.Do(t.Context())); diff != "" {
		t.Errorf("Do() (-want +got):\n%s", diff)
	}
	b.full = nil
	if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
		t.Errorf("the next try ended %q: %s", got.Reason, got.Message)
	}
	if b.engine.Calls() != 1 || len(b.published) != 1 {
		t.Errorf("%d calls and %d results, want one of each", b.engine.Calls(), len(b.published))
	}
}

func TestConcludePublishesWhatThereIs(t *testing.T) {
	b, ctx := oneByOne(t.Context())
	run := b.run()
	run.Do(ctx)
	calls := b.engine.Calls()
	if err := run.Conclude(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The third text repeats the first, which is there.
	if diff := cmp.Diff([]string{"Hile emogi.", "Tangi un geti.", "Hile emogi.", "-", "-"}, b.translations()); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	report := run.Report()
	if want := (v1alpha1.Progress{Total: 5, Done: 3, Pending: 2}); report.Progress != want || report.Result == nil || report.Step != "" {
		t.Errorf("progress %+v, result %v, step %q", report.Progress, report.Result, report.Step)
	}
	if b.engine.Calls() != calls {
		t.Error("the engine was asked for more")
	}
	b.full = errors.New("disk full")
	if err := run.Conclude(t.Context()); err == nil || err.Error() != "store the result: disk full" {
		t.Errorf("Conclude() with a full disk: %v", err)
	}
	if run.Report().Result == nil {
		t.Error("the result that was published before is forgotten")
	}
}

func TestConcludeARunThatNeverBegan(t *testing.T) {
	b := newBench("Hola amigo.")
	run := b.run()
	if err := run.Conclude(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := run.Report(); got.Progress.Total != 0 || b.engine.Calls() != 0 {
		t.Errorf("progress %+v after %d calls", got.Progress, b.engine.Calls())
	}
	if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
		t.Errorf("Do() after Conclude() ended %q: %s", got.Reason, got.Message)
	}
}
