package apiserver_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

func randomBytes() []byte {
	out := make([]byte, 32)
	_, _ = rand.Read(out)
	return out
}

// body writes a request.
func body(fields map[string]any) string {
	GinkgoHelper()
	out, err := json.Marshal(fields)
	Expect(err).NotTo(HaveOccurred())
	return string(out)
}

// request returns a good request for a text, changed by more fields; a nil value
// takes a field out.
func request(text string, changes map[string]any) string {
	GinkgoHelper()
	fields := map[string]any{"mode": "translation", "source_lang": "es", "target_lang": "ca", "text": text}
	for name, value := range changes {
		if value == nil {
			delete(fields, name)
			continue
		}
		fields[name] = value
	}
	return body(fields)
}

// create posts a text and returns the job's id.
func (c caller) create(text string, changes map[string]any) string {
	GinkgoHelper()
	a := c.post("/v1/jobs", request(text, changes))
	Expect(a.code).To(Equal(http.StatusAccepted), "%s", a.raw)
	return a.text("job_id")
}

// job reads the job with an id.
func (t tenant) job(ctx context.Context, id string) *v1alpha1.TranslationJob {
	GinkgoHelper()
	var list v1alpha1.TranslationJobList
	Expect(kube.List(ctx, &list, inNamespace(t))).To(Succeed())
	for i := range list.Items {
		if string(list.Items[i].UID) == id {
			return &list.Items[i]
		}
	}
	Fail("there is no job " + id)
	return nil
}

// moment is when the jobs of the specs begin and end.
var moment = metav1.NewTime(time.Date(2026, 3, 20, 10, 0, 12, 0, time.UTC))

// report writes the status of a job in the controller's place.
func (t tenant) report(ctx context.Context, id string, status v1alpha1.TranslationJobStatus) {
	GinkgoHelper()
	job := t.job(ctx, id)
	status.ObservedGeneration = job.Generation
	job.Status = status
	Expect(kube.Status().Update(ctx, job)).To(Succeed())
}

// ended returns the status of a job that has ended. The cause is the reason of
// condition Stalled, when there is one.
func ended(reason, message, cause string) v1alpha1.TranslationJobStatus {
	phases := map[string]v1alpha1.Phase{
		v1alpha1.CompletedReason: v1alpha1.CompletedPhase, v1alpha1.CompletedWithBlocksReason: v1alpha1.CompletedWithBlocksPhase,
		v1alpha1.NeedsReviewReason: v1alpha1.NeedsReviewPhase, v1alpha1.FailedReason: v1alpha1.FailedPhase,
		v1alpha1.DeadReason: v1alpha1.DeadPhase, v1alpha1.CancelledReason: v1alpha1.CancelledPhase,
	}
	status := v1alpha1.TranslationJobStatus{
		Phase:       phases[reason],
		CompletedAt: &moment,
		Conditions: []metav1.Condition{{
			Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: reason, Message: message, LastTransitionTime: moment,
		}},
	}
	if cause != "" {
		status.Conditions = append(status.Conditions, metav1.Condition{
			Type: v1alpha1.StalledCondition, Status: metav1.ConditionTrue, Reason: cause, LastTransitionTime: moment,
		})
	}
	return status
}

// completed returns the status of a job of one segment that went well.
func completed(text string) v1alpha1.TranslationJobStatus {
	status := ended(v1alpha1.CompletedReason, "1 segments passed QA", "")
	status.StartedAt = &moment
	status.Progress = &v1alpha1.Progress{Total: 1, Done: 1}
	status.Segments = []v1alpha1.SegmentStatus{{ID: 1, State: v1alpha1.SegmentCompleted, QAScore: "98.0"}}
	status.QAScore, status.ScoredSegments = "96.5", 1
	status.WordCount, status.BilledWords = ptr.To(int32(8)), ptr.To(int32(8))
	status.Cost = "0.03"
	status.TokenUsage = &v1alpha1.TokenUsage{Input: 1200, Output: 800}
	status.Provider = &v1alpha1.ProviderStatusReference{
		Kind: v1alpha1.TranslationProviderKind, Name: "apertium", Type: v1alpha1.ApertiumProvider,
	}
	status.Result = &v1alpha1.Result{Text: &text, WordCount: 9}
	return status
}

// processing returns the status of a job at a step.
func processing(step v1alpha1.Step) v1alpha1.TranslationJobStatus {
	return v1alpha1.TranslationJobStatus{
		Phase: v1alpha1.ProcessingPhase, CurrentStep: step, StartedAt: &moment,
		Progress: &v1alpha1.Progress{Total: 2, Pending: 2},
		Conditions: []metav1.Condition{{
			Type: v1alpha1.FinishedCondition, Status: metav1.ConditionFalse, Reason: v1alpha1.ProcessingReason, LastTransitionTime: moment,
		}},
	}
}

// reads waits until a replica shows a status for a job.
func (c caller) reads(id, status string) answer {
	GinkgoHelper()
	var a answer
	Eventually(func() any {
		a = c.get("/v1/jobs/" + id)
		return a.json["status"]
	}).Should(Equal(status))
	return a
}
