package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// bench is a run with a scripted engine, and what it has published.
type bench struct {
	job       pipeline.Job
	tools     pipeline.Tools
	engine    *scripted.Engine
	published []document.Result
	steps     []v1alpha1.Step
	// full is the error of the store.
	full error
}

type script = func(context.Context, int, engine.Request) (engine.Response, error)

func newBench(texts ...string) *bench {
	b := &bench{engine: scripted.New()}
	b.job = pipeline.Job{
		Pair:           engine.Pair{Source: "es", Target: "ca"},
		SourceLanguage: "es", TargetLanguage: "ca",
		Texts:   texts,
		Options: v1alpha1.JobOptions{SourceReview: v1alpha1.SourceReviewNever},
	}
	b.tools = pipeline.Tools{
		Engine:  b.engine,
		Checks:  qa.Default(),
		Entered: func(_ context.Context, step v1alpha1.Step) { b.steps = append(b.steps, step) },
		Publish: func(ctx context.Context, r document.Result) (*v1alpha1.Result, error) {
			if err := errors.Join(b.full, ctx.Err()); err != nil {
				return nil, err
			}
			b.published = append(b.published, r)
			return r.Inline(), nil
		},
	}
	return b
}

func (b *bench) run() *pipeline.Run { return pipeline.New(b.job, b.tools, pipeline.Checkpoint{}) }

// translations are the texts of what was published last.
func (b *bench) translations() []string {
	if len(b.published) == 0 {
		return nil
	}
	var out []string
	for _, text := range b.published[len(b.published)-1].Texts {
		if text == nil {
			out = append(out, "-")
			continue
		}
		out = append(out, *text)
	}
	return out
}

// answers gives each text its translation, and others the made-up one.
func answers(texts map[string]string) script {
	return func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		out := scripted.Translation(req)
		for i, s := range req.Segments {
			if text, ok := texts[s.Text]; ok {
				out.Segments[i].Text = text
			}
		}
		return out, nil
	}
}

// faults gives each text its error.
func faults(class engine.Class, texts ...string) script {
	return func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		out := scripted.Translation(req)
		for i, s := range req.Segments {
			for _, text := range texts {
				if s.Text == text {
					out.Segments[i] = engine.Translation{ID: s.ID, Err: engine.Errorf(class, "no")}
				}
			}
		}
		return out, nil
	}
}

func TestRunEndings(t *testing.T) {
	const bold = "Un <b>gato</b> negro."
	cases := map[string]struct {
		texts    []string
		script   script
		want     pipeline.Outcome
		progress v1alpha1.Progress
		states   []v1alpha1.SegmentState
		texted   []string
	}{
		"every segment is good": {
			texts:    []string{"Hola amigo.", "Tengo un gato."},
			want:     pipeline.Outcome{End: pipeline.Finished, Reason: v1alpha1.CompletedReason, Message: "2 segments passed QA"},
			progress: v1alpha1.Progress{Total: 2, Done: 2},
			states:   []v1alpha1.SegmentState{v1alpha1.SegmentCompleted, v1alpha1.SegmentCompleted},
			texted:   []string{"Hile emogi.", "Tangi un geti."},
		},
		"an answer under the threshold": {
			texts: []string{"Hola amigo.", "Tengo un gato."}, script: answers(map[string]string{"Hola amigo.": ""}),
			want: pipeline.Outcome{
				End: pipeline.Finished, Reason: v1alpha1.NeedsReviewReason,
				Message: "1 of 2 segments need a person: 1 under the QA threshold, 0 refused by the engine, 0 blocked",
			},
			progress: v1alpha1.Progress{Total: 2, Done: 2},
			states:   []v1alpha1.SegmentState{v1alpha1.SegmentNeedsReview, v1alpha1.SegmentCompleted},
			texted:   []string{"", "Tangi un geti."},
		},
		"an answer that comes close": {
			texts: []string{"Hola amigo.", "Tengo 12345 gatos."}, script: answers(map[string]string{"Tengo 12345 gatos.": "Tangi 54321 getis."}),
			want: pipeline.Outcome{
				End: pipeline.Finished, Reason: v1alpha1.CompletedReason,
				Message: "1 of 2 segments passed QA; 1 came close, with findings that no correction has mended",
			},
			progress: v1alpha1.Progress{Total: 2, Done: 2},
			states:   []v1alpha1.SegmentState{v1alpha1.SegmentCompleted, v1alpha1.SegmentCompleted},
			texted:   []string{"Hile emogi.", "Tangi 54321 getis."},
		},
		"placeables that cannot be put back": {
			texts: []string{bold, "Tengo un gato."},
			script: func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
				out := scripted.Translation(req)
				for i, s := range req.Segments {
					if s.Text != "Tengo un gato." {
						out.Segments[i].Err = nil
						out.Segments[i].Text = "Un ⟦7⟧ negre."
					}
				}
				return out, nil
			},
			want: pipeline.Outcome{
				End: pipeline.Finished, Reason: v1alpha1.CompletedWithBlocksReason,
				Message: "1 of 2 segments keep their source text, because their placeables could not be put back",
			},
			progress: v1alpha1.Progress{Total: 2, Done: 1, Blocked: 1},
			states:   []v1alpha1.SegmentState{v1alpha1.SegmentBlocked, v1alpha1.SegmentCompleted},
			texted:   []string{bold, "Tangi un geti."},
		},
		"a segment that the engine refuses": {
			texts: []string{"Hola amigo.", "Tengo un gato."}, script: faults(engine.Rejected, "Tengo un gato."),
			want: pipeline.Outcome{
				End: pipeline.Finished, Reason: v1alpha1.NeedsReviewReason,
				Message: "1 of 2 segments need a person: 0 under the QA threshold, 1 refused by the engine, 0 blocked",
			},
			progress: v1alpha1.Progress{Total: 2, Done: 1, Failed: 1},
			states:   []v1alpha1.SegmentState{v1alpha1.SegmentCompleted, v1alpha1.SegmentFailed},
			texted:   []string{"Hile emogi.", "-"},
		},
		"an engine that refuses all": {
			texts: []string{"Hola amigo.", "Tengo un gato."}, script: faults(engine.Rejected, "Hola amigo.", "Tengo un gato."),
			want:     pipeline.Outcome{End: pipeline.Finished, Reason: v1alpha1.FailedReason, Cause: v1alpha1.EngineRejectedReason, Message: "the engine refused all 2 segments: no"},
			progress: v1alpha1.Progress{Total: 2, Failed: 2},
			states:   []v1alpha1.SegmentState{v1alpha1.SegmentFailed, v1alpha1.SegmentFailed},
			texted:   []string{"-", "-"},
		},
		"a text without a word is nobody's work": {
			texts: []string{"1234", "Hola amigo."}, script: faults(engine.Misconfigured, "1234"),
			want:     pipeline.Outcome{End: pipeline.Finished, Reason: v1alpha1.CompletedReason, Message: "2 segments passed QA"},
			progress: v1alpha1.Progress{Total: 2, Done: 2},
			states:   []v1alpha1.SegmentState{v1alpha1.SegmentCompleted, v1alpha1.SegmentCompleted},
			texted:   []string{"1234", "Hile emogi."},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(tc.texts...)
			b.engine.Script = tc.script
			run := b.run()
			if diff := cmp.Diff(tc.want, run.Do(t.Context())); diff != "" {
				t.Errorf("Do() (-want +got):\n%s", diff)
			}
			report := run.Report()
			if diff := cmp.Diff(tc.progress, report.Progress); diff != "" {
				t.Errorf("progress (-want +got):\n%s", diff)
			}
			var states []v1alpha1.SegmentState
			for _, s := range report.Segments {
				states = append(states, s.State)
				if (s.Error != "") != (s.State == v1alpha1.SegmentFailed || s.State == v1alpha1.SegmentBlocked) {
					t.Errorf("segment %d is %s and says %q", s.ID, s.State, s.Error)
				}
			}
			if diff := cmp.Diff(tc.states, states); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.texted, b.translations()); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
			if report.Step != "" || report.Result == nil {
				t.Errorf("at the end the step is %q and the result %v", report.Step, report.Result)
			}
		})
	}
}

func TestErrorsOfACall(t *testing.T) {
	cases := map[string]struct {
		err  error
		want pipeline.Outcome
	}{
		"it may pass": {
			err:  engine.Errorf(engine.Transient, "no answer").Wait(3 * time.Second),
			want: pipeline.Outcome{End: pipeline.Retry, Reason: v1alpha1.BackingOffReason, Message: "translate segment 2 of 2: no answer", After: 3 * time.Second},
		},
		"the provider asks to wait": {
			err:  engine.Errorf(engine.RateLimited, "slow down").Wait(time.Minute),
			want: pipeline.Outcome{End: pipeline.Limited, Reason: v1alpha1.RateLimitedReason, Message: "translate segment 2 of 2: slow down", After: time.Minute},
		},
		"the provider is set wrong": {
			err:  engine.Errorf(engine.Misconfigured, "bad key"),
			want: pipeline.Outcome{End: pipeline.Fatal, Reason: v1alpha1.MisconfiguredReason, Message: "translate segment 2 of 2: bad key"},
		},
		"an error of no class": {
			err:  errors.New("broken pipe"),
			want: pipeline.Outcome{End: pipeline.Retry, Reason: v1alpha1.BackingOffReason, Message: "translate segment 2 of 2: broken pipe"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench("Hola amigo.", "Tengo un gato.")
			b.engine.Description.MaxSegments = 1
			b.engine.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
				if call == 2 {
					return engine.Response{Usage: engine.Usage{InputTokens: 7}}, tc.err
				}
				return scripted.Translation(req), nil
			}
			run := b.run()
			if diff := cmp.Diff(tc.want, run.Do(t.Context())); diff != "" {
				t.Errorf("Do() (-want +got):\n%s", diff)
			}
			if got := run.Report(); got.Usage.InputTokens != 7 || got.Progress != (v1alpha1.Progress{Total: 2, Done: 1, Pending: 1}) {
				t.Errorf("usage %v progress %v, want what was billed and what was done", got.Usage, got.Progress)
			}
			if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
				t.Errorf("the next try ended %q: %s", got.Reason, got.Message)
			}
			if diff := cmp.Diff([]string{"Hola amigo.", "Tengo un gato."}, b.engine.Sold()); diff != "" {
				t.Errorf("bought (-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrorsOfASegment(t *testing.T) {
	cases := map[engine.Class]struct {
		want       pipeline.End
		wantBought []string // by the second try
	}{
		engine.Transient:     {want: pipeline.Retry, wantBought: []string{"Hola amigo."}},
		engine.RateLimited:   {want: pipeline.Limited, wantBought: []string{"Hola amigo."}},
		engine.Misconfigured: {want: pipeline.Fatal, wantBought: []string{"Hola amigo."}},
	}
	for class, tc := range cases {
		t.Run(class.String(), func(t *testing.T) {
			b := newBench("Hola amigo.", "Tengo un gato.")
			b.engine.Script = faults(class, "Hola amigo.")
			run := b.run()
			if got := run.Do(t.Context()); got.End != tc.want {
				t.Errorf("Do() ended %d, want %d: %s", got.End, tc.want, got.Message)
			}
			before := len(b.engine.Sold())
			b.engine.Script = nil
			if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
				t.Errorf("the next try ended %q: %s", got.Reason, got.Message)
			}
			if diff := cmp.Diff(tc.wantBought, b.engine.Sold()[before:]); diff != "" {
				t.Errorf("the next try bought (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnswersThatBreakTheContract(t *testing.T) {
	cases := map[string]func(*engine.Response){
		"an id that was not asked for": func(r *engine.Response) { r.Segments[0].ID = 99 },
		"an id that comes twice":       func(r *engine.Response) { r.Segments = append(r.Segments, r.Segments[0]) },
		"a segment that is left out":   func(r *engine.Response) { r.Segments = r.Segments[1:] },
		"no segment at all":            func(r *engine.Response) { r.Segments = nil },
	}
	for name, breaks := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench("Hola amigo.", "Tengo un gato.")
			b.engine.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
				out := scripted.Translation(req)
				if call == 1 {
					breaks(&out)
				}
				return out, nil
			}
			run := b.run()
			if got := run.Do(t.Context()); got.End != pipeline.Retry {
				t.Errorf("Do() ended %d (%s), want a retry", got.End, got.Message)
			}
			if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
				t.Errorf("the next try ended %q: %s", got.Reason, got.Message)
			}
			if diff := cmp.Diff([]string{"Hile emogi.", "Tangi un geti."}, b.translations()); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARejectedCallIsSplit(t *testing.T) {
	b := newBench("Hola amigo.", "Tengo un gato.", "Buenos dias.")
	b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		for _, s := range req.Segments {
			if s.Text == "Tengo un gato." {
				return engine.Response{}, engine.Errorf(engine.Rejected, "filtered")
			}
		}
		return scripted.Translation(req), nil
	}
	run := b.run()
	if got := run.Do(t.Context()); got.Reason != v1alpha1.NeedsReviewReason {
		t.Errorf("Do() ended %q: %s", got.Reason, got.Message)
	}
	if diff := cmp.Diff([]string{"Hile emogi.", "-", "Buanis does."}, b.translations()); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if got := b.engine.Calls(); got != 4 {
		t.Errorf("%d calls, want one for all and one for each", got)
	}
	if got := run.Report().Segments[1].Error; got != "filtered" {
		t.Errorf("the refused segment says %q", got)
	}
}

func TestRepeatsAreBoughtOnce(t *testing.T) {
	b := newBench("Hola amigo.", "Tengo un gato.", "Hola amigo.")
	run := b.run()
	if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
		t.Fatalf("Do() ended %q: %s", got.Reason, got.Message)
	}
	if diff := cmp.Diff([]string{"Hola amigo.", "Tengo un gato."}, b.engine.Sold()); diff != "" {
		t.Errorf("bought (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Hile emogi.", "Tangi un geti.", "Hile emogi."}, b.translations()); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

func TestSteps(t *testing.T) {
	const all, without = "Supervisor SourceReview Translator QA Finalizing", "Supervisor Translator QA Finalizing"
	cases := map[string]struct {
		review v1alpha1.SourceReview
		tier   v1alpha1.Tier
		want   string
	}{
		"always":                         {review: v1alpha1.SourceReviewAlways, tier: v1alpha1.FreeTier, want: all},
		"never":                          {review: v1alpha1.SourceReviewNever, tier: v1alpha1.EnterpriseTier, want: without},
		"by tier Enterprise":             {review: v1alpha1.SourceReviewByTier, tier: v1alpha1.EnterpriseTier, want: all},
		"by tier Business":               {review: v1alpha1.SourceReviewByTier, tier: v1alpha1.BusinessTier, want: all},
		"by tier Professional":           {review: v1alpha1.SourceReviewByTier, tier: v1alpha1.ProfessionalTier, want: without},
		"nothing said of tier or review": {want: without},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench("Un <b>gato negro.")
			b.job.Options = v1alpha1.JobOptions{SourceReview: tc.review, Tier: tc.tier}
			var run *pipeline.Run
			entered := b.tools.Entered
			b.tools.Entered = func(ctx context.Context, step v1alpha1.Step) {
				entered(ctx, step)
				if got := run.Report().Step; got != step {
					t.Errorf("in step %s the report says %q", step, got)
				}
			}
			run = b.run()
			run.Do(t.Context())
			var steps []string
			for _, s := range b.steps {
				steps = append(steps, string(s))
			}
			if got := strings.Join(steps, " "); got != tc.want {
				t.Errorf("steps %q, want %q", got, tc.want)
			}
			notes := 0
			for _, f := range b.published[0].Findings {
				if f.Type == qa.SourceErrorCheck && f.Segment == 1 {
					notes++
				}
			}
			if (notes > 0) != (tc.want == all) {
				t.Errorf("%d notes on the source", notes)
			}
		})
	}
}

func TestWhatCannotBegin(t *testing.T) {
	cases := map[string]struct {
		change      func(*bench)
		wantReason  string
		wantMessage string
	}{
		"no text": {
			change:     func(b *bench) { b.job.Texts, b.job.Text = nil, " \n " },
			wantReason: v1alpha1.SourceInvalidReason, wantMessage: "the source has no text to translate",
		},
		"no UTF-8": {
			change:     func(b *bench) { b.job.Texts = []string{"a", "\xff"} },
			wantReason: v1alpha1.SourceInvalidReason, wantMessage: "text 2 is not valid UTF-8",
		},
		"creation by an engine that only translates": {
			change:      func(b *bench) { b.job.Options.Mode = v1alpha1.CreationMode },
			wantReason:  v1alpha1.UnsupportedReason,
			wantMessage: `engine "scripted" cannot write new text; use mode Translation or a provider with a language model`,
		},
		"a limit that is no number": {
			change:     func(b *bench) { b.job.Options.MaxCost = "much" },
			wantReason: v1alpha1.UnsupportedReason, wantMessage: `read maxCost: "much" is not a decimal number`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench("Hola amigo.")
			tc.change(b)
			want := pipeline.Outcome{End: pipeline.Fatal, Reason: tc.wantReason, Message: tc.wantMessage}
			run := b.run()
			for range 2 { // the same again, also when it is tried again
				if diff := cmp.Diff(want, run.Do(t.Context())); diff != "" {
					t.Errorf("Do() (-want +got):\n%s", diff)
				}
			}
			if b.engine.Calls() != 0 {
				t.Errorf("%d calls, want none", b.engine.Calls())
			}
		})
	}
}

func TestCreation(t *testing.T) {
	b := newBench("Hola amigo.")
	b.engine.Description.Creates = true
	b.job.Options.Mode = v1alpha1.CreationMode
	var creation bool
	b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		creation = req.Creation
		return scripted.Translation(req), nil
	}
	if got := b.run().Do(t.Context()); got.Reason != v1alpha1.CompletedReason || !creation {
		t.Errorf("Do() ended %q, creation asked for: %v", got.Reason, creation)
	}
}
