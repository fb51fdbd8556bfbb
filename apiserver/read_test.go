package apiserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

var _ = Describe("the status of a job", Ordered, func() {
	var shop tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one, other)
		api = shop.at(one)
	})

	DescribeTable("reads each word for where a job is",
		func(ctx context.Context, text string, status v1alpha1.TranslationJobStatus, word string, step, failure any) {
			id := api.create(text, nil)
			shop.report(ctx, id, status)
			var a answer
			Eventually(func(g Gomega) {
				a = api.get("/v1/jobs/" + id)
				g.Expect(a.json).To(HaveKeyWithValue("status", word))
				g.Expect(a.json).To(HaveKey("current_step"))
				g.Expect(a.json["current_step"] == step).To(BeTrue(), "step %v", a.json["current_step"])
			}).Should(Succeed())
			if failure == nil {
				Expect(a.json).To(HaveKeyWithValue("error", BeNil()))
				return
			}
			Expect(a.json["error"]).To(HaveKeyWithValue("code", failure))
			Expect(a.json["error"]).To(HaveKeyWithValue("message", "what happened"))
		},
		Entry("waiting", "s1", v1alpha1.TranslationJobStatus{Phase: v1alpha1.QueuedPhase}, "queued", nil, nil),
		Entry("suspended", "s2", v1alpha1.TranslationJobStatus{Phase: v1alpha1.SuspendedPhase}, "queued", nil, nil),
		Entry("validating", "s3", processing(v1alpha1.SupervisorStep), "processing", "supervisor", nil),
		Entry("reviewing", "s4", processing(v1alpha1.SourceReviewStep), "processing", "source_review", nil),
		Entry("translating", "s5", processing(v1alpha1.TranslatorStep), "processing", "translator", nil),
		Entry("checking", "s6", processing(v1alpha1.QAStep), "processing", "qa", nil),
		Entry("building", "s7", processing(v1alpha1.FinalizingStep), "processing", "finalizing", nil),
		Entry("completed", "s8", completed("x"), "completed", nil, nil),
		Entry("blocked", "s9", ended(v1alpha1.CompletedWithBlocksReason, "what happened", ""), "completed_with_blocks", nil, nil),
		Entry("for review", "s10", ended(v1alpha1.NeedsReviewReason, "what happened", v1alpha1.NeedsReviewReason), "needs_review", nil, nil),
		Entry("failed", "s11", ended(v1alpha1.FailedReason, "what happened", v1alpha1.BackoffLimitExceededReason), "failed", nil, "backoff_limit_exceeded"),
		Entry("too dear", "s14", ended(v1alpha1.FailedReason, "what happened", v1alpha1.BudgetExceededReason), "failed", nil, "budget_exceeded"),
		Entry("dead", "s12", ended(v1alpha1.DeadReason, "what happened", ""), "dead", nil, "dead"),
		Entry("cancelled", "s13", ended(v1alpha1.CancelledReason, "what happened", ""), "failed", nil, "cancelled"),
	)

	It("has every field of the page", func(ctx context.Context) {
		id := api.create("Todos los campos.", map[string]any{"project_name": "Website"})
		shop.report(ctx, id, completed("Tots els camps."))
		a := api.reads(id, "completed")
		delete(a.json, "created_at")
		got, err := json.Marshal(a.json)
		Expect(err).NotTo(HaveOccurred())
		Expect(got).To(MatchJSON(`{
			"job_id": "` + id + `", "batch_id": null, "status": "completed", "current_step": null,
			"mode": "translation", "source_lang": "es", "target_lang": "ca", "quality": "standard",
			"project_name": "Website", "source_review_enabled": false, "word_count": 8, "billed_words": 8,
			"qa_score": 96.5, "cost_eur": 0.03, "planned_max_cost_eur": null, "max_cost_eur": null, "is_file_job": false, "archived": false,
			"token_usage": {"input": 1200, "output": 800, "input_tokens": 1200, "output_tokens": 800},
			"segments": [{"id": 1, "status": "completed", "qa_score": 98.0, "retry_count": 0, "error": null}],
			"progress": {"total": 1, "done": 1, "from_memory": 0, "blocked": 0, "failed": 0, "pending": 0},
			"provider": {"name": "apertium", "kind": "TranslationProvider", "type": "Apertium", "model": null},
			"started_at": "2026-03-20T10:00:12+00:00", "completed_at": "2026-03-20T10:00:12+00:00", "error": null
		}`))
	})

	It("reads queued again when the spec changed after the end", func(ctx context.Context) {
		id := api.create("Cambia.", nil)
		shop.report(ctx, id, completed("Canvia."))
		api.reads(id, "completed")
		job := shop.job(ctx, id)
		job.Spec.Tone = "formal"
		Expect(kube.Update(ctx, job)).To(Succeed())
		Expect(api.reads(id, "queued").json).To(HaveKeyWithValue("completed_at", BeNil()))
	})

	It("shows the segments of a large job from its payload", func(ctx context.Context) {
		id := api.create("Grande.", nil)
		result := document.Result{Segments: make([]v1alpha1.SegmentStatus, 60)}
		for i := range result.Segments {
			result.Segments[i] = v1alpha1.SegmentStatus{ID: int32(i + 1), State: v1alpha1.SegmentNeedsReview, Error: "why"} //nolint:gosec // 60
		}
		status := ended(v1alpha1.NeedsReviewReason, "60 of 60 segments need a person", "")
		status.Progress = &v1alpha1.Progress{Total: 60, Done: 60}
		status.Result = shop.storePayload(ctx, id, result)
		shop.report(ctx, id, status)
		segments := api.reads(id, "needs_review").list("segments")
		Expect(segments).To(HaveLen(60))
		Expect(segments[59]).To(Equal(map[string]any{"id": 60.0, "status": "needs_review", "qa_score": nil, "retry_count": 0.0, "error": "why"}))
	})
})

// storePayload keeps a result where large ones are kept.
func (t tenant) storePayload(ctx context.Context, id string, result document.Result) *v1alpha1.Result {
	GinkgoHelper()
	data, err := result.Marshal()
	Expect(err).NotTo(HaveOccurred())
	ref, err := payload.New(payload.ConfigMaps{Client: kube, Reader: kube}, clock.RealClock{}).Put(ctx, t.job(ctx, id), data)
	Expect(err).NotTo(HaveOccurred())
	return result.Referenced(ref)
}

var _ = Describe("the result of a job", Ordered, func() {
	var shop tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one, other)
		api = shop.at(one)
	})

	It("is refused with 409 until the job has ended", func(ctx context.Context) {
		id := api.create("Aún no.", nil)
		a := api.get("/v1/jobs/" + id + "/result")
		beProblem(a, http.StatusConflict, "The job has not ended yet; its status is queued.")
		Expect(a.json).To(HaveKeyWithValue("job_id", id))
		Expect(a.json).To(HaveKeyWithValue("status", "queued"))

		shop.report(ctx, id, processing(v1alpha1.QAStep))
		api.reads(id, "processing")
		beProblem(api.get("/v1/jobs/"+id+"/result?wait=10ms"), http.StatusConflict, "its status is processing")
	})

	It("has the body of the page", func(ctx context.Context) {
		id := api.create("La calidad habla por sí misma.", nil)
		shop.report(ctx, id, completed("La qualitat parla per <b>ella</b> mateixa."))
		api.reads(id, "completed")
		a := api.get("/v1/jobs/" + id + "/result")
		Expect(a.code).To(Equal(http.StatusOK))
		Expect(a.raw).To(MatchJSON(`{
			"job_id": "` + id + `", "status": "completed",
			"translation": "La qualitat parla per <b>ella</b> mateixa.", "translated_text": "La qualitat parla per <b>ella</b> mateixa.",
			"qa_score": 96.5, "word_count": {"source": 8, "target": 9}, "billed_words": 8, "delivery_notes": [], "warning": null
		}`))
		Expect(string(a.raw)).To(ContainSubstring("<b>"), "markup is not escaped")
	})

	It("is a list for texts, with null for what is missing", func(ctx context.Context) {
		id := api.create("", map[string]any{"text": nil, "texts": []string{"Inicio", "Contacto", "Carrito"}})
		status := ended(v1alpha1.FailedReason, "the engine stopped answering.", v1alpha1.BackoffLimitExceededReason)
		status.Progress = &v1alpha1.Progress{Total: 3, Done: 1, Failed: 2}
		status.Result = &v1alpha1.Result{Texts: []v1alpha1.ResultItem{{Text: ptr.To("Inici")}, {}}}
		shop.report(ctx, id, status)
		api.reads(id, "failed")
		a := api.get("/v1/jobs/" + id + "/result")
		Expect(a.json).To(HaveKeyWithValue("translation", Equal([]any{"Inici", nil, nil})))
		Expect(a.json).To(HaveKeyWithValue("translated_text", Equal([]any{"Inici", nil, nil})))
		Expect(a.json).To(HaveKeyWithValue("warning", "The job failed, 1 of 3 segments are translated: the engine stopped answering."))
		Expect(a.json).NotTo(HaveKey("item_metadata"))
	})

	It("carries the metadata of texts", func(ctx context.Context) {
		id := api.create("", map[string]any{"text": nil, "texts": []any{
			"Inicio", map[string]any{"text": "Contacto", "metadata": map[string]any{"id": "gid://shopify/Product/123", "n": []int{1}}},
		}})
		status := completed("")
		status.Result = &v1alpha1.Result{Texts: []v1alpha1.ResultItem{{Text: ptr.To("Inici")}, {Text: ptr.To("Contacte")}}}
		shop.report(ctx, id, status)
		api.reads(id, "completed")
		translation, err := json.Marshal(api.get("/v1/jobs/" + id + "/result").json["translation"])
		Expect(err).NotTo(HaveOccurred())
		Expect(translation).To(MatchJSON(`[
			{"text": "Inici", "metadata": null},
			{"text": "Contacte", "metadata": {"id": "gid://shopify/Product/123", "n": [1]}}
		]`))
	})

	It("says what a person should see", func(ctx context.Context) {
		id := api.create("Revisar.", nil)
		status := ended(v1alpha1.NeedsReviewReason, "1 of 2 segments need a person", "")
		status.Result = &v1alpha1.Result{Text: ptr.To("Revisar."), Findings: []v1alpha1.Finding{
			{Segment: 2, Type: "number", Severity: v1alpha1.CriticalSeverity, Message: "a number is missing"},
		}}
		shop.report(ctx, id, status)
		api.reads(id, "needs_review")
		a := api.get("/v1/jobs/" + id + "/result")
		Expect(a.json).To(HaveKeyWithValue("translation", "Revisar."))
		Expect(a.list("delivery_notes")).To(ConsistOf(map[string]any{"type": "number", "segment_id": 2.0, "message": "a number is missing"}))
		Expect(a.json).To(HaveKeyWithValue("warning", "The best candidate is delivered and a person should see it: 1 of 2 segments need a person."))
	})

	DescribeTable("warns and delivers what there is after every other end",
		func(ctx context.Context, text, reason, word, warning string) {
			id := api.create(text, nil)
			status := ended(reason, "why", "")
			if reason != v1alpha1.CompletedWithBlocksReason {
				status.Progress = &v1alpha1.Progress{}
			}
			shop.report(ctx, id, status)
			api.reads(id, word)
			a := api.get("/v1/jobs/" + id + "/result")
			Expect(a.code).To(Equal(http.StatusOK))
			Expect(a.json).To(HaveKeyWithValue("status", word))
			Expect(a.json).To(HaveKeyWithValue("translation", BeNil()))
			Expect(a.json).To(HaveKeyWithValue("warning", warning))
		},
		Entry("blocks", "r1", v1alpha1.CompletedWithBlocksReason, "completed_with_blocks", "Part of the text is not translated: why."),
		Entry("death", "r2", v1alpha1.DeadReason, "dead", "The job was given up, nothing was translated: why."),
		Entry("cancellation", "r3", v1alpha1.CancelledReason, "failed", "The job was cancelled, nothing was translated: why."),
	)

	It("comes from the payload when it is large", func(ctx context.Context) {
		id := api.create("Muy grande.", nil)
		long := strings.Repeat("Molt gran. ", 4000)
		result := document.Result{
			Translation: document.Translation{Text: &long},
			Findings:    []v1alpha1.Finding{{Segment: 1, Type: "empty", Severity: v1alpha1.MinorSeverity, Message: "m"}},
			WordCount:   8000,
		}
		status := completed("")
		status.Result = shop.storePayload(ctx, id, result)
		shop.report(ctx, id, status)
		api.reads(id, "completed")
		a := api.get("/v1/jobs/" + id + "/result")
		Expect(a.json).To(HaveKeyWithValue("translation", long))
		Expect(a.json).To(HaveKeyWithValue("word_count", HaveKeyWithValue("target", 8000.0)))
		Expect(a.list("delivery_notes")).To(HaveLen(1))
	})

	It("is waited for", func(ctx context.Context) {
		id := api.create("Espera.", nil)
		arrived := make(chan answer, 2)
		for _, wait := range []string{"30s", "30"} {
			go func() {
				defer GinkgoRecover()
				arrived <- api.get("/v1/jobs/" + id + "/result?wait=" + wait)
			}()
		}
		shop.report(ctx, id, processing(v1alpha1.TranslatorStep))
		Consistently(arrived, 100*time.Millisecond).ShouldNot(Receive())
		shop.report(ctx, id, completed("Espera't."))
		for range 2 {
			var a answer
			Eventually(arrived).Should(Receive(&a))
			Expect(a.json).To(HaveKeyWithValue("translation", "Espera't."))
		}
	})

	DescribeTable("is refused with 422 when the wait is wrong",
		func(wait string) {
			beProblem(api.get("/v1/jobs/"+unknownID+"/result?wait="+wait), http.StatusUnprocessableEntity, "wait must be a time from 0s to 1m0s")
		},
		Entry("too long", "61s"), Entry("negative", "-1s"), Entry("no time", "soon"),
	)
})

var _ = Describe("the list of jobs", Ordered, func() {
	var shop tenant
	var api caller
	var ids []string

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one, other)
		api = shop.at(one)
		for i := range 25 {
			changes := map[string]any{"project_name": fmt.Sprintf("P%d", i%2)}
			if i%5 == 0 {
				changes["target_lang"] = "pt"
			}
			ids = append(ids, api.create(fmt.Sprintf("Lista %d.", i), changes))
		}
		shop.report(ctx, ids[3], completed("x"))
		api.reads(ids[3], "completed")
	})

	// walk reads all pages.
	walk := func(c caller, query string) []string {
		GinkgoHelper()
		var seen []string
		next := ""
		for range 50 {
			a := c.get("/v1/jobs?" + query + next)
			Expect(a.code).To(Equal(http.StatusOK), "%s", a.raw)
			for _, item := range a.list("data") {
				seen = append(seen, item["job_id"].(string))
			}
			page := a.json["pagination"].(map[string]any)
			if page["has_more"] == false {
				Expect(page["cursor"]).To(BeNil())
				return seen
			}
			next = "&cursor=" + url.QueryEscape(page["cursor"].(string))
		}
		Fail("the list does not end")
		return nil
	}

	It("has twenty on a page, and all of them over the pages, in the same order at every replica", func() {
		first := api.get("/v1/jobs")
		Expect(first.list("data")).To(HaveLen(20))
		Expect(first.json["pagination"]).To(HaveKeyWithValue("has_more", true))
		all := walk(api, "limit=7")
		Expect(all).To(ConsistOf(ids))
		Eventually(func() []string { return walk(shop.at(other), "limit=100") }).Should(Equal(all))
		Expect(walk(api, "limit=25")).To(Equal(all))
	})

	It("has newest first", func() {
		items := api.get("/v1/jobs?limit=100").list("data")
		for i := 1; i < len(items); i++ {
			before, after := items[i-1], items[i]
			Expect(before["created_at"].(string) >= after["created_at"].(string)).To(BeTrue())
			if before["created_at"] == after["created_at"] {
				Expect(before["job_id"].(string) > after["job_id"].(string)).To(BeTrue())
			}
		}
	})

	It("stays as it was while jobs are added between two pages", func(ctx context.Context) {
		account := newTenant(ctx)
		account.settle(one)
		c := account.at(one)
		var old []string
		for i := range 6 {
			old = append(old, c.create(fmt.Sprintf("Vieja %d.", i), nil))
		}
		first := c.get("/v1/jobs?limit=3")
		cursor := url.QueryEscape(first.json["pagination"].(map[string]any)["cursor"].(string))
		// Creation times are whole seconds, and ties go by id: only from the next
		// second on is a new job surely newer.
		second := time.Now().Truncate(time.Second).Add(time.Second)
		Eventually(time.Now).Should(BeTemporally(">=", second))
		c.create("Nueva.", nil)
		var seen []string
		for _, item := range append(first.list("data"), c.get("/v1/jobs?limit=3&cursor="+cursor).list("data")...) {
			seen = append(seen, item["job_id"].(string))
		}
		Expect(seen).To(ConsistOf(old))
	})

	DescribeTable("filters",
		func(query string, wanted func() []string) {
			Expect(walk(api, query+"&limit=4")).To(ConsistOf(wanted()))
		},
		Entry("by status", "status=completed", func() []string { return ids[3:4] }),
		Entry("by project", "project_name=P1&target_lang=pt", func() []string { return []string{ids[5], ids[15]} }),
		Entry("by source", "source_lang=ca", func() []string { return nil }),
		Entry("by target, in any spelling", "target_lang=PT&project_name=P0", func() []string { return []string{ids[0], ids[10], ids[20]} }),
		Entry("by mode", "mode=creation", func() []string { return nil }),
		Entry("by batch", "batch_id="+unknownID, func() []string { return nil }),
		Entry("by archive", "archived=true", func() []string { return nil }),
	)

	DescribeTable("is refused with 422 when a parameter is wrong",
		func(query, detail string) {
			a := api.get("/v1/jobs?" + query)
			beProblem(a, http.StatusUnprocessableEntity, detail)
			Expect(a.list("errors")[0]["location"]).To(HavePrefix("query."))
		},
		Entry("a limit of nothing", "limit=0", "limit must be a whole number from 1 to 100"),
		Entry("a limit that is too large", "limit=101", "limit must be"),
		Entry("a limit that is no number", "limit=ten", "limit must be"),
		Entry("a made-up cursor", "cursor=abc", "cursor is not one that a list returned"),
		Entry("a cursor that is no base64", "cursor=!!", "cursor is not one"),
		Entry("an unknown status", "status=done", "status must be one of queued"),
		Entry("an unknown mode", "mode=x", "mode must be one of"),
		Entry("an unknown language", "source_lang=qq", "source_lang is no language"),
		Entry("an unknown choice", "archived=maybe", "archived must be one of true, false, all"),
		Entry("a long project", "project_name="+strings.Repeat("p", 201), "project_name has more than 200"),
	)
})
