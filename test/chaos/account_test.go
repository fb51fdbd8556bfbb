package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// at returns a second of the test's minute.
func at(second float64) time.Time {
	return time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC).Add(time.Duration(second * float64(time.Second)))
}

// killedAt is the end of a manager that was killed.
func killedAt(second float64) end {
	return end{led: at(second - 1), from: at(second), till: at(second + 0.1)}
}

func TestAccount(t *testing.T) {
	one := order{Number: 1, Language: "ca"}
	usage := engine.Usage{InputTokens: 3, OutputTokens: 2}
	sold := func(begun, ended float64, f fate, gone bool, sentences ...int) *call {
		return &call{order: one, sentences: sentences, begun: at(begun), ended: at(ended), fate: f, gone: gone, usage: usage}
	}
	record := func(second int, sentences ...int) page {
		return page{job: "ns/one", created: at(float64(second)), sentences: sentences}
	}
	tests := map[string]struct {
		calls []*call
		ends  []end
		pages []page
		ended time.Time
		want  account
	}{
		"a refused call is no sale": {
			calls: []*call{sold(1, 2, free, false, 1, 2)},
		},
		"an answer that arrives is bought once": {
			calls: []*call{sold(1, 2, answered, false, 1, 2)},
			want:  account{Sold: 2},
		},
		"spoiled and late answers are sold and not bought": {
			calls: []*call{sold(1, 2, spoiled, false, 1), sold(3, 7, answered, true, 1), sold(8, 9, answered, false, 1)},
			want:  account{Sold: 3, Spoiled: 1, Late: 1},
		},
		"a call that a kill cut is in flight, and bought again after it": {
			calls: []*call{sold(1, 3, answered, true, 1, 2), sold(6, 7, answered, false, 1, 2)},
			ends:  []end{killedAt(2)},
			want:  account{Sold: 4, BoughtAgain: 2, UnderWay: 2, InFlight: 2},
		},
		"an answer that no page has at the kill is in flight": {
			calls: []*call{sold(1, 2, answered, false, 1), sold(6, 7, answered, false, 1)},
			ends:  []end{killedAt(3)},
			pages: []page{record(8, 1)},
			want:  account{Sold: 2, BoughtAgain: 1, InFlight: 1},
		},
		"what a page has must not be bought again": {
			calls: []*call{sold(1, 2, answered, false, 1), sold(6, 7, answered, false, 1)},
			ends:  []end{killedAt(3)},
			pages: []page{record(2, 1)},
			want:  account{Sold: 2, BoughtAgain: 1, OnRecord: []string{"sentence 1 of ns/one: bought 0.00 and 5.00, 0 times in flight; leaders ended 2.10"}},
		},
		"nothing is in flight of a job that has ended": {
			calls: []*call{sold(1, 2, answered, false, 1)},
			ends:  []end{killedAt(3)},
			ended: at(2),
			want:  account{Sold: 1},
		},
		"what is lost twice is in flight twice": {
			calls: []*call{sold(1, 2, answered, false, 1), sold(6, 7, answered, false, 1), sold(11, 12, answered, false, 1)},
			ends:  []end{killedAt(8), killedAt(3)},
			want:  account{Sold: 3, BoughtAgain: 2, InFlight: 2},
		},
		"a second purchase without a kill is none of a crash": {
			calls: []*call{sold(1, 2, answered, false, 1), sold(3, 4, answered, false, 1)},
			want:  account{Sold: 2, BoughtAgain: 1, OnRecord: []string{"sentence 1 of ns/one: bought 0.00 and 2.00, 0 times in flight; leaders ended "}},
		},
		"a job saves before its next call": {
			calls: []*call{sold(1, 2, answered, false, 1, 2), sold(2, 3, answered, false, 3)},
			ends:  []end{killedAt(4)},
			want:  account{Sold: 3, InFlight: 3, Careless: []string{"ns/one (3 segments)"}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l := &ledger{calls: tc.calls, ends: tc.ends, pages: tc.pages}
			got := l.account(map[order]outcome{one: {job: "ns/one", ended: tc.ended}}, 2)
			tc.want.Bills = map[order]engine.Usage{}
			for _, c := range tc.calls {
				if c.fate != free {
					tc.want.Bills[one] = tc.want.Bills[one].Add(usage)
				}
			}
			ignored := cmpopts.IgnoreFields(account{}, "Idle", "Delays")
			if diff := cmp.Diff(tc.want, got, ignored); diff != "" {
				t.Errorf("account (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFirstCalls(t *testing.T) {
	l := &ledger{
		calls: []*call{{begun: at(3)}, {begun: at(4)}, {begun: at(13)}},
		ends:  []end{{led: at(1), till: at(5)}, {led: at(6), till: at(8)}, {led: at(12), till: at(20)}},
	}
	var got account
	l.firstCalls(&got)
	want := account{Idle: 1, Delays: []time.Duration{time.Second, 2 * time.Second}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("first calls (-want +got):\n%s", diff)
	}
}
