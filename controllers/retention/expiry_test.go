package retention

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/test/build"
)

var ended = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// every is a different time for each outcome.
var every = &v1alpha1.OutcomeTTL{Completed: new(int32(10)), NeedsReview: new(int32(20)), Failed: new(int32(30))}

func finishedBy(reason string, generation int64) []metav1.Condition {
	return []metav1.Condition{{
		Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: reason, ObservedGeneration: generation,
	}}
}

// jobThat ended with a reason, for generation 3.
func jobThat(reason string, change func(*v1alpha1.TranslationJob)) *v1alpha1.TranslationJob {
	job := build.Job("job", "ns").Text("Hola.").Obj()
	job.Generation = 3
	job.Spec.TTLAfterFinished = every
	job.Status = v1alpha1.TranslationJobStatus{
		ObservedGeneration: 3, CompletedAt: new(metav1.NewTime(ended)), Conditions: finishedBy(reason, 3),
	}
	if change != nil {
		change(job)
	}
	return job
}

func batchThat(reason string, ttl *v1alpha1.OutcomeTTL) *v1alpha1.TranslationBatch {
	batch := build.Batch("batch", "ns", []v1alpha1.LanguageTag{"ca"}, "Hola.")
	batch.Generation = 3
	batch.Spec.TTLAfterFinished = ttl
	batch.Status = v1alpha1.TranslationBatchStatus{
		ObservedGeneration: 3, CompletedAt: new(metav1.NewTime(ended)), Conditions: finishedBy(reason, 3),
	}
	return batch
}

func TestExpiry(t *testing.T) {
	retry := func(value string) func(*v1alpha1.TranslationJob) {
		return func(j *v1alpha1.TranslationJob) {
			j.Annotations = map[string]string{v1alpha1.RetryAnnotation: value}
			j.Status.LastHandledRetry = "first"
		}
	}
	cases := map[string]struct {
		obj  client.Object
		want int // seconds after the end; 0 for never
	}{
		"a job completed":               {obj: jobThat(v1alpha1.CompletedReason, nil), want: 10},
		"a job completed with blocks":   {obj: jobThat(v1alpha1.CompletedWithBlocksReason, nil), want: 20},
		"a job needs review":            {obj: jobThat(v1alpha1.NeedsReviewReason, nil), want: 20},
		"a job failed":                  {obj: jobThat(v1alpha1.FailedReason, nil), want: 30},
		"a job is dead":                 {obj: jobThat(v1alpha1.DeadReason, nil), want: 30},
		"a job was cancelled":           {obj: jobThat(v1alpha1.CancelledReason, nil), want: 30},
		"a batch completed":             {obj: batchThat(v1alpha1.CompletedReason, every), want: 10},
		"a batch completed with errors": {obj: batchThat(v1alpha1.CompletedWithErrorsReason, every), want: 20},
		"a batch failed":                {obj: batchThat(v1alpha1.FailedReason, every), want: 30},
		"a batch was cancelled":         {obj: batchThat(v1alpha1.CancelledReason, every), want: 30},
		"a batch without a time":        {obj: batchThat(v1alpha1.CompletedReason, nil)},
		"an outcome without a time": {obj: jobThat(v1alpha1.FailedReason, func(j *v1alpha1.TranslationJob) {
			j.Spec.TTLAfterFinished = &v1alpha1.OutcomeTTL{Completed: new(int32(10))}
		})},
		"a job without a time": {obj: jobThat(v1alpha1.CompletedReason, func(j *v1alpha1.TranslationJob) { j.Spec.TTLAfterFinished = nil })},
		"a job that nobody has seen": {obj: jobThat(v1alpha1.CompletedReason, func(j *v1alpha1.TranslationJob) {
			j.Status = v1alpha1.TranslationJobStatus{ObservedGeneration: -1}
		})},
		"a job that goes on": {obj: jobThat(v1alpha1.ProcessingReason, func(j *v1alpha1.TranslationJob) {
			j.Status.Conditions[0].Status = metav1.ConditionFalse
		})},
		"the spec has changed since":         {obj: jobThat(v1alpha1.CompletedReason, func(j *v1alpha1.TranslationJob) { j.Generation = 4 })},
		"the condition speaks of an old one": {obj: jobThat(v1alpha1.CompletedReason, func(j *v1alpha1.TranslationJob) { j.Status.Conditions[0].ObservedGeneration = 2 })},
		"an end without a time":              {obj: jobThat(v1alpha1.CompletedReason, func(j *v1alpha1.TranslationJob) { j.Status.CompletedAt = nil })},
		"a retry is asked for":               {obj: jobThat(v1alpha1.FailedReason, retry("second"))},
		"the retry was carried out":          {obj: jobThat(v1alpha1.FailedReason, retry("first")), want: 30},
		"a retry that leads nowhere":         {obj: jobThat(v1alpha1.CompletedReason, retry("second")), want: 10},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			at, ok := expiry(tc.obj)
			if want := ended.Add(time.Duration(tc.want) * time.Second); ok != (tc.want > 0) || ok && !at.Equal(want) {
				t.Errorf("expiry() = %v, %v; want %d seconds after the end", at, ok, tc.want)
			}
		})
	}
}
