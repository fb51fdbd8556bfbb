package translationjob

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/condition"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// statusOf returns the status that a decision asks for. It is pure: it makes all
// of the status from the recorded one, what was seen and what was decided.
func statusOf(o pipeline.Observation, p *pipeline.Provider, d pipeline.Decision) v1alpha1.TranslationJobStatus {
	s := o.Recorded()
	if o.Attempt != nil && o.Attempt.Digest != o.Digest {
		o.Attempt = nil // it speaks of another translation
	}
	s.ObservedGeneration, s.WorkDigest = o.Generation, o.Digest
	s.Attempts, s.FailedAttempts, s.LostAttempts = d.Attempts, d.Failed, d.Lost
	s.NextAttemptTime = notBefore(d.NextAttempt)
	s.LastHandledRetry = o.Retry
	s.StartedAt = startedAt(s, o, d)
	if p != nil {
		s.Provider, s.PassedOver = &p.Reference, p.PassedOver
	}
	if o.Attempt != nil {
		s = withReport(s, o.Attempt.Report)
	}
	if o.Next != "" {
		s.PlannedMaxCost = "" // of another provider
	}
	s.CurrentStep = ""
	if d.Stage == pipeline.Working && o.Attempt != nil {
		s.CurrentStep = o.Attempt.Report.Step
	}
	if d.Stage == pipeline.Ended && s.CompletedAt == nil {
		s.CompletedAt = timeOf(o.Now)
	}
	s.Conditions = conditions(s.Conditions, o, d)
	s.Phase = phase(d) // last, and never read again
	return s
}

// startedAt keeps the first start; a suspended job has none, as batch/v1 Job has it.
func startedAt(s v1alpha1.TranslationJobStatus, o pipeline.Observation, d pipeline.Decision) *metav1.Time {
	switch {
	case d.Stage == pipeline.Held:
		return nil
	case s.StartedAt != nil:
		return s.StartedAt
	case d.Verb == pipeline.Start:
		return timeOf(o.Now)
	case o.Attempt != nil:
		return timeOf(o.Attempt.StartedAt)
	default:
		return nil
	}
}

// withReport copies what the run says of itself.
func withReport(s v1alpha1.TranslationJobStatus, r pipeline.Report) v1alpha1.TranslationJobStatus {
	if r.Progress.Total == 0 {
		return s
	}
	s.Progress = &r.Progress
	s.ProgressSummary = fmt.Sprintf("%d/%d", r.Progress.Total-r.Progress.Pending, r.Progress.Total)
	s.Segments = nil
	if len(r.Segments) <= document.MaxInlineSegments && r.Progress.Pending < r.Progress.Total {
		s.Segments = r.Segments // else there is nothing to say of them yet
	}
	s.QAScore, s.ScoredSegments = "", r.Scored
	if r.Scored > 0 {
		s.QAScore = v1alpha1.Decimal(r.Score.String())
	}
	s.Terms, s.SelfTest, s.Judge = r.Terms, r.SelfTest, r.Judge
	s.WordCount, s.BilledWords = &r.Words, &r.BilledWords
	s.PlannedMaxCost, s.Cost = r.PlannedMax.Decimal(), r.Cost.Decimal()
	if r.Usage.InputTokens > 0 || r.Usage.OutputTokens > 0 {
		s.TokenUsage = &v1alpha1.TokenUsage{Input: r.Usage.InputTokens, Output: r.Usage.OutputTokens}
	}
	s.Result = r.Result
	return s
}

// conditions tells the story: Finished for everybody, and the three of kstatus.
func conditions(was []metav1.Condition, o pipeline.Observation, d pipeline.Decision) []metav1.Condition {
	ended := d.Stage == pipeline.Ended
	good := ended && d.Reason == v1alpha1.CompletedReason
	why := d.Reason
	if d.Cause != "" {
		why = d.Cause
	}
	set := condition.From(was, o.Generation, o.Now, d.Message)
	set.Is(v1alpha1.FinishedCondition, ended, d.Reason)
	set.Is(v1alpha1.ReadyCondition, good, why)
	set.Is(v1alpha1.ReconcilingCondition, !ended, why)
	set.Is(v1alpha1.StalledCondition, ended && !good, why)
	return set.List()
}

// phase is the caption for a decision.
func phase(d pipeline.Decision) v1alpha1.Phase {
	switch d.Stage {
	case pipeline.Held:
		return v1alpha1.SuspendedPhase
	case pipeline.Waiting:
		return v1alpha1.QueuedPhase
	case pipeline.Ended:
		return endPhases[d.Reason]
	default:
		return v1alpha1.ProcessingPhase
	}
}

// endPhases names the phase of each reason of condition Finished.
var endPhases = map[string]v1alpha1.Phase{
	v1alpha1.CompletedReason:           v1alpha1.CompletedPhase,
	v1alpha1.CompletedWithBlocksReason: v1alpha1.CompletedWithBlocksPhase,
	v1alpha1.NeedsReviewReason:         v1alpha1.NeedsReviewPhase,
	v1alpha1.FailedReason:              v1alpha1.FailedPhase,
	v1alpha1.DeadReason:                v1alpha1.DeadPhase,
	v1alpha1.CancelledReason:           v1alpha1.CancelledPhase,
}

func timeOf(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return &metav1.Time{Time: t.Truncate(time.Second)}
}

// notBefore returns the first whole second that is not before a time.
func notBefore(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return timeOf(t.Add(time.Second - time.Nanosecond))
}
