package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

func TestEstimate(t *testing.T) {
	// The plan of the text below, at one euro a thousand characters.
	prices := money.Prices{PerMillionCharacters: 1_000_000_000}
	const text = "Tengo un gato."
	cases := map[string]struct {
		text      string
		options   v1alpha1.JobOptions
		info      engine.Info
		want      pipeline.Estimate // without the cost
		wantError string
	}{
		"one sentence": {text: text, want: pipeline.Estimate{Segments: 1, Words: 3, BilledWords: 3, WithinBudget: true}},
		"what is there twice is billed twice": {
			text: text + " " + text, want: pipeline.Estimate{Segments: 2, Words: 6, BilledWords: 6, WithinBudget: true},
		},
		"premium bills half as much again, rounded half up": {
			text: text, options: v1alpha1.JobOptions{Quality: v1alpha1.PremiumQuality},
			want: pipeline.Estimate{Segments: 1, Words: 3, BilledWords: 5, WithinBudget: true},
		},
		"an engine that corrects": {
			text: text, info: engine.Info{Corrects: true}, want: pipeline.Estimate{Segments: 1, Words: 3, BilledWords: 3, WithinBudget: true},
		},
		"a budget that is enough": {
			text: text, options: v1alpha1.JobOptions{MaxCost: "0.5"},
			want: pipeline.Estimate{Segments: 1, Words: 3, BilledWords: 3, WithinBudget: true},
		},
		"a budget that is not": {
			text: text, options: v1alpha1.JobOptions{MaxCost: "0.01"}, want: pipeline.Estimate{Segments: 1, Words: 3, BilledWords: 3},
		},
		"a budget that is no number": {
			text: text, options: v1alpha1.JobOptions{MaxCost: "much"}, wantError: `read maxCost: "much" is not a decimal number`,
		},
		"nothing to translate": {text: " \n ", wantError: "the source has no text to translate"},
		"an engine that cannot write": {
			text: text, options: v1alpha1.JobOptions{Mode: v1alpha1.CreationMode}, info: engine.Info{Name: "apertium"},
			wantError: `engine "apertium" cannot write new text; use mode Translation or a provider with a language model`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			b.job.Texts, b.job.Text, b.job.Prices, b.job.Options = nil, tc.text, prices, tc.options
			b.engine.Description = tc.info
			got, err := pipeline.NewEstimate(b.job, tc.info)
			if (err != nil) != (tc.wantError != "") || err != nil && err.Error() != tc.wantError {
				t.Fatalf("NewEstimate(): error %v, want %q", err, tc.wantError)
			}
			if tc.wantError == "" {
				run := b.run()
				outcome := run.Do(t.Context())
				tc.want.PlannedMax = run.Report().PlannedMax
				if (outcome.Reason != v1alpha1.BudgetExceededReason) != got.WithinBudget {
					t.Errorf("within budget: %t, and the run ended %s", got.WithinBudget, outcome.Reason)
				}
				if got.PlannedMax == 0 {
					t.Error("the plan costs nothing")
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("NewEstimate() (-want +got):\n%s", diff)
			}
		})
	}
}

// What is announced is what a run plans with, for any source, options and engine.
func TestTheEstimateIsThePlanOfTheRun(t *testing.T) {
	for seed := range uint64(60) {
		dice := rand.New(rand.NewPCG(seed, 5))
		var texts []string
		for i := range 1 + dice.IntN(12) {
			texts = append(texts, fmt.Sprintf("Un <b>gato</b> %s %d.", strings.Repeat("negro ", dice.IntN(80)), i%7))
		}
		b := newBench(texts...)
		b.engine.Description.Corrects = dice.IntN(2) == 0
		b.engine.Description.MaxSegments = dice.IntN(4)
		b.engine.Description.MaxRunes = dice.IntN(2) * 500
		b.job.Options.Instructions = strings.Repeat("i", dice.IntN(500))
		b.job.Terms = glossary.FromInline([]v1alpha1.InlineTerm{{Source: "gato", Target: "gat"}, {Source: "perro", Target: "gos"}})
		b.job.Prices = money.Prices{
			InputPerMillionTokens: money.Euro(dice.IntN(5_000_000)), OutputPerMillionTokens: money.Euro(dice.IntN(5_000_000)),
			PerMillionCharacters: money.Euro(1 + dice.IntN(20_000_000)),
		}
		estimate, err := pipeline.NewEstimate(b.job, b.engine.Info())
		if err != nil {
			t.Fatalf("seed %d: NewEstimate(): %v", seed, err)
		}
		run := b.run()
		run.Do(t.Context())
		report := run.Report()
		want := pipeline.Estimate{
			Segments: int(report.Progress.Total), Words: report.Words, BilledWords: estimate.BilledWords, PlannedMax: report.PlannedMax,
			WithinBudget: true,
		}
		if diff := cmp.Diff(want, estimate); diff != "" {
			t.Fatalf("seed %d: the run's plan and NewEstimate() (-want +got):\n%s", seed, diff)
		}
	}
}
