package jobs_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

var _ = Describe("The end of a job", func() {
	It("is Completed when every segment passes, and costs one status write", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		events, err := world.Client.Watch(ctx, &v1alpha1.TranslationJobList{}, client.InNamespace(s.namespace))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(events.Stop)
		world.Create(ctx, build.Job("small", s.namespace).Text("La casa es grande. El perro duerme.").Obj())

		job := world.Finished(ctx, s.namespace, "small")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(suite.Condition(job, v1alpha1.FinishedCondition).Reason).To(Equal(v1alpha1.CompletedReason))
		Expect(*job.Status.Result.Text).To(Equal(scripted.Text("La casa es grande. El perro duerme.")))
		Expect(job.Status.Progress).To(HaveValue(Equal(v1alpha1.Progress{Total: 2, Done: 2})))
		Expect(job.Status.ProgressSummary).To(Equal("2/2"))
		Expect(job.Status.Segments).To(HaveLen(2))
		Expect(string(job.Status.QAScore)).To(Equal("100.0"))
		Expect(*job.Status.WordCount).To(Equal(int32(7)))
		Expect(*job.Status.BilledWords).To(Equal(int32(7)))
		Expect(job.Status.Result.WordCount).To(Equal(int32(7)))
		Expect(job.Status.Provider.Name).To(BeEquivalentTo("engine"))
		Expect(job.Status.StartedAt).NotTo(BeNil())
		Expect(job.Status.CompletedAt).NotTo(BeNil())
		Expect(job.Status.CurrentStep).To(BeEmpty())

		Eventually(events.ResultChan()).Should(Receive(HaveField("Type", watch.Added)))
		Eventually(events.ResultChan()).Should(Receive(And(
			HaveField("Type", watch.Modified),
			HaveField("Object.ResourceVersion", job.ResourceVersion))))
	})

	It("keeps one segment for each text of a list, in order", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx, build.Job("list", s.namespace).Texts("Inicio", "Sobre nosotros. Contacto.", "Inicio", "42").Obj())

		job := world.Finished(ctx, s.namespace, "list")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.Progress.Total).To(Equal(int32(4)))
		var texts []string
		for _, item := range job.Status.Result.Texts {
			texts = append(texts, *item.Text)
		}
		Expect(texts).To(Equal([]string{
			scripted.Text("Inicio"), scripted.Text("Sobre nosotros. Contacto."), scripted.Text("Inicio"), "42"}))
		Expect(s.engine.Sold()).To(ConsistOf("Inicio", "Sobre nosotros. Contacto."), "a repeat and a bare number are not bought")
	})

	It("is CompletedWithBlocks when placeables cannot be put back", func(ctx context.Context) {
		e := scripted.New()
		e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
			out := scripted.Translation(req)
			for i := range out.Segments {
				out.Segments[i].Text = strings.ReplaceAll(out.Segments[i].Text, "⟦1⟧", "")
			}
			// Also when the text comes in parts, nothing of the marked one is answered.
			return out, nil
		}
		e.Description.Corrects = true
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("blocked", s.namespace).Texts("Hola {name}, buenos días", "Otra frase sin nada especial").Obj())

		job := world.Finished(ctx, s.namespace, "blocked")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedWithBlocksPhase))
		Expect(job.Status.Progress).To(HaveValue(Equal(v1alpha1.Progress{Total: 2, Done: 1, Blocked: 1})))
		Expect(*job.Status.Result.Texts[0].Text).To(Equal("Hola {name}, buenos días"), "the source text stays")
		Expect(job.Status.Segments[0].State).To(Equal(v1alpha1.SegmentBlocked))
		Expect(job.Status.Segments[0].Error).To(ContainSubstring("could not be put back"))
		Expect(suite.Condition(job, v1alpha1.StalledCondition).Reason).To(Equal(v1alpha1.CompletedWithBlocksReason))
		Expect(suite.Condition(job, v1alpha1.FinishedCondition).Message).To(ContainSubstring("1 of 2 segments keep their source text"))
	})

	It("puts placeables back part by part when a plain engine loses them", func(ctx context.Context) {
		e := scripted.New()
		e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
			out := scripted.Translation(req)
			for i := range out.Segments {
				out.Segments[i].Text = strings.ReplaceAll(out.Segments[i].Text, "⟦1⟧", "")
			}
			return out, nil
		}
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("parts", s.namespace).Text("Hola {name}, buenos días").Obj())

		job := world.Finished(ctx, s.namespace, "parts")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(*job.Status.Result.Text).To(Equal(scripted.Text("Hola ⟦1⟧, buenos días")[:4] + " {name}" + scripted.Text(", buenos días")))
		Expect(job.Status.Segments[0].RetryCount).To(Equal(int32(1)))
	})

	It("is NeedsReview when a text comes back untranslated", func(ctx context.Context) {
		e := scripted.New()
		e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
			var out engine.Response
			for _, seg := range req.Segments {
				out.Segments = append(out.Segments, engine.Translation{ID: seg.ID, Text: seg.Text})
			}
			return out, nil
		}
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("echo", s.namespace).Text("La casa de mi abuela es muy grande y bonita.").Obj())

		job := world.Finished(ctx, s.namespace, "echo")
		Expect(job.Status.Phase).To(Equal(v1alpha1.NeedsReviewPhase))
		Expect(suite.Condition(job, v1alpha1.FinishedCondition).Reason).To(Equal(v1alpha1.NeedsReviewReason))
		Expect(job.Status.Result.Findings).To(ContainElement(And(
			HaveField("Type", "untranslated"), HaveField("Severity", v1alpha1.CriticalSeverity))))
		Expect(job.Status.Segments[0].State).To(Equal(v1alpha1.SegmentNeedsReview))
		Eventually(warnings).WithArguments(ctx, s.namespace).Should(ContainElement(v1alpha1.NeedsReviewReason))
	})

	It("is Completed after a correction, when the engine can correct", func(ctx context.Context) {
		e := scripted.New()
		e.Description.Corrects = true
		e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
			if req.Segments[0].Correction != nil {
				return scripted.Translation(req), nil
			}
			return engine.Response{Segments: []engine.Translation{{ID: req.Segments[0].ID, Text: "Le cese"}}}, nil
		}
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("corrected", s.namespace).Text("La casa tiene 14 ventanas y 3 puertas.").Obj())

		job := world.Finished(ctx, s.namespace, "corrected")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(*job.Status.Result.Text).To(Equal(scripted.Text("La casa tiene 14 ventanas y 3 puertas.")))
		Expect(job.Status.Segments[0].RetryCount).To(Equal(int32(1)))
	})

	It("is Failed at once when the provider is misconfigured", func(ctx context.Context) {
		e := scripted.New()
		e.Script = func(context.Context, int, engine.Request) (engine.Response, error) {
			return engine.Response{}, engine.Errorf(engine.Misconfigured, "the key was refused (401)")
		}
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("refused", s.namespace).Text("Hola, mundo.").Obj())

		job := world.Finished(ctx, s.namespace, "refused")
		Expect(job.Status.Phase).To(Equal(v1alpha1.FailedPhase))
		Expect(suite.Condition(job, v1alpha1.FinishedCondition).Reason).To(Equal(v1alpha1.FailedReason))
		Expect(suite.Condition(job, v1alpha1.StalledCondition).Reason).To(Equal(v1alpha1.MisconfiguredReason))
		Expect(suite.Condition(job, v1alpha1.StalledCondition).Message).To(ContainSubstring("the key was refused (401)"))
		Expect(s.engine.Calls()).To(Equal(1))
	})

	It("is Failed when the engine refuses every segment, and NeedsReview when it refuses some", func(ctx context.Context) {
		e := scripted.New()
		e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
			out := scripted.Translation(req)
			for i := range out.Segments {
				if strings.Contains(req.Segments[i].Text, "prohibido") {
					out.Segments[i] = engine.Translation{ID: out.Segments[i].ID, Err: engine.Errorf(engine.Rejected, "refused by the content filter")}
				}
			}
			return out, nil
		}
		s := newStage(ctx, e)
		world.Create(ctx,
			build.Job("all", s.namespace).Text("Esto es prohibido.").Obj(),
			build.Job("some", s.namespace).Texts("Esto es prohibido.", "Esto es bueno.").Obj())

		all := world.Finished(ctx, s.namespace, "all")
		Expect(all.Status.Phase).To(Equal(v1alpha1.FailedPhase))
		Expect(suite.Condition(all, v1alpha1.FinishedCondition).Message).To(ContainSubstring("refused by the content filter"))
		Expect(suite.Condition(all, v1alpha1.StalledCondition).Reason).To(Equal(v1alpha1.EngineRejectedReason))
		some := world.Finished(ctx, s.namespace, "some")
		Expect(some.Status.Phase).To(Equal(v1alpha1.NeedsReviewPhase))
		Expect(some.Status.Result.Texts[0].Text).To(BeNil())
		Expect(*some.Status.Result.Texts[1].Text).To(Equal(scripted.Text("Esto es bueno.")))
		Expect(*some.Status.BilledWords).To(Equal(int32(3)), "nothing is billed for a refused segment")
	})

	It("is Dead after five attempts that crashed", func(ctx context.Context) {
		e := scripted.New()
		e.Script = func(context.Context, int, engine.Request) (engine.Response, error) { panic("out of order") }
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("crashing", s.namespace).Text("Hola, mundo.").Obj())

		job := world.Finished(ctx, s.namespace, "crashing")
		Expect(job.Status.Phase).To(Equal(v1alpha1.DeadPhase))
		Expect(suite.Condition(job, v1alpha1.FinishedCondition).Reason).To(Equal(v1alpha1.DeadReason))
		Expect(job.Status.LostAttempts).To(Equal(int32(5)))
		Expect(s.engine.Calls()).To(Equal(5))
	})
})
