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
	r.listen()
	r.remember(ctx)
	targets := map[int]string{}
	result := document.Result{Findings: append([]v1alpha1.Finding(nil), r.notes...)}
	for _, it := range r.items {
		if it.best == nil {
			continue
		}
		targets[it.unit.ID] = it.best.text
		result.WordCount += int32(segment.CountWords(it.best.text)) //nolint:gosec // bounded by the size of a result
	}
	result.Findings = append(result.Findings, r.openFindings(targets)...)
	result.Translation, r.spans = r.doc.Assemble(targets), r.doc.Spans(targets)
	result.Segments = r.segments()
	r.selfTest()
	published, err := r.tools.Publish(ctx, result)
	if err != nil {
		return refusalOr(err, Refusal{End: Waits, Reason: v1alpha1.StorageFailedReason, Message: "store the result: " + err.Error()})
	}
	r.final = result
	r.mu.Lock()
	defer r.mu.Unlock()
	r.view.Result = published
	return nil
}

// openFindings are those of the translations. Where an attribute was put into one, its
// faults stand elsewhere in the result than QA saw them.
func (r *Run) openFindings(targets map[int]string) []v1alpha1.Finding {
	rewritten := r.doc.Rewritten(targets)
	var out []v1alpha1.Finding
	for _, it := range r.items {
		if it.best == nil {
			continue
		}
		for _, f := range it.best.findings {
			finding := findingOf(it, f)
			if w, ok := rewritten[it.unit.ID]; ok && finding.Span != nil {
				finding.Span = characters(w.Text, qa.Span{Start: w.Offset(f.Span.Start), End: w.Offset(f.Span.End)})
			}
			out = append(out, finding)
		}
	}
	return out
}

// ending says how a run that went through all steps has ended. Completed means
// that every segment is there and good enough; nothing less is called so.
func (r *Run) ending() Outcome {
	p, review := r.tally.progress, r.tally.review
	out := Outcome{End: Finished}
	switch {
	case p.Done == 0 && p.Blocked == 0:
		out.Reason, out.Cause = v1alpha1.FailedReason, v1alpha1.EngineRejectedReason
		out.Message = fmt.Sprintf("the engine refused all %d segments: %s", p.Total, r.firstRefusal())
	case p.Failed > 0 || review > 0:
		out.Reason = v1alpha1.NeedsReviewReason
		out.Message = fmt.Sprintf("%d of %d segments need a person: %d under the QA threshold, %d refused by the engine, %d blocked",
			int32(review)+p.Failed+p.Blocked, p.Total, review, p.Failed, p.Blocked) //nolint:gosec // a count of segments
		if r.distrust != "" {
			out.Message += "; " + r.distrust
		}
	case p.Blocked > 0:
		out.Reason = v1alpha1.CompletedWithBlocksReason
		out.Message = fmt.Sprintf("%d of %d segments keep their source text, because their placeables could not be put back", p.Blocked, p.Total)
	default:
		out.Reason = v1alpha1.CompletedReason
		out.Message = fmt.Sprintf("%d segments passed QA", p.Total)
		if below := r.countBelow(); below > 0 {
			out.Message = fmt.Sprintf("%d of %d segments passed QA; %d came close, with findings that no correction has mended", int(p.Total)-below, p.Total, below)
		}
	}
	return out
}

// countBelow counts the segments that are good enough and did not pass.
func (r *Run) countBelow() int {
	count := 0
	for _, it := range r.items {
		if it.best != nil && !it.best.passes(r.job.threshold()) {
			count++
		}
	}
	return count
}

func (r *Run) firstRefusal() string {
	for _, it := range r.items {
		if it.refused != nil {
			return it.refused.Error()
		}
	}
	return "no reason given"
}
