package pipeline

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
)

// contextSegments is how many earlier segments go along with a call, for engines
// that can use them. Three sentences settle most pronouns; more costs tokens in
// every call.
const contextSegments = 3

// maxPasses is how often a segment is asked for in one attempt when its answers cannot
// be used. What comes back so is gathered over all calls and asked for together: one
// bad text in each of ten calls costs one call more, not ten. In the last pass the
// engine is left to try them one by one.
const maxPasses = 3

// translate is the third step: every segment that has text and no answer is asked
// for, in calls of the size the engine takes.
func (r *Run) translate(ctx context.Context) error {
	passes := 1
	if r.tools.Engine.Info().Corrects {
		passes = maxPasses // others always give the same answer
	}
	for pass := 1; pass <= passes; pass++ {
		for _, call := range r.chunks(r.pending()) {
			if err := r.ask(ctx, call, pass < passes); err != nil {
				return fmt.Errorf("translate segment %d of %d: %w", call[0].unit.ID, len(r.items), err)
			}
			r.publishView(v1alpha1.TranslatorStep)
		}
	}
	if left := r.pending(); len(left) > 0 {
		return engine.Errorf(engine.Transient, "%d of %d segments came back without an answer", len(left), len(r.items))
	}
	return nil
}

// ask makes one call and keeps its answers. With partial the segments that come back
// without one are asked for again.
func (r *Run) ask(ctx context.Context, items []*item, partial bool) error {
	req := r.request(items)
	req.Partial = partial
	answers, err := r.call(ctx, req)
	if err != nil {
		return r.refuse(ctx, items, err)
	}
	var general error // holds for the whole job
	for _, it := range items {
		answer := answers[it.unit.ID]
		switch {
		case answer.Err == nil:
			it.answer = &Saved{Masked: answer.Text, Unknown: answer.Unknown}
			r.settle(it) // judged as it comes, so that progress can be seen
			r.changed(it)
		case answer.Err.Class == engine.Rejected:
			it.refused = answer.Err
			r.changed(it)
		case answer.Err.Class != engine.Transient && general == nil:
			general = answer.Err // the other answers are paid for, and kept
		}
	}
	return general
}

// refuse handles a call that failed as a whole. A rejected call of several
// segments is made again one by one, so that one text cannot spoil the others.
func (r *Run) refuse(ctx context.Context, items []*item, err error) error {
	if engine.AsError(err).Class != engine.Rejected || ctx.Err() != nil {
		return err
	}
	if len(items) == 1 {
		items[0].refused = engine.AsError(err)
		r.changed(items[0])
		return nil
	}
	for _, it := range items {
		if err := r.ask(ctx, []*item{it}, false); err != nil {
			return err
		}
	}
	return nil
}

// call asks the engine, and holds it to the contract: the answer names the ids of
// the request, each once.
func (r *Run) call(ctx context.Context, req engine.Request) (map[int]engine.Translation, error) {
	if err := r.saveDue(ctx); err != nil {
		return nil, err
	}
	most := MostOf(req)
	if err := r.afford(most); err != nil {
		return nil, err
	}
	r.limit(&req, most)
	response, err := r.tools.Engine.Translate(ctx, req)
	// What a failed call used is billed by the provider all the same.
	r.book(response, most)
	if err != nil {
		return nil, err
	}
	answers := make(map[int]engine.Translation, len(req.Segments))
	for _, s := range req.Segments {
		answers[s.ID] = engine.Translation{Err: engine.Errorf(engine.Transient, "the engine left the segment out")}
	}
	named := make(map[int]bool, len(req.Segments))
	for _, t := range response.Segments {
		if _, asked := answers[t.ID]; !asked || named[t.ID] {
			return nil, engine.Errorf(engine.Transient, "the engine answered for segment %d, which was not asked for or came twice", t.ID)
		}
		named[t.ID] = true
		answers[t.ID] = t
	}
	return answers, nil
}

// chunks cuts segments into calls of the size the engine takes. A segment larger
// than a call is a call of its own.
func (r *Run) chunks(items []*item) [][]*item {
	info := r.tools.Engine.Info()
	var out [][]*item
	var size int
	for _, it := range items {
		n := utf8.RuneCountInString(it.masked.Text)
		last := len(out) - 1
		full := last < 0 ||
			info.MaxSegments > 0 && len(out[last]) >= info.MaxSegments ||
			info.MaxRunes > 0 && size+n > info.MaxRunes
		if full {
			out = append(out, nil)
			last, size = last+1, 0
		}
		out[last] = append(out[last], it)
		size += n
	}
	return out
}

// context returns the segments before a call, with their answers.
func (r *Run) context(items []*item) []engine.Example {
	if !r.tools.Engine.Info().Corrects || len(items) == 0 {
		return nil
	}
	first := items[0].unit.ID - 1
	var out []engine.Example
	for _, it := range r.items[max(0, first-contextSegments):first] {
		if it.answer != nil {
			out = append(out, engine.Example{Source: it.masked.Text, Target: clip(it.answer.Masked, growth*len(it.masked.Text))})
		}
	}
	return out
}
