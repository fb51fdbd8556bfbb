package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

func TestEuro(t *testing.T) {
	cases := map[string]struct {
		text      v1alpha1.Decimal
		want      money.Euro
		wantText  v1alpha1.Decimal
		wantError string
	}{
		"nothing":                        {text: "", want: 0, wantText: "0.00"},
		"zero":                           {text: "0", want: 0, wantText: "0.00"},
		"whole euros":                    {text: "12", want: 12_000_000, wantText: "12.00"},
		"cents":                          {text: "0.03", want: 30_000, wantText: "0.03"},
		"one digit":                      {text: "1.5", want: 1_500_000, wantText: "1.50"},
		"a millionth":                    {text: "0.000001", want: 1, wantText: "0.000001"},
		"three digits":                   {text: "0.125", want: 125_000, wantText: "0.125"},
		"less than a millionth is lost":  {text: "0.0000019", want: 1, wantText: "0.000001"},
		"no binary fraction comes near":  {text: "0.1", want: 100_000, wantText: "0.10"},
		"the largest that the API takes": {text: "9999999999.999999", want: 9_999_999_999_999_999, wantText: "9999999999.999999"},
		"below zero":                     {text: "-1", wantError: `"-1" is not a decimal number`},
		"no number":                      {text: "much", wantError: `"much" is not a decimal number`},
		"too large":                      {text: "99999999999999", wantError: `"99999999999999" is too large`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := money.Parse(tc.text)
			if tc.wantError != "" {
				if err == nil || err.Error() != tc.wantError {
					t.Fatalf("ParseEuro() = %d, %v; want error %s", got, err, tc.wantError)
				}
				return
			}
			if err != nil || got != tc.want {
				t.Fatalf("ParseEuro() = %d, %v; want %d", got, err, tc.want)
			}
			if diff := cmp.Diff(tc.wantText, got.Decimal()); diff != "" {
				t.Errorf("Decimal() (-want +got):\n%s", diff)
			}
			if again, err := money.Parse(got.Decimal()); err != nil || again != got {
				t.Errorf("its own text reads as %d, %v", again, err)
			}
		})
	}
}

func TestPricesOf(t *testing.T) {
	cases := map[string]struct {
		from      *v1alpha1.Prices
		want      money.Prices
		wantFree  bool
		wantError string
	}{
		"no prices": {wantFree: true},
		"empty":     {from: &v1alpha1.Prices{}, wantFree: true},
		"each in its place": {
			from: &v1alpha1.Prices{InputPerMillionTokens: "0.15", OutputPerMillionTokens: "0.60", PerMillionCharacters: "20"},
			want: money.Prices{InputPerMillionTokens: 150_000, OutputPerMillionTokens: 600_000, PerMillionCharacters: 20_000_000},
		},
		"a price that is none": {
			from: &v1alpha1.Prices{PerMillionCharacters: "x"}, wantError: `read prices: "x" is not a decimal number`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := money.PricesOf(tc.from)
			if (err != nil) != (tc.wantError != "") || err != nil && err.Error() != tc.wantError {
				t.Fatalf("PricesOf(): error %v, want %q", err, tc.wantError)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("PricesOf() (-want +got):\n%s", diff)
			}
			if got.Free() != tc.wantFree && tc.wantError == "" {
				t.Errorf("Free() = %v, want %v", got.Free(), tc.wantFree)
			}
		})
	}
}

func TestCostIsRoundedUp(t *testing.T) {
	p := money.Prices{InputPerMillionTokens: 150_000, OutputPerMillionTokens: 600_000, PerMillionCharacters: 20_000_000}
	cases := map[string]struct {
		usage engine.Usage
		want  money.Euro
	}{
		"nothing":                 {},
		"a million of each":       {usage: engine.Usage{InputTokens: 1e6, OutputTokens: 1e6, Characters: 1e6}, want: 20_750_000},
		"one token, rounded up":   {usage: engine.Usage{InputTokens: 1}, want: 1},
		"each sum for itself":     {usage: engine.Usage{InputTokens: 1, OutputTokens: 1}, want: 2},
		"exactly a millionth":     {usage: engine.Usage{InputTokens: 20, OutputTokens: 0}, want: 3},
		"more than fits in 64bit": {usage: engine.Usage{Characters: 1e12}, want: 20_000_000_000_000},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := p.Cost(tc.usage); got != tc.want {
				t.Errorf("Cost() = %d, want %d", got, tc.want)
			}
		})
	}
}

func TestPaidProviders(t *testing.T) {
	paid := newBench().engine
	paid.Description.Paid = true
	cases := map[string]struct {
		provider pipeline.Provider
		want     bool
	}{
		"free":                       {provider: pipeline.Provider{Engine: newBench().engine}},
		"the engine says so":         {provider: pipeline.Provider{Engine: paid}, want: true},
		"the prices of its provider": {provider: pipeline.Provider{Engine: newBench().engine, Prices: money.Prices{PerMillionCharacters: 1}}, want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.provider.Paid(); got != tc.want {
				t.Errorf("Paid() = %v, want %v", got, tc.want)
			}
		})
	}
}

func TestABudgetStopsAJobBeforeTheFirstCall(t *testing.T) {
	// One call of 14 characters, each way counted as the plan counts it: 14+32
	// characters at 1 euro a thousand.
	prices := money.Prices{PerMillionCharacters: 1_000_000_000}
	cases := map[string]struct {
		maxCost     v1alpha1.Decimal
		prices      money.Prices
		wantReason  string
		wantPlan    money.Euro
		wantMessage string
	}{
		"no limit":           {prices: prices, wantReason: v1alpha1.CompletedReason, wantPlan: 92_000}, // with one repeat
		"exactly the limit":  {prices: prices, maxCost: "0.046", wantReason: v1alpha1.CompletedReason, wantPlan: 46_000},
		"a little too much":  {prices: prices, maxCost: "0.045999", wantReason: v1alpha1.BudgetExceededReason, wantPlan: 46_000, wantMessage: "the job may cost up to 0.046 euro and maxCost is 0.045999; raise maxCost or shorten the source"},
		"nothing may be due": {prices: prices, maxCost: "0", wantReason: v1alpha1.BudgetExceededReason, wantPlan: 46_000, wantMessage: "the job may cost up to 0.046 euro and maxCost is 0.00; raise maxCost or shorten the source"},
		"a free engine":      {maxCost: "0", wantReason: v1alpha1.CompletedReason},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench("Tengo un gato.")
			b.job.Prices, b.job.Options.MaxCost = tc.prices, tc.maxCost
			run := b.run()
			got := run.Do(t.Context())
			if got.Reason != tc.wantReason || tc.wantMessage != "" && got.Message != tc.wantMessage {
				t.Errorf("Do() ended %q: %s", got.Reason, got.Message)
			}
			if plan := run.Report().PlannedMax; plan != tc.wantPlan {
				t.Errorf("planned %d, want %d", plan, tc.wantPlan)
			}
			if stopped := tc.wantReason == v1alpha1.BudgetExceededReason; stopped != (b.engine.Calls() == 0) {
				t.Errorf("%d calls", b.engine.Calls())
			}
		})
	}
}

// greedy answers as long as it may, never well enough, and bills all it may: each
// character as a token, the answer four times the length of the text.
func greedy(b *bench, dice *rand.Rand) script {
	return func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		n := func(texts ...string) (sum int64) {
			for _, text := range texts {
				sum += int64(utf8.RuneCountInString(text))
			}
			return sum
		}
		var out engine.Response
		out.Usage.InputTokens = 1500 + n(req.Domain, req.Tone, req.TextType, req.Instructions, req.StyleReference)
		for _, e := range req.Context {
			out.Usage.InputTokens += n(e.Source, e.Target)
		}
		for _, s := range req.Segments {
			length := n(s.Text)
			out.Usage.Characters += length
			out.Usage.InputTokens += length + 32
			out.Usage.OutputTokens += 4 * (length + 32)
			if c := s.Correction; c != nil {
				out.Usage.InputTokens += n(c.Previous) + n(c.Findings...)
			}
			text := strings.Repeat("é", int(4*length)-40) + fmt.Sprint(dice.IntN(1000))
			out.Segments = append(out.Segments, engine.Translation{ID: s.ID, Text: text})
		}
		return out, nil
	}
}

// fussy finds as much as QA can say of a segment, and never twice the same.
func fussy(dice *rand.Rand) []qa.Check {
	return []qa.Check{{Name: "fussy", Run: func(qa.Input) []qa.Finding {
		var out []qa.Finding
		for range 1 + dice.IntN(12) {
			out = append(out, qa.Finding{Check: "fussy", Severity: v1alpha1.CriticalSeverity, Message: strings.Repeat("m", 1+dice.IntN(512))})
		}
		return out
	}}}
}

func TestThePlanBoundsWhatAnHonestEngineCosts(t *testing.T) {
	for seed := range uint64(150) {
		dice := rand.New(rand.NewPCG(seed, 2))
		var texts []string
		for range 1 + dice.IntN(10) {
			texts = append(texts, strings.TrimSpace(strings.Repeat("palabra ", 3+dice.IntN(300)))+fmt.Sprint(len(texts)))
		}
		b := newBench(texts...)
		b.engine.Description.Corrects = true
		b.engine.Description.MaxSegments = dice.IntN(5)
		b.engine.Description.MaxRunes = dice.IntN(2) * 2000
		b.tools.Checks = fussy(dice)
		b.engine.Script = greedy(b, dice)
		b.job.Options.Instructions = strings.Repeat("i", dice.IntN(2000))
		b.job.Prices = money.Prices{
			InputPerMillionTokens: money.Euro(dice.IntN(5_000_000)), OutputPerMillionTokens: money.Euro(dice.IntN(5_000_000)),
			PerMillionCharacters: money.Euro(1 + dice.IntN(20_000_000)),
		}
		run := b.run()
		if got := run.Do(t.Context()); got.End != pipeline.Finished {
			t.Fatalf("seed %d: Do() ended %d: %s", seed, got.End, got.Message)
		}
		if r := run.Report(); r.Cost > r.PlannedMax {
			t.Fatalf("seed %d: %d segments cost %s, planned were at most %s", seed, len(texts), r.Cost.Decimal(), r.PlannedMax.Decimal())
		}
	}
}

// An engine that cannot correct is asked once more for what lost its placeables.
func TestThePlanCountsTheStretches(t *testing.T) {
	b := newBench("Un <b>gato</b> negro y <i>una casa</i> verde.")
	b.job.Prices = money.Prices{PerMillionCharacters: 1_000_000}
	b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		var out engine.Response
		for _, s := range req.Segments {
			out.Usage.Characters += int64(utf8.RuneCountInString(s.Text)) + 32
			out.Segments = append(out.Segments, engine.Translation{ID: s.ID, Text: "⟦9⟧"})
		}
		return out, nil
	}
	run := b.run()
	run.Do(t.Context())
	if r := run.Report(); b.engine.Calls() != 2 || r.Cost > r.PlannedMax {
		t.Errorf("%d calls cost %s, planned were at most %s", b.engine.Calls(), r.Cost.Decimal(), r.PlannedMax.Decimal())
	}
}

// A run that goes on in QA plans for the corrections still to come.
func TestThePlanOfARunThatGoesOn(t *testing.T) {
	b := newBench("Hola amigo.")
	b.engine.Description.Corrects = true
	b.tools.Checks = graded()
	b.job.Prices = money.Prices{OutputPerMillionTokens: 1_000_000}
	b.engine.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
		if call == 2 {
			return engine.Response{}, engine.Errorf(engine.Transient, "no answer")
		}
		return engine.Response{
			Segments: []engine.Translation{{ID: 1, Text: fmt.Sprintf("%d+critical", call)}},
			Usage:    engine.Usage{OutputTokens: 4 * (11 + 32)},
		}, nil
	}
	run := b.run()
	run.Do(t.Context())
	first := run.Report().PlannedMax
	run.Do(t.Context())
	if r := run.Report(); r.Cost > r.PlannedMax || r.PlannedMax > first {
		t.Errorf("cost %d, planned at first %d and then %d", r.Cost, first, r.PlannedMax)
	}
}
