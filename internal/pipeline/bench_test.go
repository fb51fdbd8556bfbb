package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// BenchmarkRun shows that a run takes time by the number of its segments, and no more.
func BenchmarkRun(b *testing.B) {
	for _, segments := range []int{2_000, 20_000} {
		var text strings.Builder
		for i := range segments {
			fmt.Fprintf(&text, "El pedido %d llega mañana por la tarde. ", i)
		}
		b.Run(fmt.Sprint(segments), func(b *testing.B) {
			for b.Loop() {
				w, kept := paidBench()
				w.job.Texts, w.job.Text = nil, text.String()
				w.engine.Description.MaxSegments = 25
				run := w.run()
				run.Do(b.Context())
				run.Announce()
				if got := run.Do(b.Context()); got.Reason != v1alpha1.CompletedReason || len(kept.pages) < segments/50 {
					b.Fatalf("Do() ended %q with %d pages", got.Reason, len(kept.pages))
				}
			}
		})
	}
}
