package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// Thresholds of a segment's score (0 to 100, in tenths) and of the corrections.
const (
	standardThreshold qa.Score = 950
	premiumThreshold  qa.Score = 980
	// acceptThreshold is what a segment must reach for the job to be Completed when
	// the corrections brought no better answer.
	acceptThreshold qa.Score = 800
	// maxCorrections is how often a segment goes back with its findings.
	maxCorrections = 2
)

func (j Job) threshold() qa.Score {
	if j.Options.Quality == v1alpha1.PremiumQuality {
		return premiumThreshold
	}
	return standardThreshold
}

// assure is the fourth step: every answer is judged, and those that do not pass go
// back with their findings, twice at most. The best candidate is kept, not the last.
func (r *Run) assure(ctx context.Context) error {
	for _, it := range r.items {
		r.settle(it)
	}
	r.compare()
	for range maxCorrections {
		failing := r.failing()
		if len(failing) == 0 {
			break
		}
		if err := r.correct(ctx, failing); err != nil {
			return fmt.Errorf("correct %d segments: %w", len(failing), err)
		}
		r.compare()
		r.publishView(v1alpha1.QAStep)
	}
	if err := r.rate(ctx); err != nil {
		return err
	}
	r.compare()
	return nil
}

// compare adds what only shows beside the other segments of the job.
func (r *Run) compare() {
	pairs := make([]qa.Pair, len(r.items))
	for i, it := range r.items {
		if it.best != nil && !it.best.blocked {
			pairs[i] = qa.Pair{Source: it.distinct(), Target: it.best.text}
		}
	}
	found := qa.Inconsistencies(pairs)
	for i, it := range r.items {
		if it.best != nil && (len(found[i]) > 0 || it.best.own < len(it.best.findings)) {
			it.best.findings = append(it.best.findings[:it.best.own:it.best.own], found[i]...)
			it.best.score = qa.SegmentScore(it.best.findings, it.words)
			r.recount(it)
		}
	}
}

// settle judges the answer of a segment, or of the segment it repeats.
func (r *Run) settle(it *item) {
	if !it.masked.HasText() {
		it.best = &candidate{text: it.unit.Text, score: qa.SegmentScore(nil, it.words)}
		r.recount(it)
		return
	}
	defer r.recount(it)
	leader := r.first[it.key]
	it.refused = leader.refused
	it.corrections = leader.corrections
	if leader.answer == nil || leader.answer == it.judged {
		return
	}
	it.judged = leader.answer
	judged := r.judge(it, *leader.answer)
	if it.best == nil || judged.betterThan(it.best) {
		it.best = judged
	}
}

// judge restores the placeables of an answer, mends what is safe to mend, and
// scores it.
func (r *Run) judge(it *item, answer Saved) *candidate {
	text, problems := it.masked.Restore(answer.Masked)
	problems = it.problems(problems, answer.Masked)
	in := r.input(it, text)
	in.Placeables, in.Unknown = problems, answer.Unknown
	in.Target = qa.Fix(in)
	findings := withRating(qa.Evaluate(r.tools.Checks, in), answer)
	c := &candidate{
		text: in.Target, findings: findings, own: len(findings), missed: it.named(qa.Missed(in)),
		score: qa.SegmentScore(findings, it.words),
	}
	if len(problems) > 0 {
		c.blocked, c.text = true, it.unit.Text
	}
	return c
}

// input is what the checks look at of a translation.
func (r *Run) input(it *item, text string) qa.Input {
	l := limitsOf(r.job.Options.Constraints)
	return qa.Input{
		Source: it.unit.Text, Target: text,
		SourceLanguage: r.job.SourceLanguage, TargetLanguage: r.job.TargetLanguage,
		Terms: it.checkedTerms(), MaxChars: l.maxChars, MaxWords: l.maxWords, Forbidden: l.forbidden,
	}
}

// failing returns the segments that do not pass and that another try may mend: by
// any engine that corrects, and by every engine when the placeables are the fault.
func (r *Run) failing() []*item {
	corrects := r.tools.Engine.Info().Corrects
	var out []*item
	for _, it := range r.leaders() {
		if it.best == nil || it.best.passes(r.job.threshold()) || it.corrections >= maxCorrections {
			continue
		}
		if corrects || it.best.blocked && it.corrections == 0 {
			out = append(out, it)
		}
	}
	return out
}

// correct asks once more for segments that failed, and keeps what is better.
func (r *Run) correct(ctx context.Context, failing []*item) error {
	if !r.tools.Engine.Info().Corrects {
		return r.correctByParts(ctx, failing)
	}
	for _, chunk := range r.chunks(failing) {
		req := r.request(chunk)
		for i, it := range chunk {
			req.Segments[i].Correction = &engine.Correction{
				Previous: clip(it.answer.Masked, growth*len(it.masked.Text)),
				Findings: messages(it.best.findings),
				Round:    it.corrections + 1,
			}
		}
		answers, err := r.call(ctx, req)
		if err != nil && engine.AsError(err).Class != engine.Rejected {
			return err
		}
		// What the engine will not correct keeps its best candidate.
		for _, it := range chunk {
			it.corrections++
			if answer, ok := answers[it.unit.ID]; ok && answer.Err == nil {
				r.consider(it, Saved{Masked: answer.Text, Unknown: answer.Unknown})
			}
			r.changed(it)
		}
	}
	r.settleRepeats()
	return nil
}

// consider takes a new answer over when it is better than the best so far.
func (r *Run) consider(it *item, answer Saved) {
	if answer.Masked == it.answer.Masked {
		it.corrections = maxCorrections // the engine has no better answer
		return
	}
	if judged := r.judge(it, answer); judged.betterThan(it.best) {
		it.answer, it.best = &answer, judged
		it.judged = it.answer
	}
}

// correctByParts is the other way for engines that always answer the same: the
// text between the placeables is translated stretch by stretch, so that each
// placeable stays where it was.
func (r *Run) correctByParts(ctx context.Context, failing []*item) error {
	for _, it := range failing {
		answers, err := r.call(ctx, r.byParts(it))
		if err != nil && engine.AsError(err).Class != engine.Rejected {
			return err
		}
		it.corrections++
		if err == nil {
			r.consider(it, join(it.parts(), answers))
		}
		r.changed(it)
	}
	r.settleRepeats()
	return nil
}

// byParts asks for the text between the placeables of a segment, each stretch under
// the number of its part.
func (r *Run) byParts(it *item) engine.Request {
	req := r.request([]*item{it})
	req.Segments = nil
	for i, part := range it.parts() {
		if !part.Token && strings.TrimSpace(part.Text) != "" {
			req.Segments = append(req.Segments, engine.Segment{ID: i + 1, Text: part.Text})
		}
	}
	return req
}

// join puts translated stretches and placeables together. A stretch without an
// answer keeps its source, which QA then sees.
func join(parts []placeholder.Part, answers map[int]engine.Translation) Saved {
	var b strings.Builder
	var unknown []string
	for i, part := range parts {
		answer, asked := answers[i+1]
		if asked && answer.Err == nil {
			b.WriteString(answer.Text)
			unknown = append(unknown, answer.Unknown...)
			continue
		}
		b.WriteString(part.Text)
	}
	return Saved{Masked: b.String(), Unknown: unknown}
}

// settleRepeats judges the repeats of corrected segments again.
func (r *Run) settleRepeats() {
	for _, it := range r.items {
		if it.best != nil {
			r.settle(it)
		}
	}
}

// messages are the findings in words, the first of them when all are too many: the
// plan has room for so much.
func messages(findings []qa.Finding) []string {
	out := make([]string, 0, len(findings))
	left := findingBytes
	for _, f := range findings {
		message := clip(f.Message, left)
		left -= len(message)
		if message != "" {
			out = append(out, message)
		}
	}
	return out
}

// clip cuts a text to so many bytes, at a character. The plan has no room for more.
func clip(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	return strings.ToValidUTF8(text[:bytes], "")
}
