package jobs_test

import (
	"context"
	"fmt"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// paidStage is a stage whose engine costs a euro for each thousand characters, and
// says that it has used them.
func paidStage(ctx context.Context, e *scripted.Engine) stage {
	GinkgoHelper()
	inner := e.Script
	e.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
		out, err := scripted.Translation(req), error(nil)
		if inner != nil {
			out, err = inner(ctx, call, req)
		}
		if err == nil {
			for _, s := range req.Segments {
				out.Usage.Characters += int64(len([]rune(s.Text)))
			}
		}
		return out, err
	}
	s := stage{namespace: world.NewNamespace(ctx), engine: e}
	s.prices = &v1alpha1.Prices{PerMillionCharacters: "1000"}
	s.provide(ctx, "engine")
	return s
}

// annotate sets an annotation of the stage's namespace.
func (s stage) annotate(ctx context.Context, key, value string) {
	GinkgoHelper()
	var ns corev1.Namespace
	Expect(world.Client.Get(ctx, client.ObjectKey{Name: s.namespace}, &ns)).To(Succeed())
	before := ns.DeepCopy()
	ns.Annotations = map[string]string{key: value}
	Expect(world.Client.Patch(ctx, &ns, client.MergeFrom(before))).To(Succeed())
}

// retry asks for another run of a job.
func retry(ctx context.Context, namespace, name, value string) {
	GinkgoHelper()
	job := world.Job(ctx, namespace, name)
	before := job.DeepCopy()
	if job.Annotations == nil {
		job.Annotations = map[string]string{}
	}
	job.Annotations[v1alpha1.RetryAnnotation] = value
	Expect(world.Client.Patch(ctx, job, client.MergeFrom(before))).To(Succeed())
}

var _ = Describe("A job on a paid engine", func() {
	It("announces the most it can cost before the first call", func(ctx context.Context) {
		e := scripted.New()
		var atFirstCall atomic.Value
		var namespace string
		e.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
			var job v1alpha1.TranslationJob
			if err := world.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "announced"}, &job); err == nil && call == 1 {
				atFirstCall.Store(job.Status)
			}
			return scripted.Translation(req), nil
		}
		s := paidStage(ctx, e)
		namespace = s.namespace
		world.Create(ctx, build.Job("announced", s.namespace).Text("Hola, mundo.").Obj())
		job := world.Finished(ctx, s.namespace, "announced")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.Cost).To(Equal(v1alpha1.Decimal("0.012")))
		seen, ok := atFirstCall.Load().(v1alpha1.TranslationJobStatus)
		Expect(ok).To(BeTrue())
		Expect(seen.Attempts).To(Equal(int32(1)))
		Expect(seen.PlannedMaxCost).To(Equal(job.Status.PlannedMaxCost))
		Expect(seen.PlannedMaxCost).To(Equal(v1alpha1.Decimal("0.088")), "two times 12 characters and the 32 around a segment")
	})

	It("buys nothing again when it is deleted and made anew", func(ctx context.Context) {
		s := paidStage(ctx, scripted.New())
		job := build.Job("again", s.namespace).Texts("Uno es uno", "Dos son dos").Obj()
		world.Create(ctx, job.DeepCopy())
		first := world.Finished(ctx, s.namespace, "again")
		Expect(first.Status.Progress.FromMemory).To(BeZero())
		Expect(world.Client.Delete(ctx, first)).To(Succeed())
		Eventually(func() error { return world.Client.Create(ctx, job.DeepCopy()) }).Should(Succeed())
		second := world.Finished(ctx, s.namespace, "again")
		Expect(second.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(second.Status.Progress.FromMemory).To(Equal(int32(2)))
		Expect(*second.Status.BilledWords).To(BeZero())
		Expect(second.Status.Cost).To(Equal(v1alpha1.Decimal("0.00")))
		Expect(second.Status.Result.Texts).To(Equal(first.Status.Result.Texts))
		Expect(s.engine.Sold()).To(HaveLen(2))

		By("and the memory survives the manager")
		Expect(manager.Stop()).To(Succeed())
		startManager()
		world.Create(ctx, build.Job("third", s.namespace).Texts("Uno es uno", "Tres son tres").Obj())
		third := world.Finished(ctx, s.namespace, "third")
		Expect(third.Status.Progress.FromMemory).To(Equal(int32(1)))
		Expect(s.engine.Sold()).To(HaveLen(3))
	})

	It("translates again only what a change of the spec has changed", func(ctx context.Context) {
		s := paidStage(ctx, scripted.New())
		world.Create(ctx, build.Job("edited", s.namespace).Texts("Uno es uno", "Dos son dos").Obj())
		world.Finished(ctx, s.namespace, "edited")
		world.Change(ctx, s.namespace, "edited", func(spec *v1alpha1.TranslationJobSpec) { spec.Source.Texts[1].Text = "Tres son tres" })
		job := world.Finished(ctx, s.namespace, "edited")
		Expect(s.engine.Sold()).To(Equal([]string{"Uno es uno", "Dos son dos", "Tres son tres"}))
		Expect(job.Status.Progress.FromMemory).To(Equal(int32(1)))
		Expect(job.Status.Cost).To(Equal(v1alpha1.Decimal("0.034")), "what the runs have cost together")
	})

	It("is Failed before the first call when it could cost more than it may", func(ctx context.Context) {
		s := paidStage(ctx, scripted.New())
		world.Create(ctx, build.Job("dear", s.namespace).Text("Hola, mundo.").With(func(spec *v1alpha1.TranslationJobSpec) { spec.MaxCost = "0.04" }).Obj())
		job := world.Finished(ctx, s.namespace, "dear")
		Expect(job.Status.Phase).To(Equal(v1alpha1.FailedPhase))
		stalled := suite.Condition(job, v1alpha1.StalledCondition)
		Expect(stalled.Reason).To(Equal(v1alpha1.BudgetExceededReason))
		Expect(stalled.Message).To(ContainSubstring("may cost up to 0.044 euro and maxCost is 0.04"))
		Expect(s.engine.Calls()).To(BeZero())
		By("and goes on when it may cost more")
		world.Change(ctx, s.namespace, "dear", func(spec *v1alpha1.TranslationJobSpec) { spec.MaxCost = "0.05" })
		Expect(world.Finished(ctx, s.namespace, "dear").Status.Phase).To(Equal(v1alpha1.CompletedPhase))
	})

	It("waits while others hold the budget of its namespace, and fails when it is spent", func(ctx context.Context) {
		e, release := oneByOne()
		s := paidStage(ctx, e)
		s.annotate(ctx, v1alpha1.MonthlyBudgetAnnotation, "0.1")
		world.Create(ctx, build.Job("first", s.namespace).Text("Hola, mundo.").Obj())
		Eventually(e.Calls).Should(Equal(1))
		world.Create(ctx, build.Job("second", s.namespace).Text("Hola, mundo!").Obj())
		Eventually(func(g Gomega) {
			job := world.Job(ctx, s.namespace, "second")
			g.Expect(job.Status.Conditions).NotTo(BeEmpty())
			g.Expect(suite.Condition(job, v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.AwaitingBudgetReason))
			g.Expect(job.Status.Phase).To(Equal(v1alpha1.QueuedPhase))
		}).Should(Succeed())
		Expect(e.Calls()).To(Equal(1))
		close(release)
		world.Finished(ctx, s.namespace, "first")
		Expect(world.Finished(ctx, s.namespace, "second").Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		world.Create(ctx, build.Job("third", s.namespace).Text("Hola, mundo?").Obj())
		job := world.Finished(ctx, s.namespace, "third")
		Expect(job.Status.Phase).To(Equal(v1alpha1.FailedPhase))
		stalled := suite.Condition(job, v1alpha1.StalledCondition)
		Expect(stalled.Reason).To(Equal(v1alpha1.BudgetExceededReason))
		Expect(stalled.Message).To(ContainSubstring(fmt.Sprintf("Namespace %q", s.namespace)))
		Expect(e.Calls()).To(Equal(2))
	})

	It("keeps the jobs of a batch under the batch's budget", func(ctx context.Context) {
		s := paidStage(ctx, scripted.New())
		batch := build.Batch("bounded", s.namespace, []v1alpha1.LanguageTag{"ca"}, "Hola, mundo.", "Hola, amigo.", "Hola, bruja.")
		batch.Spec.MaxCost = "0.1"
		world.Create(ctx, batch)
		Eventually(func(g Gomega) {
			var b v1alpha1.TranslationBatch
			g.Expect(world.Client.Get(ctx, client.ObjectKeyFromObject(batch), &b)).To(Succeed())
			g.Expect(b.Status.CompletedAt).NotTo(BeNil())
			g.Expect(b.Status.Jobs.Completed).To(Equal(int32(2)), "each may cost 0.088 and costs 0.012")
			g.Expect(b.Status.Jobs.Failed).To(Equal(int32(1)))
		}).Should(Succeed())
		Expect(s.engine.Calls()).To(Equal(2))
	})

	It("is retried for what did not pass, and for that alone", func(ctx context.Context) {
		e := scripted.New()
		var well atomic.Bool
		e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
			if req.Segments[0].Text == "Dos son dos" && !well.Load() {
				return engine.Response{}, engine.Errorf(engine.Rejected, "the content filter was triggered")
			}
			return scripted.Translation(req), nil
		}
		e.Description.MaxSegments = 1
		s := paidStage(ctx, e)
		world.Create(ctx, build.Job("retried", s.namespace).Texts("Uno es uno", "Dos son dos").Obj())
		Expect(world.Finished(ctx, s.namespace, "retried").Status.Phase).To(Equal(v1alpha1.NeedsReviewPhase))
		well.Store(true)
		retry(ctx, s.namespace, "retried", "2026-03-04T05:06:07Z")
		job := world.Reaches(ctx, s.namespace, "retried", v1alpha1.CompletedPhase)
		Expect(job.Status.LastHandledRetry).To(Equal("2026-03-04T05:06:07Z"))
		Expect(e.Sold()).To(Equal([]string{"Uno es uno", "Dos son dos"}))
		Expect(job.Status.Progress.Done).To(Equal(int32(2)))

		By("and no more once it is Completed")
		version := job.ResourceVersion
		retry(ctx, s.namespace, "retried", "later")
		Consistently(func() int { return e.Calls() }, "300ms").Should(Equal(3))
		Expect(world.Job(ctx, s.namespace, "retried").ResourceVersion).NotTo(Equal(version))
		Expect(world.Job(ctx, s.namespace, "retried").Status.Phase).To(Equal(v1alpha1.CompletedPhase))
	})

	It("opens its batch again when it is retried", func(ctx context.Context) {
		e := scripted.New()
		var well atomic.Bool
		e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
			if req.Segments[0].Text == "Hola, amigo." && !well.Load() {
				return engine.Response{}, engine.Errorf(engine.Rejected, "the content filter was triggered")
			}
			return scripted.Translation(req), nil
		}
		s := paidStage(ctx, e)
		batch := build.Batch("reopened", s.namespace, []v1alpha1.LanguageTag{"ca"}, "Hola, mundo.", "Hola, amigo.")
		world.Create(ctx, batch)
		ends := func(phase v1alpha1.BatchPhase) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				var b v1alpha1.TranslationBatch
				g.Expect(world.Client.Get(ctx, client.ObjectKeyFromObject(batch), &b)).To(Succeed())
				g.Expect(b.Status.Phase).To(Equal(phase))
				g.Expect(b.Status.CompletedAt).NotTo(BeNil())
			}).Should(Succeed())
		}
		ends(v1alpha1.BatchCompletedWithErrors)
		well.Store(true)
		var jobs v1alpha1.TranslationJobList
		Expect(world.Client.List(ctx, &jobs, client.InNamespace(s.namespace))).To(Succeed())
		for _, job := range jobs.Items {
			retry(ctx, s.namespace, job.Name, "again")
		}
		ends(v1alpha1.BatchCompleted)
	})

	It("goes on with the engine that its provider has by then", func(ctx context.Context) {
		e, release := oneByOne()
		ok := e.Script
		e.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
			if out, err := ok(ctx, call, req); call == 1 || err != nil {
				return out, err
			}
			return engine.Response{}, engine.Errorf(engine.Transient, "the model was retired")
		}
		s := paidStage(ctx, e)
		world.Create(ctx, build.Job("moved", s.namespace).Texts("Uno es uno", "Dos son dos").Obj())
		release <- struct{}{}
		Eventually(e.Calls).Should(Equal(2))
		newer := s
		newer.engine = scripted.New()
		newer.engine.Description.Model = "newer"
		engines.mu.Lock()
		engines.byModel[s.namespace+"/newer"] = newer.engine
		engines.mu.Unlock()
		var provider v1alpha1.TranslationProvider
		Expect(world.Client.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: "engine"}, &provider)).To(Succeed())
		before := provider.DeepCopy()
		provider.Spec.Model = s.namespace + "/newer"
		Expect(world.Client.Patch(ctx, &provider, client.MergeFrom(before))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(world.Client.Get(ctx, client.ObjectKeyFromObject(&provider), &provider)).To(Succeed())
			g.Expect(provider.Status.ObservedGeneration).To(Equal(provider.Generation))
		}).Should(Succeed())
		close(release)
		job := world.Finished(ctx, s.namespace, "moved")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.Provider.Model).To(Equal(s.namespace + "/newer"))
		Expect(newer.engine.Sold()).To(Equal([]string{"Uno es uno", "Dos son dos"}), "one model speaks in one job")
	})

	It("lets a job of high priority go before one that is at work", func(ctx context.Context) {
		e, release := oneByOne()
		s := paidStage(ctx, e)
		var provider v1alpha1.TranslationProvider
		Expect(world.Client.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: "engine"}, &provider)).To(Succeed())
		before := provider.DeepCopy()
		provider.Spec.Limits = &v1alpha1.ProviderLimits{Concurrency: new(int32(1))}
		Expect(world.Client.Patch(ctx, &provider, client.MergeFrom(before))).To(Succeed())
		texts := make([]string, 40)
		for i := range texts {
			texts[i] = fmt.Sprintf("Tengo %d gatos", i)
		}
		world.Create(ctx, build.Job("long", s.namespace).Texts(texts...).Obj())
		Eventually(e.Calls).Should(Equal(1))
		world.Create(ctx, build.Job("urgent", s.namespace).Text("Hola, mundo.").With(func(spec *v1alpha1.TranslationJobSpec) { spec.Priority = new(int32(1000)) }).Obj())
		Eventually(func() []string {
			release <- struct{}{}
			return e.Sold()
		}).Should(ContainElement("Hola, mundo."))
		Expect(len(e.Sold())).To(BeNumerically("<", len(texts)), "the long job is still at work")
		close(release)
		world.Finished(ctx, s.namespace, "long")
	})
})
