package jobs_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
	"github.com/dragoman-dev/dragoman/test/kstatus"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

var _ = Describe("States on the way", func() {
	It("says that a job is at work", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		key := client.ObjectKey{Namespace: s.namespace, Name: "working"}
		next := steps.hold(key)
		world.Create(ctx, build.Job(key.Name, s.namespace).Text("Hola, mundo.").Obj())
		job := world.Reaches(ctx, s.namespace, key.Name, v1alpha1.ProcessingPhase)
		Expect(suite.Condition(job, v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.ProcessingReason))
		Expect(suite.Condition(job, v1alpha1.FinishedCondition).Reason).To(Equal(v1alpha1.ProcessingReason))
		for range 4 { // no source review
			next()
		}
		world.Finished(ctx, s.namespace, key.Name)
	})

	// The first text is in the memory, the fourth needs no engine, the last repeats the
	// second, and the engine refuses the fifth.
	It("shows the state of each segment, and where its translation is from", Serial, func(ctx context.Context) {
		e, release := oneByOne()
		let := e.Script
		e.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
			if req.Segments[0].Text == "Esto es prohibido" {
				return engine.Response{}, engine.Errorf(engine.Rejected, "refused by the content filter")
			}
			return let(ctx, call, req)
		}
		s := paidStage(ctx, e)
		world.Create(ctx, build.Job("before", s.namespace).Text("Uno es uno").Obj())
		release <- struct{}{}
		world.Finished(ctx, s.namespace, "before")

		world.Create(ctx, build.Job("states", s.namespace).
			Texts("Uno es uno", "Dos son dos", "Tres son tres", "42", "Esto es prohibido", "Dos son dos").Obj())
		release <- struct{}{}
		Eventually(e.Calls).Should(Equal(3), "the third is in the engine, and what was bought is saved")
		segments := func() []v1alpha1.SegmentStatus { return world.Job(ctx, s.namespace, "states").Status.Segments }
		pending := HaveField("State", v1alpha1.SegmentPending)
		remembered := And(HaveField("State", v1alpha1.SegmentCompleted), HaveField("Origin", v1alpha1.MemoryOrigin))
		bought := And(HaveField("State", v1alpha1.SegmentCompleted), HaveField("Origin", v1alpha1.SegmentOrigin("")))
		Eventually(segments).Should(HaveExactElements(remembered, bought, pending, pending, pending, pending))

		By("with nothing undone by a restart of the manager; the repeat is judged with the rest")
		Expect(manager.Stop()).To(Succeed())
		startManager()
		again := HaveField("State", v1alpha1.SegmentProcessing)
		Eventually(segments).Should(HaveExactElements(remembered, bought, pending, pending, pending, again))
		Expect(world.Job(ctx, s.namespace, "states").Status.Progress.Done).To(Equal(int32(2)), "as before")
		close(release)
		job := world.Finished(ctx, s.namespace, "states")
		Expect(job.Status.Phase).To(Equal(v1alpha1.NeedsReviewPhase))
		Expect(job.Status.Segments).To(HaveExactElements(
			remembered, bought, bought,
			And(HaveField("State", v1alpha1.SegmentCompleted), HaveField("Origin", v1alpha1.SourceOrigin)),
			And(HaveField("State", v1alpha1.SegmentFailed), HaveField("Error", ContainSubstring("refused by the content filter"))),
			And(HaveField("State", v1alpha1.SegmentCompleted), HaveField("Origin", v1alpha1.RepeatOrigin)),
		))
		Expect(e.Sold()).To(Equal([]string{"Uno es uno", "Dos son dos", "Tres son tres"}))
	})

	It("says that no job of a batch is made yet, and then that they are at work", func(ctx context.Context) {
		e, release := oneByOne()
		s := newStage(ctx, e)
		events, err := world.Client.Watch(ctx, &v1alpha1.TranslationBatchList{}, client.InNamespace(s.namespace))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(events.Stop)
		world.Create(ctx, build.Batch("new", s.namespace, []v1alpha1.LanguageTag{"ca"}, "Uno es uno"))
		reads := func(phase v1alpha1.BatchPhase, reason string) {
			GinkgoHelper()
			Eventually(events.ResultChan()).Should(Receive(And(
				HaveField("Object.Status.Phase", Equal(phase)),
				HaveField("Object.Status.Conditions", ContainElement(And(
					HaveField("Type", v1alpha1.ReconcilingCondition), HaveField("Status", metav1.ConditionTrue), HaveField("Reason", reason)))),
			)))
		}
		reads(v1alpha1.BatchQueued, v1alpha1.QueuedReason)
		reads(v1alpha1.BatchProcessing, v1alpha1.ProcessingReason)
		close(release)
		Expect(finishedBatch(ctx, s.namespace, "new").Status.Phase).To(Equal(v1alpha1.BatchCompleted))
	})

	It("says that a provider is asked for the first time, until it has answered", func(ctx context.Context) {
		e := scripted.New()
		e.Held = make(chan struct{})
		s := stage{namespace: world.NewNamespace(ctx), engine: e}
		provider := build.Scripted("slow", s.namespace)
		provider.Spec.Model = s.namespace + "/slow"
		engines.mu.Lock()
		engines.byModel[provider.Spec.Model] = e
		engines.mu.Unlock()
		world.Create(ctx, provider, build.Job("early", s.namespace).Text("Hola, mundo.").Provider("slow").Obj())
		ready := func(status metav1.ConditionStatus, reason string) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				var p v1alpha1.TranslationProvider
				g.Expect(world.Client.Get(ctx, client.ObjectKeyFromObject(provider), &p)).To(Succeed())
				c := meta.FindStatusCondition(p.Status.Conditions, v1alpha1.ReadyCondition)
				g.Expect(c).NotTo(BeNil())
				g.Expect(c.Status).To(Equal(status), c.Message)
				g.Expect(c.Reason).To(Equal(reason))
				g.Expect(kstatus.Broken(kstatus.Provider(p.Generation, p.Status))).To(BeEmpty())
			}).Should(Succeed())
		}
		ready(metav1.ConditionUnknown, v1alpha1.ProbingReason)
		world.Waits(ctx, s.namespace, "early", v1alpha1.ProviderNotReadyReason, `TranslationProvider "slow" is not ready`)
		close(e.Held)
		ready(metav1.ConditionTrue, v1alpha1.ProbeSucceededReason)
		Expect(world.Finished(ctx, s.namespace, "early").Status.Phase).To(Equal(v1alpha1.CompletedPhase))
	})
})
