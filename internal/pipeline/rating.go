package pipeline

import (
	"context"
	"fmt"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// ratingTokens bounds the answer for one segment that is rated: ten errors.
const ratingTokens = 150

// rates says whether the job wants its translations rated by the language model.
func (j Job) rates() bool {
	return j.Options.QA != nil && j.Options.QA.Judge == v1alpha1.JudgeEnabled
}

// rate has the engine say what is wrong with the translations, once, after the
// corrections. What it finds comes on top of what the checks have found and takes none
// of it away. A translation that it gives no rating for stands as it is: how many were
// rated is in the report.
func (r *Run) rate(ctx context.Context) error {
	if !r.job.rates() {
		return nil
	}
	for _, chunk := range r.chunks(r.unrated()) {
		answers, err := r.call(ctx, r.rating(chunk))
		if err != nil && engine.AsError(err).Class != engine.Rejected {
			return fmt.Errorf("rate %d segments: %w", len(chunk), err)
		}
		for _, it := range chunk {
			if answer, ok := answers[it.unit.ID]; ok && answer.Err == nil {
				r.takeRating(it, answer.Text)
			}
		}
		r.publishView(v1alpha1.QAStep)
	}
	return nil
}

// unrated returns the segments whose translation has still to be rated. What the memory
// had was rated when it was bought, if that job asked for it.
func (r *Run) unrated() []*item {
	var out []*item
	for _, it := range r.leaders() {
		if it.best != nil && !it.best.blocked && it.answer != nil && it.answer.Rating == "" && !it.answer.Remembered {
			out = append(out, it)
		}
	}
	return out
}

// rating is the request for the ratings of some translations.
func (r *Run) rating(items []*item) engine.Request {
	req := r.request(items)
	req.Rating, req.Context, req.StyleReference = true, nil, ""
	for i, it := range items {
		req.Segments[i].Text, req.Segments[i].Target = it.unit.Text, clip(it.best.text, growth*len(it.unit.Text))
	}
	return req
}

// takeRating adds a rating to a translation, and to those that repeat it.
func (r *Run) takeRating(it *item, rating string) {
	rated := *it.answer
	rated.Rating = rating
	it.answer = &rated
	for _, same := range r.items {
		if r.first[same.key] == it {
			same.judged, same.best = it.answer, r.judge(same, rated)
			r.recount(same)
		}
	}
	r.changed(it)
}

// withRating adds what a rating names to the findings of the checks.
func withRating(findings []qa.Finding, answer Saved) []qa.Finding {
	if answer.Rating == "" {
		return findings
	}
	return append(findings, qa.ReadRating(answer.Rating, findings)...)
}

// ratings bounds the calls that rate all translations.
func (r *Run) ratings() money.Euro {
	var total money.Euro
	if !r.job.rates() || r.job.Prices.Free() {
		return total
	}
	var items []*item
	for _, it := range r.leaders() {
		if it.refused == nil && (it.answer == nil || it.answer.Rating == "" && !it.answer.Remembered) {
			items = append(items, it)
		}
	}
	for _, chunk := range r.chunks(items) {
		total += r.job.Prices.Cost(r.ratingBound(chunk))
	}
	return total
}

// ratingBound is the most that one call can use that rates translations of these.
func (r *Run) ratingBound(items []*item) engine.Usage {
	req := r.request(items)
	req.Rating, req.Context, req.StyleReference = true, nil, ""
	usage := MostOf(req)
	for _, it := range items {
		usage.InputTokens += (1 + growth) * size(it.unit.Text)
	}
	return usage
}
