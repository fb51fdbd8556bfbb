package qa

import (
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/quality/corpus"
	"github.com/dragoman-dev/dragoman/test/quality/rows"
)

const (
	// leastForeign and mostForeign are the words of a source whose translation into another
	// language is looked at: one sentence, and no label.
	leastForeign, mostForeign = 5, 30
)

// answerOtherwise measures how often an engine is found out that answers in another
// language: it hands in what people made of the same source in a third one. Portuguese
// and Spanish are taken for each other nowhere, for they are close.
func answerOtherwise(out *rows.Rows, c *corpus.Corpus) {
	latin := []string{"de", "es", "fr", "it", "pl", "pt"}
	checks := qa.Default()
	for _, asked := range latin {
		caught, all := 0, 0
		for _, given := range latin {
			if given == asked || isClose(given, asked) {
				continue
			}
			for _, p := range c.Pairs(given, corpus.Report) {
				if n := len(strings.Fields(p.Source)); n < leastForeign || n > mostForeign {
					continue
				}
				all++
				in := qa.Input{Source: p.Source, Target: p.Target, SourceLanguage: "en", TargetLanguage: asked}
				if hasCritical(checks, in) {
					caught++
				}
			}
		}
		out.Percent("qa_caught_pct_other_language_"+asked, caught, all)
	}
}

func isClose(a, b string) bool {
	iberian := []string{"es", "pt"}
	return slices.Contains(iberian, a) && slices.Contains(iberian, b)
}

// hold measures how many translations by people would hold a job back for review,
// whatever their score: those with a critical finding.
func hold(out *rows.Rows, c *corpus.Corpus) {
	held, all := 0, 0
	checks := qa.Default()
	for _, language := range languages() {
		for _, in := range inputs(c.Pairs(language, corpus.Report), language) {
			all++
			if hasCritical(checks, in) {
				held++
			}
		}
	}
	out.Percent("qa_false_hold_pct", held, all)
}

// hasCritical evaluates a pair as a job does: mended first.
func hasCritical(checks []qa.Check, in qa.Input) bool {
	in.Target = qa.Fix(in)
	return slices.ContainsFunc(qa.Evaluate(checks, in), func(f qa.Finding) bool { return f.Severity == v1alpha1.CriticalSeverity })
}
