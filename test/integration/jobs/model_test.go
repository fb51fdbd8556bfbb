package jobs_test

import (
	"context"
	"strings"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// modelStage is a stage whose engine can do what a language model can. Each call uses
// ten tokens and makes five.
func modelStage(ctx context.Context, answer func(engine.Request) engine.Response) stage {
	GinkgoHelper()
	e := scripted.New()
	e.Description = engine.Info{Name: "scripted", Model: "m", Prompt: "rate/1", Corrects: true, Creates: true, Rates: true}
	e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		out := answer(req)
		out.Usage = engine.Usage{InputTokens: 10, OutputTokens: 5}
		return out, nil
	}
	return newStage(ctx, e)
}

var _ = Describe("A job that asks a language model for more", func() {
	It("says who rated its translations, what the checks catch, and which terms were followed", func(ctx context.Context) {
		s := modelStage(ctx, func(req engine.Request) engine.Response {
			out := scripted.Translation(req)
			for i := range out.Segments {
				if req.Rating {
					out.Segments[i].Text = "minor fluency/grammar"
				}
			}
			return out
		})
		world.Create(ctx, build.Job("rated", s.namespace).Texts("Tengo 14 gatos y 3 perros.", "El carrito es grande y bonito.").
			With(func(spec *v1alpha1.TranslationJobSpec) {
				spec.QA = &v1alpha1.QAOptions{Judge: v1alpha1.JudgeEnabled, SelfTest: v1alpha1.SelfTestEnabled}
				spec.Glossary = []v1alpha1.InlineTerm{{Source: "carrito", Target: scripted.Text("carrito")}, {Source: "barco", Target: "vaixell"}}
			}).Obj())

		job := world.Completed(ctx, s.namespace, "rated")
		Expect(job.Status.Judge).To(HaveValue(Equal(v1alpha1.JudgeStatus{Model: "m", Prompt: "rate/1", Segments: 2})))
		Expect(job.Status.Result.Findings).To(ConsistOf(
			And(HaveField("Type", "low_confidence"), HaveField("Segment", int32(1)), HaveField("Severity", v1alpha1.MinorSeverity)),
			And(HaveField("Type", "low_confidence"), HaveField("Segment", int32(2)), HaveField("Severity", v1alpha1.MinorSeverity))))
		Expect(job.Status.QAScore).To(Equal(v1alpha1.Decimal("98.0")))
		Expect(job.Status.SelfTest).To(ContainElement(v1alpha1.CaughtFaults{Fault: "number", Planted: 1, Caught: 1}))
		Expect(job.Status.Terms).To(HaveValue(Equal(v1alpha1.TermCounts{Applied: 1})))
		Expect(job.Status.Segments[1].Terms).To(HaveValue(HaveField("Applied", []string{"carrito"})))
		Expect(job.Status.TokenUsage).To(HaveValue(Equal(v1alpha1.TokenUsage{Input: 20, Output: 10})), "one call to translate, one to rate")
	})

	It("is asked to say it shorter where it may not be long, and never cut", func(ctx context.Context) {
		const long, short = "Buenos días, amigos de todas las ciudades", "Baonis does, emogis de tidos"
		var limit atomic.Int64
		s := modelStage(ctx, func(req engine.Request) engine.Response {
			limit.Store(int64(req.MaxChars))
			out := scripted.Translation(req)
			if c := req.Segments[0].Correction; c != nil && !strings.HasPrefix(req.Segments[0].Text, "Nunca") {
				out.Segments[0].Text = short
			}
			return out
		})
		most := func(spec *v1alpha1.TranslationJobSpec) {
			spec.Constraints = []v1alpha1.Constraint{{Type: v1alpha1.MaxCharsConstraint, Value: new(int32(30))}}
		}
		world.Create(ctx, build.Job("shortened", s.namespace).Text(long).With(most).Obj(),
			build.Job("long", s.namespace).Text("Nunca se dice con menos palabras que estas").With(most).Obj())

		job := world.Completed(ctx, s.namespace, "shortened")
		Expect(*job.Status.Result.Text).To(Equal(short))
		Expect(job.Status.Segments[0].RetryCount).To(Equal(int32(1)))
		Expect(limit.Load()).To(Equal(int64(30)))

		job = world.Finished(ctx, s.namespace, "long")
		Expect(job.Status.Phase).To(Equal(v1alpha1.NeedsReviewPhase))
		Expect(*job.Status.Result.Text).To(Equal(scripted.Text("Nunca se dice con menos palabras que estas")))
		Expect(job.Status.Result.Findings).To(ConsistOf(And(HaveField("Type", "constraint"), HaveField("Severity", v1alpha1.CriticalSeverity))))
	})

	It("writes new text after a brief", func(ctx context.Context) {
		const text = "Al cor del barri vell hi ha una porta verda, i al darrere fa olor de menta i de canyella."
		var creation atomic.Bool
		s := modelStage(ctx, func(req engine.Request) engine.Response {
			creation.Store(req.Creation)
			return engine.Response{Segments: []engine.Translation{{ID: req.Segments[0].ID, Text: text}}}
		})
		world.Create(ctx, build.Job("written", s.namespace).Text("Un anuncio breve de una tienda de té.").With(func(spec *v1alpha1.TranslationJobSpec) {
			spec.Mode = v1alpha1.CreationMode
		}).Obj())
		Expect(*world.Completed(ctx, s.namespace, "written").Status.Result.Text).To(Equal(text))
		Expect(creation.Load()).To(BeTrue())
	})

	It("cannot be rated by an engine that does not rate", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx, build.Job("unrated", s.namespace).Text("Hola, mundo.").With(func(spec *v1alpha1.TranslationJobSpec) {
			spec.QA = &v1alpha1.QAOptions{Judge: v1alpha1.JudgeEnabled}
		}).Obj())
		world.Fails(ctx, s.namespace, "unrated", v1alpha1.UnsupportedReason, `engine "scripted" cannot rate translations`)
	})
})

var _ = Describe("The review of a source", func() {
	It("leaves notes and keeps nothing back: for high tiers, and where it is asked for", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		text := "La casa (grande tiene dos puertas y un jardín bonito."
		for name, change := range map[string]func(*v1alpha1.TranslationJobSpec){
			"business": func(spec *v1alpha1.TranslationJobSpec) { spec.Tier = v1alpha1.BusinessTier },
			"asked":    func(spec *v1alpha1.TranslationJobSpec) { spec.SourceReview = v1alpha1.SourceReviewAlways },
			"free":     func(spec *v1alpha1.TranslationJobSpec) { spec.Tier = v1alpha1.FreeTier },
			"not asked": func(spec *v1alpha1.TranslationJobSpec) {
				spec.Tier, spec.SourceReview = v1alpha1.EnterpriseTier, v1alpha1.SourceReviewNever
			},
		} {
			reviewed := name == "business" || name == "asked"
			name = strings.ReplaceAll(name, " ", "-")
			world.Create(ctx, build.Job(name, s.namespace).Text(text).With(change).Obj())
			job := world.Completed(ctx, s.namespace, name)
			note := ContainElement(And(HaveField("Type", "source_error"), HaveField("Segment", int32(1)), HaveField("Severity", v1alpha1.NeutralSeverity)))
			if !reviewed {
				note = Not(note)
			}
			Expect(job.Status.Result.Findings).To(note, name)
		}
	})
})

var _ = Describe("A namespace with several providers", func() {
	It("sends each job to one that has its pair", func(ctx context.Context) {
		s := stage{namespace: world.NewNamespace(ctx)}
		offers := map[string]engine.Pair{"a-catalan": {Source: "es", Target: "ca"}, "b-english": {Source: "es", Target: "en"}}
		for name, pair := range offers {
			s.engine = scripted.New()
			s.engine.Offers = engine.Offer{Pairs: []engine.Pair{pair}}
			s.provide(ctx, name)
		}
		for name, pair := range offers {
			world.Create(ctx, build.Job("for-"+name, s.namespace).Languages(pair.Source, pair.Target).Text("Hola, mundo.").Obj())
			Expect(world.Completed(ctx, s.namespace, "for-"+name).Status.Provider.Name).To(BeEquivalentTo(name))
		}
		world.Create(ctx, build.Job("neither", s.namespace).Languages("es", "pt").Text("Hola, mundo.").Obj())
		job := world.Fails(ctx, s.namespace, "neither", v1alpha1.PairNotOfferedReason, "es→pt is not on offer")
		Expect(suite.Condition(job, v1alpha1.FinishedCondition).Reason).To(Equal(v1alpha1.FailedReason))
	})
})
