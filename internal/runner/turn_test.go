package runner_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/internal/runner"
)

func TestUrgentWorkOvertakesLongWorkWithinOneCall(t *testing.T) {
	onGround(t, 9, func(g *ground) {
		g.Limit("g", runner.Limits{Concurrency: 1})
		g.send("long", &caller{calls: 20_000, lasts: time.Second})
		for i := range 10_000 {
			g.send(fmt.Sprintf("queued-%05d", i), &caller{calls: 1, lasts: time.Second})
		}
		g.until(2500 * time.Millisecond)
		g.expect("at first", "0s long", "1s long", "2s long")
		urgent := ticket("n", "urgent", "g")
		urgent.Priority = 9
		g.sendAs(urgent, &caller{calls: 2, lasts: time.Second})
		g.waits("urgent", runner.Wait{Reason: runner.ForSlot})
		g.waits("queued-04711", runner.Wait{Reason: runner.ForSlot, Ahead: 4712})
		g.until(3500 * time.Millisecond)
		g.waits("long", runner.Wait{Reason: runner.ForSlot})
		g.until(5500 * time.Millisecond)
		g.expect("with something urgent", "3s urgent", "4s urgent", "5s long")
		if diff := gocmp.Diff([]string{"long", "urgent"}, g.starts); diff != "" {
			t.Errorf("started (-want +got):\n%s", diff)
		}
	})
}

func TestGatesTakeTurnsByCall(t *testing.T) {
	onGround(t, 1, func(g *ground) {
		g.sendAs(ticket("n", "a", "g"), &caller{calls: 3, lasts: time.Second})
		g.sendAs(ticket("n", "z", "h"), &caller{calls: 3, lasts: time.Second})
		g.until(seconds(9))
		// When z came, gate g stood in the row for its second turn already.
		g.expect("with one worker", "0s a", "1s a", "2s z", "3s a", "4s z", "5s z")
	})
}

// However long the queue, and whatever keeps the calls, no more work is started than
// there are slots, and what something urgent has overtaken.
func TestNoMoreIsStartedThanNeeded(t *testing.T) {
	cases := map[string]struct {
		limits  runner.Limits
		weather func(call int) runner.Result
	}{
		"nothing keeps it":      {limits: runner.Limits{Concurrency: 4}},
		"few calls a minute":    {limits: runner.Limits{Concurrency: 4, RequestsPerMinute: 30}},
		"few tokens a minute":   {limits: runner.Limits{Concurrency: 4, TokensPerMinute: 3000}},
		"a provider that fails": {limits: runner.Limits{Concurrency: 4}, weather: func(int) runner.Result { return runner.Result{Outcome: runner.Unavailable} }},
		"one that asks to wait": {limits: runner.Limits{Concurrency: 4}, weather: func(int) runner.Result { return runner.Result{Outcome: runner.RateLimited} }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			onGround(t, 99, func(g *ground) {
				g.Limit("g", tc.limits)
				for i := range 500 {
					g.send(fmt.Sprintf("job-%03d", i), &caller{calls: 20, tokens: 100, lasts: time.Second, result: tc.weather})
				}
				g.until(seconds(100))
				if g.mostAlive > 4 {
					t.Errorf("%d pieces of work had started at one time, want 4", g.mostAlive)
				}
				for i := range 3 {
					urgent := ticket("n", fmt.Sprint("urgent-", i), "g")
					urgent.Priority = 1
					g.sendAs(urgent, &caller{calls: 20, tokens: 100, lasts: time.Second, result: tc.weather})
				}
				g.until(seconds(1000))
				if g.mostAlive > 7 {
					t.Errorf("%d pieces of work had started at one time, want 7", g.mostAlive)
				}
			})
		})
	}
}

func TestTheRateOfARunner(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		g.Limit("g", runner.Limits{Concurrency: 8, RequestsPerMinute: 300})
		for i := range 100 {
			g.send(fmt.Sprintf("job-%03d", i), &caller{calls: 50, lasts: 700 * time.Millisecond})
		}
		g.until(11*time.Minute - 1)
		calls := g.calls
		for i := 300; i < len(calls); i++ {
			if calls[i].at-calls[i-300].at < time.Minute {
				t.Fatalf("301 calls began between %s and %s", calls[i-300].at, calls[i].at)
			}
		}
		steady := slices.IndexFunc(calls, func(c happened) bool { return c.at >= time.Minute })
		if used := float64(len(calls)-steady) / 3000; used < 0.98 {
			t.Errorf("%.3f of the allowance was used", used)
		}
	})
}

func TestNothingStartsWhileTheRateIsUsedUp(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		g.Limit("g", runner.Limits{RequestsPerMinute: 1})
		g.send("a", &caller{calls: 2})
		synctest.Wait()
		g.sendAs(ticket("other", "b", "g"), &caller{calls: 1})
		g.until(seconds(50))
		g.expect("in the first minute", "0s a")
		if diff := gocmp.Diff([]string{"a"}, g.starts); diff != "" {
			t.Errorf("started (-want +got):\n%s", diff)
		}
		g.waits("a", runner.Wait{Reason: runner.ForRequests, Until: g.began.Add(60500 * time.Millisecond)})
		if diff := gocmp.Diff(map[string]map[runner.Reason]int{"fake": {runner.ForRequests: 2}}, g.Waiting()); diff != "" {
			t.Errorf("Waiting() (-want +got):\n%s", diff)
		}
		g.until(seconds(200))
		g.expect("later, the one that waited longer last", "1m0.5s b", "2m1s a")
	})
}

func TestASuspectRunsAlone(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		send := func(name, gate string, suspect bool) {
			t := ticket("n", name, gate)
			t.Suspect = suspect
			g.sendAs(t, &caller{calls: 1, lasts: seconds(10)})
			synctest.Wait()
		}
		send("bad-1", "g", true)
		send("bad-2", "g", true)
		send("bad-3", "h", true)
		send("good-1", "g", false)
		send("good-2", "h", false)
		g.expect("the good are not held up", "0s bad-1", "0s good-1", "0s good-2")
		g.waits("bad-2", runner.Wait{Reason: runner.ForSuspect})
		g.waits("bad-3", runner.Wait{Reason: runner.ForSuspect})
		if diff := gocmp.Diff(map[string]map[runner.Reason]int{"fake": {runner.ForSuspect: 2}}, g.Waiting()); diff != "" {
			t.Errorf("Waiting() (-want +got):\n%s", diff)
		}
		g.until(seconds(15))
		g.expect("the next", "10s bad-2")
		g.Stop(runner.Key{Namespace: "n", Name: "bad-2"})
		g.expect("one that is stopped makes room", "15s bad-3")
		send("bad-4", "g", true)
		send("bad-5", "g", true)
		g.waits("bad-5", runner.Wait{Reason: runner.ForSuspect, Ahead: 1})
		g.Forget(runner.Key{Namespace: "n", Name: "bad-5"})
		g.Forget(runner.Key{Namespace: "n", Name: "bad-4"})
		g.until(seconds(99))
		g.expect("one that was forgotten never runs")
	})
}

func stopped(g *ground, k runner.Key)   { g.Stop(k) }
func forgotten(g *ground, k runner.Key) { g.Forget(k) }

func TestStopWhileWaitingForATurn(t *testing.T) {
	cases := map[string]struct {
		deaf bool
		stop func(*ground, runner.Key)
	}{
		"stopped":                       {stop: stopped},
		"forgotten":                     {stop: forgotten},
		"stopped, with another context": {deaf: true, stop: stopped},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			onGround(t, 99, func(g *ground) {
				g.Limit("g", runner.Limits{RequestsPerMinute: 1})
				a := g.send("a", &caller{calls: 3, deaf: tc.deaf})
				b := g.send("b", &caller{calls: 1})
				g.until(seconds(10))
				tc.stop(g, a.key)
				synctest.Wait()
				if !errors.Is(a.err, context.Canceled) || g.alive != 0 {
					t.Errorf("its turn ended with %v, and %d pieces of work still run", a.err, g.alive)
				}
				g.waits(b.key.Name, runner.Wait{Reason: runner.ForRequests, Until: g.began.Add(60500 * time.Millisecond)})
				g.until(seconds(99))
				g.expect("the other has its turn", "0s a", "1m0.5s b")
			})
		})
	}
}

func TestStoppedWorkBeginsNoCall(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		a := g.send("a", &caller{calls: 5, lasts: time.Second, deaf: true})
		g.until(time.Second / 2)
		g.Stop(a.key)
		g.until(seconds(9))
		g.expect("only the call that was under way", "0s a")
		if !errors.Is(a.err, context.Canceled) {
			t.Errorf("Begin() = %v", a.err)
		}
	})
}

// A turn can be given up without giving up the work.
func TestATurnThatIsNotWaitedFor(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		g.Limit("g", runner.Limits{RequestsPerMinute: 1})
		a := g.send("a", &caller{calls: 3, patience: seconds(40)})
		g.until(seconds(99))
		g.expect("the second is given up after 40s, the third begins", "0s a", "1m0.5s a")
		if view, _ := g.Look(a.key); view.State != runner.Ended || !errors.Is(a.err, context.DeadlineExceeded) {
			t.Errorf("state %d, the turn ended with %v", view.State, a.err)
		}
	})
}

// What was next and asked for much goes, and what asked for less goes on at once.
func TestALargeClaimThatGoesAway(t *testing.T) {
	t.Run("because it is not waited for", func(t *testing.T) {
		onGround(t, 99, func(g *ground) {
			g.Limit("g", runner.Limits{TokensPerMinute: 1000})
			high := ticket("n", "high", "g")
			high.Priority = 1
			g.sendAs(high, &caller{calls: 2, tokens: 10, later: 900, lasts: time.Second, patience: seconds(40), sulks: seconds(5)})
			g.send("low", &caller{calls: 2, tokens: 10, later: 50, lasts: time.Second})
			synctest.Wait()
			g.send("other", &caller{calls: 1, tokens: 600, lasts: time.Second})
			g.until(seconds(50))
			g.expect("calls", "0s high", "0s low", "210ms other", "41s low")
		})
	})
	for name, stop := range map[string]func(*ground, runner.Key){"because it is stopped": stopped, "because it is forgotten": forgotten} {
		t.Run(name, func(t *testing.T) {
			onGround(t, 99, func(g *ground) {
				g.Limit("g", runner.Limits{TokensPerMinute: 1000})
				g.send("a", &caller{calls: 2, tokens: 600, later: 50})
				g.until(seconds(2))
				urgent := ticket("n", "urgent", "g")
				urgent.Priority = 1
				g.sendAs(urgent, &caller{calls: 1, tokens: 600})
				g.until(seconds(40))
				g.waits("a", runner.Wait{Reason: runner.ForTokens, Until: g.began.Add(60500 * time.Millisecond), Ahead: 1})
				stop(g, urgent.Key)
				g.until(seconds(50))
				g.expect("calls", "0s a", "40s a")
			})
		})
	}
}

// A call that used less than it reserved makes room when it ends, whatever its work
// does then.
func TestACallThatUsedLess(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		g.Limit("g", runner.Limits{TokensPerMinute: 1000})
		g.send("b", &caller{calls: 2, tokens: 10, later: 300, lasts: time.Second / 2})
		synctest.Wait()
		g.send("a", &caller{calls: 1, tokens: 900, lasts: time.Second, lingers: seconds(50), result: func(int) runner.Result {
			return runner.Result{Outcome: runner.Answered, Tokens: 400}
		}})
		g.until(750 * time.Millisecond)
		g.waits("b", runner.Wait{Reason: runner.ForTokens, Until: g.began.Add(60500 * time.Millisecond)})
		g.until(seconds(70))
		g.expect("calls", "0s a", "0s b", "23.805s b")
	})
}

func TestACrashInsideACall(t *testing.T) {
	onGround(t, 1, func(g *ground) {
		g.Limit("g", runner.Limits{Concurrency: 1, TokensPerMinute: 1000})
		g.send("bad", &caller{calls: 1, tokens: 600, crash: true})
		g.send("good", &caller{calls: 1, tokens: 600})
		g.until(seconds(10))
		g.waits("good", runner.Wait{Reason: runner.ForTokens, Until: g.began.Add(60500 * time.Millisecond)})
		g.until(seconds(99))
		g.expect("its slot is free, its tokens are not", "0s bad", "1m0.5s good")
	})
}

// A trial that crashes leaves its place to the next.
func TestACrashOnTrial(t *testing.T) {
	onGround(t, 9, func(g *ground) {
		g.Limit("g", runner.Limits{Concurrency: 1})
		fails := func(int) runner.Result { return runner.Result{Outcome: runner.Unavailable} }
		g.send("a", &caller{calls: 6, result: fails, crash: true})
		g.send("b", &caller{calls: 1})
		g.until(seconds(30))
		g.expect("calls", "0s a", "0s a", "0s a", "0s a", "0s a", "5s a", "5s b")
	})
}

// A call that is not ended is ended by the next.
func TestACallWithoutAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner.New[*forgetful](runner.Options{Workers: 1, Notify: func(runner.Key) {}, Clock: clock.RealClock{}})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = r.Start(ctx) }()
		r.Limit("g", runner.Limits{Concurrency: 1, TokensPerMinute: 1000})
		work := &forgetful{}
		r.Submit(ticket("n", "a", "g"), work)
		synctest.Wait()
		if diff := gocmp.Diff([]error{nil, nil, nil}, work.begins); diff != "" {
			t.Errorf("begins (-want +got):\n%s", diff)
		}
		if work.ctx.Err() == nil {
			t.Error("the context of work that has ended is held on to")
		}
		cancel()
		synctest.Wait()
	})
}

type forgetful struct {
	ctx    context.Context
	begins []error
}

// Do implements runner.Work.
func (f *forgetful) Do(ctx context.Context, turn *runner.Turn) {
	f.ctx = ctx
	for range 3 {
		f.begins = append(f.begins, turn.Begin(ctx, runner.Call{Tokens: 1}))
	}
	turn.End(runner.Result{Outcome: runner.Answered})
	turn.End(runner.Result{Outcome: runner.Answered})
}

// Crashed implements runner.Work.
func (f *forgetful) Crashed() {}

func TestWorkWithoutARunner(t *testing.T) {
	var turn *runner.Turn
	ctx, cancel := context.WithCancel(t.Context())
	if err := turn.Begin(ctx, runner.Call{}); err != nil {
		t.Errorf("Begin() = %v", err)
	}
	turn.End(runner.Result{Outcome: runner.Answered})
	cancel()
	if err := turn.Begin(ctx, runner.Call{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Begin() = %v after the end", err)
	}
}

func TestReasonsAreLabels(t *testing.T) {
	var got []string
	for r := runner.Reason(0); r <= runner.ForSuspect; r++ {
		got = append(got, r.String())
	}
	want := "none worker concurrency requests tokens rate_limit circuit suspect"
	if diff := gocmp.Diff(want, strings.Join(got, " ")); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}
