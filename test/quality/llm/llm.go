// Package llm measures what comes of a language model that goes wrong: how many of
// its faults end in a text that is called Completed, and how many calls it takes to
// get the right ones.
//
// It runs the pipeline, with the checks and the engine that the product has, against
// a server on the loopback interface that knows the right translation of every text
// and spoils answers by chance. It imports no controllers and no client.
package llm

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/quality/rows"
)

const (
	// segments of a run, and runs for each figure: a run has but 25 calls.
	segments = 1000
	runs     = 10
	// share of the answers that a kind of fault spoils: of the calls, or of the texts.
	share = 0.1
	// mostAttempts ends a run that gets nowhere.
	mostAttempts = 5000
	// seed of the chance; each run adds its number.
	seed = 20261122
)

// Run measures each kind of fault for itself, then one of any kind in every tenth
// answer, then all of them at one time.
func Run(ctx context.Context, out *rows.Rows) error {
	clean, err := measure(ctx, setting{})
	if err != nil {
		return fmt.Errorf("without faults: %w", err)
	}
	if clean.review > 0 || clean.undetected > 0 {
		return fmt.Errorf("without faults %d segments need a person and %d are wrong", clean.review, clean.undetected)
	}
	out.Add("llm_segments", "%d", segments)
	out.Add("llm_runs", "%d", runs)
	out.Add("llm_calls_without_faults", "%d", clean.calls/runs)
	var settings []setting
	for _, k := range kinds() {
		settings = append(settings, setting{name: k.name, kinds: []kind{k}, each: share, counts: true})
	}
	settings = append(settings,
		setting{name: "any_kind", kinds: kinds(), each: share / float64(len(kinds())), counts: true},
		setting{name: "all_kinds_at_once", kinds: kinds(), each: share})
	undetected, faults, worst := 0, 0, 0.0
	for _, s := range settings {
		out.Progressf("A model with the fault %s ...", s.name)
		got, err := measure(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		ratio := float64(got.calls) / float64(clean.calls)
		undetected, faults = undetected+got.undetected, faults+got.faults
		if s.counts {
			worst = max(worst, ratio)
		}
		out.Add("llm_faults_"+s.name, "%d", got.faults)
		out.Add("llm_call_ratio_"+s.name, "%.2f", ratio)
		out.Percent("llm_needs_review_pct_"+s.name, got.review, runs*segments)
	}
	out.Add("llm_faults", "%d", faults)
	out.Add("llm_undetected_faults", "%d", undetected)
	out.Add("llm_call_ratio", "%.2f", worst)
	return nil
}

// setting is what a model does wrong.
type setting struct {
	name  string
	kinds []kind
	// each is the share of the answers that each kind spoils.
	each float64
	// counts says that the ratio of calls is one that llm_call_ratio is the worst of.
	counts bool
}

// figures of a run.
type figures struct {
	calls, faults int
	// undetected segments are Completed with another text than the right one; review
	// are those left to a person.
	undetected, review int
}

// measure adds up some runs.
func measure(ctx context.Context, s setting) (figures, error) {
	var sum figures
	for i := range runs {
		f, err := run(ctx, s, seed+uint64(i))
		if err != nil {
			return figures{}, err
		}
		sum.calls, sum.faults = sum.calls+f.calls, sum.faults+f.faults
		sum.undetected, sum.review = sum.undetected+f.undetected, sum.review+f.review
	}
	return sum, nil
}

// run takes one job to its end against a server that commits faults.
func run(ctx context.Context, s setting, seed uint64) (figures, error) {
	server := openaitest.Start()
	defer server.Close()
	texts := makeTexts(segments)
	m := &model{texts: texts.dictionary(), each: s.each, chance: rand.New(rand.NewPCG(seed, 0))}
	server.Translate = m.translate
	server.Spoil = m.spoil
	var calls []openaitest.Fault
	for _, k := range s.kinds {
		if k.call != nil {
			calls = append(calls, *k.call)
		} else {
			m.kinds = append(m.kinds, k)
		}
	}
	// Each kind falls for itself; of those that fall together one is committed.
	falls := 1 - math.Pow(1-s.each, float64(len(calls)))
	server.Randomly(rand.New(rand.NewPCG(seed, 1)).Float64, falls, calls...)

	e, err := openai.New(server.Config(), openai.Options{})
	if err != nil {
		return figures{}, fmt.Errorf("make the engine: %w", err)
	}
	defer func() { _ = e.Close() }() // it keeps nothing
	result, states, err := translate(ctx, e, texts.sources())
	if err != nil {
		return figures{}, err
	}
	f := figures{calls: server.Count(), faults: m.spoiled}
	for _, n := range server.Report().Faults {
		f.faults += n
	}
	for i, state := range states {
		switch {
		case state != v1alpha1.SegmentCompleted:
			f.review++
		case result.Texts[i] == nil || *result.Texts[i] != plain(texts[i].target):
			f.undetected++
		}
	}
	return f, nil
}

// translate runs a job to its end, and again at once after an attempt that failed: a
// manager would wait, which changes no figure.
func translate(ctx context.Context, e engine.Engine, sources []string) (document.Result, []v1alpha1.SegmentState, error) {
	var result document.Result
	run := pipeline.New(pipeline.Job{
		Pair: engine.Pair{Source: "en", Target: "de"}, SourceLanguage: "en", TargetLanguage: "de",
		Options: v1alpha1.JobOptions{SourceReview: v1alpha1.SourceReviewNever}, Texts: sources,
	}, pipeline.Tools{
		Engine: e, Checks: qa.Default(),
		Publish: func(_ context.Context, r document.Result) (*v1alpha1.Result, error) {
			result = r
			return r.Inline(), nil
		},
	}, pipeline.Checkpoint{})
	for range mostAttempts {
		outcome := run.Do(ctx)
		switch outcome.End {
		case pipeline.Finished:
			var states []v1alpha1.SegmentState
			for _, s := range result.Segments {
				states = append(states, s.State)
			}
			if len(states) != len(sources) || len(result.Texts) != len(sources) {
				return result, nil, fmt.Errorf("%d texts came back as %d segments and %d texts", len(sources), len(states), len(result.Texts))
			}
			return result, states, nil
		case pipeline.Retry, pipeline.Limited:
		default:
			return result, nil, fmt.Errorf("the job ended early: %s", outcome.Message)
		}
	}
	return result, nil, fmt.Errorf("the job has not ended after %d attempts", mostAttempts)
}

// model is the rule of translation, and what spoils a text of an answer.
type model struct {
	texts map[string]string
	kinds []kind
	each  float64

	mu      sync.Mutex
	chance  *rand.Rand
	spoiled int
}

func (m *model) translate(_ engine.Pair, text string) string { return fill(m.texts[key(text)], text) }

// spoil commits each kind with its share, and the first of them that falls.
func (m *model) spoil(call openaitest.Call, s openaitest.Segment, text string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.kinds {
		if m.chance.Float64() >= m.each {
			continue
		}
		if bad := k.text(call, s, text); bad != text {
			m.spoiled++
			return bad
		}
	}
	return text
}
