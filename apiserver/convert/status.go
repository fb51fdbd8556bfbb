package convert

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Status is a word of the REST API for how far a job is.
type Status string

// The seven words.
const (
	StatusQueued              Status = "queued"
	StatusProcessing          Status = "processing"
	StatusCompleted           Status = "completed"
	StatusCompletedWithBlocks Status = "completed_with_blocks"
	StatusNeedsReview         Status = "needs_review"
	StatusFailed              Status = "failed"
	StatusDead                Status = "dead"
)

// Statuses lists the words, in the order a job may take them.
func Statuses() []Status {
	return []Status{StatusQueued, StatusProcessing, StatusCompleted, StatusCompletedWithBlocks, StatusNeedsReview, StatusFailed, StatusDead}
}

// Schema describes the words.
func (Status) Schema(huma.Registry) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString, Description: "queued: waits. processing: the pipeline runs. completed: every segment passed QA. " +
		"completed_with_blocks: some segments keep their source text. needs_review: QA is below its threshold. " +
		"failed: unrecoverable error, or cancelled. dead: given up after repeated crashes."}
	for _, word := range Statuses() {
		schema.Enum = append(schema.Enum, string(word))
	}
	return schema
}

// endings are the words for the reasons of condition Finished. A cancelled job
// reads failed, with "cancelled" as the code of its error.
var endings = map[string]Status{
	v1alpha1.CompletedReason:           StatusCompleted,
	v1alpha1.CompletedWithBlocksReason: StatusCompletedWithBlocks,
	v1alpha1.NeedsReviewReason:         StatusNeedsReview,
	v1alpha1.FailedReason:              StatusFailed,
	v1alpha1.DeadReason:                StatusDead,
	v1alpha1.CancelledReason:           StatusFailed,
}

// StatusOf returns the word for a job. It goes by condition Finished; a status that
// speaks of an older spec says nothing, since the job will run again.
func StatusOf(job *v1alpha1.TranslationJob) Status {
	if finished := finishedCondition(job); finished != nil {
		if word, ok := endings[finished.Reason]; ok {
			return word
		}
		return StatusFailed
	}
	if job.Status.Phase == v1alpha1.ProcessingPhase {
		return StatusProcessing
	}
	return StatusQueued
}

// EndReason returns the reason of condition Finished; "" for a job that has not ended.
func EndReason(job *v1alpha1.TranslationJob) string {
	if finished := finishedCondition(job); finished != nil {
		return finished.Reason
	}
	return ""
}

// Ended says whether the job has ended, whatever the outcome.
func Ended(job *v1alpha1.TranslationJob) bool { return finishedCondition(job) != nil }

// Repeatable says whether the job ended without anything to show for it, so that
// the same request may be made again.
func Repeatable(job *v1alpha1.TranslationJob) bool {
	switch StatusOf(job) {
	case StatusFailed, StatusDead:
		return true
	default:
		return job.DeletionTimestamp != nil
	}
}

// finishedCondition returns condition Finished of a job that has ended and stays so.
func finishedCondition(job *v1alpha1.TranslationJob) *metav1.Condition {
	if job.Status.ObservedGeneration != job.Generation {
		return nil
	}
	finished := trueCondition(job.Status.Conditions, v1alpha1.FinishedCondition)
	if finished != nil && retryAsked(job, finished.Reason) {
		return nil
	}
	return finished
}

func trueCondition(conditions []metav1.Condition, kind string) *metav1.Condition {
	condition := meta.FindStatusCondition(conditions, kind)
	if condition == nil || condition.Status != metav1.ConditionTrue {
		return nil
	}
	return condition
}

// JobError says why a job failed.
type JobError struct {
	Code    string `json:"code" doc:"The reason in one word, such as cancelled, backoff_limit_exceeded or misconfigured." example:"misconfigured"`
	Message string `json:"message" doc:"What happened."`
}

// errorOf returns why a job failed; nil for one that did not. The reason of
// condition Stalled says more than that of Finished.
func errorOf(job *v1alpha1.TranslationJob) *JobError {
	finished := finishedCondition(job)
	if finished == nil {
		return nil
	}
	switch endings[finished.Reason] {
	case StatusCompleted, StatusCompletedWithBlocks, StatusNeedsReview:
		return nil
	}
	out := &JobError{Code: snake(finished.Reason), Message: finished.Message}
	stalled := trueCondition(job.Status.Conditions, v1alpha1.StalledCondition)
	if stalled != nil && finished.Reason != v1alpha1.CancelledReason {
		out.Code = snake(stalled.Reason)
	}
	return out
}

// steps are the words for the steps of the pipeline.
var steps = map[v1alpha1.Step]string{
	v1alpha1.SupervisorStep:   "supervisor",
	v1alpha1.SourceReviewStep: "source_review",
	v1alpha1.TranslatorStep:   "translator",
	v1alpha1.QAStep:           "qa",
	v1alpha1.FinalizingStep:   "finalizing",
}

// stepOf returns the word for the step; nil when the job is queued or has ended.
func stepOf(job *v1alpha1.TranslationJob) *string {
	if StatusOf(job) != StatusProcessing {
		return nil
	}
	if word, ok := steps[job.Status.CurrentStep]; ok {
		return &word
	}
	return nil
}

// snake writes a word of the API as one of the wire: NeedsReview is needs_review.
func snake(word string) string {
	var out strings.Builder
	for i, r := range word {
		if unicode.IsUpper(r) && i > 0 {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

// number returns a decimal as a JSON number; nil when there is none.
func number(decimal v1alpha1.Decimal) *float64 {
	value, err := strconv.ParseFloat(string(decimal), 64)
	if err != nil {
		return nil
	}
	return &value
}

// timeLayout is RFC 3339 with +00:00 for UTC, never Z.
const timeLayout = "2006-01-02T15:04:05-07:00"

func timestamp(t time.Time) string { return t.UTC().Format(timeLayout) }

func optionalTime(t *metav1.Time) *string {
	if t == nil || t.IsZero() {
		return nil
	}
	out := timestamp(t.Time)
	return &out
}
