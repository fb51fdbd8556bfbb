package translationjob

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/internal/runner"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// tried returns an attempt at a text of two sentences whose engine answers as
// scripted.
func tried(script func(context.Context, int, engine.Request) (engine.Response, error)) *attempt {
	e := scripted.New()
	e.Script = script
	clock := clocktesting.NewFakeClock(beginning)
	a := &attempt{
		digest: "work", clock: clock, job: build.Job("job", "ns").Obj(), metrics: metrics.NopManager(),
		provider:      pipeline.Provider{Engine: e, Gate: "gate"},
		announceAfter: time.Second, announce: func() {},
		watch: &stopwatch{clock: clock, metrics: metrics.NopManager()},
	}
	a.pages = &pages{store: newStore(), job: a.owner}
	a.gated = &gated{Engine: e, provider: a.provider, metrics: a.metrics}
	a.run = pipeline.New(
		pipeline.Job{Pair: engine.Pair{Source: "es", Target: "ca"}, SourceLanguage: "es", TargetLanguage: "ca", Text: "Hola amigo. Buenos dias."},
		pipeline.Tools{
			Engine: a.gated, Checks: qa.Default(), Keep: a.pages.keep,
			Publish: func(_ context.Context, r document.Result) (*v1alpha1.Result, error) { return r.Inline(), nil },
		},
		pipeline.Checkpoint{})
	return a
}

// to is the decision that begins a try.
func to(number int32, conclude bool) pipeline.Decision {
	d := pipeline.Decision{Verb: pipeline.Start, Number: number}
	if conclude {
		d.Verb = pipeline.Conclude
	}
	return d
}

func TestNextTryOfAnAttempt(t *testing.T) {
	before := func() *attempt {
		return &attempt{
			clock: clocktesting.NewFakeClock(beginning), number: 1, crashed: true, startedAt: beginning.Add(-time.Minute),
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
			a.next(to(tc.number, tc.conclude))
			if diff := cmp.Diff(tc.want, a.view(pipeline.AttemptQueued, beginning)); diff != "" {
				t.Errorf("after next (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRestStopsTheClock(t *testing.T) {
	a := tried(nil)
	a.next(to(1, false))
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
	cases := map[string]struct {
		err       error
		conclude  bool
		want      pipeline.End
		concluded pipeline.Conclusion
	}{
		"it comes to its end":                {want: pipeline.Finished},
		"the provider asks for a pause":      {err: engine.Errorf(engine.RateLimited, "slow down").Wait(time.Minute), want: pipeline.Limited},
		"an error that may pass":             {err: errors.New("broken pipe"), want: pipeline.Retry},
		"to conclude asks the engine naught": {err: errors.New("asked"), conclude: true, concluded: pipeline.Conclusion{Done: true}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := tried(func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
				return scripted.Translation(req), tc.err
			})
			a.next(to(1, tc.conclude))
			a.Do(t.Context(), nil)
			got := a.view(pipeline.AttemptOver, beginning)
			if got.Outcome.End != tc.want {
				t.Errorf("the attempt ended %d, want %d: %s", got.Outcome.End, tc.want, got.Outcome.Message)
			}
			if diff := cmp.Diff(tc.concluded, got.Conclusion); diff != "" {
				t.Errorf("conclusion (-want +got):\n%s", diff)
			}
		})
	}
}

// The job is looked at when a try goes on for a second, and not when it is over.
func TestALongTryIsAnnounced(t *testing.T) {
	begun, over := make(chan struct{}), make(chan struct{})
	a := tried(func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
		close(begun)
		<-over
		return scripted.Translation(req), nil
	})
	clock := clocktesting.NewFakeClock(beginning)
	announced := make(chan struct{}, 2)
	a.clock, a.announce = clock, func() { announced <- struct{}{} }
	a.next(to(1, false))
	var done sync.WaitGroup
	done.Go(func() { a.Do(t.Context(), nil) })
	<-begun
	clock.Step(time.Second)
	<-announced
	close(over)
	done.Wait()
	if clock.HasWaiters() {
		t.Error("the alarm of an attempt that is over is still set")
	}
}

func TestWhatACallSaysOfItsProvider(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	cases := map[string]struct {
		ctx  context.Context
		err  error
		want runner.Result
	}{
		"an answer":               {want: runner.Result{Outcome: runner.Answered}},
		"slow down":               {err: engine.Errorf(engine.RateLimited, "429").Wait(time.Minute), want: runner.Result{Outcome: runner.RateLimited, After: time.Minute}},
		"no answer":               {err: errors.New("timeout"), want: runner.Result{Outcome: runner.Unavailable}},
		"a text it will not take": {err: engine.Errorf(engine.Rejected, "filter"), want: runner.Result{Outcome: runner.Other}},
		"a wrong key":             {err: engine.Errorf(engine.Misconfigured, "401"), want: runner.Result{Outcome: runner.Other}},
		"we hung up":              {ctx: cancelled, err: errors.New("timeout"), want: runner.Result{Outcome: runner.Other}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			if tc.ctx != nil {
				ctx = tc.ctx
			}
			if got := resultOf(ctx, tc.err); got != tc.want {
				t.Errorf("resultOf() = %+v, want %+v", got, tc.want)
			}
		})
	}
}
