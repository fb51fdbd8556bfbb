package suite

import (
	"context"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/test/kstatus"
)

// Job reads a job, and checks the promises of its status in passing.
func (w *World) Job(ctx context.Context, namespace, name string) *v1alpha1.TranslationJob {
	ginkgo.GinkgoHelper()
	var job v1alpha1.TranslationJob
	gomega.Expect(w.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &job)).To(gomega.Succeed())
	gomega.Expect(kstatus.Broken(kstatus.Job(&job))).To(gomega.BeEmpty())
	return &job
}

// Finished waits until a job has ended for the spec it has.
func (w *World) Finished(ctx context.Context, namespace, name string) *v1alpha1.TranslationJob {
	ginkgo.GinkgoHelper()
	var job *v1alpha1.TranslationJob
	gomega.Eventually(func(g gomega.Gomega) {
		job = w.Job(ctx, namespace, name)
		c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.FinishedCondition)
		g.Expect(c).NotTo(gomega.BeNil())
		g.Expect(c.Status).To(gomega.Equal(metav1.ConditionTrue), c.Message)
		g.Expect(c.ObservedGeneration).To(gomega.Equal(job.Generation))
	}).Should(gomega.Succeed())
	return job
}

// Completed waits until a job has ended well.
func (w *World) Completed(ctx context.Context, namespace, name string) *v1alpha1.TranslationJob {
	ginkgo.GinkgoHelper()
	job := w.Finished(ctx, namespace, name)
	c := Condition(job, v1alpha1.FinishedCondition)
	gomega.Expect(c.Reason).To(gomega.Equal(v1alpha1.CompletedReason), c.Message)
	gomega.Expect(meta.IsStatusConditionTrue(job.Status.Conditions, v1alpha1.ReadyCondition)).To(gomega.BeTrue())
	return job
}

// Reaches waits until a job is in a phase.
func (w *World) Reaches(ctx context.Context, namespace, name string, phase v1alpha1.Phase) *v1alpha1.TranslationJob {
	ginkgo.GinkgoHelper()
	var job *v1alpha1.TranslationJob
	gomega.Eventually(func() v1alpha1.Phase {
		job = w.Job(ctx, namespace, name)
		return job.Status.Phase
	}).Should(gomega.Equal(phase))
	return job
}

// Waits checks that a job is Queued for a reason, with a message.
func (w *World) Waits(ctx context.Context, namespace, name, reason, message string) {
	ginkgo.GinkgoHelper()
	gomega.Eventually(func(g gomega.Gomega) {
		job := w.Job(ctx, namespace, name)
		g.Expect(job.Status.Phase).To(gomega.Equal(v1alpha1.QueuedPhase))
		c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ReconcilingCondition)
		g.Expect(c).NotTo(gomega.BeNil())
		g.Expect(c.Status).To(gomega.Equal(metav1.ConditionTrue))
		g.Expect(c.Reason).To(gomega.Equal(reason))
		g.Expect(c.Message).To(gomega.ContainSubstring(message))
	}).Should(gomega.Succeed())
}

// Fails checks that a job is Failed for a reason, with a message.
func (w *World) Fails(ctx context.Context, namespace, name, reason, message string) *v1alpha1.TranslationJob {
	ginkgo.GinkgoHelper()
	job := w.Finished(ctx, namespace, name)
	gomega.Expect(job.Status.Phase).To(gomega.Equal(v1alpha1.FailedPhase))
	c := Condition(job, v1alpha1.StalledCondition)
	gomega.Expect(c.Status).To(gomega.Equal(metav1.ConditionTrue))
	gomega.Expect(c.Reason).To(gomega.Equal(reason))
	gomega.Expect(c.Message).To(gomega.ContainSubstring(message))
	return job
}

// Change updates the spec of a job.
func (w *World) Change(ctx context.Context, namespace, name string, edit func(*v1alpha1.TranslationJobSpec)) {
	ginkgo.GinkgoHelper()
	gomega.Eventually(func() error {
		job := w.Job(ctx, namespace, name)
		edit(&job.Spec)
		return w.Client.Update(ctx, job)
	}).Should(gomega.Succeed())
}

// Condition returns a condition of a job.
func Condition(job *v1alpha1.TranslationJob, kind string) metav1.Condition {
	ginkgo.GinkgoHelper()
	c := meta.FindStatusCondition(job.Status.Conditions, kind)
	gomega.Expect(c).NotTo(gomega.BeNil(), "condition %s", kind)
	return *c
}
