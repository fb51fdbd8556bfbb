package budget

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dragoman-dev/dragoman/internal/money"
)

const euro = money.Euro(1_000_000)

var (
	november = Month(time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC))
	december = Month(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	batch    = Batch("b")
)

// read makes a state from JSON.
func read(t *testing.T, ledger string) *state {
	t.Helper()
	s, err := decode([]byte(ledger))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// written returns a state as JSON.
func written(t *testing.T, s *state) string {
	t.Helper()
	data, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestMonthsAreUTC(t *testing.T) {
	east := time.FixedZone("east", 2*60*60)
	if got := Month(time.Date(2026, 12, 1, 1, 0, 0, 0, east)); got != november {
		t.Errorf("Month() = %v, want %v", got, november)
	}
}

func TestReserve(t *testing.T) {
	limit := func(scope Scope, most money.Euro) Limit { return Limit{Scope: scope, Max: most} }
	cases := map[string]struct {
		ledger        string
		amount, spent money.Euro
		limits        []Limit
		// want is the ledger afterwards, unchanged when it is ""; wantErr a part of the
		// error, and wantKind what it is.
		want, wantErr string
		wantKind      any
	}{
		"the first job of a month": {
			amount: 3 * euro, limits: []Limit{limit(november, 3*euro)},
			want: `{"months":{"2026-11":{"settled":"0.00","open":{"j":{"max":"3.00"}}}}}`,
		},
		"a millionth too much": {
			amount: 3*euro + 1, limits: []Limit{limit(november, 3*euro)},
			wantKind: &Exceeded{}, wantErr: "the job can cost 3.000001 EUR more, and the budget of month 2026-11 has 3.00 EUR left of 3.00 EUR",
		},
		"what was settled leaves too little": {
			ledger: `{"months":{"2026-11":{"settled":"2.50"}}}`,
			amount: euro, limits: []Limit{{Scope: november, Max: 3 * euro, Label: `the budget of namespace "shop"`}},
			wantKind: &Exceeded{}, wantErr: `the job can cost 1.00 EUR more, and the budget of namespace "shop" has 0.50 EUR left of 3.00 EUR`,
		},
		"more was settled than the limit is by now": {
			ledger: `{"months":{"2026-11":{"settled":"9.00"}}}`,
			amount: euro, limits: []Limit{limit(november, 3*euro)},
			wantKind: &Exceeded{}, wantErr: "has 0.00 EUR left of 3.00 EUR",
		},
		"another job holds what is left": {
			ledger: `{"months":{"2026-11":{"settled":"1.00","open":{"k":{"max":"1.50"}}}}}`,
			amount: euro, limits: []Limit{limit(november, 3*euro)},
			wantKind: &Occupied{}, wantErr: "the job can cost 1.00 EUR more, and the budget of month 2026-11 has 0.50 EUR free of 3.00 EUR: other jobs hold 1.50 EUR until they end",
		},
		"two fit exactly": {
			ledger: `{"months":{"2026-11":{"settled":"1.00","open":{"k":{"max":"1.00"}}}}}`,
			amount: euro, limits: []Limit{limit(november, 3*euro)},
			want: `{"months":{"2026-11":{"settled":"1.00","open":{"j":{"max":"1.00"},"k":{"max":"1.00"}}}}}`,
		},
		"every limit has to admit it": {
			amount: 2 * euro, limits: []Limit{limit(november, 3*euro), limit(batch, euro)},
			wantKind: &Exceeded{}, wantErr: "the budget of batch b has 1.00 EUR left of 1.00 EUR",
		},
		"never comes before later": {
			ledger: `{"months":{"2026-11":{"settled":"0","open":{"k":{"max":"3"}}}}}`,
			amount: 2 * euro, limits: []Limit{limit(november, 3*euro), limit(batch, euro)},
			wantKind: &Exceeded{}, wantErr: "batch b",
		},
		"the first of two that are occupied": {
			ledger: `{"months":{"2026-11":{"settled":"0","open":{"k":{"max":"3"}}}},"batches":{"b":{"settled":"0","open":{"k":{"max":"3"}}}}}`,
			amount: 2 * euro, limits: []Limit{limit(november, 3*euro), limit(batch, 3*euro)},
			wantKind: &Occupied{}, wantErr: "month 2026-11",
		},
		"in both": {
			amount: euro, limits: []Limit{limit(november, 3*euro), limit(batch, euro)},
			want: `{"months":{"2026-11":{"settled":"0.00","open":{"j":{"max":"1.00"}}}},"batches":{"b":{"settled":"0.00","open":{"j":{"max":"1.00"}}}}}`,
		},
		"asked again": {
			ledger: `{"months":{"2026-11":{"settled":"0","open":{"j":{"max":"1.00"}}}}}`,
			amount: euro, limits: []Limit{limit(november, euro)},
		},
		"asked again under a limit that was lowered, which holds for what comes after": {
			ledger: `{"months":{"2026-11":{"settled":"0","open":{"j":{"max":"1.00"}}}}}`,
			amount: euro, limits: []Limit{limit(november, 1)},
		},
		"asked again with a smaller plan": {
			ledger: `{"months":{"2026-11":{"settled":"0","open":{"j":{"max":"1.00"}}}}}`,
			amount: 1, limits: []Limit{limit(november, euro)},
			want: `{"months":{"2026-11":{"settled":"0.00","open":{"j":{"max":"1.00"}}}}}`,
		},
		"asked again with a larger plan that fits": {
			ledger: `{"months":{"2026-11":{"settled":"1","open":{"j":{"max":"1.00"}}}}}`,
			amount: 2 * euro, limits: []Limit{limit(november, 3*euro)},
			want: `{"months":{"2026-11":{"settled":"1.00","open":{"j":{"max":"2.00"}}}}}`,
		},
		"a larger plan that does not fit keeps the smaller one": {
			ledger: `{"months":{"2026-11":{"settled":"1","open":{"j":{"max":"1.00"}}}}}`,
			amount: 2*euro + 1, limits: []Limit{limit(november, 3*euro)},
			wantKind: &Exceeded{}, wantErr: "can cost 2.000001 EUR more",
		},
		"a second run asks for what it can still cost": {
			ledger: `{"months":{"2026-11":{"settled":"2.00"}}}`,
			amount: 3 * euro, spent: 2 * euro, limits: []Limit{limit(november, 3*euro)},
			want: `{"months":{"2026-11":{"settled":"2.00","open":{"j":{"max":"3.00","before":"2.00"}}}}}`,
		},
		"a second run that can cost nothing more passes an exhausted limit": {
			ledger: `{"months":{"2026-11":{"settled":"5.00"}}}`,
			amount: 2 * euro, spent: 2 * euro, limits: []Limit{limit(november, 3*euro)},
			want: `{"months":{"2026-11":{"settled":"5.00","open":{"j":{"max":"2.00","before":"2.00"}}}}}`,
		},
		"a new month begins with what was spent in the old one": {
			ledger: `{"months":{"2026-11":{"settled":"4.00","open":{"j":{"max":"3.00","before":"0.50"}}}}}`,
			amount: 3 * euro, spent: 2 * euro, limits: []Limit{limit(december, euro)},
			want: `{"months":{"2026-11":{"settled":"5.50"},"2026-12":{"settled":"0.00","open":{"j":{"max":"3.00","before":"2.00"}}}}}`,
		},
		"a new month without room leaves the old one alone": {
			ledger: `{"months":{"2026-11":{"settled":"4.00","open":{"j":{"max":"3.00","before":"0.50"}}}}}`,
			amount: 3*euro + 1, spent: 2 * euro, limits: []Limit{limit(december, euro)},
			wantKind: &Exceeded{}, wantErr: "1.000001 EUR",
		},
		"amounts beyond what can be counted": {
			ledger: `{"months":{"2026-11":{"settled":"9223372036854.775807"}}}`,
			amount: math.MaxInt64, limits: []Limit{limit(november, math.MaxInt64-1)},
			wantKind: &Exceeded{}, wantErr: "9223372036854.775807 EUR more",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := read(t, tc.ledger)
			before := written(t, s)
			err := s.reserve(Request{Job: "j", Amount: tc.amount, Spent: tc.spent, Limits: tc.limits})
			if (err != nil) != (tc.wantErr != "") || err != nil && (!strings.Contains(err.Error(), tc.wantErr) || fmt.Sprintf("%T", err) != fmt.Sprintf("%T", tc.wantKind)) {
				t.Errorf("reserve() = %T %v, want %T …%s…", err, err, tc.wantKind, tc.wantErr)
			}
			if tc.want == "" {
				tc.want = before
			}
			if diff := cmp.Diff(tc.want, written(t, s)); diff != "" {
				t.Errorf("ledger (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettle(t *testing.T) {
	const open = `{"months":{"2026-11":{"settled":"1.00","open":{"j":{"max":"3.00","before":"0.50"},"k":{"max":"1.00"}}}},` +
		`"batches":{"b":{"settled":"0.00","open":{"j":{"max":"3.00"}}}}}`
	cases := map[string]struct {
		change func(*state)
		want   string
	}{
		"the difference counts, in each scope its own": {
			change: func(s *state) { s.settle("j", 2*euro) },
			want:   `{"months":{"2026-11":{"settled":"2.50","open":{"k":{"max":"1.00"}}}},"batches":{"b":{"settled":"2.00"}}}`,
		},
		"twice counts once": {
			change: func(s *state) { s.settle("j", 2*euro); s.settle("j", 2*euro) },
			want:   `{"months":{"2026-11":{"settled":"2.50","open":{"k":{"max":"1.00"}}}},"batches":{"b":{"settled":"2.00"}}}`,
		},
		"less than before takes nothing back": {
			change: func(s *state) { s.settle("j", 400_000) },
			want:   `{"months":{"2026-11":{"settled":"1.00","open":{"k":{"max":"1.00"}}}},"batches":{"b":{"settled":"0.40"}}}`,
		},
		"more than was reserved counts all the same": {
			change: func(s *state) { s.settle("k", 7*euro) },
			want: `{"months":{"2026-11":{"settled":"8.00","open":{"j":{"max":"3.00","before":"0.50"}}}},` +
				`"batches":{"b":{"settled":"0.00","open":{"j":{"max":"3.00"}}}}}`,
		},
		"a job without a reservation changes nothing": {change: func(s *state) { s.settle("x", euro) }, want: open},
		"released, it counts nothing": {
			change: func(s *state) { s.release("j") },
			want:   `{"months":{"2026-11":{"settled":"1.00","open":{"k":{"max":"1.00"}}}},"batches":{"b":{"settled":"0.00"}}}`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := read(t, open)
			tc.change(s)
			if diff := cmp.Diff(tc.want, written(t, s)); diff != "" {
				t.Errorf("ledger (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPrune(t *testing.T) {
	s := &state{}
	for i := range 20 {
		s.put(Month(time.Date(2025, time.Month(1+i), 1, 0, 0, 0, 0, time.UTC)), &account{Settled: 1})
	}
	s.put(Month(time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)), &account{Open: map[types.UID]hold{"j": {Max: 1}}})
	s.put(batch, &account{})
	s.put(Batch("c"), &account{Settled: 1})
	s.prune()
	var got []string
	for scope := range s.accounts() {
		got = append(got, scope.String())
	}
	// 2025-08 to 2026-08, the month with a reservation, and the batch with something in it.
	if len(got) != 13+1+1 || s.Months["2025-03"] == nil || s.Months["2025-08"] == nil || s.Months["2025-07"] != nil || s.Batches["b"] != nil || s.Batches["c"] == nil {
		t.Errorf("left are %q", got)
	}
}

func TestDecodeRefusesWhatItDoesNotKnow(t *testing.T) {
	cases := map[string]string{
		"no JSON":               `{`,
		"two ledgers":           `{}{}`,
		"a field of the future": `{"months":{"2026-11":{"settled":"1","owed":"5"}}}`,
		"no month":              `{"months":{"soon":{"settled":"1"}}}`,
		"no amount":             `{"months":{"2026-11":{"settled":"much"}}}`,
		"a number":              `{"months":{"2026-11":{"settled":1}}}`,
		"less than nothing":     `{"months":{"2026-11":{"settled":"-1"}}}`,
		"null":                  `{"batches":{"b":null}}`,
	}
	for name, ledger := range cases {
		t.Run(name, func(t *testing.T) {
			if s, err := decode([]byte(ledger)); err == nil {
				t.Errorf("decode() = %s", written(t, s))
			}
		})
	}
}

func TestAFullLedgerFitsAConfigMap(t *testing.T) {
	s := &state{}
	id := func(n int) string { return fmt.Sprintf("%0*d", maxID, n) }
	ask := func(job, batch int) error {
		r := Request{
			Job: types.UID(id(job)), Amount: math.MaxInt64, Spent: math.MaxInt64 - 1,
			Limits: []Limit{{Scope: Batch(types.UID(id(batch))), Max: math.MaxInt64}},
		}
		if err := r.check(); err != nil {
			t.Fatal(err)
		}
		return s.reserve(r)
	}
	var full *Full
	for n := 0; ; n++ {
		if err := ask(n, n%2); errors.As(err, &full) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if n := s.entries(); n > maxEntries || n < maxEntries-2 {
		t.Errorf("the ledger is full with %d entries", n)
	}
	if size := len(written(t, s)); size > 1<<20-4096 {
		t.Errorf("a full ledger has %d bytes", size)
	}
	if err := ask(0, 0); err != nil {
		t.Errorf("a job that holds a reservation is refused: %v", err)
	}
	s.settle(types.UID(id(0)), 0)
	s.settle(types.UID(id(1)), 0)
	if err := ask(0, 0); err != nil {
		t.Errorf("there is room again: %v", err)
	}
}

func TestCheck(t *testing.T) {
	good := Request{Job: "j", Amount: 1, Limits: []Limit{{Scope: november, Max: 1}}}
	cases := map[string]func(*Request){
		"no job":                func(r *Request) { r.Job = "" },
		"a job without end":     func(r *Request) { r.Job = types.UID(strings.Repeat("j", maxID+1)) },
		"less than nothing":     func(r *Request) { r.Amount = -1 },
		"spent less":            func(r *Request) { r.Spent = -1 },
		"no scope":              func(r *Request) { r.Limits = []Limit{{Max: 1}} },
		"no batch":              func(r *Request) { r.Limits = []Limit{{Scope: Batch(""), Max: 1}} },
		"a limit below nothing": func(r *Request) { r.Limits = []Limit{{Scope: november, Max: -1}} },
	}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			r := good
			change(&r)
			if r.check() == nil {
				t.Errorf("%+v passes", r)
			}
		})
	}
}

// TestNoSequenceComesOverALimit plays jobs that reserve, spend, run again and end in
// a random order against one ledger, and looks at it after each step.
func TestNoSequenceComesOverALimit(t *testing.T) {
	limits := []Limit{{Scope: november, Max: 20}, {Scope: december, Max: 15}, {Scope: batch, Max: 18}}
	granted, refused := 0, 0
	for seed := range uint64(300) {
		chance := rand.New(rand.NewPCG(seed, 1))
		s := &state{}
		// What each job has cost, and may cost while it holds a reservation.
		cost, may := map[types.UID]money.Euro{}, map[types.UID]money.Euro{}
		month := november
		for range 200 {
			job := types.UID(fmt.Sprint(chance.IntN(6)))
			_, running := may[job]
			switch step := chance.IntN(10); {
			case step == 0:
				month = december
			case step < 5:
				r := Request{Job: job, Spent: cost[job], Amount: cost[job] + money.Euro(chance.IntN(9)), Limits: []Limit{limits[2]}}
				for _, l := range limits[:2] {
					if l.Scope == month {
						r.Limits = append(r.Limits, l)
					}
				}
				if s.reserve(r) == nil {
					may[job] = r.Amount
					granted++
				} else {
					refused++
				}
			case step < 8 && running:
				cost[job] += money.Euro(chance.Int64N(int64(may[job]-cost[job]) + 1))
			case running:
				s.settle(job, cost[job])
				delete(may, job)
			}
			s.prune()
			for _, l := range limits {
				a := s.account(l.Scope)
				if all := money.Euro(a.Settled) + a.reserved(""); all > l.Max {
					t.Fatalf("seed %d: %s stands at %d of %d", seed, l.Scope, all, l.Max)
				}
			}
		}
		var spent, counted money.Euro
		for job := range may {
			s.settle(job, cost[job])
		}
		for _, c := range cost {
			spent += c
		}
		for _, a := range s.Months {
			counted += money.Euro(a.Settled)
		}
		if counted != spent || money.Euro(s.account(batch).Settled) != spent {
			t.Fatalf("seed %d: the jobs cost %d; the months say %d, the batch %d", seed, spent, counted, s.account(batch).Settled)
		}
	}
	if granted < 1000 || refused < 1000 {
		t.Errorf("%d granted, %d refused: the test plays too little", granted, refused)
	}
}
