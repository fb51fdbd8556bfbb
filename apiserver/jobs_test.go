package apiserver_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

func inNamespace(t tenant) client.ListOption { return client.InNamespace(t.namespace) }

var _ = Describe("a single job", Ordered, func() {
	var shop tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one, other)
		api = shop.at(one)
	})

	It("is accepted with exactly an id and a status, and is there at once", func(ctx context.Context) {
		a := api.post("/v1/jobs", request("Bienvenidos a la tienda.", map[string]any{"project_name": "Website", "unknown_key": 1}))
		Expect(a.code).To(Equal(http.StatusAccepted))
		Expect(a.json).To(HaveLen(2))
		Expect(a.json).To(HaveKeyWithValue("status", "queued"))
		id := a.text("job_id")

		seen := api.get("/v1/jobs/" + id)
		Expect(seen.code).To(Equal(http.StatusOK))
		Expect(seen.json).To(HaveKeyWithValue("status", "queued"))
		Expect(seen.json).To(HaveKeyWithValue("current_step", BeNil()))
		Expect(seen.text("created_at")).To(HaveSuffix("+00:00"))

		By("the same id at the other replica")
		Expect(shop.at(other).get("/v1/jobs/" + id).code).To(Equal(http.StatusOK))

		By("an object with the same uid")
		job := shop.job(ctx, id)
		Expect(*job.Spec.Source.Text).To(Equal("Bienvenidos a la tienda."))
		Expect(job.Spec.ProjectName).To(Equal("Website"))
		Expect(job.Name).To(HavePrefix("rest-"))
	})

	It("is seen over REST when kubectl made it", func(ctx context.Context) {
		text := "Hecho con kubectl."
		job := &v1alpha1.TranslationJob{
			ObjectMeta: metav1.ObjectMeta{Namespace: shop.namespace, Name: "by-hand"},
			Spec:       v1alpha1.TranslationJobSpec{SourceLanguage: "es", TargetLanguage: "ca", Source: v1alpha1.Source{Text: &text}},
		}
		Expect(kube.Create(ctx, job)).To(Succeed())
		Expect(api.get("/v1/jobs/" + string(job.UID)).code).To(Equal(http.StatusOK))
	})

	It("takes five hundred short texts, with and without metadata", func(ctx context.Context) {
		texts := make([]any, 500)
		for i := range texts {
			texts[i] = map[string]any{"text": fmt.Sprintf("Texto %d", i), "metadata": map[string]any{"row": i, "none": nil}, "extra": true}
		}
		texts[7] = "Texto sin metadatos"
		id := api.create("", map[string]any{"text": nil, "texts": texts})
		source := shop.job(ctx, id).Spec.Source
		Expect(source.Texts).To(HaveLen(500))
		Expect(source.Texts[7].Metadata).To(BeNil())
		Expect(source.Texts[8].Metadata.Raw).To(MatchJSON(`{"row":8,"none":null}`))
	})

	It("maps every option", func(ctx context.Context) {
		glossary := &v1alpha1.Glossary{
			ObjectMeta: metav1.ObjectMeta{Namespace: shop.namespace, Name: "gloss-abc23456"},
			Spec:       v1alpha1.GlossarySpec{SourceLanguage: "es"},
		}
		Expect(kube.Create(ctx, glossary)).To(Succeed())
		id := api.create("Todas las opciones.", map[string]any{
			"mode": "translate", "source_lang": "es_ES", "domain": "e-commerce", "tone": "formal", "instructions": "Breve.",
			"glossary_id": "gloss_abc23456", "glossary_priority": "private_first", "style_reference": "Así.",
			"glossary": []any{
				map[string]any{"source": "carrito", "target": "cistella"},
				map[string]any{"term": "tienda", "translations": map[string]any{"ca": "botiga", "pt": "loja"}, "case_sensitive": true},
			},
			"constraints": []any{
				map[string]any{"type": "max_chars", "value": 100}, map[string]any{"type": "forbidden", "value": []any{"gratis"}},
			},
			"text_type": "marketing", "quality": "premium", "tier": "business", "source_review": false, "project_name": "Website",
		})
		spec := shop.job(ctx, id).Spec
		Expect(spec.SourceLanguage).To(BeEquivalentTo("es-ES"))
		Expect(spec.Mode).To(Equal(v1alpha1.TranslationMode))
		Expect(spec.Quality).To(Equal(v1alpha1.PremiumQuality))
		Expect(spec.SourceReview).To(Equal(v1alpha1.SourceReviewNever))
		Expect(spec.Tier).To(Equal(v1alpha1.BusinessTier))
		Expect(spec.GlossaryPriority).To(Equal(v1alpha1.PrivateFirst))
		Expect(spec.GlossaryRefs).To(ConsistOf(v1alpha1.GlossaryReference{Name: "gloss-abc23456"}))
		Expect(spec.Glossary).To(HaveLen(2))
		Expect(spec.Glossary[1].Target).To(Equal("botiga"))
		Expect(spec.Constraints).To(HaveLen(2))
	})

	It("is the same under /api/v1, with doubled and with trailing slashes, and is never redirected", func() {
		id := api.create("Dos direcciones.", nil)
		for _, path := range []string{"/api/v1/jobs/" + id, "/v1/jobs/" + id + "/", "//v1//jobs/" + id} {
			Expect(api.get(path).json).To(HaveKeyWithValue("job_id", id), path)
		}
		Expect(api.post("/api/v1/jobs/", request("Otra dirección.", nil)).code).To(Equal(http.StatusAccepted))
	})

	DescribeTable("is refused with 400 when the briefing is wrong",
		func(requestBody, detail, location string) {
			a := api.post("/v1/jobs", requestBody)
			beProblem(a, http.StatusBadRequest, detail)
			if location != "" {
				Expect(a.list("errors")[0]).To(HaveKeyWithValue("location", location))
			}
		},
		Entry("no JSON", `{"mode":`, "The body is not JSON", "body"),
		Entry("something after the JSON", `{} {}`, "something after", ""),
		Entry("no UTF-8", "{\"text\":\"\xff\"}", "not valid UTF-8", ""),
		Entry("a list", `[1]`, "must be a JSON object", ""),
		Entry("a wrong type", request("x", map[string]any{"tone": 5}), "tone must be a string, not number", "body.tone"),
		Entry("a text that is no string", request("", map[string]any{"text": []string{"a"}}), "text must be a string, not array", "body.text"),
		Entry("texts that are no strings", request("", map[string]any{"text": nil, "texts": []int{1}}), "texts must be a list of strings", "body.texts"),
		Entry("a target that is neither", request("x", map[string]any{"target_lang": 7}), "target_lang must be a string or a list", "body.target_lang"),
		Entry("no mode", request("x", map[string]any{"mode": nil}), "mode is missing", "body.mode"),
		Entry("an unknown mode", request("x", map[string]any{"mode": "summary"}), "mode must be one of translation, creation", ""),
		Entry("no source language", request("x", map[string]any{"source_lang": nil}), "source_lang is missing", ""),
		Entry("no target language", request("x", map[string]any{"target_lang": nil}), "target_lang is missing", ""),
		Entry("neither text nor texts", request("", map[string]any{"text": nil}), "both missing", "body.text"),
		Entry("both text and texts", request("x", map[string]any{"texts": []string{"y"}}), "both there", ""),
		Entry("an empty text", request(" \n", nil), "text is empty", "body.text"),
		Entry("an empty list", request("", map[string]any{"text": nil, "texts": []string{}}), "texts is empty", ""),
		Entry("an empty entry", request("", map[string]any{"text": nil, "texts": []string{"a", ""}}), "texts[1] is empty", "body.texts[1]"),
		Entry("more texts than there may be", request("", map[string]any{"text": nil, "texts": strings.Split(strings.Repeat("a,", 10000)+"a", ",")}),
			"texts has 10001 entries; 10000 are allowed", ""),
		Entry("money that is none", request("x", map[string]any{"max_cost_eur": "0,05"}), "max_cost_eur must be an amount in euro such as 0.05", "body.max_cost_eur"),
		Entry("money of another type", request("x", map[string]any{"max_cost_eur": true}), "max_cost_eur must be an amount in euro such as 0.05", "body.max_cost_eur"),
		Entry("money below zero", request("x", map[string]any{"max_cost_eur": -1}), "max_cost_eur must be an amount in euro such as 0.05", "body.max_cost_eur"),
		Entry("an entry that is too long", request("", map[string]any{"text": nil, "texts": []string{strings.Repeat("a", 24001)}}), "texts[0] is too long", ""),
		Entry("instructions that are too long", request("x", map[string]any{"instructions": strings.Repeat("a", 2001)}), "instructions is too long: it has 2001 characters and 2000", ""),
		Entry("a project name that is too long", request("x", map[string]any{"project_name": strings.Repeat("a", 201)}), "project_name is too long", ""),
		Entry("an unknown glossary", request("x", map[string]any{"glossary_id": "gloss_nothere2"}), `"gloss_nothere2" is not the id of a glossary`, "body.glossary_id"),
		Entry("an impossible glossary", request("x", map[string]any{"glossary_ids": []string{"../x"}}), "is not the id of a glossary", ""),
		Entry("an unknown quality", request("x", map[string]any{"quality": "best"}), "quality must be one of standard, premium", ""),
		Entry("an unknown tier", request("x", map[string]any{"tier": "gold"}), "tier must be one of free", ""),
		Entry("an unknown constraint", request("x", map[string]any{"constraints": []any{map[string]any{"type": "rhyme"}}}), "constraints[0].type must be one of", ""),
		Entry("a constraint of nothing", request("x", map[string]any{"constraints": []any{map[string]any{"type": "max_chars", "value": 0}}}), "constraints[0].value must be a whole number from 1", ""),
		Entry("a term without translation", request("x", map[string]any{"glossary": []any{map[string]any{"source": "a"}}}), `glossary[0] needs "target"`, ""),
	)

	It("refuses a key of the idempotent that is too long with 400", func() {
		beProblem(api.with("Idempotency-Key", strings.Repeat("k", 256)).post("/v1/jobs", request("x", nil)), http.StatusBadRequest, "Idempotency-Key has more than 255")
	})

	DescribeTable("is refused with 422 when the languages are wrong",
		func(path string, changes map[string]any, detail string) {
			beProblem(api.post(path, request("Lenguas.", changes)), http.StatusUnprocessableEntity, detail)
		},
		Entry("an ill-formed source", "/v1/jobs", map[string]any{"source_lang": "español"}, `language tag "español" is not well-formed`),
		Entry("an unknown target", "/v1/jobs", map[string]any{"target_lang": "qq"}, `"qq" names no known language`),
		Entry("a long target", "/v1/jobs", map[string]any{"target_lang": "ca-x-" + strings.Repeat("abcdefgh-", 4) + "a"}, "the language tag has 42 characters; 35 are allowed"),
		Entry("the source again", "/v1/jobs", map[string]any{"target_lang": "ES"}, "source_lang and target_lang are both es"),
		Entry("a pair that nobody offers", "/v1/jobs", map[string]any{"target_lang": "eu"}, "es→eu is not on offer; on offer are: en→es, es→ca, es→pt"),
		Entry("a list with one such pair", "/v1/jobs", map[string]any{"target_lang": []string{"ca", "eu"}}, "es→eu is not on offer"),
		Entry("a language twice", "/v1/jobs", map[string]any{"target_lang": []string{"ca", "CA"}}, "target_lang names ca twice"),
		Entry("an empty list", "/v1/jobs", map[string]any{"target_lang": []string{}}, "target_lang is an empty list"),
		Entry("too many", "/v1/jobs", map[string]any{"target_lang": strings.Split(strings.Repeat("ca,", 20)+"pt", ",")}, "target_lang names 21 languages; 20 are allowed"),
		Entry("a single language where a list is wanted", "/v1/jobs/batch-text", nil, "target_lang must be a list"),
		Entry("new text, which no engine here can write", "/v1/jobs", map[string]any{"mode": "creation"}, "no provider of this account can write new text"),
	)

	It("says what is wrong with the briefing before what is wrong with the languages", func() {
		beProblem(api.post("/v1/jobs/batch-text", request(" ", map[string]any{"target_lang": "qq"})), http.StatusBadRequest, "text is empty")
	})

	It("is accepted for another region of a language on offer", func() {
		Expect(api.post("/v1/jobs", request("Región.", map[string]any{"source_lang": "es-MX"})).code).To(Equal(http.StatusAccepted))
	})
})

var _ = Describe("an account without an engine", func() {
	It("is told so with 422", func(ctx context.Context) {
		poor := newPoorTenant(ctx)
		beProblem(poor.at(one).post("/v1/jobs", request("Nada.", nil)), http.StatusUnprocessableEntity, "no provider of this account is ready")
	})

	It("is not given pseudo-localisation, nor an engine that does not answer", func(ctx context.Context) {
		poor := newPoorTenant(ctx)
		poor.offer(ctx, "pseudo", v1alpha1.PseudoProvider)
		poor.offer(ctx, "broken", v1alpha1.ApertiumProvider, pair("es", "ca"))
		broken := &v1alpha1.TranslationProvider{}
		Expect(kube.Get(ctx, client.ObjectKey{Namespace: poor.namespace, Name: "broken"}, broken)).To(Succeed())
		broken.Status.Conditions[0].Status, broken.Status.Conditions[0].Reason = metav1.ConditionFalse, v1alpha1.ProbeFailedReason
		Expect(kube.Status().Update(ctx, broken)).To(Succeed())
		// The replica sees the providers in the order they were written: once it
		// knows the last one it knows all.
		poor.offer(ctx, "working", v1alpha1.ApertiumProvider, pair("es", "pt"))
		Eventually(func() string { return poor.at(one).post("/v1/jobs", request("Nada.", nil)).detail() }).
			Should(Equal("es→ca is not on offer; on offer are: es→pt"))
	})

	It("may use an engine of the cluster that admits its namespace", func(ctx context.Context) {
		admitted, stranger := newPoorTenant(ctx), newPoorTenant(ctx)
		provider := &v1alpha1.ClusterTranslationProvider{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "shared-"},
			Spec: v1alpha1.ClusterTranslationProviderSpec{
				ProviderSpec:      v1alpha1.ProviderSpec{Type: v1alpha1.OpenAIProvider, Endpoint: "https://llm.example.com/v1", Model: "small"},
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": admitted.namespace}},
			},
		}
		Expect(kube.Create(ctx, provider)).To(Succeed())
		DeferCleanup(func(ctx context.Context) { Expect(kube.Delete(ctx, provider)).To(Succeed()) })
		provider.Status = readyProvider(provider.Generation)
		Expect(kube.Status().Update(ctx, provider)).To(Succeed())

		Eventually(func() int {
			return admitted.at(one).post("/v1/jobs", request("Modelo.", map[string]any{"target_lang": "eu"})).code
		}).Should(Equal(http.StatusAccepted))
		id := admitted.at(one).create("Un anuncio.", map[string]any{"mode": "creation", "target_lang": "es"})
		Expect(admitted.at(one).get("/v1/jobs/" + id).json).To(HaveKeyWithValue("mode", "creation"))
		beProblem(stranger.at(one).post("/v1/jobs", request("Modelo.", nil)), http.StatusUnprocessableEntity, "no provider of this account is ready")
	})
})

var _ = Describe("a request that comes twice", Ordered, func() {
	var shop tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one, other)
		api = shop.at(one)
	})

	It("is a duplicate, whatever its project and metadata, until the first one failed", func(ctx context.Context) {
		id := api.create("Dos veces.", map[string]any{"project_name": "A"})
		again := shop.at(other).post("/v1/jobs", request("Dos veces.", map[string]any{"project_name": "B"}))
		beProblem(again, http.StatusConflict, "Duplicate content")
		Expect(again.json).To(HaveKeyWithValue("job_id", id))
		Expect(again.json).To(HaveKeyWithValue("status", "queued"))
		Expect(again.json).NotTo(HaveKey("batch_id"))

		By("other options make another job")
		Expect(api.create("Dos veces.", map[string]any{"tone": "formal"})).NotTo(Equal(id))

		By("a job that failed does not count")
		shop.report(ctx, id, ended(v1alpha1.FailedReason, "no luck", v1alpha1.MisconfiguredReason))
		second := api.create("Dos veces.", nil)
		Expect(second).NotTo(Equal(id))
		beProblem(api.post("/v1/jobs", request("Dos veces.", nil)), http.StatusConflict, "Duplicate content")

		By("nor one that was cancelled")
		shop.report(ctx, second, ended(v1alpha1.CancelledReason, "spec.cancel was set", ""))
		third := api.create("Dos veces.", nil)

		By("one that was translated does")
		shop.report(ctx, third, completed("Dues vegades."))
		again = api.post("/v1/jobs", request("Dos veces.", nil))
		beProblem(again, http.StatusConflict, "Duplicate content")
		Expect(again.json).To(HaveKeyWithValue("status", "completed"))
	})

	It("makes one job when both replicas get it in the same moment", func() {
		for round := range 20 {
			text := request(fmt.Sprintf("Carrera %d.", round), nil)
			codes := make([]int, 2)
			var group sync.WaitGroup
			for i, r := range []*replica{one, other} {
				group.Go(func() {
					defer GinkgoRecover()
					codes[i] = shop.at(r).post("/v1/jobs", text).code
				})
			}
			group.Wait()
			Expect(codes).To(ConsistOf(http.StatusAccepted, http.StatusConflict))
		}
	})

	It("gets the same answer again when it has the same Idempotency-Key", func(ctx context.Context) {
		keyed := api.with("Idempotency-Key", "order-4711")
		text := request("Con llave.", nil)
		first := keyed.post("/v1/jobs", text)
		Expect(first.code).To(Equal(http.StatusAccepted))
		shop.report(ctx, first.text("job_id"), completed("Amb clau."))
		again := shop.at(other).with("Idempotency-Key", "order-4711").post("/v1/jobs", text)
		Expect(again.code).To(Equal(http.StatusAccepted))
		Expect(again.raw).To(Equal(first.raw))

		By("another body is refused")
		beProblem(keyed.post("/v1/jobs", request("Otra cosa.", nil)), http.StatusUnprocessableEntity, "used before with another body")

		By("the same content without the key is a duplicate")
		beProblem(api.post("/v1/jobs", text), http.StatusConflict, "Duplicate content")
	})

	It("with another Idempotency-Key is a duplicate all the same", func() {
		text := request("Dos llaves.", nil)
		first := api.with("Idempotency-Key", "a").post("/v1/jobs", text)
		again := api.with("Idempotency-Key", "b").post("/v1/jobs", text)
		beProblem(again, http.StatusConflict, "Duplicate content")
		Expect(again.json).To(HaveKeyWithValue("job_id", first.text("job_id")))
	})

	It("is not a duplicate in another account", func(ctx context.Context) {
		api.create("En dos cuentas.", nil)
		neighbour := newTenant(ctx)
		neighbour.settle(one)
		neighbour.at(one).create("En dos cuentas.", nil)
	})
})
