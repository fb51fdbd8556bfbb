package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/quality/corpus"
)

// example is the evidence of a segment, and whether it has the fault.
type example struct {
	evidence qa.Evidence
	faulty   bool
}

const (
	// mostExamples of a language for each side.
	mostExamples = 4000
	// mostAbove, of 1,000 translations by people, may be above a limit.
	mostAbove = 1
)

func learnWeights(out io.Writer, c *corpus.Corpus) {
	_, _ = fmt.Fprint(out, "// Made by test/quality/qa/learn; how is said there.\n\npackage qa\n")
	for _, group := range []struct {
		name      string
		languages []string
	}{{"Spaced", []string{"de", "es", "fr", "it", "pl", "pt", "ru"}}, {"Unspaced", []string{"ja", "zh"}}} {
		for _, model := range []struct {
			name, what string
			faults     []string
		}{{"cut", "the end is missing", []string{"half", "third"}}, {"other", "it is another text's", []string{"other"}}} {
			examples := gather(c, group.languages, model.faults)
			w := fit(examples)
			_, _ = fmt.Fprintf(out, "\n// %s%s weighs whether %s.\nvar %s%s = weights{bias: %.3f, of: Evidence{", model.name, group.name, model.what, model.name, group.name, w[len(w)-1])
			for i, value := range w[:len(w)-1] {
				if i%8 == 0 {
					_, _ = fmt.Fprint(out, "\n\t")
				} else {
					_, _ = fmt.Fprint(out, " ")
				}
				_, _ = fmt.Fprintf(out, "%.3f,", value)
			}
			limit, caught := limitOf(examples, w)
			_, _ = fmt.Fprintf(out, "\n}}\n\n// %sLimit%s: %.1f %% of the planted faults are above it.\nconst %sLimit%s = %.2f\n", model.name, group.name, caught, model.name, group.name, limit)
		}
	}
}

// gather makes examples of both sides. Of every fourth the lexicon is kept away, for
// most languages have none.
func gather(c *corpus.Corpus, languages, faults []string) []example {
	var all []example
	checks := otherChecks()
	for _, language := range languages {
		dice := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // nothing secret
		var clean []qa.Input
		for _, p := range c.Pairs(language, corpus.Tune) {
			in := qa.Input{Source: p.Source, Target: p.Target, SourceLanguage: "en", TargetLanguage: language}
			if qa.Judged(in) && qa.Passes(checks, in, 950) {
				clean = append(clean, in)
			}
		}
		dice.Shuffle(len(clean), func(i, j int) { clean[i], clean[j] = clean[j], clean[i] })
		for i, in := range clean[:min(len(clean), mostExamples)] {
			without := i%4 == 0
			all = append(all, newExample(in, false, without))
			for _, f := range qa.Faults() {
				if !slices.Contains(faults, f.Name) {
					continue
				}
				// What another check finds need not be found again.
				if faulty, ok := f.Plant(in, clean[dice.IntN(len(clean))], dice); ok && qa.Passes(checks, faulty, 950) {
					all = append(all, newExample(faulty, true, without))
				}
			}
		}
	}
	return all
}

func newExample(in qa.Input, faulty, withoutWords bool) example {
	in.Target = qa.Fix(in)
	e := qa.Weigh(in)
	if withoutWords {
		e = e.WithoutWords()
	}
	return example{e, faulty}
}

// otherChecks are all but those that weigh evidence.
func otherChecks() []qa.Check {
	return slices.DeleteFunc(qa.Default(), func(c qa.Check) bool {
		return c.Name == qa.TruncationCheck || c.Name == qa.MismatchCheck
	})
}

// fit finds the weights, and the bias behind them, by logistic regression.
func fit(examples []example) []float64 {
	const rounds, rate, decay = 600, 0.3, 1e-4
	var e qa.Evidence
	n := len(e)
	w, scale := make([]float64, n+1), make([]float64, n)
	for i := range scale {
		for _, x := range examples {
			scale[i] += x.evidence[i] * x.evidence[i]
		}
		scale[i] = math.Sqrt(scale[i]/float64(len(examples))) + 1e-9
	}
	sums := make([]float64, n+1)
	for range rounds {
		gradient := make([]float64, n+1)
		for _, x := range examples {
			sum := w[n]
			for i, v := range x.evidence {
				sum += w[i] * v / scale[i]
			}
			miss := 1 / (1 + math.Exp(-sum))
			if x.faulty {
				miss--
			}
			for i, v := range x.evidence {
				gradient[i] += miss * v / scale[i]
			}
			gradient[n] += miss
		}
		for i := range w {
			g := gradient[i]/float64(len(examples)) + decay*w[i]
			sums[i] += g * g
			w[i] -= rate * g / (math.Sqrt(sums[i]) + 1e-9)
		}
	}
	for i := range scale {
		w[i] /= scale[i]
	}
	return w
}

// limitOf returns the odds that few translations by people are above, and how many of
// the others are, in per cent.
func limitOf(examples []example, w []float64) (limit, caught float64) {
	var people, others []float64
	for _, x := range examples {
		sum := w[len(w)-1]
		for i, v := range x.evidence {
			sum += w[i] * v
		}
		if x.faulty {
			others = append(others, sum)
		} else {
			people = append(people, sum)
		}
	}
	slices.Sort(people)
	const thousand = 1000
	limit = people[len(people)-1-len(people)*mostAbove/thousand]
	above := 0
	for _, o := range others {
		if o > limit {
			above++
		}
	}
	return limit, 100 * float64(above) / float64(max(len(others), 1))
}
