package apiserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

// brokenStore keeps nothing while it is full.
type brokenStore struct {
	apiserver.Payloads
	mu   sync.Mutex
	full bool
}

func (b *brokenStore) PutInput(ctx context.Context, namespace string, data []byte) (v1alpha1.PayloadReference, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.full {
		return v1alpha1.PayloadReference{}, errors.New("no space left")
	}
	return b.Payloads.PutInput(ctx, namespace, data)
}

func (b *brokenStore) fill(full bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.full = full
}

func store() payload.Store {
	return payload.New(payload.ConfigMaps{Client: kube, Reader: kube}, clock.RealClock{})
}

var _ = Describe("a source over 32 KiB", Ordered, func() {
	var shop tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one, other)
		api = shop.at(one)
	})

	// long returns a text of more than the inline limit.
	long := func(seed string) string { return seed + strings.Repeat(" Una frase más.", 2500) }

	open := func(ctx context.Context, id string, form v1alpha1.PayloadForm) string {
		GinkgoHelper()
		source := shop.job(ctx, id).Spec.Source
		Expect(source.Text).To(BeNil())
		Expect(source.Texts).To(BeNil())
		Expect(source.Payload).NotTo(BeNil())
		Expect(source.Payload.Form).To(Equal(form))
		data, err := store().Open(ctx, shop.namespace, source.Payload.Ref)
		Expect(err).NotTo(HaveOccurred())
		return string(data)
	}

	It("is stored, and the job says where it is", func(ctx context.Context) {
		text := long("Texto.")
		Expect(open(ctx, api.create(text, nil), v1alpha1.TextForm)).To(Equal(text))
	})

	It("may have 16 MiB, and no more", func(ctx context.Context) {
		most := strings.Repeat("0123456789abcde ", 1<<20)
		Expect(open(ctx, api.create(most, nil), v1alpha1.TextForm)).To(HaveLen(16 << 20))
		beProblem(api.post("/v1/jobs", request(most+"x", nil)), http.StatusBadRequest,
			"text is too large: it has 16777217 bytes and 16777216 are allowed in one job; send several jobs")
	})

	It("is a list of up to 10000 texts, whose metadata comes back with the result", func(ctx context.Context) {
		texts := make([]any, 10_000)
		translated := make([]*string, len(texts))
		for i := range texts {
			texts[i] = fmt.Sprintf("Texto %d.", i)
			translated[i] = new(fmt.Sprintf("Text %d.", i))
		}
		texts[1] = map[string]any{"text": "Con <b>datos</b>.", "metadata": map[string]any{"sku": 7}}
		id := api.create("", map[string]any{"text": nil, "texts": texts})
		var stored []map[string]any
		Expect(json.Unmarshal([]byte(open(ctx, id, v1alpha1.TextsForm)), &stored)).To(Succeed())
		Expect(stored).To(HaveLen(10_000))
		Expect(stored[0]).To(Equal(map[string]any{"text": "Texto 0."}))
		Expect(stored[1]).To(Equal(map[string]any{"text": "Con <b>datos</b>.", "metadata": map[string]any{"sku": 7.0}}))

		translated[9_999] = nil
		status := ended(v1alpha1.NeedsReviewReason, "1 of 10000 segments need a person", "")
		status.Result = shop.storePayload(ctx, id, document.Result{Translation: document.Translation{Texts: translated}})
		shop.report(ctx, id, status)
		api.reads(id, "needs_review")
		result := api.get("/v1/jobs/" + id + "/result")
		Expect(result.code).To(Equal(http.StatusOK), "%.300s", result.raw)
		got := result.list("translation")
		Expect(got).To(HaveLen(10_000))
		Expect(got[0]).To(Equal(map[string]any{"text": "Text 0.", "metadata": nil}))
		Expect(got[1]).To(HaveKeyWithValue("metadata", map[string]any{"sku": 7.0}))
		Expect(got[9_999]).To(Equal(map[string]any{"text": nil, "metadata": nil}))
	})

	It("is a duplicate by its content, whatever its metadata", func() {
		text := long("Dos veces.")
		id := api.create(text, nil)
		again := api.post("/v1/jobs", request(text, map[string]any{"project_name": "other", "max_cost_eur": 3}))
		beProblem(again, http.StatusConflict, "Duplicate content")
		Expect(again.text("job_id")).To(Equal(id))
		api.create(text+" Y otra.", nil)

		list := func(metadata any) string {
			return request("", map[string]any{"text": nil, "texts": []any{map[string]any{"text": long("Uno.")[:20000], "metadata": metadata}, long("Dos.")[:20000]}})
		}
		Expect(api.post("/v1/jobs", list(1)).code).To(Equal(http.StatusAccepted))
		beProblem(shop.at(other).post("/v1/jobs", list("two")), http.StatusConflict, "Duplicate content")
	})

	It("is made once of two requests at one time at two replicas", func() {
		text := request(long("A la vez."), nil)
		codes := make(chan int, 6)
		for i := range 6 {
			go func() {
				defer GinkgoRecover()
				codes <- shop.at([]*replica{one, other}[i%2]).post("/v1/jobs", text).code
			}()
		}
		count := map[int]int{}
		for range 6 {
			count[<-codes]++
		}
		Expect(count).To(Equal(map[int]int{http.StatusAccepted: 1, http.StatusConflict: 5}))
	})

	It("gets the same answer again with its Idempotency-Key", func() {
		keyed := api.with("Idempotency-Key", "long-1")
		first := keyed.post("/v1/jobs", request(long("Con clave."), nil))
		Expect(first.code).To(Equal(http.StatusAccepted))
		Expect(keyed.post("/v1/jobs", request(long("Con clave."), nil)).raw).To(MatchJSON(first.raw))
		beProblem(keyed.post("/v1/jobs", request(long("Con otra."), nil)), http.StatusUnprocessableEntity, "used before with another body")
	})

	It("is shared by the jobs of a batch", func(ctx context.Context) {
		a := api.post("/v1/jobs/batch-text", request(long("Varias lenguas."), map[string]any{"target_lang": []string{"ca", "pt"}}))
		Expect(a.code).To(Equal(http.StatusAccepted), "%s", a.raw)
		batch := shop.batch(ctx, a.text("batch_id"))
		for _, job := range a.list("jobs") {
			Expect(shop.job(ctx, job["job_id"].(string)).Spec.Source).To(Equal(batch.Spec.Items[0].Source))
		}
		Expect(open(ctx, a.list("jobs")[0]["job_id"].(string), v1alpha1.TextForm)).To(HavePrefix("Varias lenguas."))
	})

	It("may be an item of batch-content beside small ones", func(ctx context.Context) {
		a := api.post("/v1/jobs/batch-content", body(map[string]any{
			"mode": "translation", "source_lang": "es", "target_lang": "ca",
			"items": []any{
				map[string]any{"text": "Corto."},
				map[string]any{"text": long("Largo."), "metadata": 7},
				map[string]any{"text": strings.Repeat("a", 16<<20+1)},
			},
		}))
		Expect(a.code).To(Equal(http.StatusAccepted), "%s", a.raw)
		Expect(a.list("errors")).To(ConsistOf(map[string]any{
			"index": 2.0, "detail": "text is too large: it has 16777217 bytes and 16777216 are allowed in one job; send several jobs",
		}))
		jobs := a.list("jobs")
		Expect(*shop.job(ctx, jobs[0]["job_id"].(string)).Spec.Source.Text).To(Equal("Corto."))
		Expect(open(ctx, jobs[1]["job_id"].(string), v1alpha1.TextForm)).To(HavePrefix("Largo."))
	})

	It("answers 503 while the store is full, makes no job, and goes on by itself", func(ctx context.Context) {
		broken := &brokenStore{Payloads: store()}
		broken.fill(true)
		r := startReplica(apiserver.DefaultLimits(), func(o *apiserver.Options) { o.Payloads = broken })
		shop.settle(r)
		before := len(shop.at(r).shown("archived=all"))
		beProblem(shop.at(r).post("/v1/jobs", request(long("Lleno."), nil)), http.StatusServiceUnavailable, "try again")
		beProblem(shop.at(r).post("/v1/jobs", request(long("Lleno."), map[string]any{"target_lang": []string{"ca"}})), http.StatusServiceUnavailable, "try again")
		Expect(shop.at(r).shown("archived=all")).To(HaveLen(before))
		broken.fill(false)
		shop.at(r).create(long("Lleno."), nil)
	})
})
