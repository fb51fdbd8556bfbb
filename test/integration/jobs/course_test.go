package jobs_test

import (
	"context"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// warnings returns the reasons of the Events in a namespace.
func warnings(ctx context.Context, namespace string) []string {
	GinkgoHelper()
	var list eventsv1.EventList
	Expect(world.Client.List(ctx, &list, client.InNamespace(namespace))).To(Succeed())
	var reasons []string
	for _, e := range list.Items {
		reasons = append(reasons, e.Reason)
	}
	return reasons
}

// oneByOne is an engine that takes a segment a call, and holds each call until it
// is let go.
func oneByOne() (*scripted.Engine, chan struct{}) {
	e := scripted.New()
	e.Description.MaxSegments = 1
	release := make(chan struct{})
	e.Script = func(ctx context.Context, _ int, req engine.Request) (engine.Response, error) {
		select {
		case <-release:
			return scripted.Translation(req), nil
		case <-ctx.Done():
			return engine.Response{}, ctx.Err()
		}
	}
	return e, release
}

var _ = Describe("The course of a job", func() {
	It("shows each of the five steps", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		key := client.ObjectKey{Namespace: s.namespace, Name: "steps"}
		next := steps.hold(key)
		world.Create(ctx, build.Job(key.Name, s.namespace).Text("Hola, mundo.").With(func(spec *v1alpha1.TranslationJobSpec) {
			spec.Tier = v1alpha1.BusinessTier
		}).Obj())
		for _, step := range []v1alpha1.Step{
			v1alpha1.SupervisorStep, v1alpha1.SourceReviewStep, v1alpha1.TranslatorStep, v1alpha1.QAStep, v1alpha1.FinalizingStep,
		} {
			Eventually(func() v1alpha1.Step { return world.Job(ctx, s.namespace, key.Name).Status.CurrentStep }).Should(Equal(step))
			Expect(world.Job(ctx, s.namespace, key.Name).Status.Phase).To(Equal(v1alpha1.ProcessingPhase))
			next()
		}
		Expect(world.Finished(ctx, s.namespace, key.Name).Status.Phase).To(Equal(v1alpha1.CompletedPhase))
	})

	It("is Queued while its provider is busy", func(ctx context.Context) {
		e, release := oneByOne()
		s := newStage(ctx, e)
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			world.Create(ctx, build.Job(name, s.namespace).Text("Hola, "+name+".").Obj())
		}
		queued := func() (names []string) {
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				if job := world.Job(ctx, s.namespace, name); job.Status.Phase == v1alpha1.QueuedPhase {
					Expect(job.Status.ObservedGeneration).To(Equal(int64(-1)), "to wait is not worth a write")
					names = append(names, name)
				}
			}
			return names
		}
		Eventually(queued).Should(HaveLen(1), "four of the five are in the engine")
		close(release)
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			world.Finished(ctx, s.namespace, name)
		}
	})

	It("is suspended and resumed without losing or buying anything twice", func(ctx context.Context) {
		e, release := oneByOne()
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("pausing", s.namespace).Texts("Uno es uno", "Dos son dos", "Tres son tres").Obj())
		release <- struct{}{}
		Eventually(func() int32 {
			if p := world.Job(ctx, s.namespace, "pausing").Status.Progress; p != nil {
				return p.Total
			}
			return 0
		}).Should(Equal(int32(3)))
		Eventually(e.Sold).Should(HaveLen(1))
		world.Change(ctx, s.namespace, "pausing", func(spec *v1alpha1.TranslationJobSpec) { spec.Suspend = new(true) })
		job := world.Reaches(ctx, s.namespace, "pausing", v1alpha1.SuspendedPhase)
		Expect(suite.Condition(job, v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.SuspendedReason))
		Expect(job.Status.StartedAt).To(BeNil(), "a suspended job has no clock")

		world.Change(ctx, s.namespace, "pausing", func(spec *v1alpha1.TranslationJobSpec) { spec.Suspend = nil })
		close(release)
		job = world.Finished(ctx, s.namespace, "pausing")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(e.Sold()).To(Equal([]string{"Uno es uno", "Dos son dos", "Tres son tres"}))
	})

	It("keeps what was finished when the manager is restarted while it is suspended", Serial, func(ctx context.Context) {
		e, release := oneByOne()
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("kept", s.namespace).Texts("Uno es uno", "Dos son dos").Obj())
		release <- struct{}{}
		Eventually(e.Sold).Should(HaveLen(1))
		Eventually(func() *v1alpha1.Progress { return world.Job(ctx, s.namespace, "kept").Status.Progress }).ShouldNot(BeNil())
		world.Change(ctx, s.namespace, "kept", func(spec *v1alpha1.TranslationJobSpec) { spec.Suspend = new(true) })
		world.Reaches(ctx, s.namespace, "kept", v1alpha1.SuspendedPhase)

		Expect(manager.Stop()).To(Succeed())
		startManager()
		world.Change(ctx, s.namespace, "kept", func(spec *v1alpha1.TranslationJobSpec) { spec.Suspend = nil })
		close(release)
		Expect(world.Finished(ctx, s.namespace, "kept").Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(e.Sold()).To(Equal([]string{"Uno es uno", "Dos son dos"}))
	})

	It("outlives any number of orderly restarts of the manager", Serial, func(ctx context.Context) {
		e, release := oneByOne()
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("long", s.namespace).Texts("Uno es uno", "Dos son dos").Obj())
		release <- struct{}{}
		for range 4 {
			Eventually(func(g Gomega) {
				job := world.Job(ctx, s.namespace, "long")
				g.Expect(job.Status.Phase).To(Equal(v1alpha1.ProcessingPhase))
				g.Expect(job.Status.StartedAt).NotTo(BeNil())
				g.Expect(job.Status.NextAttemptTime).To(BeNil(), "the attempt is under way")
			}).Should(Succeed())
			Expect(manager.Stop()).To(Succeed())
			startManager()
		}
		close(release)
		job := world.Finished(ctx, s.namespace, "long")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.LostAttempts).To(BeZero())
		Expect(e.Sold()).To(Equal([]string{"Uno es uno", "Dos son dos"}))
	})

	It("goes on when kube-apiserver is restarted in the middle, and is written once it is back", Serial, func(ctx context.Context) {
		e, release := oneByOne()
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("outage", s.namespace).Texts("Uno es uno", "Dos son dos").Obj())
		release <- struct{}{}
		Eventually(e.Sold).Should(HaveLen(1))
		Expect(world.RestartAPIServer(func() {
			close(release)
			Eventually(e.Sold).Should(HaveLen(2), "the engine goes on without the API server")
		})).To(Succeed())
		Expect(world.Finished(ctx, s.namespace, "outage").Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(e.Sold()).To(Equal([]string{"Uno es uno", "Dos son dos"}))
		world.Create(ctx, build.Job("after", s.namespace).Text("Hola, mundo.").Obj())
		Expect(world.Finished(ctx, s.namespace, "after").Status.Phase).To(Equal(v1alpha1.CompletedPhase), "the watches are back")
	})

	It("is cancelled with what was finished in its result", func(ctx context.Context) {
		e, release := oneByOne()
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("stopped", s.namespace).Texts("Uno es uno", "Dos son dos").Obj())
		release <- struct{}{}
		Eventually(e.Sold).Should(HaveLen(1))
		world.Change(ctx, s.namespace, "stopped", func(spec *v1alpha1.TranslationJobSpec) { spec.Cancel = new(true) })

		job := world.Finished(ctx, s.namespace, "stopped")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CancelledPhase))
		Expect(suite.Condition(job, v1alpha1.FinishedCondition).Reason).To(Equal(v1alpha1.CancelledReason))
		Expect(*job.Status.Result.Texts[0].Text).To(Equal(scripted.Text("Uno es uno")))
		Expect(job.Status.Result.Texts[1].Text).To(BeNil())
		Expect(job.Status.Progress).To(HaveValue(Equal(v1alpha1.Progress{Total: 2, Done: 1, Pending: 1})))
		Expect(e.Calls()).To(Equal(2), "no call follows the cancelled one")
	})

	It("ends Cancelled before it began", func(ctx context.Context) {
		namespace := world.NewNamespace(ctx)
		world.Create(ctx, build.Job("never", namespace).Text("Hola.").With(func(spec *v1alpha1.TranslationJobSpec) {
			spec.Cancel = new(true)
		}).Obj())
		Expect(world.Finished(ctx, namespace, "never").Status.Phase).To(Equal(v1alpha1.CancelledPhase))
	})

	It("backs off after a transient error and goes on", func(ctx context.Context) {
		e := scripted.New()
		e.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
			if call == 1 {
				return engine.Response{}, engine.Errorf(engine.Transient, "the server answered 503")
			}
			return scripted.Translation(req), nil
		}
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("retried", s.namespace).Text("Hola, mundo.").Obj())
		Eventually(func(g Gomega) {
			job := world.Job(ctx, s.namespace, "retried")
			g.Expect(job.Status.NextAttemptTime).NotTo(BeNil())
			g.Expect(suite.Condition(job, v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.BackingOffReason))
			g.Expect(suite.Condition(job, v1alpha1.ReconcilingCondition).Message).To(ContainSubstring("the server answered 503"))
		}).WithPolling(5 * time.Millisecond).Should(Succeed())
		job := world.Finished(ctx, s.namespace, "retried")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.Attempts).To(Equal(int32(2)))
		Expect(job.Status.FailedAttempts).To(Equal(int32(1)))
		Expect(job.Status.NextAttemptTime).To(BeNil())
	})

	It("is Failed when backoffLimit is used up, with what was finished in its result", func(ctx context.Context) {
		e := scripted.New()
		e.Description.MaxSegments = 1
		e.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
			if call > 1 {
				return engine.Response{}, engine.Errorf(engine.Transient, "the server answered 503")
			}
			return scripted.Translation(req), nil
		}
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("limited", s.namespace).Texts("Uno es uno", "Dos son dos").With(func(spec *v1alpha1.TranslationJobSpec) {
			spec.BackoffLimit = new(int32(1))
		}).Obj())
		job := world.Finished(ctx, s.namespace, "limited")
		Expect(job.Status.Phase).To(Equal(v1alpha1.FailedPhase))
		Expect(suite.Condition(job, v1alpha1.StalledCondition).Reason).To(Equal(v1alpha1.BackoffLimitExceededReason))
		Expect(suite.Condition(job, v1alpha1.StalledCondition).Message).To(ContainSubstring("2 attempts failed and backoffLimit is 1"))
		Expect(*job.Status.Result.Texts[0].Text).To(Equal(scripted.Text("Uno es uno")))
		Expect(e.Sold()).To(Equal([]string{"Uno es uno"}), "the finished segment is bought once")
	})

	It("waits with every job of a provider that asked to", func(ctx context.Context) {
		e := scripted.New()
		e.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
			if call == 1 {
				return engine.Response{}, engine.Errorf(engine.RateLimited, "the server answered 429").Wait(1500 * time.Millisecond)
			}
			return scripted.Translation(req), nil
		}
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("first", s.namespace).Text("Hola, mundo.").Obj())
		Eventually(e.Calls).Should(Equal(1))
		world.Create(ctx, build.Job("second", s.namespace).Text("Hola, mundo.").Obj())
		Eventually(func() string {
			if c := meta.FindStatusCondition(world.Job(ctx, s.namespace, "first").Status.Conditions, v1alpha1.ReconcilingCondition); c != nil {
				return c.Reason
			}
			return ""
		}).Should(Equal(v1alpha1.RateLimitedReason))
		Expect(e.Calls()).To(Equal(1), "nobody calls during the pause")
		first := world.Finished(ctx, s.namespace, "first")
		Expect(first.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(first.Status.FailedAttempts).To(BeZero(), "being asked to wait is no failure")
		world.Finished(ctx, s.namespace, "second")
	})

	It("is Failed when its deadline passes", func(ctx context.Context) {
		e, release := oneByOne()
		DeferCleanup(func() { close(release) })
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("late", s.namespace).Text("Hola, mundo.").With(func(spec *v1alpha1.TranslationJobSpec) {
			spec.ActiveDeadlineSeconds = new(int32(1))
		}).Obj())
		job := world.Finished(ctx, s.namespace, "late")
		Expect(job.Status.Phase).To(Equal(v1alpha1.FailedPhase))
		Expect(suite.Condition(job, v1alpha1.StalledCondition).Reason).To(Equal(v1alpha1.DeadlineExceededReason))
	})

	It("takes a changed spec up, and keeps the segments that stayed the same", func(ctx context.Context) {
		e, release := oneByOne()
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("edited", s.namespace).Texts("Uno es uno", "Dos son dos").Obj())
		release <- struct{}{}
		Eventually(e.Sold).Should(HaveLen(1))
		world.Change(ctx, s.namespace, "edited", func(spec *v1alpha1.TranslationJobSpec) {
			spec.Source.Texts[1].Text = "Tres son tres"
		})
		close(release)
		job := world.Finished(ctx, s.namespace, "edited")
		Expect(job.Status.ObservedGeneration).To(Equal(int64(2)))
		Expect(*job.Status.Result.Texts[1].Text).To(Equal(scripted.Text("Tres son tres")))
		Expect(e.Sold()).To(ContainElement("Tres son tres"))
		Expect(slices.Index(e.Sold()[1:], "Uno es uno")).To(Equal(-1), "a segment that stayed the same is not bought again")
	})

	It("runs again after a change to a finished job, and leaves nothing of the old result", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx, build.Job("again", s.namespace).Texts("Uno es uno", "Dos son dos").Obj())
		world.Finished(ctx, s.namespace, "again")
		world.Change(ctx, s.namespace, "again", func(spec *v1alpha1.TranslationJobSpec) {
			spec.Source = v1alpha1.Source{Text: new("Una frase nueva.")}
		})
		job := world.Finished(ctx, s.namespace, "again")
		Expect(*job.Status.Result.Text).To(Equal(scripted.Text("Una frase nueva.")))
		Expect(job.Status.Result.Texts).To(BeEmpty())
		Expect(job.Status.Segments).To(HaveLen(1))
	})
})
