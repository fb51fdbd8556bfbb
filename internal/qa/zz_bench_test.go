package qa_test

import (
	"testing"

	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/quality/corpus"
)

func BenchmarkEvaluate(b *testing.B) {
	c, err := corpus.Open(b.Context(), b.Output())
	if err != nil {
		b.Fatal(err)
	}
	for _, l := range []string{"de", "zh"} {
		b.Run(l, func(b *testing.B) {
			pairs := c.Pairs(l, corpus.Tune)
			checks := qa.Default()
			i := 0
			for b.Loop() {
				p := pairs[i%len(pairs)]
				i++
				qa.Passes(checks, qa.Input{Source: p.Source, Target: p.Target, SourceLanguage: "en", TargetLanguage: l}, 950)
			}
		})
	}
}
