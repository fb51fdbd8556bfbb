package pipeline

import (
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
)

// Bounds of what a call can use, for the maximum cost of a plan. A token is never
// shorter than one byte of UTF-8 for the vocabularies in use, so bytes bound the
// tokens of a text. The rest is measured on our own prompts, with room to spare.
const (
	// promptTokens bounds the fixed part of a prompt.
	promptTokens = 1500
	// segmentTokens bounds the JSON around one segment, in each direction.
	segmentTokens = 32
	// formTokens bounds what is said of one form: fewer than 50 characters.
	formTokens = 48
	// growth bounds the length of an answer against its source. Longer answers are
	// cut by the engine's own output limit or caught by QA.
	growth = 4
	// findingBytes bounds the findings that go with a correction: five or six of them.
	findingBytes = 400
)

// MostOf is the most that one call can use.
func MostOf(req engine.Request) engine.Usage {
	extra := size(req.Domain, req.Tone, req.TextType, req.Instructions, req.StyleReference)
	for _, t := range req.Terms {
		extra += size(t.Source, t.Target) + size(t.Variants...) + size(t.Forbidden...)
	}
	for _, e := range req.Context {
		extra += size(e.Source, e.Target)
	}
	var text, forms, back, characters int64
	for _, s := range req.Segments {
		text += size(s.Text, s.Target) + segmentTokens
		characters += int64(utf8.RuneCountInString(s.Text)) + segmentTokens
		forms += formTokens * int64(len(s.Forms))
		if s.Correction != nil {
			back += size(s.Correction.Previous) + size(s.Correction.Findings...)
		}
	}
	usage := engine.Usage{
		InputTokens:  promptTokens + extra + text + forms + back,
		OutputTokens: growth * text,
		Characters:   characters,
	}
	if req.Rating {
		usage.OutputTokens = ratingTokens * int64(len(req.Segments))
	}
	return usage
}

// size of texts in bytes.
func size(texts ...string) int64 {
	n := 0
	for _, t := range texts {
		n += len(t)
	}
	return int64(n)
}

// maximum is the most that the job can cost when no answer is lost: what was spent,
// every segment that is still to be asked for, and every correction that may follow.
func (r *Run) maximum() money.Euro {
	if r.job.Prices.Free() {
		return 0
	}
	total := r.committed() + r.firstPass() + r.ratings()
	if !r.tools.Engine.Info().Corrects {
		return total + r.stretches()
	}
	for round := range maxCorrections {
		total += r.job.Prices.Cost(r.corrections(round))
	}
	return total
}

// firstPass bounds the calls for the segments that are still to be asked for.
func (r *Run) firstPass() money.Euro {
	var total money.Euro
	if r.job.Prices.Free() {
		return total
	}
	for _, chunk := range r.chunks(r.pending()) {
		total += r.job.Prices.Cost(r.bounded(chunk))
	}
	return total
}

// bounded is the most that one call for some segments can use, with its context.
func (r *Run) bounded(chunk []*item) engine.Usage {
	usage := MostOf(r.bare(chunk))
	usage.InputTokens += r.examples(chunk[0])
	return usage
}

// examples bounds the context that goes along with a call that begins with a segment.
func (r *Run) examples(first *item) int64 {
	if !r.tools.Engine.Info().Corrects {
		return 0
	}
	at := first.unit.ID - 1
	var n int64
	for _, it := range r.items[max(0, at-contextSegments):at] {
		n += (1 + growth) * size(it.masked.Text)
	}
	return n
}

// corrections bounds one round of corrections. Which segments go together is not
// known, so each call is taken to have the longest context, and each segment its
// terms for itself.
func (r *Run) corrections(round int) engine.Usage {
	var items []*item
	var usage engine.Usage
	var longest int64
	overhead := r.overhead()
	for _, it := range r.leaders() {
		longest = max(longest, r.examples(it))
		if it.refused != nil || it.corrections+round >= maxCorrections {
			continue
		}
		items = append(items, it)
		usage = usage.Add(MostOf(r.bare([]*item{it})))
		usage.InputTokens += growth*size(it.masked.Text) + findingBytes - overhead
	}
	usage.InputTokens += int64(len(r.chunks(items))) * (overhead + longest)
	return usage
}

// overhead is what every call takes beside its segments, their terms and context.
func (r *Run) overhead() int64 { return MostOf(r.bare(nil)).InputTokens }

// bare is the request for segments without its context, which is bounded for itself.
func (r *Run) bare(items []*item) engine.Request {
	req := r.request(items)
	req.Context = nil
	return req
}

// stretches bounds the calls that translate segments by parts, for engines that
// cannot correct.
func (r *Run) stretches() money.Euro {
	var total money.Euro
	for _, it := range r.leaders() {
		if it.refused == nil && it.corrections == 0 {
			total += r.stretch(it)
		}
	}
	return total
}

// stretch bounds the call for the parts of one segment.
func (r *Run) stretch(it *item) money.Euro {
	if len(it.masked.Placeables) == 0 {
		return 0
	}
	return r.job.Prices.Cost(MostOf(r.byParts(it)))
}
