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
	text := func(text string, quality v1alpha1.Quality, mode v1alpha1.Mode) pipeline.Job {
		return pipeline.Job{
			SourceLanguage: "es", TargetLanguage: "ca", Text: text, Options: v1alpha1.JobOptions{Quality: quality, Mode: mode},
			// One euro a thousand characters.
			Prices: money.Prices{PerMillionCharacters: 1_000_000_000},
		}
	}
	cases := map[string]struct {
		job       pipeline.Job
		info      engine.Info
		want      pipeline.Estimate
		wantError string
	}{
		"one sentence": {
			// 14 characters, and 32 for what stands around them.
			job: text("Tengo un gato.", v1alpha1.StandardQuality, v1alpha1.TranslationMode), want: pipeline.Estimate{Segments: 1, Words: 3, BilledWords: 3, PlannedMax: 46_000},
		},
		"what is there twice is bought once and billed twice": {
			job:  text("Tengo un gato. Tengo un gato.", v1alpha1.StandardQuality, v1alpha1.TranslationMode),
			want: pipeline.Estimate{Segments: 2, Words: 6, BilledWords: 6, PlannedMax: 46_000},
		},
		"premium bills half as much again, rounded half up": {
			job:  text("Tengo un gato.", v1alpha1.PremiumQuality, v1alpha1.TranslationMode),
			want: pipeline.Estimate{Segments: 1, Words: 3, BilledWords: 5, PlannedMax: 46_000},
		},
		"corrections are planned for": {
			job: text("Tengo un gato.", v1alpha1.StandardQuality, v1alpha1.TranslationMode), info: engine.Info{Corrects: true},
			want: pipeline.Estimate{Segments: 1, Words: 3, BilledWords: 3, PlannedMax: 3 * 46_000},
		},
		"a budget is not looked at": {
			job: func() pipeline.Job {
				job := text("Tengo un gato.", v1alpha1.StandardQuality, v1alpha1.TranslationMode)
				job.Options.MaxCost = "0.01"
				return job
			}(),
			want: pipeline.Estimate{Segments: 1, Words: 3, BilledWords: 3, PlannedMax: 46_000},
		},
		"nothing to translate": {
			job: text(" \n ", v1alpha1.StandardQuality, v1alpha1.TranslationMode), wantError: "the source has no text to translate",
		},
		"an engine that cannot write": {
			job: text("Escribe.", v1alpha1.StandardQuality, v1alpha1.CreationMode), info: engine.Info{Name: "apertium"},
			wantError: `engine "apertium" cannot write new text; use mode Translation or a provider with a language model`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := pipeline.NewEstimate(tc.job, tc.info)
			if (err != nil) != (tc.wantError != "") || err != nil && err.Error() != tc.wantError {
				t.Fatalf("NewEstimate(): error %v, want %q", err, tc.wantError)
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
		}
		if diff := cmp.Diff(want, estimate); diff != "" {
			t.Fatalf("seed %d: the run's plan and NewEstimate() (-want +got):\n%s", seed, diff)
		}
	}
}
