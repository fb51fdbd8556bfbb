package pipeline

import (
	"slices"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// mostTerms is how many terms a segment's status names of each kind.
const mostTerms = 20

// tally sums up the segments of a run. Each segment is counted anew when it has
// changed, so that a report costs the same for ten segments and for a million.
type tally struct {
	progress      v1alpha1.Progress
	words, billed int
	// review counts segments that are done and that a person should see.
	review int
	terms  v1alpha1.TermCounts
	rated  int32
	score  qa.Tally
}

// share is what one segment adds to the tally.
type share struct {
	counted bool
	state   v1alpha1.SegmentState
	// remembered and billed say where the translation is from, and that it is charged.
	remembered, billed bool
	scored             bool
	part               qa.Part
	applied, missed    int32 // terms
	rated              bool
}

// recount brings the tally up to date with a segment.
func (r *Run) recount(it *item) {
	if it.share.counted {
		r.tally.add(it, -1)
	}
	it.share = it.shareNow()
	r.tally.add(it, 1)
}

func (it *item) shareNow() share {
	s := share{counted: true, state: it.state()}
	if it.best == nil {
		return s
	}
	s.scored, s.part = true, qa.Part{Penalty: qa.Penalty(it.best.findings), Words: it.words}
	s.remembered = !it.best.blocked && it.judged != nil && it.judged.Remembered
	s.billed = !it.best.blocked && !s.remembered
	s.rated = !it.best.blocked && it.judged != nil && it.judged.Rating != ""
	if !it.best.blocked {
		s.missed = int32(len(it.best.missed))                  //nolint:gosec // at most the terms of a segment
		s.applied = int32(len(it.terms) - len(it.best.missed)) //nolint:gosec // at most the terms of a segment
	}
	return s
}

// add counts a segment's share: done, blocked, failed or pending, never two of
// them, so that they sum up to the total.
func (t *tally) add(it *item, n int32) {
	p := &t.progress
	p.Total += n
	switch it.share.state {
	case v1alpha1.SegmentCompleted, v1alpha1.SegmentNeedsReview:
		p.Done += n
	case v1alpha1.SegmentBlocked:
		p.Blocked += n
	case v1alpha1.SegmentFailed:
		p.Failed += n
	default:
		p.Pending += n
	}
	t.words += int(n) * it.words
	t.terms.Applied += n * it.share.applied
	t.terms.Missed += n * it.share.missed
	if it.share.state == v1alpha1.SegmentNeedsReview {
		t.review += int(n)
	}
	if it.share.rated {
		t.rated += n
	}
	if it.share.remembered {
		p.FromMemory += n
	}
	if it.share.billed {
		t.billed += int(n) * it.words
	}
	switch {
	case it.share.scored && n > 0:
		t.score.Add(it.share.part)
	case it.share.scored:
		t.score.Remove(it.share.part)
	}
}

// summarize makes a report of the present state, without step and result.
func (r *Run) summarize() Report {
	report := Report{
		Progress: r.tally.progress,
		Words:    int32(r.tally.words), //nolint:gosec // bounded by the size of a source
		Usage:    r.spent, Cost: r.cost(), Committed: r.committed(), PlannedMax: r.bound,
		BilledWords: r.job.billed(int32(r.tally.billed)), //nolint:gosec // bounded by the size of a source
	}
	if score, ok := r.tally.score.Score(); ok {
		report.Score, report.Scored = score, int32(r.tally.score.Parts()) //nolint:gosec // a count of segments
	}
	report.SelfTest = r.caught
	if r.job.rates() {
		info := r.tools.Engine.Info()
		report.Judge = &v1alpha1.JudgeStatus{Model: info.Model, Prompt: info.Prompt, Segments: r.tally.rated}
	}
	if terms := r.tally.terms; terms != (v1alpha1.TermCounts{}) {
		report.Terms = &terms
	}
	if len(r.items) <= document.MaxInlineSegments {
		report.Segments = r.segments()
	}
	return report
}

// segments lists the state of every segment.
func (r *Run) segments() []v1alpha1.SegmentStatus {
	out := make([]v1alpha1.SegmentStatus, 0, len(r.items))
	for _, it := range r.items {
		status := it.status()
		status.Origin = r.origin(it)
		if span, ok := r.spans[it.unit.ID]; ok && span.End > span.Start {
			status.Span = &v1alpha1.TextSpan{Start: int32(span.Start), End: int32(span.End)} //nolint:gosec // bounded by the size of a result
		}
		out = append(out, status)
	}
	return out
}

// origin says where a translation is from when it is not the engine's.
func (r *Run) origin(it *item) v1alpha1.SegmentOrigin {
	switch {
	case it.best == nil:
		return ""
	case it.best.blocked || !it.masked.HasText():
		return v1alpha1.SourceOrigin
	case it.judged != nil && it.judged.Remembered:
		return v1alpha1.MemoryOrigin
	case r.first[it.key] != it:
		return v1alpha1.RepeatOrigin
	default:
		return ""
	}
}

// billed applies the factor of the quality: 1 for Standard, 1.5 for Premium,
// rounded half up.
func (j Job) billed(words int32) int32 {
	if j.Options.Quality == v1alpha1.PremiumQuality {
		return (words*3 + 1) / 2
	}
	return words
}

// status of a segment as users see it.
func (it *item) status() v1alpha1.SegmentStatus {
	s := v1alpha1.SegmentStatus{
		ID:         int32(it.unit.ID), //nolint:gosec // a count of segments
		State:      it.state(),
		RetryCount: int32(it.corrections), //nolint:gosec // at most maxCorrections
	}
	switch s.State {
	case v1alpha1.SegmentFailed:
		s.Error = it.refused.Error()
	case v1alpha1.SegmentBlocked:
		s.Error = "its placeables could not be put back, so it keeps its source text"
	}
	if it.best != nil {
		s.QAScore = v1alpha1.Decimal(it.best.score.String())
		s.Terms = it.termUse()
	}
	return s
}

// termUse tells the terms that were followed from those that were not; nil when no
// term occurs or there is no translation.
func (it *item) termUse() *v1alpha1.TermUse {
	if len(it.terms) == 0 || it.best.blocked {
		return nil
	}
	use := &v1alpha1.TermUse{}
	for _, term := range it.terms {
		into := &use.Applied
		if slices.Contains(it.best.missed, term.Source) {
			into = &use.Missed
		}
		if len(*into) < mostTerms {
			*into = append(*into, term.Source)
		}
	}
	return use
}

func (it *item) state() v1alpha1.SegmentState {
	switch {
	case it.refused != nil:
		return v1alpha1.SegmentFailed
	case it.best == nil && it.answer != nil:
		return v1alpha1.SegmentProcessing
	case it.best == nil:
		return v1alpha1.SegmentPending
	case it.best.blocked:
		return v1alpha1.SegmentBlocked
	case it.best.acceptable():
		return v1alpha1.SegmentCompleted
	default:
		return v1alpha1.SegmentNeedsReview
	}
}
