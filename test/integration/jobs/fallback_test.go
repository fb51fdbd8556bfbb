package jobs_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// chain makes a namespace with the providers "first", which falls back on "second".
func chain(ctx context.Context, first, second stage) (stage, stage) {
	GinkgoHelper()
	second.namespace = world.NewNamespace(ctx)
	second.provide(ctx, "second")
	first.namespace, first.fallbacks = second.namespace, []v1alpha1.ObjectName{"second"}
	first.provide(ctx, "first")
	return first, second
}

// failing answers so many calls as they should be, and then with an error.
func failing(good int, err error) *scripted.Engine {
	e := scripted.New()
	e.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
		if call > good {
			return engine.Response{}, err
		}
		return counted(req), nil
	}
	return e
}

// counted is an answer that says what it used.
func counted(req engine.Request) engine.Response {
	out := scripted.Translation(req)
	for _, s := range req.Segments {
		out.Usage.Characters += int64(len([]rune(s.Text)))
	}
	return out
}

// counting is an engine that says what it used.
func counting() *scripted.Engine { return failing(1<<30, nil) }

var _ = Describe("A job whose provider has a fallback", func() {
	refused := engine.Errorf(engine.Misconfigured, "the key was refused (401)")

	It("is done by the fallback when the settings of its provider are refused", func(ctx context.Context) {
		first, second := chain(ctx, stage{engine: failing(0, refused)}, stage{engine: scripted.New()})
		world.Create(ctx, build.Job("refused", first.namespace).Text("Hola, mundo.").Provider("first").Obj())

		job := world.Finished(ctx, first.namespace, "refused")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.Provider.Name).To(Equal(v1alpha1.ObjectName("second")))
		Expect(job.Status.PassedOver).To(Equal([]v1alpha1.PassedOverProvider{{
			Kind: v1alpha1.TranslationProviderKind, Name: "first", Reason: v1alpha1.MisconfiguredReason, FailedAttempts: 1,
			Message: "translate segment 1 of 1: the key was refused (401)",
		}}))
		Expect(job.Status.Attempts).To(Equal(int32(2)))
		Expect([]int{first.engine.Calls(), second.engine.Calls()}).To(Equal([]int{1, 1}))
	})

	It("is done by the fallback from the start when its provider does not offer the pair", func(ctx context.Context) {
		e := scripted.New()
		e.Offers = engine.Offer{Pairs: []engine.Pair{{Source: "en", Target: "de"}}}
		first, second := chain(ctx, stage{engine: e}, stage{engine: scripted.New()})
		world.Create(ctx, build.Job("elsewhere", first.namespace).Text("Hola, mundo.").Provider("first").Obj())

		job := world.Finished(ctx, first.namespace, "elsewhere")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.Provider.Name).To(Equal(v1alpha1.ObjectName("second")))
		Expect(job.Status.PassedOver).To(HaveLen(1))
		Expect(job.Status.PassedOver[0].Reason).To(Equal(v1alpha1.PairNotOfferedReason))
		Expect(job.Status.PassedOver[0].FailedAttempts).To(BeZero())
		Expect(job.Status.Attempts).To(Equal(int32(1)))
		Expect([]int{first.engine.Calls(), second.engine.Calls()}).To(Equal([]int{0, 1}))
	})

	It("is done by the fallback when its provider is out of attempts, each having all of them", func(ctx context.Context) {
		down := engine.Errorf(engine.Transient, "the service failed (503)")
		second := failing(0, down)
		inner := second.Script
		second.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
			if call > 1 {
				return scripted.Translation(req), nil
			}
			return inner(ctx, call, req)
		}
		first, other := chain(ctx, stage{engine: failing(0, down)}, stage{engine: second})
		world.Create(ctx, build.Job("down", first.namespace).Text("Hola, mundo.").Provider("first").
			With(func(spec *v1alpha1.TranslationJobSpec) { spec.BackoffLimit = new(int32(1)) }).Obj())

		job := world.Finished(ctx, first.namespace, "down")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase), suite.Condition(job, v1alpha1.FinishedCondition).Message)
		Expect(job.Status.PassedOver).To(HaveLen(1))
		Expect(job.Status.PassedOver[0].Reason).To(Equal(v1alpha1.BackoffLimitExceededReason))
		Expect(job.Status.PassedOver[0].FailedAttempts).To(Equal(int32(2)))
		Expect(job.Status.FailedAttempts).To(Equal(int32(3)))
		Expect([]int{first.engine.Calls(), other.engine.Calls()}).To(Equal([]int{2, 2}))
	})

	It("does not take a fallback that could cost more than it may", func(ctx context.Context) {
		first, second := chain(ctx, stage{engine: failing(0, refused)},
			stage{engine: counting(), prices: &v1alpha1.Prices{PerMillionCharacters: "1000"}})
		world.Create(ctx, build.Job("dear", first.namespace).Text("Hola, mundo.").Provider("first").
			With(func(spec *v1alpha1.TranslationJobSpec) { spec.MaxCost = "0.04" }).Obj())

		job := world.Finished(ctx, first.namespace, "dear")
		Expect(suite.Condition(job, v1alpha1.StalledCondition).Reason).To(Equal(v1alpha1.BudgetExceededReason))
		Expect(job.Status.PassedOver).To(HaveLen(1))
		Expect(second.engine.Calls()).To(BeZero())

		By("and takes it when it may")
		world.Change(ctx, first.namespace, "dear", func(spec *v1alpha1.TranslationJobSpec) { spec.MaxCost = "0.05" })
		job = world.Finished(ctx, first.namespace, "dear")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.Provider.Name).To(Equal(v1alpha1.ObjectName("second")))
		Expect(job.Status.Cost).To(Equal(v1alpha1.Decimal("0.012")))
	})

	It("costs what each provider has sold, at its own price", func(ctx context.Context) {
		one := failing(1, refused)
		one.Description.MaxSegments = 1
		two := counting()
		two.Description.MaxSegments = 1
		first, second := chain(ctx,
			stage{engine: one, prices: &v1alpha1.Prices{PerMillionCharacters: "1000"}},
			stage{engine: two, prices: &v1alpha1.Prices{PerMillionCharacters: "5000"}})
		world.Create(ctx, build.Job("both", first.namespace).Texts("Uno es uno", "Dos son dos").Provider("first").Obj())

		job := world.Finished(ctx, first.namespace, "both")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(first.engine.Sold()).To(Equal([]string{"Uno es uno"}))
		Expect(second.engine.Sold()).To(Equal([]string{"Dos son dos"}), "the engine of both is of the same kind and model")
		Expect(job.Status.Cost).To(Equal(v1alpha1.Decimal("0.065")), "10 characters at 0.001 and 11 at 0.005")
	})

	It("is done by the fallback while the calls of its provider fail", func(ctx context.Context) {
		first, second := chain(ctx, stage{engine: failing(0, engine.Errorf(engine.Transient, "the service failed (503)"))}, stage{engine: scripted.New()})
		names := []string{"one", "two", "three", "four", "five", "six"}
		for _, name := range names {
			world.Create(ctx, build.Job(name, first.namespace).Text("Hola, mundo.").Provider("first").Obj())
		}
		for _, name := range names {
			job := world.Finished(ctx, first.namespace, name)
			Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
			Expect(job.Status.Provider.Name).To(Equal(v1alpha1.ObjectName("second")))
			Expect(job.Status.PassedOver).To(HaveLen(1))
			Expect(job.Status.PassedOver[0].Reason).To(Equal(v1alpha1.ProviderUnavailableReason))
			Expect(job.Status.PassedOver[0].FailedAttempts).To(BeZero())
		}
		Expect(second.engine.Calls()).To(Equal(len(names)))
	})

	It("does not go back to a provider that was given up when the manager starts again", func(ctx context.Context) {
		working := make(chan struct{})
		e := scripted.New()
		e.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
			if call > 1 {
				return scripted.Translation(req), nil
			}
			close(working)
			<-ctx.Done()
			return engine.Response{}, ctx.Err()
		}
		first, second := chain(ctx, stage{engine: failing(0, refused)}, stage{engine: e})
		world.Create(ctx, build.Job("restarted", first.namespace).Text("Hola, mundo.").Provider("first").Obj())
		Eventually(working).Should(BeClosed())
		Expect(world.Job(ctx, first.namespace, "restarted").Status.PassedOver).To(HaveLen(1), "recorded before the fallback is asked")
		Expect(manager.Stop()).To(Succeed())
		startManager()

		job := world.Finished(ctx, first.namespace, "restarted")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.LostAttempts).To(BeZero())
		Expect([]int{first.engine.Calls(), second.engine.Calls()}).To(Equal([]int{1, 2}))
	})

	It("leaves the budget to others that its provider did not use", func(ctx context.Context) {
		first, _ := chain(ctx, stage{engine: failing(0, refused), prices: &v1alpha1.Prices{PerMillionCharacters: "1000"}}, stage{engine: scripted.New()})
		first.annotate(ctx, v1alpha1.MonthlyBudgetAnnotation, "0.10")
		world.Create(ctx, build.Job("moved", first.namespace).Text("Hola, mundo.").Provider("first").Obj())
		Expect(world.Finished(ctx, first.namespace, "moved").Status.Phase).To(Equal(v1alpha1.CompletedPhase))

		other := stage{namespace: first.namespace, engine: counting(), prices: first.prices}
		other.provide(ctx, "other")
		world.Create(ctx, build.Job("other", first.namespace).Text("Hola, amigos.").Provider("other").Obj())
		job := world.Finished(ctx, first.namespace, "other")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.Cost).To(Equal(v1alpha1.Decimal("0.013")))
	})

	It("fails as its provider does when the fallback cannot be used", func(ctx context.Context) {
		e := scripted.New()
		e.Offers = engine.Offer{Pairs: []engine.Pair{{Source: "en", Target: "de"}}}
		first, second := chain(ctx, stage{engine: failing(0, refused)}, stage{engine: e})
		world.Create(ctx, build.Job("none", first.namespace).Text("Hola, mundo.").Provider("first").Obj())

		job := world.Finished(ctx, first.namespace, "none")
		Expect(suite.Condition(job, v1alpha1.StalledCondition).Reason).To(Equal(v1alpha1.MisconfiguredReason))
		Expect(suite.Condition(job, v1alpha1.StalledCondition).Message).To(ContainSubstring("the key was refused (401)"))
		Expect(second.engine.Calls()).To(BeZero())
	})
})
