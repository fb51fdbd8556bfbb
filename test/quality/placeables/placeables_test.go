package placeables_test

import (
	"testing"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/test/quality/placeables"
)

// texts of each syntax; the program makes many more.
const texts = 2000

func TestNothingIsLostInSilence(t *testing.T) {
	for _, s := range placeables.Syntaxes() {
		t.Run(s.Name, func(t *testing.T) {
			got := placeables.Measure(s, texts, placeholder.Mask)
			if got.Silent > 0 {
				t.Errorf("%d of %d texts lost a placeable in silence: %s", got.Silent, texts, got.First)
			}
			if got.Kept == 0 || got.Repaired == 0 || got.Reported == 0 {
				t.Errorf("%+v: the engine should harm some texts in ways that can be repaired and some in others", got)
			}
		})
	}
	t.Run("icu", func(t *testing.T) {
		if got := placeables.MeasureMessages(texts); got.Silent > 0 || got.Repaired == 0 || got.Reported == 0 {
			t.Errorf("%d of %d messages lost a placeable in silence: %s", got.Silent, texts, got.First)
		}
	})
}

// TestTheJudgeSeesALoss: without masking, and without a look at what comes back, every
// syntax loses placeables, and the judge says so.
func TestTheJudgeSeesALoss(t *testing.T) {
	unmasked := func(text string) placeholder.Masked { return placeholder.Masked{Text: text} }
	for _, s := range placeables.Syntaxes() {
		if got := placeables.Measure(s, texts, unmasked); got.Silent < texts*9/10 {
			t.Errorf("%s: only %d of %d losses are seen", s.Name, got.Silent, texts)
		}
	}
}
