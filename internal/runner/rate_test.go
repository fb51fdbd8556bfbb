package runner

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var dawn = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// begun is a call of a simulation: what it counts with now.
type begun struct {
	at     time.Time
	tokens int64
}

// most returns the most that began in any 60 seconds and a half.
func most(calls []begun, count func(begun) int64) int64 {
	var sum, top int64
	for first, last := 0, 0; last < len(calls); last++ {
		sum += count(calls[last])
		for calls[last].at.Sub(calls[first].at) >= window {
			sum -= count(calls[first])
			first++
		}
		top = max(top, sum)
	}
	return top
}

func one(begun) int64         { return 1 }
func tokens(c begun) int64    { return c.tokens }
func seeded(n uint64) dice    { return dice{rand.New(rand.NewPCG(n, 7))} }
func perMinute(n int) Limits  { return Limits{RequestsPerMinute: n} }
func spend(n int64) Limits    { return Limits{TokensPerMinute: n} }
func limited(l Limits) *rate  { r := newRate(); r.limit(dawn, l); return &r }
func (d dice) upTo(n int) int { return d.IntN(n + 1) }

type dice struct{ *rand.Rand }

// late is the delay of a timer on a busy machine.
func (d dice) late() time.Duration { return time.Duration(d.IntN(30)) * time.Millisecond }

// saturate lets calls of a size begin as soon as they may, until a time.
func saturate(r *rate, from, until time.Time, late func() time.Duration, size func() int64) []begun {
	var calls []begun
	now, next := from, size()
	for now.Before(until) {
		if w := r.ready(now, next, Call{}, 0); w.Reason != 0 {
			now = w.Until.Add(late())
			continue
		}
		r.begin(now, next)
		calls = append(calls, begun{at: now, tokens: next})
		next = size()
	}
	return calls
}

// No minute has more calls than it may, nearly all of them are used, and they are
// spread over it, for providers that sell ten calls a minute and thousands.
func TestCallsOfAMinute(t *testing.T) {
	for _, limit := range []int{1, 10, 60, 119, 3000, 60000} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			dice := seeded(uint64(limit))
			calls := saturate(limited(perMinute(limit)), dawn, dawn.Add(31*time.Minute), dice.late, func() int64 { return 0 })
			if got := most(calls, one); got > int64(limit) {
				t.Errorf("%d calls began within 60 seconds, %d may", got, limit)
			}
			steady := slices.IndexFunc(calls, func(c begun) bool { return c.at.After(dawn.Add(time.Minute)) })
			if used := float64(len(calls)-steady) / float64(30*limit); used < 0.98 {
				t.Errorf("%.4f of the allowance was used, want 0.98", used)
			}
			// After a rest one call and a second's worth begin at once, and go on evenly.
			var burst int
			for first, last := 0, 0; last < len(calls); last++ {
				for calls[last].at.Sub(calls[first].at) >= time.Second {
					first++
				}
				burst = max(burst, last-first+1)
			}
			if want := 2 + 2*limit/60; burst > want {
				t.Errorf("%d calls began within a second, want %d at most", burst, want)
			}
		})
	}
}

// Demand that comes and goes, and limits that change, never break the bound.
func TestCallsOfAMinuteWithRests(t *testing.T) {
	for seed := range uint64(20) {
		dice := seeded(seed)
		limit := 1 + dice.upTo(200)
		r := limited(perMinute(limit))
		var calls []begun
		for now := dawn; now.Before(dawn.Add(20 * time.Minute)); {
			until := now.Add(time.Duration(dice.upTo(40)) * time.Second)
			calls = append(calls, saturate(r, now, until, dice.late, func() int64 { return 0 })...)
			now = until.Add(time.Duration(dice.upTo(90)) * time.Second)
			if len(calls) > 0 && !calls[len(calls)-1].at.Before(now) {
				now = calls[len(calls)-1].at
			}
		}
		if got := most(calls, one); got > int64(limit) {
			t.Errorf("seed %d: %d calls began within 60 seconds, %d may", seed, got, limit)
		}
	}
}

func TestTokensOfAMinute(t *testing.T) {
	for _, limit := range []int64{10_000, 60_000, 2_000_000} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			dice := seeded(uint64(limit))
			size := func() int64 { return limit/400 + dice.Int64N(limit/200) }
			calls := saturate(limited(spend(limit)), dawn, dawn.Add(31*time.Minute), dice.late, size)
			if got := most(calls, tokens); got > limit {
				t.Errorf("%d tokens within 60 seconds, %d may be", got, limit)
			}
			var used int64
			for _, c := range calls {
				if c.at.After(dawn.Add(time.Minute)) {
					used += c.tokens
				}
			}
			if used := float64(used) / float64(30*limit); used < 0.98 {
				t.Errorf("%.4f of the allowance was used, want 0.98", used)
			}
		})
	}
}

// Calls reserve four times of what they use and last ten seconds. What is reserved
// and what was used never exceed the allowance together, and the pace does not take
// the reservations for use.
func TestTokensAreCorrected(t *testing.T) {
	const limit, reserve, use, lasts = 60_000, 4000, 1000, 10 * time.Second
	r := limited(spend(limit))
	type call struct {
		begun
		mark mark
	}
	var open []call
	var calls []begun
	now := dawn
	for now.Before(dawn.Add(20 * time.Minute)) {
		for len(open) > 0 && !now.Before(open[0].at.Add(lasts)) {
			r.end(now, open[0].mark, use, 1)
			open = open[1:]
		}
		w := r.ready(now, reserve, Call{}, 0)
		if w.Reason == 0 {
			c := begun{at: now, tokens: use}
			open = append(open, call{begun: c, mark: r.begin(now, reserve)})
			calls = append(calls, c)
			held := int64(len(open)) * reserve
			for _, c := range calls[:len(calls)-len(open)] {
				if now.Sub(c.at) < time.Minute {
					held += c.tokens
				}
			}
			if held > limit {
				t.Fatalf("%d tokens counted after %s, %d may be", held, now.Sub(dawn), limit)
			}
			continue
		}
		now = w.Until
		if len(open) > 0 && open[0].at.Add(lasts).Before(now) {
			now = open[0].at.Add(lasts)
		}
	}
	// With x calls a second, 10x hold 4,000 tokens and 50.5x hold 1,000.
	const possible = limit / (10*reserve + 50.5*use)
	got := 0
	for _, c := range calls {
		if c.at.After(dawn.Add(5 * time.Minute)) {
			got++
		}
	}
	if used := float64(got) / (15 * 60) / possible; used < 0.95 {
		t.Errorf("%.3f of the calls began that may at the most, want 0.95", used)
	}
}

func TestReady(t *testing.T) {
	after := func(d time.Duration) time.Time { return dawn.Add(d) }
	cases := map[string]struct {
		limits Limits
		before func(*rate)
		at     time.Duration
		tokens int64
		// expected calls of 100 tokens.
		expected int
		want     Wait
	}{
		"nothing is said": {before: func(r *rate) { r.begin(dawn, 1<<40) }, tokens: 1 << 50},
		"a call of a size the minute cannot hold, alone": {
			limits: spend(1000), tokens: 5000,
		},
		"and not alone": {
			limits: spend(1000), tokens: 5000, before: func(r *rate) { r.begin(dawn, 1) }, at: time.Second,
			want: Wait{Reason: ForTokens, Until: after(window)},
		},
		"one that leaves too little": {
			limits: spend(1000), tokens: 200, before: func(r *rate) { r.begin(dawn, 900) }, at: 58 * time.Second,
			want: Wait{Reason: ForTokens, Until: after(window)},
		},
		"until it is corrected": {
			limits: spend(1000), tokens: 200, before: func(r *rate) { r.end(dawn, r.begin(dawn, 900), 10, 1) }, at: time.Second,
		},
		"upwards too": {
			limits: spend(1000), tokens: 200, before: func(r *rate) { r.end(dawn, r.begin(dawn, 10), 900, 1) }, at: 58 * time.Second,
			want: Wait{Reason: ForTokens, Until: after(window)},
		},
		"a result without tokens keeps what was reserved": {
			limits: spend(1000), tokens: 200, before: func(r *rate) { r.end(dawn, r.begin(dawn, 900), 0, 1) }, at: 58 * time.Second,
			want: Wait{Reason: ForTokens, Until: after(window)},
		},
		"the minute is used up, and a call asks for no tokens": {
			limits: spend(1000), before: func(r *rate) { r.begin(dawn, 1000) }, at: window - 1,
			want: Wait{Reason: ForTokens, Until: after(window)},
		},
		"and over": {
			limits: spend(1000), tokens: 1000, before: func(r *rate) { r.begin(dawn, 1000) }, at: window,
		},
		"a correction after the minute": {
			limits: spend(1000), tokens: 1000, before: func(r *rate) { r.end(after(window), r.begin(dawn, 1000), 900, 1) }, at: window,
		},
		"a call of three requests": {
			limits: perMinute(4), before: func(r *rate) { r.end(after(time.Second), r.begin(dawn, 0), 0, 3) }, at: 50 * time.Second,
		},
		"takes the room of three": {
			limits: perMinute(3), before: func(r *rate) { r.end(after(time.Second), r.begin(dawn, 0), 0, 3) }, at: 50 * time.Second,
			want: Wait{Reason: ForRequests, Until: after(window)}, // when the first of them is forgotten
		},
		"calls keep their distance": {
			limits: perMinute(10), before: func(r *rate) { r.begin(dawn, 0) }, at: 2 * time.Second,
			want: Wait{Reason: ForRequests, Until: after(window/10 - slack)},
		},
		"a call that is expected is waited for": {
			limits: perMinute(10), expected: 1, at: 0,
			want: Wait{Reason: ForRequests, Until: after(window/10 - slack)},
		},
		"and its tokens": {
			limits: spend(1000), expected: 2, at: 0,
			want: Wait{Reason: ForTokens, Until: after(window/5 - slack)},
		},
		"but not for ever": {
			limits: perMinute(1), expected: 1, at: window,
		},
		"a limit that is doubled halves the wait": {
			limits: perMinute(10), before: func(r *rate) {
				r.begin(dawn, 0)
				r.limit(dawn, perMinute(20))
			}, at: time.Second,
			want: Wait{Reason: ForRequests, Until: after(window/20 - slack)},
		},
		"a limit that is set late knows what was before": {
			before: func(r *rate) {
				for range 7 {
					r.begin(dawn, 0)
				}
				r.limit(after(time.Second), perMinute(7))
			}, at: 50 * time.Second,
			want: Wait{Reason: ForRequests, Until: after(window)},
		},
		"a limit that is lifted": {
			limits: perMinute(1), before: func(r *rate) {
				r.begin(dawn, 0)
				r.limit(dawn, Limits{})
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := limited(tc.limits)
			if tc.before != nil {
				tc.before(r)
			}
			if diff := cmp.Diff(tc.want, r.ready(after(tc.at), tc.tokens, Call{Tokens: 100}, tc.expected)); diff != "" {
				t.Errorf("ready() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheLogIsBounded(t *testing.T) {
	r := limited(Limits{})
	for i := range 100_000 {
		now := dawn.Add(time.Duration(i) * 10 * time.Millisecond)
		r.ready(now, 1, Call{}, 0)
		r.begin(now, 1)
	}
	if got, want := len(r.log), int(window/grain)+1; got > want {
		t.Errorf("%d grains are kept, want %d at most", got, want)
	}
}
