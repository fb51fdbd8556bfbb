package pipeline

import (
	"context"
	"fmt"
	"slices"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/internal/segment"
)

// supervise is the first step: it checks the briefing, cuts the source into
// segments, masks what may not be translated, and plans what the calls can cost
// at most. It sends nothing.
func (r *Run) supervise(ctx context.Context) error {
	if err := r.read(ctx); err != nil {
		return err
	}
	if err := r.checkBriefing(); err != nil {
		return err
	}
	if err := r.screen(); err != nil {
		return err
	}
	r.askAnew()
	if err := r.recall(ctx); err != nil {
		return err
	}
	if err := r.checkBudget(); err != nil {
		return err
	}
	return r.reserve(ctx)
}

func (r *Run) checkBriefing() error {
	if r.job.Options.Mode == v1alpha1.CreationMode && !r.tools.Engine.Info().Creates {
		return &Refusal{End: Fatal, Reason: v1alpha1.UnsupportedReason,
			Message: fmt.Sprintf("engine %q cannot write new text; use mode Translation or a provider with a language model",
				r.tools.Engine.Info().Name)}
	}
	if r.job.rates() && !r.tools.Engine.Info().Rates {
		return &Refusal{End: Fatal, Reason: v1alpha1.UnsupportedReason,
			Message: fmt.Sprintf("engine %q cannot rate translations; leave qa.judge out or use a provider with a language model",
				r.tools.Engine.Info().Name)}
	}
	return nil
}

// read gets the source and cuts it into segments, and hands those what earlier runs
// have of them. It does so once.
func (r *Run) read(ctx context.Context) error {
	if r.items != nil {
		return nil
	}
	if r.tools.Read != nil && r.job.Text == "" && r.job.Texts == nil {
		text, texts, err := r.tools.Read(ctx)
		if err != nil {
			return refusalOr(err, Refusal{End: Waits, Reason: v1alpha1.StorageFailedReason, Message: "read the source: " + err.Error()})
		}
		r.job.Text, r.job.Texts = text, texts
	}
	if err := r.parse(); err != nil {
		return err
	}
	r.restore()
	return nil
}

func (r *Run) parse() error {
	doc, err := r.job.document()
	if err != nil {
		return &Refusal{End: Fatal, Reason: v1alpha1.SourceInvalidReason, Message: err.Error()}
	}
	if len(doc.Units()) == 0 {
		return &Refusal{End: Fatal, Reason: v1alpha1.SourceInvalidReason, Message: "the source has no text to translate"}
	}
	r.doc, r.first = doc, map[string]*item{}
	for _, note := range doc.Notes() {
		r.notes = append(r.notes, v1alpha1.Finding{
			Segment: int32(note.Unit), //nolint:gosec // a count of segments
			Type:    qa.SourceFormCheck, Severity: v1alpha1.NeutralSeverity, Message: note.Message,
		})
	}
	info, terms := r.tools.Engine.Info(), glossary.NewIndex(r.job.Terms, r.job.SourceLanguage)
	for _, unit := range doc.Units() {
		it := &item{unit: unit, terms: terms.Occurring(placeholder.WithoutKept(unit.Text))}
		masked, shown := mask(unit)
		it.masked = masked
		if !takesTerms(info) && slices.ContainsFunc(it.terms, func(t engine.Term) bool { return t.Keep }) {
			it.masked, it.kept = hold(masked, terms)
		}
		it.words = countWords(it)
		it.forms = hidden(unit, shown, r.job.TargetLanguage)
		it.key = fingerprint(r.job, info, it)
		r.items = append(r.items, it)
		if leader := r.first[it.key]; leader != nil {
			r.noteForm(it, leader)
		} else {
			r.first[it.key] = it
		}
		r.recount(it)
	}
	return nil
}

// countWords counts the words of a segment without its placeables: a number that stands
// as a sample is not billed, and a term that stands as a token is, as with any engine.
func countWords(it *item) int {
	masked := it.masked
	if masked.Number != 0 || len(it.kept) > 0 {
		masked = placeholder.Mask(it.unit.Text)
	}
	return segment.CountWords(masked.Text)
}

// askAnew drops what an earlier run has and QA did not pass, once, when somebody
// asked for another run.
func (r *Run) askAnew() {
	if !r.job.Retry {
		return
	}
	r.job.Retry, r.recalled = false, true // the memory has the same answers
	for _, it := range r.leaders() {
		r.settle(it)
		if it.best == nil || !it.best.passes(r.job.threshold()) {
			it.answer, it.best, it.judged, it.refused, it.corrections = nil, nil, nil, nil, 0
			r.recount(it)
		}
	}
}

// leaders returns the segments that are translated: the first of each key that
// has text in it.
func (r *Run) leaders() []*item {
	var out []*item
	for _, it := range r.items {
		if it.masked.HasText() && r.first[it.key] == it {
			out = append(out, it)
		}
	}
	return out
}

// pending returns the segments that have still to be asked for.
func (r *Run) pending() []*item {
	var out []*item
	for _, it := range r.leaders() {
		if it.answer == nil && it.refused == nil {
			out = append(out, it)
		}
	}
	return out
}

// request makes a call of some segments, without corrections.
func (r *Run) request(items []*item) engine.Request {
	o := r.job.Options
	req := engine.Request{
		Pair:           r.job.Pair,
		Creation:       o.Mode == v1alpha1.CreationMode,
		Domain:         o.Domain,
		Tone:           o.Tone,
		TextType:       o.TextType,
		Instructions:   o.Instructions,
		StyleReference: o.StyleReference,
		Context:        r.context(items),
	}
	limits := limitsOf(o.Constraints)
	req.MaxChars, req.MaxWords = limits.maxChars, limits.maxWords
	seen := map[string]bool{}
	told := Obeys(r.tools.Engine.Info())
	for _, it := range items {
		segment := engine.Segment{ID: it.unit.ID, Text: it.masked.Text}
		if told {
			segment.Forms = it.forms
		}
		req.Segments = append(req.Segments, segment)
		for _, term := range it.terms {
			if !seen[term.Source] {
				seen[term.Source] = true
				req.Terms = append(req.Terms, term)
			}
		}
	}
	return req
}

// limits are a job's constraints in the form the engine and the checks take.
type limits struct {
	maxChars, maxWords int
	forbidden          []string
}

// limitsOf folds constraints together: of two limits of one type the lower holds.
func limitsOf(constraints []v1alpha1.Constraint) limits {
	var l limits
	lower := func(into *int, value *int32) {
		if value != nil && (*into == 0 || int(*value) < *into) {
			*into = int(*value)
		}
	}
	for _, c := range constraints {
		switch c.Type {
		case v1alpha1.MaxCharsConstraint:
			lower(&l.maxChars, c.Value)
		case v1alpha1.MaxWordsConstraint:
			lower(&l.maxWords, c.Value)
		case v1alpha1.ForbiddenConstraint:
			l.forbidden = append(l.forbidden, c.Terms...)
		}
	}
	return l
}
