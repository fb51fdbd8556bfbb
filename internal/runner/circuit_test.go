package runner

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCircuit(t *testing.T) {
	var first, second, third entry
	type step struct {
		at      time.Duration
		admit   *entry
		release *entry
		result  *entry
		outcome Outcome
		times   int
		// What holds afterwards: shut, and until when; 0 for not known.
		wantShut  bool
		wantUntil time.Duration
		wantOpens bool
	}
	fails := step{result: &first, outcome: Unavailable, times: 5, wantShut: true, wantUntil: 5 * time.Second, wantOpens: true}
	cases := map[string][]step{
		"four failures say nothing yet": {
			{result: &first, outcome: Unavailable, times: 4},
			{result: &first, outcome: Answered},
			{result: &first, outcome: Unavailable, times: 4},
		},
		"a provider that asks to wait is there": {
			{result: &first, outcome: Unavailable, times: 4},
			{result: &second, outcome: RateLimited},
			{result: &first, outcome: Unavailable, times: 4},
		},
		"a text it rejects says neither": {
			{result: &first, outcome: Unavailable, times: 4},
			{result: &second, outcome: Other},
			{result: &third, outcome: Unavailable, wantShut: true, wantUntil: 5 * time.Second, wantOpens: true},
		},
		"one call is on trial, and its success closes it": {
			fails,
			{at: 5 * time.Second},
			{at: 5 * time.Second, admit: &second, wantShut: true},
			{at: 6 * time.Second, result: &second, outcome: Answered},
			{at: 6 * time.Second, result: &second, outcome: Unavailable, times: 4},
		},
		"a failed trial doubles the time": {
			fails,
			{at: 5 * time.Second, admit: &second, wantShut: true},
			{at: 6 * time.Second, result: &second, outcome: Unavailable, wantShut: true, wantUntil: 16 * time.Second, wantOpens: true},
			{at: 16 * time.Second, admit: &third, wantShut: true},
			{at: 17 * time.Second, result: &third, outcome: Unavailable, wantShut: true, wantUntil: 37 * time.Second, wantOpens: true},
		},
		"a success makes the next break short again": {
			fails,
			{at: 5 * time.Second, admit: &second, wantShut: true},
			{at: 6 * time.Second, result: &second, outcome: Unavailable, wantShut: true, wantUntil: 16 * time.Second, wantOpens: true},
			{at: 16 * time.Second, admit: &third, wantShut: true},
			{at: 17 * time.Second, result: &third, outcome: Answered},
			{at: 17 * time.Second, result: &third, outcome: Unavailable, times: 5, wantShut: true, wantUntil: 22 * time.Second, wantOpens: true},
		},
		"calls from before the break say nothing about the time after": {
			fails,
			{at: time.Second, result: &second, outcome: Answered, wantShut: true, wantUntil: 5 * time.Second},
			{at: time.Second, result: &second, outcome: Unavailable, wantShut: true, wantUntil: 5 * time.Second},
			{at: 5 * time.Second, admit: &third, wantShut: true},
			{at: 6 * time.Second, result: &second, outcome: Unavailable, wantShut: true},
			{at: 6 * time.Second, result: &third, outcome: Answered},
		},
		"a trial that makes no call leaves its place to another": {
			fails,
			{at: 5 * time.Second, admit: &second, wantShut: true},
			{at: 6 * time.Second, release: &second},
			{at: 6 * time.Second, admit: &third, wantShut: true},
			{at: 7 * time.Second, result: &third, outcome: Other},
		},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			var c circuit
			for i, s := range steps {
				opened := false
				if s.admit != nil {
					c.admit(s.admit)
				}
				if s.release != nil {
					c.release(s.release)
				}
				for range max(1, s.times) {
					if s.result != nil {
						opened = c.result(s.result, s.outcome, dawn.Add(s.at)) || opened
					}
				}
				until, shut := c.shut(dawn.Add(s.at))
				var wantUntil time.Time
				if s.wantUntil > 0 {
					wantUntil = dawn.Add(s.wantUntil)
				}
				if shut != s.wantShut || !until.Equal(wantUntil) || opened != s.wantOpens {
					t.Errorf("step %d: shut %v until %v, opened %v", i, shut, until, opened)
				}
			}
		})
	}
}

func TestBreaksGrowToFiveMinutes(t *testing.T) {
	var c circuit
	var e entry
	now := dawn
	for range breakAfter {
		c.result(&e, Unavailable, now)
	}
	var got []time.Duration
	for range 9 {
		until, _ := c.shut(now)
		got = append(got, until.Sub(now))
		now = until
		c.admit(&e)
		c.result(&e, Unavailable, now)
	}
	s := time.Second
	if diff := cmp.Diff([]time.Duration{5 * s, 10 * s, 20 * s, 40 * s, 80 * s, 160 * s, 300 * s, 300 * s, 300 * s}, got); diff != "" {
		t.Errorf("breaks (-want +got):\n%s", diff)
	}
}

func TestPausesOfAProviderThatNamesNone(t *testing.T) {
	var p pause
	now := dawn
	var got []time.Duration
	for range 6 {
		began := now
		now = now.Add(time.Second)
		d := p.after(now, began, 0)
		if again := p.after(now, began, 0); again != d {
			t.Errorf("a second call of the same moment rests %s, the first %s", again, d)
		}
		got = append(got, d)
		now = now.Add(d)
	}
	s := time.Second
	if diff := cmp.Diff([]time.Duration{5 * s, 10 * s, 20 * s, 40 * s, 60 * s, 60 * s}, got); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
	if got := p.after(now, now, 7*s); got != 7*s {
		t.Errorf("a pause of 7s that is named lasts %s", got)
	}
	p.answered(dawn)
	if got := p.after(now, now, 0); got != 60*s {
		t.Errorf("after the late answer to an early call it rests %s", got)
	}
	p.answered(now)
	if got := p.after(now, now, 0); got != 5*s {
		t.Errorf("after an answer it rests %s", got)
	}
}
