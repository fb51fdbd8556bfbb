package translationjob

import (
	"context"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// A manager that stood still wakes with its attempts, which another one has taken over.
func TestWhoLeadsNoMoreCallsNobody(t *testing.T) {
	calls := 0
	a := tried(func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		calls++
		return scripted.Translation(req), nil
	})
	ctx, stop := context.WithCancel(t.Context())
	a.gated.leads = func() bool {
		stop() // as whoever watches over the Lease does
		return false
	}
	a.next(to(1, false))
	a.Do(ctx, nil)
	if got := a.view(pipeline.AttemptOver, beginning).Outcome.End; got != pipeline.Stopped || calls > 0 {
		t.Errorf("the attempt ended %d, want %d, after %d calls", got, pipeline.Stopped, calls)
	}
}
