package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// provider charges for every call the most that was announced to it, also for those
// whose answer gets lost, and knows its true bill.
type provider struct {
	prices money.Prices
	bill   money.Euro
	lose   func() bool
}

func (p *provider) script(b *bench) script {
	return func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		var u engine.Usage
		for _, s := range req.Segments {
			u.Characters += int64(len([]rune(s.Text))) + 32
		}
		p.bill += p.prices.Cost(u)
		if p.lose() {
			return engine.Response{Uncertain: 1}, engine.Errorf(engine.Transient, "the answer broke off")
		}
		out := scripted.Translation(req)
		out.Usage = u
		return out, nil
	}
}

// Whatever gets lost, the true bill stays under what was announced, and under maxCost.
func TestTheBillStaysUnderTheBound(t *testing.T) {
	exceeded := 0
	for seed := range uint64(300) {
		dice := rand.New(rand.NewPCG(seed, 7))
		var texts []string
		for i := range 1 + dice.IntN(12) {
			texts = append(texts, fmt.Sprintf("Tengo %d gatos y una casa verde.", i))
		}
		b, kept := paidBench(texts...)
		b.engine.Description.MaxSegments = 1 + dice.IntN(4)
		p := &provider{prices: b.job.Prices, lose: func() bool { return dice.IntN(3) == 0 }}
		b.engine.Script = p.script(b)
		var announced money.Euro
		for lives := 0; lives < 30; lives++ {
			b.job.Announced, b.job.Lost = announced, lives > 0
			run := pipeline.New(b.job, b.tools, kept.all())
			got := run.Do(t.Context())
			if got.End == pipeline.Planned {
				announced = run.Report().PlannedMax
				run.Announce()
				for range 1 + dice.IntN(4) { // then the process is killed
					if got = run.Do(t.Context()); got.End != pipeline.Retry {
						break
					}
				}
			}
			if p.bill > announced {
				t.Fatalf("seed %d: the bill is %s and %s were announced", seed, p.bill.Decimal(), announced.Decimal())
			}
			if got.End == pipeline.Finished {
				break
			}
			if got.Reason == v1alpha1.BudgetExceededReason {
				exceeded++
				break
			}
		}
	}
	if exceeded == 0 {
		t.Error("no run came to its bound: the test shows nothing")
	}
}

// A limit that is lowered while the job works holds from the next call on.
func TestALimitThatIsLowered(t *testing.T) {
	b, _ := paidBench(five...)
	limit := v1alpha1.Decimal("1")
	b.tools.MaxCost = func() v1alpha1.Decimal { return limit }
	inner := b.engine.Script
	b.engine.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
		if call == 2 {
			limit = "0.00003"
		}
		return inner(ctx, call, req)
	}
	got := buy(t, b.run())
	if got.End != pipeline.Fatal || got.Reason != v1alpha1.BudgetExceededReason || b.engine.Calls() != 2 {
		t.Errorf("Do() ended %d %q after %d calls: %s", got.End, got.Reason, b.engine.Calls(), got.Message)
	}
}

func TestTheSharedBudgetIsAskedBeforeTheFirstCall(t *testing.T) {
	b, _ := paidBench(five...)
	var asked []money.Euro
	var answer error = &pipeline.Refusal{End: pipeline.Waits, Reason: v1alpha1.AwaitingBudgetReason, Message: "others hold it"}
	b.tools.Reserve = func(_ context.Context, amount money.Euro) error { asked = append(asked, amount); return answer }
	run := b.run()
	if got := run.Do(t.Context()); got.End != pipeline.Waits || got.Reason != v1alpha1.AwaitingBudgetReason || b.engine.Calls() != 0 {
		t.Errorf("Do() ended %d %q after %d calls", got.End, got.Reason, b.engine.Calls())
	}
	answer = nil
	if got := buy(t, run); got.Reason != v1alpha1.CompletedReason {
		t.Errorf("with a share of the budget Do() ended %q: %s", got.Reason, got.Message)
	}
	for _, amount := range asked {
		if amount != run.Report().PlannedMax {
			t.Errorf("asked for %s, announced were %s", amount.Decimal(), run.Report().PlannedMax.Decimal())
		}
	}
}

// A job that lost its process in the first call has room for that call once more,
// whatever the prices: what was not answered yet cannot have been a correction.
func TestALostFirstCallFitsTheBound(t *testing.T) {
	for _, corrects := range []bool{false, true} {
		b, _ := paidBench("Hola, isla cortada.")
		b.engine.Description.Corrects = corrects
		b.job.Prices = money.Prices{InputPerMillionTokens: 1_000_000, OutputPerMillionTokens: 2_000_000}
		first := b.run()
		if got := first.Do(t.Context()); got.End != pipeline.Planned {
			t.Fatalf("Do() ended %d: %s", got.End, got.Message)
		}
		b.job.Lost, b.job.Announced = true, first.Report().PlannedMax
		b.engine.Description.Corrects = true
		next := b.run()
		if !next.MissesLostCall() {
			t.Error("nothing is missing before the plan")
		}
		if got := buy(t, next); got.Reason != v1alpha1.CompletedReason {
			t.Errorf("corrects %v: Do() ended %q: %s", corrects, got.Reason, got.Message)
		}
		if got := next.Report(); next.MissesLostCall() || got.Committed <= got.Cost {
			t.Errorf("corrects %v: the lost call is not counted: %s of %s", corrects, got.Committed.Decimal(), got.Cost.Decimal())
		}
	}
}

// What a job is concluded with counts the call that its process may have ended in.
func TestAConcludedRunCountsTheLostCall(t *testing.T) {
	cases := map[string]struct {
		kept bool
		want func(announced money.Euro, got pipeline.Report) bool
	}{
		"with finished segments, one call": {kept: true, want: func(announced money.Euro, got pipeline.Report) bool {
			return got.Committed > got.Cost && got.Committed < announced
		}},
		"with nothing, all that was announced": {want: func(announced money.Euro, got pipeline.Report) bool {
			return got.Cost == 0 && got.Committed == announced
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b, kept := paidBench(five...)
			first := b.run()
			buy(t, first)
			announced := first.Report().PlannedMax
			b.job.Lost, b.job.Announced = true, announced
			from := pipeline.Checkpoint{}
			if tc.kept {
				from = kept.pages[0]
			}
			next := pipeline.New(b.job, b.tools, from)
			if err := next.Conclude(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := next.Report(); !tc.want(announced, got) {
				t.Errorf("announced %d, cost %d, committed %d", announced, got.Cost, got.Committed)
			}
		})
	}
}
