package translationjob

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// tried returns an attempt at a text of two sentences whose engine answers as
// scripted, and the pauses it has asked for.
func tried(script func(context.Context, int, engine.Request) (engine.Response, error)) (*attempt, *[]time.Time) {
	e := scripted.New()
	e.Script = script
	var pauses []time.Time
	a := &attempt{
		digest: "work", clock: clocktesting.NewFakePassiveClock(beginning), job: build.Job("job", "ns").Obj(),
		provider: pipeline.Provider{Engine: e, Gate: "gate"},
		pause:    func(_ string, until time.Time) { pauses = append(pauses, until) },
	}
	a.run = pipeline.New(
		pipeline.Job{Pair: engine.Pair{Source: "es", Target: "ca"}, SourceLanguage: "es", TargetLanguage: "ca", Text: "Hola amigo. Buenos dias."},
		pipeline.Tools{Engine: e, Checks: qa.Default(), Publish: func(_ context.Context, r document.Result) (*v1alpha1.Result, error) { return r.Inline(), nil }},
		pipeline.Checkpoint{})
	return a, &pauses
}

func TestNextTryOfAnAttempt(t *testing.T) {
	before := func() *attempt {
		return &attempt{
			clock: clocktesting.NewFakePassiveClock(beginning), number: 1, crashed: true, startedAt: beginning.Add(-time.Minute),
			outcome: pipeline.Outcome{End: pipeline.Limited, Message: "slow down"}, conclusion: pipeline.Conclusion{Done: true},
			run: pipeline.New(pipeline.Job{}, pipeline.Tools{}, pipeline.Checkpoint{}),
		}
	}
	view := func(number int32, out pipeline.Outcome, concluding bool) *pipeline.Attempt {
		return &pipeline.Attempt{
			State: pipeline.AttemptQueued, Number: number, QueuedAt: beginning, StartedAt: beginning.Add(-time.Minute),
			Outcome: out, Concluding: concluding,
		}
	}
	limited := pipeline.Outcome{End: pipeline.Limited, Message: "slow down"}
	cases := map[string]struct {
		number   int32
		conclude bool
		want     *pipeline.Attempt
	}{
		"a new attempt has no outcome":              {number: 2, want: view(2, pipeline.Outcome{}, false)},
		"a repeat says still why it waits":          {number: 1, want: view(1, limited, false)},
		"a conclusion leaves number and outcome be": {number: 0, conclude: true, want: view(1, limited, true)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := before()
			a.next(tc.number, tc.conclude)
			if diff := cmp.Diff(tc.want, a.view(pipeline.AttemptQueued, beginning)); diff != "" {
				t.Errorf("after next (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRestStopsTheClock(t *testing.T) {
	a, _ := tried(nil)
	a.next(1, false)
	a.Do(t.Context(), nil)
	if got := a.view(pipeline.AttemptOver, beginning).StartedAt; !got.Equal(beginning) {
		t.Errorf("the clock began at %v, want %v", got, beginning)
	}
	a.rest()
	if got := a.view(pipeline.AttemptOver, beginning).StartedAt; !got.IsZero() {
		t.Errorf("the clock of a held attempt began at %v, want never", got)
	}
}

func TestDoKeepsHowItEnded(t *testing.T) {
	slow := engine.Errorf(engine.RateLimited, "slow down")
	cases := map[string]struct {
		err        error
		conclude   bool
		want       pipeline.End
		concluded  pipeline.Conclusion
		wantPauses []time.Time
	}{
		"it comes to its end":                {want: pipeline.Finished},
		"the provider names its pause":       {err: slow.Wait(time.Minute), want: pipeline.Limited, wantPauses: []time.Time{beginning.Add(time.Minute)}},
		"the provider names no pause":        {err: slow, want: pipeline.Limited, wantPauses: []time.Time{beginning.Add(limitedPause)}},
		"an error that may pass":             {err: errors.New("broken pipe"), want: pipeline.Retry},
		"to conclude asks the engine naught": {err: errors.New("asked"), conclude: true, concluded: pipeline.Conclusion{Done: true}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a, pauses := tried(func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
				return scripted.Translation(req), tc.err
			})
			a.next(1, tc.conclude)
			a.Do(t.Context(), nil)
			got := a.view(pipeline.AttemptOver, beginning)
			if got.Outcome.End != tc.want {
				t.Errorf("the attempt ended %d, want %d: %s", got.Outcome.End, tc.want, got.Outcome.Message)
			}
			if diff := cmp.Diff(tc.concluded, got.Conclusion); diff != "" {
				t.Errorf("conclusion (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantPauses, *pauses); diff != "" {
				t.Errorf("pauses (-want +got):\n%s", diff)
			}
		})
	}
}
