package pipeline

import (
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Retried says whether somebody asks for another run of a job that has ended without
// being Completed: what did not pass QA is then asked for anew.
func (o Observation) Retried() bool {
	if o.Status.CompletedAt == nil || o.Retry == "" || o.Retry == o.Status.LastHandledRetry {
		return false
	}
	switch endReason(o.Status) {
	case v1alpha1.NeedsReviewReason, v1alpha1.FailedReason, v1alpha1.DeadReason:
		return true
	default:
		return false
	}
}

// Recorded returns as much of the recorded status as speaks of the work at hand:
// all of it while the spec asks for the same translation, and nothing but the
// conditions when it asks for another. A job that ended without a usable result
// starts afresh after any change, so that a raised limit or a withdrawn cancel
// takes effect.
func (o Observation) Recorded() v1alpha1.TranslationJobStatus {
	s := o.Status
	switch {
	case o.Retried():
		return v1alpha1.TranslationJobStatus{Conditions: s.Conditions}
	case s.ObservedGeneration == o.Generation:
		return s
	case s.WorkDigest == o.Digest && (s.CompletedAt == nil || hasResult(s)):
		return s
	default:
		return v1alpha1.TranslationJobStatus{Conditions: s.Conditions}
	}
}

// hasResult says whether a job ended with a result that can be used or reviewed.
func hasResult(s v1alpha1.TranslationJobStatus) bool {
	switch endReason(s) {
	case v1alpha1.CompletedReason, v1alpha1.CompletedWithBlocksReason, v1alpha1.NeedsReviewReason:
		return true
	default:
		return false
	}
}

func endReason(s v1alpha1.TranslationJobStatus) string {
	if c := meta.FindStatusCondition(s.Conditions, v1alpha1.FinishedCondition); c != nil {
		return c.Reason
	}
	return ""
}

// LostAttempt says whether an attempt was recorded that nobody is at work on: the
// process that made it has ended.
func (o Observation) LostAttempt() bool {
	s := o.Recorded()
	return s.StartedAt != nil && s.NextAttemptTime == nil && s.Attempts > s.FailedAttempts+s.LostAttempts
}
