package pipeline

import (
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Bounds of what a call can use, for the maximum cost of a plan. A token is never
// shorter than one character for the vocabularies in use, so characters bound the
// tokens of a text. The rest is measured on our own prompts, with room to spare.
const (
	// promptTokens bounds the fixed part of a prompt.
	promptTokens = 1500
	// segmentTokens bounds the JSON around one segment, in each direction.
	segmentTokens = 32
	// growth bounds the length of an answer against its source. Longer answers are
	// cut by the engine's own output limit or caught by QA.
	growth = 4
)

// use is the most one call can use.
func use(req engine.Request) engine.Usage {
	extra := runes(req.Domain, req.Tone, req.TextType, req.Instructions, req.StyleReference)
	for _, t := range req.Terms {
		extra += runes(t.Source, t.Target)
	}
	for _, e := range req.Context {
		extra += runes(e.Source, e.Target)
	}
	var text, back int64
	for _, s := range req.Segments {
		text += runes(s.Text) + segmentTokens
		if s.Correction != nil {
			back += runes(s.Correction.Previous) + runes(s.Correction.Findings...)
		}
	}
	return engine.Usage{
		InputTokens:  promptTokens + extra + text + back,
		OutputTokens: growth * text,
		Characters:   text,
	}
}

func runes(texts ...string) int64 {
	n := 0
	for _, t := range texts {
		n += utf8.RuneCountInString(t)
	}
	return int64(n)
}

// Cost of a usage.
func (p Prices) Cost(u engine.Usage) Euro {
	return cost(u.InputTokens, p.InputPerMillionTokens) +
		cost(u.OutputTokens, p.OutputPerMillionTokens) +
		cost(u.Characters, p.PerMillionCharacters)
}

// maximum is the most that the calls to come can cost: every segment once, and
// again in every correction loop.
func (r *Run) maximum() Euro {
	if r.job.Prices.Free() {
		return 0
	}
	var total Euro
	for _, req := range r.calls(r.pending()) {
		total += r.job.Prices.Cost(use(req))
	}
	if r.tools.Engine.Info().Corrects {
		total *= 1 + maxCorrections
	}
	return total + r.job.Prices.Cost(r.spent)
}
