// Package qa measures the deterministic checks on translations by people: how many
// of them the checks would not let pass, how many planted faults they find, and how
// long they take. It does the same with pofilter of the Translate Toolkit where that
// is installed.
//
// Only the half of the corpus that no check was made on is looked at.
package qa

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/quality/corpus"
	"github.com/dragoman-dev/dragoman/test/quality/rows"
)

const (
	// threshold is the score that passes with the default quality.
	threshold qa.Score = 950
	// mostPlanted is how many pairs of a language take each fault.
	mostPlanted = 500
	// seed makes each run plant the same.
	seed = 20261122
)

// languages whose figures are rows; all are translated from English.
func languages() []string { return []string{"de", "es", "fr", "it", "ja", "pl", "pt", "ru", "zh"} }

// Run prints the rows of QA.
func Run(ctx context.Context, out *rows.Rows) error {
	c, err := corpus.Open(ctx, progress{out})
	if err != nil {
		return err
	}
	other := newPofilter(ctx, out)
	defer other.close()
	var spent time.Duration
	all := 0
	for _, language := range languages() {
		pairs := inputs(c.Pairs(language, corpus.Report), language)
		out.Progressf("  %s: %d pairs", language, len(pairs))
		start := time.Now()
		clean := passing(pairs)
		spent += time.Since(start)
		all += len(pairs)
		out.Add("qa_pairs_"+language, "%d", len(pairs))
		out.Percent("qa_false_alarm_pct_"+language, len(pairs)-len(clean), len(pairs))

		dice := dice()
		planted := plantAll(short(clean), dice)
		for _, p := range planted {
			caught := len(p.faulty) - len(passing(p.faulty))
			out.Percent(fmt.Sprintf("qa_caught_pct_%s_%s", p.fault, language), caught, len(p.faulty))
			out.Add(fmt.Sprintf("qa_planted_%s_%s", p.fault, language), "%d", len(p.faulty))
		}
		if err := other.measure(ctx, language, sample(pairs, dice), planted); err != nil {
			return fmt.Errorf("pofilter: %w", err)
		}
	}
	hear(out, c)
	answerOtherwise(out, c)
	hold(out, c)
	out.Add("qa_us_per_pair", "%.1f", float64(spent.Microseconds())/float64(max(all, 1)))
	other.total()
	return nil
}

// dice are the same at each run.
func dice() *rand.Rand {
	return rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // nothing secret
}

// progress tells what opening the corpus does.
type progress struct{ out *rows.Rows }

func (p progress) Write(line []byte) (int, error) {
	p.out.Progressf("%s", line[:len(line)-1])
	return len(line), nil
}

func inputs(pairs []corpus.Pair, language string) []qa.Input {
	all := make([]qa.Input, 0, len(pairs))
	for _, p := range pairs {
		all = append(all, qa.Input{Source: p.Source, Target: p.Target, SourceLanguage: "en", TargetLanguage: language})
	}
	return all
}

func passing(pairs []qa.Input) []qa.Input {
	checks := qa.Default()
	var all []qa.Input
	for _, in := range pairs {
		if qa.Passes(checks, in, threshold) {
			all = append(all, in)
		}
	}
	return all
}

// short keeps the pairs of a length that segments have. A job cuts longer texts into
// sentences, and one major finding in more than 100 words is let pass by the score.
func short(pairs []qa.Input) []qa.Input {
	const most = 100
	var all []qa.Input
	for _, in := range pairs {
		if len(strings.Fields(in.Source)) <= most {
			all = append(all, in)
		}
	}
	return all
}

// planting is the pairs that took a fault.
type planting struct {
	fault  string
	faulty []qa.Input
}

func plantAll(clean []qa.Input, dice *rand.Rand) []planting {
	var all []planting
	for _, fault := range qa.Faults() {
		p := planting{fault: fault.Name, faulty: fault.PlantAll(clean, mostPlanted, dice)}
		if fault.Name == "tag" {
			p.faulty = append(p.faulty, fault.PlantAll(tagged(clean), mostPlanted-len(p.faulty), dice)...)
		}
		if len(p.faulty) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// tagged sets a pair of tags around both sides: few messages have tags of their own.
func tagged(pairs []qa.Input) []qa.Input {
	all := make([]qa.Input, 0, len(pairs))
	for _, in := range pairs {
		in.Source, in.Target = "<b>"+in.Source+"</b>", "<b>"+in.Target+"</b>"
		all = append(all, in)
	}
	return passing(all)
}

// sample takes as many pairs as pofilter reads in fair time.
func sample(pairs []qa.Input, dice *rand.Rand) []qa.Input {
	const most = 2000
	var some []qa.Input
	for _, i := range dice.Perm(len(pairs))[:min(most, len(pairs))] {
		some = append(some, pairs[i])
	}
	return some
}
