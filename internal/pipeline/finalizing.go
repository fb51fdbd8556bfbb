package pipeline

import (
	"context"
	"fmt"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/internal/segment"
)

// finalize is the last step: the translations are put into the shape of the
// source, counted and published.
func (r *Run) finalize(ctx context.Context) error {
	targets := map[int]string{}
	result := document.Result{Segments: r.summarize().Segments, Findings: append([]v1alpha1.Finding(nil), r.notes...)}
	for _, it := range r.items {
		if it.best == nil {
			continue
		}
		targets[it.unit.ID] = it.best.text
		result.WordCount += int32(segment.CountWords(it.best.text)) //nolint:gosec // bounded by the size of a result
		for _, f := range it.best.findings {
			result.Findings = append(result.Findings, findingOf(it, f))
		}
	}
	result.Translation = r.doc.Assemble(targets)
	published, err := r.tools.Publish(ctx, result)
	if err != nil {
		return &reasonError{end: Unstored, reason: v1alpha1.StorageFailedReason, message: "store the result: " + err.Error()}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.view.Result = published
	return nil
}

// summarize makes a report of the present state, without step and result.
func (r *Run) summarize() Report {
	report := Report{Usage: r.spent, Cost: r.job.Prices.Cost(r.spent), PlannedMax: r.plan}
	var scored []qa.Part
	for _, it := range r.items {
		status := it.status()
		report.Segments = append(report.Segments, status)
		report.Words += int32(it.words) //nolint:gosec // bounded by the size of a source
		count(&report.Progress, status.State)
		if it.best != nil {
			scored = append(scored, qa.Part{Penalty: qa.Penalty(it.best.findings), Words: it.words})
			if !it.best.blocked {
				report.BilledWords += int32(it.words) //nolint:gosec // bounded by the size of a source
			}
		}
	}
	if score, ok := qa.JobScore(scored); ok {
		report.Score, report.Scored = score, int32(len(scored)) //nolint:gosec // a count of segments
	}
	report.BilledWords = r.job.billed(report.BilledWords)
	return report
}

// billed applies the factor of the quality: 1 for Standard, 1.5 for Premium,
// rounded half up.
func (j Job) billed(words int32) int32 {
	if j.Options.Quality == v1alpha1.PremiumQuality {
		return (words*3 + 1) / 2
	}
	return words
}

// count adds a segment to the progress: done, blocked, failed or pending, never
// two of them, so that they sum up to the total.
func count(p *v1alpha1.Progress, state v1alpha1.SegmentState) {
	p.Total++
	switch state {
	case v1alpha1.SegmentCompleted, v1alpha1.SegmentNeedsReview:
		p.Done++
	case v1alpha1.SegmentBlocked:
		p.Blocked++
	case v1alpha1.SegmentFailed:
		p.Failed++
	default:
		p.Pending++
	}
}

// status of a segment as users see it.
func (it *item) status() v1alpha1.SegmentStatus {
	s := v1alpha1.SegmentStatus{
		ID:         int32(it.unit.ID),     //nolint:gosec // a count of segments
		RetryCount: int32(it.corrections), //nolint:gosec // at most maxCorrections
	}
	switch {
	case it.refused != nil:
		s.State, s.Error = v1alpha1.SegmentFailed, it.refused.Error()
	case it.best == nil && it.answer != nil:
		s.State = v1alpha1.SegmentProcessing
	case it.best == nil:
		s.State = v1alpha1.SegmentPending
	case it.best.blocked:
		s.State, s.Error = v1alpha1.SegmentBlocked, "its placeables could not be put back, so it keeps its source text"
	case it.best.acceptable():
		s.State = v1alpha1.SegmentCompleted
	default:
		s.State = v1alpha1.SegmentNeedsReview
	}
	if it.best != nil {
		s.QAScore = v1alpha1.Decimal(it.best.score.String())
	}
	return s
}

// ending says how a run that went through all steps has ended. Completed means
// that every segment is there and good enough; nothing less is called so.
func (r *Run) ending() Outcome {
	p := r.Report().Progress
	review := 0
	for _, s := range r.Report().Segments {
		if s.State == v1alpha1.SegmentNeedsReview {
			review++
		}
	}
	out := Outcome{End: Finished}
	switch {
	case p.Done == 0 && p.Blocked == 0:
		out.Reason, out.Cause = v1alpha1.FailedReason, v1alpha1.EngineRejectedReason
		out.Message = fmt.Sprintf("the engine refused all %d segments: %s", p.Total, r.firstRefusal())
	case p.Failed > 0 || review > 0:
		out.Reason = v1alpha1.NeedsReviewReason
		out.Message = fmt.Sprintf("%d of %d segments need a person: %d under the QA threshold, %d refused by the engine, %d blocked",
			int32(review)+p.Failed+p.Blocked, p.Total, review, p.Failed, p.Blocked) //nolint:gosec // a count of segments
	case p.Blocked > 0:
		out.Reason = v1alpha1.CompletedWithBlocksReason
		out.Message = fmt.Sprintf("%d of %d segments keep their source text, because their placeables could not be put back", p.Blocked, p.Total)
	default:
		out.Reason = v1alpha1.CompletedReason
		out.Message = fmt.Sprintf("%d segments passed QA", p.Total)
	}
	return out
}

func (r *Run) firstRefusal() string {
	for _, it := range r.items {
		if it.refused != nil {
			return it.refused.Error()
		}
	}
	return "no reason given"
}
