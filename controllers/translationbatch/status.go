package translationbatch

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/condition"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// statusOf returns the status of a batch for a tally. It is pure.
func statusOf(batch *v1alpha1.TranslationBatch, t tally, now time.Time) v1alpha1.TranslationBatchStatus {
	s := v1alpha1.TranslationBatchStatus{
		ObservedGeneration: batch.Generation,
		Jobs:               &t.jobs,
		JobsSummary:        fmt.Sprintf("%d/%d", t.jobs.Total-t.jobs.Waiting-t.jobs.Active, t.jobs.Total),
		Languages:          t.languages,
		QAScore:            t.scores[""].decimal(),
		WordCount:          t.words,
		BilledWords:        t.billed,
		Cost:               t.cost.Decimal(),
		StartedAt:          batch.Status.StartedAt,
	}
	for i := range s.Languages {
		s.Languages[i].QAScore = t.scores[string(s.Languages[i].Language)].decimal()
	}
	if t.progress.Total > 0 {
		s.Progress = &t.progress
	}
	stamp := metav1.NewTime(now.Truncate(time.Second))
	if s.StartedAt == nil && t.jobs.Waiting < t.jobs.Total {
		s.StartedAt = &stamp
	}
	if t.ended() {
		s.CompletedAt = &stamp
	}
	v := judge(batch, t)
	s.Conditions = conditions(batch, v, now)
	s.Phase = v.phase // last, and never read again
	return s
}

// verdict is where a batch stands, in words.
type verdict struct {
	ended           bool
	reason, message string
	phase           v1alpha1.BatchPhase
}

func judge(batch *v1alpha1.TranslationBatch, t tally) verdict {
	j := t.jobs
	v := verdict{ended: t.ended()}
	switch {
	case !v.ended && isTrue(batch.Spec.Suspend):
		v.reason, v.phase = v1alpha1.SuspendedReason, v1alpha1.BatchSuspended
		v.message = "spec.suspend holds the batch; finished jobs are kept"
	case !v.ended && j.Waiting == j.Total:
		v.reason, v.phase = v1alpha1.QueuedReason, v1alpha1.BatchQueued
		v.message = "no job has been made yet"
	case !v.ended:
		v.reason, v.phase = v1alpha1.ProcessingReason, v1alpha1.BatchProcessing
		v.message = fmt.Sprintf("%d of %d jobs are under way, %d wait", j.Active, j.Total, j.Waiting)
	case isTrue(batch.Spec.Cancel) && j.Cancelled > 0:
		v.reason, v.phase = v1alpha1.CancelledReason, v1alpha1.BatchCancelled
		v.message = fmt.Sprintf("spec.cancel was set; %d of %d jobs had ended before", j.Total-j.Cancelled, j.Total)
	case j.Completed == j.Total:
		v.reason, v.phase = v1alpha1.CompletedReason, v1alpha1.BatchCompleted
		v.message = fmt.Sprintf("%d jobs are completed", j.Total)
	case j.Failed+j.Dead == j.Total:
		v.reason, v.phase = v1alpha1.FailedReason, v1alpha1.BatchFailed
		v.message = fmt.Sprintf("all %d jobs failed", j.Total)
	default:
		v.reason, v.phase = v1alpha1.CompletedWithErrorsReason, v1alpha1.BatchCompletedWithErrors
		v.message = fmt.Sprintf("%d of %d jobs are completed; %d need review, %d have blocks, %d failed, %d are dead, %d were cancelled",
			j.Completed, j.Total, j.NeedsReview, j.CompletedWithBlocks, j.Failed, j.Dead, j.Cancelled)
	}
	if len(t.refusals) > 0 {
		no := t.refusals[0]
		v.message += fmt.Sprintf("; %d could not be made, the first is item %d into %s (%s): %v",
			len(t.refusals), no.item, no.language, no.reason, no.err)
	}
	return v
}

func conditions(batch *v1alpha1.TranslationBatch, v verdict, now time.Time) []metav1.Condition {
	good := v.ended && v.reason == v1alpha1.CompletedReason
	set := condition.From(batch.Status.Conditions, batch.Generation, now, v.message)
	set.Is(v1alpha1.FinishedCondition, v.ended, v.reason)
	set.Is(v1alpha1.ReadyCondition, good, v.reason)
	set.Is(v1alpha1.ReconcilingCondition, !v.ended, v.reason)
	set.Is(v1alpha1.StalledCondition, v.ended && !good, v.reason)
	return set.List()
}

// decimal returns the mean with one decimal, rounded half up; "" for no scores.
func (m *mean) decimal() v1alpha1.Decimal {
	if m.words == 0 {
		return ""
	}
	return v1alpha1.Decimal(qa.Score((m.weighted + m.words/2) / m.words).String())
}
