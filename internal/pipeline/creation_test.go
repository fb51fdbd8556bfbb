package pipeline_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

func TestATextAfterABriefIsNoTranslation(t *testing.T) {
	const brief = "A tea shop in 2 sentences, name it {shop}?"
	const text = "Al cor del barri vell hi ha una porta verda amb 17 anys d'història, i al darrere fa olor de menta i de canyella. Vine a {shop}, tria el teu te i queda't una estona amb nosaltres."
	cases := map[string]struct {
		mode   v1alpha1.Mode
		answer string
		want   string
		// wantAsked is how often the engine was asked.
		wantAsked int
	}{
		"a text of its own length, with its own numbers": {
			mode: v1alpha1.CreationMode, answer: "Al cor del barri vell hi ha una porta verda amb 17 anys d'història, i al darrere fa olor de menta i de canyella. Vine a ⟦1⟧, tria el teu te i queda't una estona amb nosaltres.",
			want: v1alpha1.CompletedReason, wantAsked: 1,
		},
		"what stands in the brief has to stand in it": {
			mode: v1alpha1.CreationMode, answer: "Vine a prendre un te i queda't una estona amb nosaltres.",
			want: v1alpha1.CompletedWithBlocksReason, wantAsked: 2,
		},
		"a loop is no text": {
			mode: v1alpha1.CreationMode, answer: "A ⟦1⟧ el te és bo, el te és bo, el te és bo, el te és bo, el te és bo, el te és bo, el te és bo.",
			want: v1alpha1.NeedsReviewReason, wantAsked: 2,
		},
		"as a translation it would not do": {
			mode: v1alpha1.TranslationMode, answer: "Al cor del barri vell hi ha una porta verda amb 17 anys d'història, i al darrere fa olor de menta i de canyella. Vine a ⟦1⟧, tria el teu te i queda't una estona amb nosaltres.",
			want: v1alpha1.NeedsReviewReason, wantAsked: 2,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(brief)
			b.engine.Description.Corrects, b.engine.Description.Creates = true, true
			b.job.SourceLanguage, b.job.Pair.Source = "en", "en"
			b.job.Options.Mode = tc.mode
			asked := 0
			b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
				asked++
				if req.Creation != (tc.mode == v1alpha1.CreationMode) {
					t.Errorf("asked with Creation %t", req.Creation)
				}
				out := scripted.Translation(req)
				out.Segments[0].Text = tc.answer
				return out, nil
			}
			outcome := b.run().Do(t.Context())
			if outcome.Reason != tc.want || asked != tc.wantAsked {
				t.Errorf("asked %d times, ended as %s: %s", asked, outcome.Reason, outcome.Message)
			}
			if tc.want == v1alpha1.CompletedReason {
				if diff := cmp.Diff([]string{text}, b.translations()); diff != "" {
					t.Errorf("published (-want +got):\n%s", diff)
				}
			}
		})
	}
}
