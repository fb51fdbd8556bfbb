package retention

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// expiry says when a finished job or batch is to be deleted; false for one that has
// not ended for the spec it has, or whose outcome has no time. It is pure.
func expiry(obj client.Object) (time.Time, bool) {
	var (
		ttl        *v1alpha1.OutcomeTTL
		completed  *metav1.Time
		conditions []metav1.Condition
		observed   int64
	)
	switch o := obj.(type) {
	case *v1alpha1.TranslationJob:
		if asksForRetry(o) {
			return time.Time{}, false
		}
		ttl, completed = o.Spec.TTLAfterFinished, o.Status.CompletedAt
		conditions, observed = o.Status.Conditions, o.Status.ObservedGeneration
	case *v1alpha1.TranslationBatch:
		ttl, completed = o.Spec.TTLAfterFinished, o.Status.CompletedAt
		conditions, observed = o.Status.Conditions, o.Status.ObservedGeneration
	}
	finished := meta.FindStatusCondition(conditions, v1alpha1.FinishedCondition)
	if ttl == nil || completed == nil || finished == nil || finished.Status != metav1.ConditionTrue ||
		observed != obj.GetGeneration() || finished.ObservedGeneration != obj.GetGeneration() {
		return time.Time{}, false
	}
	seconds := secondsFor(ttl, finished.Reason)
	if seconds == nil {
		return time.Time{}, false
	}
	return completed.Add(time.Duration(*seconds) * time.Second), true
}

func expires(obj client.Object) bool {
	_, ok := expiry(obj)
	return ok
}

// secondsFor picks the time for an outcome. What is neither good nor a failure has
// something to look at, so that it is kept as long as what needs review.
func secondsFor(ttl *v1alpha1.OutcomeTTL, reason string) *int32 {
	switch reason {
	case v1alpha1.CompletedReason:
		return ttl.Completed
	case v1alpha1.FailedReason, v1alpha1.DeadReason, v1alpha1.CancelledReason:
		return ttl.Failed
	default:
		return ttl.NeedsReview
	}
}

// asksForRetry says whether a job is about to run again. The annotation makes no new
// generation.
func asksForRetry(job *v1alpha1.TranslationJob) bool {
	asked := job.Annotations[v1alpha1.RetryAnnotation]
	if asked == "" || asked == job.Status.LastHandledRetry {
		return false
	}
	finished := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.FinishedCondition)
	if finished == nil {
		return true
	}
	switch finished.Reason {
	case v1alpha1.NeedsReviewReason, v1alpha1.FailedReason, v1alpha1.DeadReason:
		return true
	default:
		return false // an outcome that no retry leads out of
	}
}
