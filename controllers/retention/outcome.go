package retention

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// outcome is what the end of a job says about its payloads; zero for a job that goes
// on, or is about to.
type outcome struct {
	ended     time.Time
	completed bool
	// result is the name in the job's reference; "" for none.
	result string
}

// outcomeOf tells it from a job. It is pure.
func outcomeOf(job *v1alpha1.TranslationJob) outcome {
	s := job.Status
	if s.CompletedAt == nil || s.ObservedGeneration != job.Generation || asksForRetry(job) {
		return outcome{}
	}
	o := outcome{ended: s.CompletedAt.Time}
	ready := meta.FindStatusCondition(s.Conditions, v1alpha1.ReadyCondition)
	o.completed = ready != nil && ready.Status == metav1.ConditionTrue && ready.ObservedGeneration == job.Generation
	if s.Result != nil && s.Result.PayloadRef != nil {
		o.result = string(s.Result.PayloadRef.Name)
	}
	return o
}

// readers is how long somebody whose cache is behind may still ask for a result that
// the end of its job has replaced.
const readers = 10 * time.Second

// supersedes says whether a job has ended with another result than this one, and
// everybody knows.
func (o outcome) supersedes(result string, now time.Time) bool {
	return !o.ended.IsZero() && o.result != result && !now.Before(o.ended.Add(readers))
}
