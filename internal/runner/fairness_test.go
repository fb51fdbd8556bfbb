package runner_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/runner"
)

// jain is Jain's index of fairness: 1 when all get the same, 1/n when one gets all.
func jain(shares []float64) float64 {
	var sum, squares float64
	for _, s := range shares {
		sum += s
		squares += s * s
	}
	return sum * sum / (float64(len(shares)) * squares)
}

// served returns the tokens of the calls that each namespace began in a span.
func (g *ground) served(from, until time.Duration) map[string]float64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := map[string]float64{}
	for _, c := range g.calls {
		if c.at >= from && c.at < until {
			out[c.key.Namespace] += float64(max(1, c.tokens))
		}
	}
	return out
}

// crowd submits jobs of a namespace that never run out of calls.
func (g *ground) crowd(namespace string, jobs int, like caller) {
	for i := range jobs {
		c := like
		c.calls = 1_000_000
		g.sendAs(ticket(namespace, fmt.Sprintf("%s-%04d", namespace, i), "g"), &c)
	}
}

// Ten namespaces share a provider, with eight jobs or four thousand, with small and
// with large calls, quick and slow ones, and whatever holds the provider back.
func TestNamespacesGetTheSame(t *testing.T) {
	cases := map[string]runner.Limits{
		"few slots":             {Concurrency: 4},
		"few requests a minute": {Concurrency: 20, RequestsPerMinute: 200},
		"few tokens a minute":   {Concurrency: 20, TokensPerMinute: 100_000},
	}
	for name, limits := range cases {
		t.Run(name, func(t *testing.T) {
			onGround(t, 99, func(g *ground) {
				g.Limit("g", limits)
				for i := range 10 {
					g.crowd(fmt.Sprint("ns-", i), 8<<i, caller{
						tokens: int64(100 + 170*(i*7%10)), lasts: time.Duration(1+i%4) * time.Second,
					})
				}
				g.until(31 * time.Minute)
				var shares []float64
				for _, share := range g.served(time.Minute, 31*time.Minute) {
					shares = append(shares, share)
				}
				if got := jain(shares); len(shares) != 10 || got < 0.99 {
					t.Errorf("Jain's index of %d namespaces is %.4f, want 10 and 0.99: %.0f", len(shares), got, shares)
				}
			})
		})
	}
}

// What counts between namespaces is what calls have used, also while most of what is
// reserved is never used.
func TestReservationsDoNotCountForLong(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		used := func(int) runner.Result { return runner.Result{Outcome: runner.Answered, Tokens: 100} }
		g.crowd("reserves", 50, caller{tokens: 10_000, lasts: time.Second, result: used})
		g.until(time.Minute)
		g.crowd("frugal", 50, caller{tokens: 100, lasts: time.Second, result: used})
		g.until(11 * time.Minute)
		counts := map[string]float64{}
		soon := 0
		for _, c := range g.calls {
			if c.at >= time.Minute {
				counts[c.key.Namespace]++
			}
			if c.key.Namespace == "frugal" && c.at < time.Minute+10*time.Second {
				soon++
			}
		}
		if soon < 15 {
			t.Errorf("a newcomer began %d of 40 calls in its first ten seconds, want 15", soon)
		}
		if got := jain([]float64{counts["reserves"], counts["frugal"]}); got < 0.95 {
			t.Errorf("Jain's index is %.3f: %v calls", got, counts)
		}
	})
}

func TestWeights(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		g.Limit("g", runner.Limits{Concurrency: 2})
		for _, namespace := range []string{"heavy", "light", "odd"} {
			g.crowd(namespace, 20, caller{tokens: 50, lasts: time.Second})
		}
		g.Weigh("heavy", 3)
		g.Weigh("odd", -4) // as 1
		g.until(10 * time.Minute)
		g.Weigh("light", 500) // as 100
		g.until(20 * time.Minute)
		ratio := func(from, until time.Duration, a, b string) float64 {
			s := g.served(from, until)
			return s[a] / s[b]
		}
		if got := ratio(0, 10*time.Minute, "heavy", "light"); got < 2.9 || got > 3.1 {
			t.Errorf("heavy got %.2f times of light, want 3", got)
		}
		if got := ratio(0, 10*time.Minute, "odd", "light"); got < 0.95 || got > 1.05 {
			t.Errorf("odd got %.2f times of light, want 1", got)
		}
		if got := ratio(11*time.Minute, 20*time.Minute, "light", "heavy"); got < 28 || got > 38 {
			t.Errorf("light got %.2f times of heavy, want 33", got)
		}
	})
}

// A namespace that was away, or sent one job after the other, gets its share from
// then on and no more.
func TestNobodySavesUpTurns(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		g.Limit("g", runner.Limits{Concurrency: 2})
		g.crowd("busy", 100, caller{tokens: 100, lasts: time.Second})
		g.sendAs(ticket("idle", "first", "g"), &caller{calls: 1, tokens: 100, lasts: time.Second})
		g.sendAs(ticket("slight", "first", "g"), &caller{calls: 900, tokens: 1, lasts: time.Second})
		g.until(1000 * time.Second)
		g.crowd("idle", 100, caller{tokens: 100, lasts: time.Second})
		g.crowd("slight", 100, caller{tokens: 100, lasts: time.Second})
		g.until(1300 * time.Second)
		s := g.served(1000*time.Second, 1300*time.Second)
		if got := jain([]float64{s["busy"], s["idle"], s["slight"]}); got < 0.99 {
			t.Errorf("Jain's index is %.3f: %v", got, s)
		}
	})
}

// Nor does anybody begin anew with each job.
func TestOneJobAfterTheOther(t *testing.T) {
	onGround(t, 99, func(g *ground) {
		g.Limit("g", runner.Limits{Concurrency: 1})
		g.crowd("busy", 10, caller{tokens: 100, lasts: 100 * time.Millisecond})
		for i := range 600 {
			g.sendAs(ticket("serial", fmt.Sprintf("%04d", i), "g"), &caller{calls: 1, tokens: 1000, lasts: 100 * time.Millisecond})
			g.until(time.Duration(i+1) * time.Second)
		}
		s := g.served(0, 10*time.Minute)
		if got := s["serial"] / s["busy"]; got < 0.9 || got > 1.1 {
			t.Errorf("serial got %.2f times of busy: %v", got, s)
		}
	})
}

// A call whose end nobody told counts all the same, and so does work without calls.
func TestNothingIsFree(t *testing.T) {
	t.Run("calls without an end", func(t *testing.T) {
		onGround(t, 99, func(g *ground) {
			g.Limit("g", runner.Limits{Concurrency: 2})
			g.crowd("careful", 20, caller{tokens: 100, lasts: time.Second})
			g.crowd("forgetful", 20, caller{tokens: 100, lasts: time.Second, forgets: true})
			for i := range 500 {
				g.sendAs(ticket("crashing", fmt.Sprintf("%04d", i), "g"), &caller{calls: 1, tokens: 200, crash: true})
			}
			g.until(4 * time.Minute)
			s := g.served(0, 4*time.Minute)
			if got := jain([]float64{s["careful"], s["forgetful"], s["crashing"]}); got < 0.99 {
				t.Errorf("Jain's index is %.3f: %v", got, s)
			}
		})
	})
	t.Run("work without calls", func(t *testing.T) {
		onGround(t, 1, func(g *ground) {
			g.Pause("g", g.began.Add(time.Second))
			g.Weigh("a", 3)
			for i := range 100 {
				for _, namespace := range []string{"a", "b"} {
					g.sendAs(ticket(namespace, fmt.Sprintf("%s-%02d", namespace, i), "g"), &caller{})
				}
			}
			g.until(2 * time.Second)
			a := 0
			for _, name := range g.starts[:40] {
				if name[0] == 'a' {
					a++
				}
			}
			if a < 29 || a > 31 {
				t.Errorf("of 40 pieces of work %d were of a, which has three times the weight", a)
			}
		})
	})
}

// Slots that come free at once are shared like calls are, and what has started goes
// on before another namespace starts something that is not ahead of it.
func TestLittleIsStarted(t *testing.T) {
	t.Run("of a hundred namespaces", func(t *testing.T) {
		onGround(t, 99, func(g *ground) {
			g.Limit("g", runner.Limits{Concurrency: 1})
			for i := range 100 {
				g.sendAs(ticket(fmt.Sprint("ns-", i), fmt.Sprint("job-", i), "g"), &caller{calls: 1, tokens: 10, lasts: time.Second})
			}
			g.until(100 * time.Second)
			if g.mostAlive > 1 || len(g.calls) != 100 {
				t.Errorf("%d had started at one time, want 1; %d calls", g.mostAlive, len(g.calls))
			}
		})
	})
	t.Run("after a pause", func(t *testing.T) {
		onGround(t, 99, func(g *ground) {
			g.Limit("g", runner.Limits{Concurrency: 10})
			g.sendAs(ticket("b", "first", "g"), &caller{calls: 1, tokens: 1000, lasts: time.Second})
			g.sendAs(ticket("a", "first", "g"), &caller{calls: 1, tokens: 10, lasts: time.Second})
			g.until(time.Second / 2)
			g.Pause("g", g.began.Add(2*time.Second))
			g.crowd("a", 20, caller{tokens: 1000, lasts: time.Second})
			g.crowd("b", 20, caller{tokens: 1000, lasts: time.Second})
			g.until(2500 * time.Millisecond)
			if g.mostAlive > 11 {
				t.Errorf("%d had started at one time, want 10 and one", g.mostAlive)
			}
		})
	})
}
