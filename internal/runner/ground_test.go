package runner_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/internal/runner"
)

// caller is work that makes calls of one size, each as long as the others.
type caller struct {
	calls  int
	tokens int64
	lasts  time.Duration
	// result of a call, the first is 0; nil for Answered.
	result func(call int) runner.Result
	// later is the tokens of its other calls, when they are not those of the first.
	later int64
	// crash makes it panic inside its last call, and forgets makes it end none.
	crash, forgets bool
	// deaf makes it ask for turns with a context that nobody cancels.
	deaf bool
	// lingers is how long it does something else after a call.
	lingers time.Duration
	// patience is how long it waits for a turn before it goes on without; 0 for ever.
	// Then it does something else for as long as it sulks.
	patience, sulks time.Duration

	key    runner.Key
	ground *ground
	err    error // of the last turn it did not get
}

// Do implements runner.Work.
func (c *caller) Do(ctx context.Context, turn *runner.Turn) {
	c.ground.note(func(g *ground) {
		g.starts = append(g.starts, c.key.Name)
		g.alive++
		g.mostAlive = max(g.mostAlive, g.alive)
	})
	defer c.ground.note(func(g *ground) { g.alive-- })
	for call := range c.calls {
		if call > 0 && c.later > 0 {
			c.tokens = c.later
		}
		if !c.begin(ctx, turn) {
			if ctx.Err() != nil {
				return
			}
			spend(ctx, c.sulks)
			continue
		}
		c.ground.note(func(g *ground) { g.calls = append(g.calls, happened{time.Since(g.began), c.key, c.tokens}) })
		if c.crash && call == c.calls-1 {
			panic("in a call")
		}
		spend(ctx, c.lasts)
		if c.forgets {
			continue
		}
		r := runner.Result{Outcome: runner.Answered}
		if c.result != nil {
			r = c.result(call)
		}
		turn.End(r)
		spend(ctx, c.lingers)
	}
}

func spend(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func (c *caller) begin(ctx context.Context, turn *runner.Turn) bool {
	if c.deaf {
		ctx = context.WithoutCancel(ctx)
	}
	if c.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.patience)
		defer cancel()
	}
	if err := turn.Begin(ctx, runner.Call{Tokens: c.tokens}); err != nil {
		c.ground.note(func(*ground) { c.err = err })
		return false
	}
	return true
}

// Crashed implements runner.Work.
func (c *caller) Crashed() {}

// happened is a call that began.
type happened struct {
	at     time.Duration
	key    runner.Key
	tokens int64
}

// ground is a runner of callers, and a record of what happens on it.
type ground struct {
	*runner.Runner[*caller]
	t     *testing.T
	began time.Time

	mu               sync.Mutex
	starts           []string
	calls            []happened
	told             []string
	alive, mostAlive int
}

func (g *ground) note(f func(*ground)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f(g)
}

// WorkWaited implements runner.Observer.
func (g *ground) WorkWaited(kind string, d time.Duration) {
	g.note(func(g *ground) { g.told = append(g.told, fmt.Sprintf("%s work waited %s", kind, d)) })
}

// CallWaited implements runner.Observer.
func (g *ground) CallWaited(kind string, d time.Duration) {
	g.note(func(g *ground) { g.told = append(g.told, fmt.Sprintf("%s call waited %s", kind, d)) })
}

// GatePaused implements runner.Observer.
func (g *ground) GatePaused(kind string, why runner.Reason) {
	g.note(func(g *ground) { g.told = append(g.told, fmt.Sprintf("%s gate paused by %s", kind, why)) })
}

// onGround tells a story of callers in a bubble. What is left at its end is stopped.
func onGround(t *testing.T, workers int, story func(*ground)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		g := &ground{t: t, began: time.Now()}
		g.Runner = runner.New[*caller](runner.Options{
			Workers: workers, Notify: func(runner.Key) {}, Panicked: func(runner.Key, []byte) {},
			Observer: g, Clock: clock.RealClock{},
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- g.Start(ctx) }()
		synctest.Wait()
		story(g)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Start() = %v", err)
		}
	})
}

// send submits a caller as n/name, behind gate g.
func (g *ground) send(name string, c *caller) *caller { return g.sendAs(ticket("n", name, "g"), c) }

func (g *ground) sendAs(t runner.Ticket, c *caller) *caller {
	t.Kind = "fake"
	c.ground, c.key = g, t.Key
	g.Submit(t, c)
	return c
}

// until lets time pass up to an age of the ground, and all that happens in it happen.
func (g *ground) until(age time.Duration) {
	elapse(age - time.Since(g.began))
	synctest.Wait()
}

// times returns when calls began since the last time it was asked, with their names;
// those of one moment by name.
func (g *ground) times() []string {
	synctest.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	slices.SortStableFunc(g.calls, func(a, b happened) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.key.Name, b.key.Name))
	})
	var out []string
	for _, c := range g.calls {
		out = append(out, fmt.Sprintf("%s %s", c.at.Round(time.Millisecond), c.key.Name))
	}
	g.calls = nil
	return out
}

func (g *ground) expect(what string, want ...string) {
	g.t.Helper()
	if diff := gocmp.Diff(want, g.times()); diff != "" {
		g.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (g *ground) waits(name string, want runner.Wait) {
	g.t.Helper()
	synctest.Wait()
	view, ok := g.Look(runner.Key{Namespace: "n", Name: name})
	if diff := gocmp.Diff(want, view.Wait); diff != "" || !ok {
		g.t.Errorf("what %s waits for, there %v (-want +got):\n%s", name, ok, diff)
	}
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
