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
	"github.com/dragoman-dev/dragoman/apiserver"
	"github.com/dragoman-dev/dragoman/internal/fanout"
)

// batch reads the batch with an id.
func (t tenant) batch(ctx context.Context, id string) *v1alpha1.TranslationBatch {
	GinkgoHelper()
	var list v1alpha1.TranslationBatchList
	Expect(kube.List(ctx, &list, inNamespace(t))).To(Succeed())
	for i := range list.Items {
		if string(list.Items[i].UID) == id {
			return &list.Items[i]
		}
	}
	Fail("there is no batch " + id)
	return nil
}

var _ = Describe("a request with a list of languages", Ordered, func() {
	var shop tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one, other)
		api = shop.at(one)
	})

	DescribeTable("makes a batch with a job a language",
		func(ctx context.Context, path, text string, languages []string) {
			a := api.post(path, request(text, map[string]any{"target_lang": languages}))
			Expect(a.code).To(Equal(http.StatusAccepted), "%s", a.raw)
			Expect(a.json).To(HaveLen(3))
			Expect(a.json).To(HaveKeyWithValue("total_jobs", float64(len(languages))))
			batch := shop.batch(ctx, a.text("batch_id"))
			for i, entry := range a.list("jobs") {
				Expect(entry).To(HaveLen(4))
				Expect(entry).To(HaveKeyWithValue("target_lang", languages[i]))
				Expect(entry).To(HaveKeyWithValue("target_language", languages[i]))
				Expect(entry).To(HaveKeyWithValue("status", "queued"))
				job := shop.job(ctx, entry["job_id"].(string))
				Expect(job.Name).To(Equal(fanout.JobName(batch.Name, 0, languages[i])))
				Expect(metav1.IsControlledBy(job, batch)).To(BeTrue())
				seen := api.get("/v1/jobs/" + entry["job_id"].(string))
				Expect(seen.json).To(HaveKeyWithValue("batch_id", string(batch.UID)))
			}
			Expect(shop.at(other).shown("batch_id=" + string(batch.UID))).To(HaveLen(len(languages)))
		},
		Entry("at /v1/jobs", "/v1/jobs", "Varias.", []string{"ca", "pt"}),
		Entry("at /v1/jobs/batch-text", "/v1/jobs/batch-text", "Varias más.", []string{"pt", "ca"}),
		Entry("of one language", "/v1/jobs", "Una sola.", []string{"ca"}),
	)

	It("is a duplicate of itself, and gets the same answer with its Idempotency-Key", func() {
		text := request("Lote dos veces.", map[string]any{"target_lang": []string{"ca", "pt"}})
		keyed := api.with("Idempotency-Key", "lot-1")
		first := keyed.post("/v1/jobs", text)
		Expect(first.code).To(Equal(http.StatusAccepted))
		again := shop.at(other).with("Idempotency-Key", "lot-1").post("/v1/jobs", text)
		Expect(again.code).To(Equal(http.StatusAccepted))
		Expect(again.raw).To(MatchJSON(first.raw))
		beProblem(keyed.post("/v1/jobs", request("Otro.", map[string]any{"target_lang": []string{"ca"}})), http.StatusUnprocessableEntity, "used before with another body")

		By("a single job, or an earlier one, is another body")
		beProblem(keyed.post("/v1/jobs", request("Otro.", nil)), http.StatusUnprocessableEntity, "used before with another body")
		single := api.with("Idempotency-Key", "lot-2")
		Expect(single.post("/v1/jobs", request("Solo.", nil)).code).To(Equal(http.StatusAccepted))
		beProblem(single.post("/v1/jobs", text), http.StatusUnprocessableEntity, "used before with another body")

		plain := api.post("/v1/jobs/batch-text", text)
		beProblem(plain, http.StatusConflict, "Duplicate content")
		Expect(plain.json).To(HaveKeyWithValue("batch_id", first.text("batch_id")))
		Expect(plain.json).To(HaveKeyWithValue("job_id", first.list("jobs")[0]["job_id"]))
		Expect(plain.json).To(HaveKeyWithValue("status", "queued"))
	})

	It("makes one batch when both replicas get it in the same moment", func() {
		for round := range 10 {
			text := request(fmt.Sprintf("Carrera de lotes %d.", round), map[string]any{"target_lang": []string{"ca", "pt"}})
			answers := make([]answer, 2)
			var group sync.WaitGroup
			for i, r := range []*replica{one, other} {
				group.Go(func() {
					defer GinkgoRecover()
					answers[i] = shop.at(r).post("/v1/jobs", text)
				})
			}
			group.Wait()
			Expect([]int{answers[0].code, answers[1].code}).To(ConsistOf(http.StatusAccepted, http.StatusConflict))
			Expect(answers[0].text("batch_id")).To(Equal(answers[1].text("batch_id")))
		}
	})

	It("may be made again when all of its jobs failed, and not before", func(ctx context.Context) {
		text := request("Lote fallido.", map[string]any{"target_lang": []string{"ca", "pt"}})
		first := api.post("/v1/jobs", text)
		jobs := first.list("jobs")
		shop.report(ctx, jobs[0]["job_id"].(string), ended(v1alpha1.FailedReason, "why", ""))
		api.reads(jobs[0]["job_id"].(string), "failed")
		beProblem(api.post("/v1/jobs", text), http.StatusConflict, "Duplicate content")
		shop.report(ctx, jobs[1]["job_id"].(string), ended(v1alpha1.DeadReason, "why", ""))
		api.reads(jobs[1]["job_id"].(string), "dead")
		second := api.post("/v1/jobs", text)
		Expect(second.code).To(Equal(http.StatusAccepted))
		Expect(second.text("batch_id")).NotTo(Equal(first.text("batch_id")))
	})

	It("finds the jobs that the controller made first", func(ctx context.Context) {
		racing := startReplica(apiserver.DefaultLimits(), func(o *apiserver.Options) { o.Client = racer{o.Client} })
		shop.settle(racing)
		a := shop.at(racing).post("/v1/jobs", request("El otro primero.", map[string]any{"target_lang": []string{"ca", "pt"}}))
		Expect(a.code).To(Equal(http.StatusAccepted))
		Expect(a.list("jobs")).To(HaveLen(2))
		Expect(shop.job(ctx, a.list("jobs")[0]["job_id"].(string)).Spec.TargetLanguage).To(BeEquivalentTo("ca"))
	})

	It("makes what is missing of a batch whose request broke off", func(ctx context.Context) {
		text := request("A medias.", map[string]any{"target_lang": []string{"ca", "pt"}})
		broken := startReplica(apiserver.DefaultLimits(), func(o *apiserver.Options) { o.Client = onlyBatches{o.Client} })
		shop.settle(broken)
		beProblem(shop.at(broken).post("/v1/jobs", text), http.StatusServiceUnavailable, "try again")
		a := api.post("/v1/jobs", text)
		beProblem(a, http.StatusConflict, "Duplicate content")
		Expect(api.shown("batch_id=" + a.text("batch_id"))).To(HaveLen(2))
	})

	It("takes another name while jobs of a deleted batch are still there", func(ctx context.Context) {
		text := request("Restos.", map[string]any{"target_lang": []string{"ca", "pt"}})
		first := api.post("/v1/jobs", text)
		batch := shop.batch(ctx, first.text("batch_id"))
		// There is no garbage collector here, so the jobs stay.
		Expect(kube.Delete(ctx, batch, client.PropagationPolicy(metav1.DeletePropagationBackground))).To(Succeed())
		var second answer
		Eventually(func() int {
			second = api.post("/v1/jobs", text)
			return second.code
		}).Should(Equal(http.StatusAccepted))
		Expect(shop.batch(ctx, second.text("batch_id")).Name).To(Equal(batch.Name + "-2"))
		Expect(shop.job(ctx, second.list("jobs")[0]["job_id"].(string)).OwnerReferences[0].UID).To(BeEquivalentTo(second.text("batch_id")))
	})

	It("keeps terms that differ from language to language in a glossary of its own", func(ctx context.Context) {
		a := api.post("/v1/jobs", request("El carrito.", map[string]any{
			"target_lang": []string{"ca", "pt"},
			"glossary": []any{
				map[string]any{"term": "carrito", "translations": map[string]any{"ca": "cistella", "pt": "carrinho", "eu": "saskia"}},
				map[string]any{"source": "Dragoman", "do_not_translate": true},
			},
		}))
		Expect(a.code).To(Equal(http.StatusAccepted), "%s", a.raw)
		batch := shop.batch(ctx, a.text("batch_id"))
		var glossary v1alpha1.Glossary
		Expect(kube.Get(ctx, client.ObjectKeyFromObject(batch), &glossary)).To(Succeed())
		Expect(metav1.IsControlledBy(&glossary, batch)).To(BeTrue())
		Expect(glossary.Spec.Entries).To(HaveLen(2))
		Expect(glossary.Spec.Entries[0].Translations).To(ConsistOf(
			v1alpha1.TermTranslation{Language: "ca", Term: "cistella"}, v1alpha1.TermTranslation{Language: "pt", Term: "carrinho"}))
		job := shop.job(ctx, a.list("jobs")[0]["job_id"].(string))
		Expect(job.Spec.GlossaryRefs).To(ConsistOf(v1alpha1.GlossaryReference{Name: v1alpha1.ObjectName(batch.Name)}))
	})
})

// racer lets the controller be first: each job is there before it is created.
type racer struct{ client.Client }

func (r racer) Create(ctx context.Context, object client.Object, opts ...client.CreateOption) error {
	if _, ok := object.(*v1alpha1.TranslationJob); ok {
		first := object.DeepCopyObject().(client.Object)
		if err := r.Client.Create(ctx, first); err != nil {
			return err
		}
	}
	return r.Client.Create(ctx, object, opts...)
}

// onlyBatches loses the API server after the batch was made.
type onlyBatches struct{ client.Client }

func (b onlyBatches) Create(ctx context.Context, object client.Object, opts ...client.CreateOption) error {
	if _, ok := object.(*v1alpha1.TranslationBatch); ok {
		return b.Client.Create(ctx, object, opts...)
	}
	return fmt.Errorf("create: %w", context.DeadlineExceeded)
}

var _ = Describe("a request with many items", Ordered, func() {
	var shop tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one, other)
		api = shop.at(one)
	})

	content := func(changes map[string]any) string {
		fields := map[string]any{"mode": "translation", "source_lang": "es", "target_lang": "ca"}
		for k, v := range changes {
			fields[k] = v
		}
		return body(fields)
	}

	It("makes a job an item and language, and gives the metadata back with the result", func(ctx context.Context) {
		a := api.post("/v1/jobs/batch-content", content(map[string]any{
			"target_lang": []string{"ca", "pt"},
			"defaults":    map[string]any{"tone": "casual", "project_name": "Shop"},
			"items": []any{
				map[string]any{"text": "Camisa.", "metadata": map[string]any{"resource_id": "gid://shopify/Product/123"}},
				map[string]any{"text": " "},
				map[string]any{"texts": []string{"Zapato", "Bota"}, "overrides": map[string]any{"tone": "formal"}},
				map[string]any{"text": "Gorra.", "overrides": map[string]any{"quality": "premium"}},
			},
		}))
		Expect(a.code).To(Equal(http.StatusAccepted), "%s", a.raw)
		Expect(a.json).To(HaveKeyWithValue("total_jobs", 4.0))
		Expect(a.list("errors")).To(Equal([]map[string]any{
			{"index": 1.0, "detail": "text is empty"},
			{"index": 3.0, "detail": "overrides.quality cannot differ from item to item; domain, tone, instructions, text_type and constraints can"},
		}))
		jobs := a.list("jobs")
		for i, want := range []struct {
			index float64
			lang  string
			tone  string
		}{{0, "ca", "casual"}, {0, "pt", "casual"}, {2, "ca", "formal"}, {2, "pt", "formal"}} {
			Expect(jobs[i]).To(HaveKeyWithValue("index", want.index))
			Expect(jobs[i]).To(HaveKeyWithValue("target_lang", want.lang))
			Expect(shop.job(ctx, jobs[i]["job_id"].(string)).Spec.Tone).To(Equal(want.tone))
		}
		Expect(jobs[0]["metadata"]).To(HaveKeyWithValue("resource_id", "gid://shopify/Product/123"))
		Expect(jobs[2]).To(HaveKeyWithValue("metadata", BeNil()))

		for _, i := range []int{0, 2} {
			shop.report(ctx, jobs[i]["job_id"].(string), completed("x"))
			shop.at(other).reads(jobs[i]["job_id"].(string), "completed")
		}
		result := shop.at(other).get("/v1/jobs/" + jobs[0]["job_id"].(string) + "/result")
		Expect(result.json["item_metadata"]).To(Equal(map[string]any{"resource_id": "gid://shopify/Product/123"}))
		result = shop.at(other).get("/v1/jobs/" + jobs[2]["job_id"].(string) + "/result")
		Expect(result.json).NotTo(HaveKey("item_metadata"))
	})

	DescribeTable("is refused when nothing of it can be used",
		func(changes map[string]any, code int, detail string) {
			beProblem(api.post("/v1/jobs/batch-content", content(changes)), code, detail)
		},
		Entry("no items", map[string]any{}, 400, "items is missing or empty; send 1 to 1000 items"),
		Entry("all wrong", map[string]any{"items": []any{map[string]any{"text": ""}, map[string]any{}}}, 400, "none of the 2 items can be used; the first: text is empty"),
		Entry("too many items", map[string]any{"items": make([]map[string]any, 1001)}, 400, "items has 1001 entries; 1000 are allowed"),
		Entry("too long", map[string]any{"items": repeat(40, map[string]any{"text": strings.Repeat("a", 30000)})}, 400, "items are too long: their texts and metadata have 1200000 bytes and 1048576 are allowed"),
		Entry("too many jobs", map[string]any{"items": repeat(1000, map[string]any{"text": "a"}), "target_lang": []string{"ca", "pt", "es-MX"}, "source_lang": "es"}, 422, "es→es-MX is not on offer"),
		Entry("no mode", map[string]any{"mode": "", "items": repeat(1, map[string]any{"text": "a"})}, 400, "mode is missing"),
		Entry("wrong defaults", map[string]any{"defaults": map[string]any{"quality": "x"}, "items": repeat(1, map[string]any{"text": "a"})}, 400, "quality must be one of"),
		Entry("defaults of a wrong type", map[string]any{"defaults": map[string]any{"tone": 1}}, 400, "defaults.tone must be a string, not number"),
		Entry("an unknown glossary", map[string]any{"defaults": map[string]any{"glossary_id": "gloss_x"}, "items": repeat(1, map[string]any{"text": "a"})}, 400, "is not the id of a glossary"),
		Entry("an unknown language", map[string]any{"target_lang": "qq", "items": repeat(1, map[string]any{"text": "a"})}, 422, "names no known language"),
	)

	It("is refused with 400 when it would make too many jobs", func(ctx context.Context) {
		limits := apiserver.DefaultLimits()
		limits.BatchJobs = 3
		small := startReplica(limits)
		shop.settle(small)
		beProblem(shop.at(small).post("/v1/jobs/batch-content", content(map[string]any{
			"items": repeat(2, map[string]any{"text": "a"}), "target_lang": []string{"ca", "pt"},
		})), http.StatusBadRequest, "2 items in 2 languages are 4 jobs; 3 are allowed in one request.")
	})

	It("gets the same answer again with its Idempotency-Key", func() {
		keyed := api.with("Idempotency-Key", "content-1")
		text := content(map[string]any{"items": []any{map[string]any{"text": "Otra vez.", "metadata": 1}, map[string]any{}}})
		first := keyed.post("/v1/jobs/batch-content", text)
		Expect(first.code).To(Equal(http.StatusAccepted))
		again := keyed.post("/v1/jobs/batch-content", text)
		Expect(again.code).To(Equal(http.StatusAccepted))
		Expect(again.raw).To(MatchJSON(first.raw))
	})

	It("makes five hundred jobs at once", func() {
		items := make([]any, 250)
		for i := range items {
			items[i] = map[string]any{"text": fmt.Sprintf("Artículo %d.", i), "metadata": i}
		}
		a := api.post("/v1/jobs/batch-content", content(map[string]any{"items": items, "target_lang": []string{"ca", "pt"}}))
		Expect(a.code).To(Equal(http.StatusAccepted))
		jobs := a.list("jobs")
		Expect(jobs).To(HaveLen(500))
		Expect(jobs[499]).To(HaveKeyWithValue("index", 249.0))
		Expect(jobs[499]).To(HaveKeyWithValue("metadata", 249.0))
	})
})

// repeat returns a list of the same item.
func repeat(times int, item map[string]any) []map[string]any {
	out := make([]map[string]any, times)
	for i := range out {
		out[i] = item
	}
	return out
}

var _ = Describe("the status of a batch", Ordered, func() {
	var shop tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one)
		api = shop.at(one)
	})

	It("sums up its jobs", func(ctx context.Context) {
		a := api.post("/v1/jobs", request("Resumen.", map[string]any{"target_lang": []string{"ca", "pt"}}))
		path := "/v1/jobs/batch/" + a.text("batch_id")
		jobs := a.list("jobs")
		reads := func(status string) answer {
			GinkgoHelper()
			var b answer
			Eventually(func() any {
				b = api.get(path)
				return b.json["status"]
			}).Should(Equal(status))
			return b
		}
		b := reads("queued")
		Expect(b.json).To(HaveKeyWithValue("total_jobs", 2.0))
		Expect(b.json["counts"]).To(HaveKeyWithValue("queued", 2.0))
		Expect(b.json).To(HaveKeyWithValue("qa_score", BeNil()))
		Expect(b.json).To(HaveKeyWithValue("completed_at", BeNil()))
		Expect(b.list("jobs")).To(HaveLen(2))

		shop.report(ctx, jobs[0]["job_id"].(string), processing(v1alpha1.TranslatorStep))
		reads("processing")
		shop.report(ctx, jobs[0]["job_id"].(string), completed("x"))
		shop.report(ctx, jobs[1]["job_id"].(string), ended(v1alpha1.FailedReason, "why", ""))
		b = reads("completed_with_errors")
		Expect(b.json["counts"]).To(And(HaveKeyWithValue("completed", 1.0), HaveKeyWithValue("failed", 1.0), HaveKeyWithValue("queued", 0.0)))
		Expect(b.json).To(HaveKeyWithValue("qa_score", 96.5))
		Expect(b.json).To(HaveKeyWithValue("word_count", 8.0))
		Expect(b.json).To(HaveKeyWithValue("billed_words", 8.0))
		Expect(b.json).To(HaveKeyWithValue("cost_eur", 0.03))
		Expect(b.json).To(HaveKeyWithValue("completed_at", "2026-03-20T10:00:12+00:00"))
		Expect(b.list("jobs")[0]).To(HaveKeyWithValue("target_lang", "ca"))

		shop.report(ctx, jobs[1]["job_id"].(string), completed("x"))
		reads("completed")
		for _, job := range jobs {
			shop.report(ctx, job["job_id"].(string), ended(v1alpha1.DeadReason, "why", ""))
		}
		reads("failed")
	})

	It("is there for a batch of kubectl, whose jobs are not made yet", func(ctx context.Context) {
		text := "Con kubectl."
		batch := &v1alpha1.TranslationBatch{
			ObjectMeta: metav1.ObjectMeta{Namespace: shop.namespace, Name: "by-hand"},
			Spec: v1alpha1.TranslationBatchSpec{
				SourceLanguage: "es", TargetLanguages: []v1alpha1.LanguageTag{"ca", "pt"},
				Items: []v1alpha1.BatchItem{{Source: v1alpha1.Source{Text: &text}}},
			},
		}
		Expect(kube.Create(ctx, batch)).To(Succeed())
		a := api.get("/v1/jobs/batch/" + string(batch.UID))
		Expect(a.code).To(Equal(http.StatusOK))
		Expect(a.json["counts"]).To(HaveKeyWithValue("queued", 2.0))
		Expect(a.list("jobs")).To(BeEmpty())

		By("it is not there any more while it is being deleted")
		batch.Finalizers = []string{"example.com/wait"}
		Expect(kube.Update(ctx, batch)).To(Succeed())
		Expect(kube.Delete(ctx, batch)).To(Succeed())
		Eventually(func() int { return api.get("/v1/jobs/batch/" + string(batch.UID)).code }).Should(Equal(http.StatusNotFound))
		Expect(kube.Get(ctx, client.ObjectKeyFromObject(batch), batch)).To(Succeed())
		batch.Finalizers = nil
		Expect(kube.Update(ctx, batch)).To(Succeed())
	})
})
