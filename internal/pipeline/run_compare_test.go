package pipeline_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Answers that stand beside two different sources are corrected, and what is left of
// them is a finding of both.
func TestTheSameAnswerForTwoSources(t *testing.T) {
	const shipped, invoice = "The parcel has left the warehouse.", "Your invoice is attached below."
	texts := []string{"El paquete ha salido del almacén.", "Adjuntamos su factura abajo."}
	for name, tc := range map[string]struct {
		corrected string
		want      []v1alpha1.SegmentState
		findings  int
	}{
		"a correction mends it": {corrected: invoice},
		"nothing mends it":      {corrected: shipped, findings: 2},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(texts...)
			b.job.TargetLanguage = "en"
			b.engine.Description.Corrects = true
			b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
				var out engine.Response
				for _, s := range req.Segments {
					answer := shipped
					if s.Correction != nil && s.ID == 2 {
						answer = tc.corrected
					}
					out.Segments = append(out.Segments, engine.Translation{ID: s.ID, Text: answer})
				}
				return out, nil
			}
			run := b.run()
			run.Do(t.Context())
			got := 0
			for _, f := range b.published[0].Findings {
				if f.Type == "consistency" {
					got++
				}
			}
			if diff := cmp.Diff(tc.findings, got); diff != "" {
				t.Errorf("findings of the comparison (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{shipped, tc.corrected}, b.translations()); diff != "" {
				t.Errorf("translations (-want +got):\n%s", diff)
			}
			if score := run.Report().Score; (score == 1000) != (tc.findings == 0) {
				t.Errorf("score %s", score)
			}
		})
	}
}
