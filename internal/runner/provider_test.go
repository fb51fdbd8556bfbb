package runner_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/runner"
)

func TestAProviderThatAsksToWait(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		g.Limit("g", runner.Limits{Concurrency: 1})
		g.send("a", &caller{calls: 4, lasts: time.Second, result: func(call int) runner.Result {
			return []runner.Result{
				{Outcome: runner.RateLimited, After: seconds(30)}, {Outcome: runner.Answered},
				{Outcome: runner.RateLimited}, {Outcome: runner.Answered},
			}[call]
		}})
		g.send("b", &caller{calls: 1})
		g.until(seconds(10))
		g.waits("a", runner.Wait{Reason: runner.Paused, Until: g.began.Add(seconds(31))})
		g.waits("b", runner.Wait{Reason: runner.Paused, Until: g.began.Add(seconds(31)), Ahead: 1})
		g.until(seconds(99))
		g.expect("calls", "0s a", "31s a", "32s a", "38s a", "39s b")
		want := []string{
			"fake work waited 0s", "fake call waited 0s", "fake gate paused by rate_limit", "fake call waited 30s", "fake call waited 0s",
			"fake gate paused by rate_limit", "fake call waited 5s", "fake work waited 39s", "fake call waited 0s",
		}
		if diff := gocmp.Diff(want, g.told); diff != "" {
			t.Errorf("observed (-want +got):\n%s", diff)
		}
	})
}

func TestAProviderThatIsDown(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		g.Limit("g", runner.Limits{Concurrency: 2})
		down := func(int) runner.Result {
			if time.Since(g.began) < seconds(12) {
				return runner.Result{Outcome: runner.Unavailable}
			}
			return runner.Result{Outcome: runner.Answered}
		}
		for _, name := range []string{"a", "b", "c"} {
			g.send(name, &caller{calls: 5, lasts: time.Second, result: down})
		}
		g.sendAs(ticket("n", "d", "other gate"), &caller{calls: 2, lasts: seconds(7)})
		g.until(seconds(7))
		g.expect("five fail, and another gate does not care", "0s a", "0s b", "0s d", "1s a", "1s b", "2s a", "2s b", "7s d")
		g.waits("c", runner.Wait{Reason: runner.CircuitOpen, Until: g.began.Add(seconds(8)), Ahead: 2})
		if !g.Broken("g") || g.Broken("other gate") || g.Broken("no gate") {
			t.Error("Broken() is not true of the gate whose calls failed, or of another")
		}
		g.until(8500 * time.Millisecond)
		if g.Broken("g") {
			t.Error("Broken() is true of a gate that may be tried again")
		}
		g.waits("b", runner.Wait{Reason: runner.CircuitOpen})
		if diff := gocmp.Diff(map[string]map[runner.Reason]int{"fake": {runner.CircuitOpen: 2}}, g.Waiting()); diff != "" {
			t.Errorf("Waiting() (-want +got):\n%s", diff)
		}
		g.until(seconds(18))
		g.expect("one is tried, and fails", "8s a")
		g.waits("a", runner.Wait{Reason: runner.CircuitOpen, Until: g.began.Add(seconds(19))})
		g.until(20500 * time.Millisecond)
		g.expect("the next succeeds, and all go on", "19s a", "20s b", "20s c")
	})
}

func TestLimitsThatChangeWhileCallsWait(t *testing.T) {
	cases := map[string]struct {
		before, after runner.Limits
		want          []string
	}{
		"more calls a minute":  {before: runner.Limits{RequestsPerMinute: 1}, after: runner.Limits{RequestsPerMinute: 6}, want: []string{"0s a", "17.417s a", "27.5s a"}},
		"more tokens a minute": {before: runner.Limits{TokensPerMinute: 100}, after: runner.Limits{TokensPerMinute: 6000}, want: []string{"0s a", "10s a", "10.85s a"}},
		"no limits":            {before: runner.Limits{RequestsPerMinute: 1}, want: []string{"0s a", "10s a", "10s a"}},
		"fewer calls":          {before: runner.Limits{RequestsPerMinute: 1}, after: runner.Limits{RequestsPerMinute: 1, TokensPerMinute: 1}, want: []string{"0s a"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			onGround(t, 99, func(g *ground) {
				g.Limit("g", tc.before)
				g.send("a", &caller{calls: 3, tokens: 100})
				g.until(seconds(10))
				g.Limit("g", tc.after)
				g.until(seconds(30))
				g.expect("calls", tc.want...)
			})
		})
	}
}
