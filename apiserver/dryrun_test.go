package apiserver_test

import (
	"context"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// model makes a Ready provider with prices; its capabilities may still be missing.
func (t tenant) model(ctx context.Context, capabilities *v1alpha1.EngineCapabilities) {
	GinkgoHelper()
	provider := &v1alpha1.TranslationProvider{
		ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: "llm"},
		Spec: v1alpha1.ProviderSpec{
			Type: v1alpha1.OpenAIProvider, Endpoint: "https://llm.example.com/v1", Model: "small",
			Prices: &v1alpha1.Prices{InputPerMillionTokens: "2.50", OutputPerMillionTokens: "10"},
		},
	}
	Expect(kube.Create(ctx, provider)).To(Succeed())
	provider.Status = readyProvider(provider.Generation)
	provider.Status.Capabilities = capabilities
	Expect(kube.Status().Update(ctx, provider)).To(Succeed())
	for _, r := range []*replica{one, other} {
		Eventually(func() int {
			return t.at(r).post("/v1/jobs?dry_run=true", request("Espera.", nil)).code
		}).ShouldNot(Equal(http.StatusUnprocessableEntity))
	}
}

// plan is what a run with the model announces for a text.
func plan(text string, options v1alpha1.JobOptions, terms []glossary.Entry) pipeline.Estimate {
	GinkgoHelper()
	estimate, err := pipeline.NewEstimate(pipeline.Job{
		Pair: engine.Pair{Source: "es", Target: "ca"}, SourceLanguage: "es", TargetLanguage: "ca", Text: text, Options: options, Terms: terms,
		Prices: money.Prices{InputPerMillionTokens: 2_500_000, OutputPerMillionTokens: 10_000_000},
	}, engine.Info{Name: "openai", Model: "small", Corrects: true, Creates: true, Paid: true, MaxSegments: 20, MaxRunes: 8000})
	Expect(err).NotTo(HaveOccurred())
	Expect(estimate.PlannedMax).To(BeNumerically(">", 0))
	return estimate
}

func inEuro(amount money.Euro) float64 { return float64(amount) / 1e6 }

var _ = Describe("a dry run", Ordered, func() {
	var shop, free tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop, free = newPoorTenant(ctx), newTenant(ctx)
		shop.model(ctx, &v1alpha1.EngineCapabilities{Corrections: v1alpha1.CorrectByFindings, SegmentsPerCall: 20, CharactersPerCall: 8000})
		free.settle(one)
		api = shop.at(one)
	})

	It("tells what a job can cost at most, and creates nothing", func(ctx context.Context) {
		text := "Una frase. Y otra más."
		want := plan(text, v1alpha1.JobOptions{Quality: v1alpha1.PremiumQuality, Instructions: "Sé breve."}, nil)
		a := api.post("/v1/jobs?dry_run=true", request(text, map[string]any{"quality": "premium", "instructions": "Sé breve."}))
		Expect(a.code).To(Equal(http.StatusOK), "%s", a.raw)
		Expect(a.json).To(Equal(map[string]any{
			"dry_run": true, "total_jobs": 1.0, "total_words": 5.0, "total_billed_words": 8.0,
			"total_planned_max_cost_eur": inEuro(want.PlannedMax), "max_cost_eur": nil, "within_budget": true, "duplicate_of": nil,
			"jobs": []any{map[string]any{
				"target_lang": "ca", "target_language": "ca", "segments": 2.0, "words": 5.0, "billed_words": 8.0,
				"provider":             map[string]any{"name": "llm", "kind": "TranslationProvider", "type": "OpenAI", "model": "small"},
				"planned_max_cost_eur": inEuro(want.PlannedMax), "max_cost_eur": nil, "within_budget": true,
			}},
		}))
		Expect(api.shown("archived=all")).To(BeEmpty())
		var jobs v1alpha1.TranslationJobList
		Expect(kube.List(ctx, &jobs, inNamespace(shop))).To(Succeed())
		Expect(jobs.Items).To(BeEmpty())
	})

	It("says whether the budget is enough", func() {
		dear := api.post("/v1/jobs?dry_run=true", request("Barato.", map[string]any{"max_cost_eur": "0.000001"}))
		Expect(dear.json).To(And(HaveKeyWithValue("within_budget", false), HaveKeyWithValue("max_cost_eur", 0.000001)))
		Expect(dear.list("jobs")[0]).To(And(HaveKeyWithValue("within_budget", false), HaveKeyWithValue("max_cost_eur", 0.000001)))
		cheap := api.post("/v1/jobs?dry_run=true", request("Barato.", map[string]any{"max_cost_eur": 5}))
		Expect(cheap.json).To(And(HaveKeyWithValue("within_budget", true), HaveKeyWithValue("max_cost_eur", 5.0)))

		By("a batch whose jobs fit each for itself and not together")
		one := plan("Juntos.", v1alpha1.JobOptions{}, nil)
		list := func(limit money.Euro) answer {
			return api.post("/v1/jobs/batch-text?dry_run=true", request("Juntos.", map[string]any{
				"target_lang": []string{"ca", "pt"}, "max_cost_eur": string(limit.Decimal()),
			}))
		}
		Expect(list(2*one.PlannedMax - 1).json).To(HaveKeyWithValue("within_budget", false))
		enough := list(2 * one.PlannedMax)
		Expect(enough.json).To(HaveKeyWithValue("within_budget", true))
		Expect(enough.json).To(HaveKeyWithValue("total_planned_max_cost_eur", inEuro(2*one.PlannedMax)))
		Expect(enough.list("jobs")[1]).To(And(HaveKeyWithValue("target_lang", "pt"), HaveKeyWithValue("max_cost_eur", BeNil())))
	})

	It("counts the terms of the glossaries that a run would have", func(ctx context.Context) {
		stored := &v1alpha1.Glossary{
			ObjectMeta: metav1.ObjectMeta{Namespace: shop.namespace, Name: "gloss-terms"},
			Spec: v1alpha1.GlossarySpec{SourceLanguage: "es", Entries: []v1alpha1.GlossaryEntry{{
				Term: "carrito", Translations: []v1alpha1.TermTranslation{{Language: "ca", Term: strings.Repeat("cistella ", 15)}},
			}}},
		}
		Expect(kube.Create(ctx, stored)).To(Succeed())
		terms := glossary.Merge(v1alpha1.AccountFirst, glossary.FromInline(nil), glossary.FromGlossary(stored.Spec, "ca", ""))
		want := plan("El carrito.", v1alpha1.JobOptions{}, terms)
		Expect(want.PlannedMax).To(BeNumerically(">", plan("El carrito.", v1alpha1.JobOptions{}, nil).PlannedMax))
		a := api.post("/v1/jobs?dry_run=true", request("El carrito.", map[string]any{"glossary_id": "gloss_terms"}))
		Expect(a.json).To(HaveKeyWithValue("total_planned_max_cost_eur", inEuro(want.PlannedMax)))

		By("those of the request that differ from language to language")
		a = api.post("/v1/jobs?dry_run=true", request("El carrito.", map[string]any{"target_lang": []string{"ca", "pt"}, "glossary": []any{
			map[string]any{"term": "carrito", "translations": map[string]any{"ca": strings.Repeat("cistella ", 15), "pt": "x"}},
		}}))
		jobs := a.list("jobs")
		Expect(jobs[0]["planned_max_cost_eur"]).To(BeNumerically(">", jobs[1]["planned_max_cost_eur"]))
	})

	It("estimates the items of batch-content, and names those that are wrong", func() {
		a := api.post("/v1/jobs/batch-content?dry_run=true", body(map[string]any{
			"source_lang": "es", "target_lang": []string{"ca", "pt"}, "max_cost_eur": 0,
			"defaults": map[string]any{"mode": "translation", "max_cost_eur": "9"},
			"items":    []any{map[string]any{"text": "Uno."}, map[string]any{"text": ""}, map[string]any{"texts": []any{"Dos.", "Tres cosas."}, "metadata": 3}},
		}))
		Expect(a.code).To(Equal(http.StatusOK), "%s", a.raw)
		Expect(a.json).To(And(HaveKeyWithValue("total_jobs", 4.0), HaveKeyWithValue("total_words", 8.0),
			HaveKeyWithValue("max_cost_eur", 0.0), HaveKeyWithValue("within_budget", false)))
		Expect(a.list("errors")).To(ConsistOf(map[string]any{"index": 1.0, "detail": "text is empty"}))
		Expect(a.list("jobs")[3]).To(And(HaveKeyWithValue("index", 2.0), HaveKeyWithValue("metadata", 3.0), HaveKeyWithValue("segments", 2.0),
			HaveKeyWithValue("max_cost_eur", 9.0), HaveKeyWithValue("within_budget", true)))
		Expect(api.shown("archived=all")).To(BeEmpty())
	})

	It("estimates large sources without storing them", func(ctx context.Context) {
		text := strings.Repeat("Una frase más. ", 4000)
		a := api.post("/v1/jobs?dry_run=true", request(text, nil))
		Expect(a.json).To(HaveKeyWithValue("total_planned_max_cost_eur", inEuro(plan(text, v1alpha1.JobOptions{}, nil).PlannedMax)))
		beProblem(api.post("/v1/jobs?dry_run=true", request(strings.Repeat("a", 16<<20+1), nil)), http.StatusBadRequest, "text is too large")
	})

	It("is free where the engine is, also while the engine has not said how it is called", func() {
		a := free.at(one).post("/v1/jobs?dry_run=true", request("Gratis.", nil))
		Expect(a.json).To(And(HaveKeyWithValue("total_planned_max_cost_eur", 0.0), HaveKeyWithValue("total_words", 1.0)))
	})

	It("says which job or batch it would be a duplicate of, and not 409", func(ctx context.Context) {
		id := api.create("Ya está.", nil)
		a := shop.at(other).post("/v1/jobs?dry_run=true", request("Ya está.", nil))
		Expect(a.code).To(Equal(http.StatusOK))
		Expect(a.json).To(HaveKeyWithValue("duplicate_of", map[string]any{"job_id": id, "status": "queued"}))

		keyed := api.with("Idempotency-Key", "dry-1").post("/v1/jobs", request("Con clave ya está.", nil))
		a = api.post("/v1/jobs?dry_run=true", request("Con clave ya está.", nil))
		Expect(a.json["duplicate_of"]).To(HaveKeyWithValue("job_id", keyed.text("job_id")))

		batch := api.post("/v1/jobs", request("Lote ya está.", map[string]any{"target_lang": []string{"ca", "pt"}}))
		a = api.post("/v1/jobs?dry_run=true", request("Lote ya está.", map[string]any{"target_lang": []string{"ca", "pt"}}))
		Expect(a.json["duplicate_of"]).To(HaveKeyWithValue("batch_id", batch.text("batch_id")))

		shop.report(ctx, id, ended(v1alpha1.FailedReason, "what happened", ""))
		a = api.post("/v1/jobs?dry_run=true", request("Ya está.", nil))
		Expect(a.json).To(HaveKeyWithValue("duplicate_of", BeNil()), "a job that failed may be made again")
	})

	DescribeTable("is refused as the call would be",
		func(address, content string, code int, detail string) {
			beProblem(api.post(address, content), code, detail)
		},
		Entry("a briefing", "/v1/jobs?dry_run=true", request("", nil), 400, "text is empty"),
		Entry("languages", "/v1/jobs?dry_run=true", request("x", map[string]any{"target_lang": "es"}), 422, "must differ"),
		Entry("a string for a list", "/v1/jobs/batch-text?dry_run=true", request("x", nil), 422, "target_lang must be a list"),
		Entry("an unknown glossary", "/v1/jobs?dry_run=true", request("x", map[string]any{"glossary_id": "gloss_none"}), 400, "is not the id of a glossary"),
		Entry("a word that is none of the two", "/v1/jobs?dry_run=maybe", request("x", nil), 422, "dry_run must be one of true, false"),
	)

	It("is refused without a key, and when the account has no room", func() {
		beProblem(caller{url: one.url}.post("/v1/jobs?dry_run=true", request("x", nil)), http.StatusUnauthorized, "API key")
		limits := apiserver.DefaultLimits()
		limits.UnfinishedJobs = 0
		full := startReplica(limits)
		Eventually(func() int { return shop.at(full).post("/v1/jobs?dry_run=true", request("x", nil)).code }).Should(Equal(http.StatusTooManyRequests))
	})

	It("answers 503 for an engine with prices that has not said how it is called", func(ctx context.Context) {
		early := newPoorTenant(ctx)
		early.model(ctx, nil)
		a := early.at(one).post("/v1/jobs?dry_run=true", request("Pronto.", nil))
		beProblem(a, http.StatusServiceUnavailable, `Provider "llm" has not said yet how its engine is called`)
		Expect(a.header.Get("Retry-After")).To(Equal("1"))
		early.at(one).create("Pronto.", nil)
	})

	It("is no dry run when it says so", func() {
		Expect(api.post("/v1/jobs?dry_run=false", request("De verdad.", nil)).code).To(Equal(http.StatusAccepted))
	})

	It("passes the budget on to the job or the batch", func(ctx context.Context) {
		job := shop.job(ctx, api.create("Con tope.", map[string]any{"max_cost_eur": 0.05}))
		Expect(job.Spec.MaxCost).To(BeEquivalentTo("0.05"))
		a := api.post("/v1/jobs", request("Con tope.", map[string]any{"max_cost_eur": "1.50", "target_lang": []string{"ca"}}))
		batch := shop.batch(ctx, a.text("batch_id"))
		Expect(batch.Spec.MaxCost).To(BeEquivalentTo("1.50"))
		Expect(batch.Spec.Template.MaxCost).To(BeEmpty())
		a = api.post("/v1/jobs/batch-content", body(map[string]any{
			"source_lang": "es", "target_lang": "ca", "max_cost_eur": 2, "defaults": map[string]any{"mode": "translation", "max_cost_eur": "0.10"},
			"items": []any{map[string]any{"text": "Con dos topes."}},
		}))
		batch = shop.batch(ctx, a.text("batch_id"))
		Expect(batch.Spec.MaxCost).To(BeEquivalentTo("2"))
		Expect(batch.Spec.Template.MaxCost).To(BeEquivalentTo("0.10"))

		By("the status shows both")
		status := completed("Amb límit.")
		status.PlannedMaxCost = "0.041"
		shop.report(ctx, string(job.UID), status)
		Expect(api.reads(string(job.UID), "completed").json).To(And(
			HaveKeyWithValue("planned_max_cost_eur", 0.041), HaveKeyWithValue("max_cost_eur", 0.05), HaveKeyWithValue("cost_eur", 0.03)))
	})
})
