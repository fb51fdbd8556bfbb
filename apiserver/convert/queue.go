package convert

import (
	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Queue says why a job has not begun.
type Queue struct {
	Position *int   `json:"position" doc:"Place among the account's jobs that have not begun, from 1, by priority and then age; null for a job that is suspended. Other accounts' jobs are not counted: accounts take turns."`
	Reason   string `json:"reason" doc:"In one word, such as queued, rate_limited, provider_not_ready, awaiting_budget or suspended." example:"queued"`
	Message  string `json:"message"`
}

// NewQueue returns why a job has not begun, as its conditions say it. Most jobs that
// wait have none: nothing is written for them.
func NewQueue(job *v1alpha1.TranslationJob, position int) Queue {
	out := Queue{Position: &position, Reason: "queued", Message: "waiting for a free worker"}
	if suspended(job) {
		return Queue{Reason: "suspended", Message: "the job is suspended and begins when it is resumed"}
	}
	if job.Status.ObservedGeneration != job.Generation {
		return out
	}
	for _, kind := range []string{v1alpha1.StalledCondition, v1alpha1.ReconcilingCondition} {
		if condition := trueCondition(job.Status.Conditions, kind); condition != nil && !Finished(job) {
			out.Reason, out.Message = snake(condition.Reason), condition.Message
			break
		}
	}
	return out
}

// Unbegun says whether a job has still to begin, or to begin again.
func Unbegun(job *v1alpha1.TranslationJob) bool {
	if Ended(job) || job.DeletionTimestamp != nil || job.Spec.Cancel != nil && *job.Spec.Cancel {
		return false
	}
	return job.Status.StartedAt == nil || Finished(job)
}

// InLine says whether a job has a place in the queue.
func InLine(job *v1alpha1.TranslationJob) bool { return Unbegun(job) && !suspended(job) }

func suspended(job *v1alpha1.TranslationJob) bool {
	return job.Spec.Suspend != nil && *job.Spec.Suspend
}

// Finished says whether the latest run of the job came to an end, also when another
// one was asked for since.
func Finished(job *v1alpha1.TranslationJob) bool {
	return trueCondition(job.Status.Conditions, v1alpha1.FinishedCondition) != nil
}

// maxRetryValue bounds the annotation, as the status does that takes it over.
const maxRetryValue = 64

// retryAsked says whether a job that ended this way will run again, because of an
// annotation that has not been acted on.
func retryAsked(job *v1alpha1.TranslationJob, reason string) bool {
	asked := job.Annotations[v1alpha1.RetryAnnotation]
	if asked == "" || len(asked) > maxRetryValue || asked == job.Status.LastHandledRetry {
		return false
	}
	return reason == v1alpha1.NeedsReviewReason || reason == v1alpha1.FailedReason || reason == v1alpha1.DeadReason
}
