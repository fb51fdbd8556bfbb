package apiserver_test

import (
	"context"
	"fmt"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

var _ = Describe("steering a job", Ordered, func() {
	var shop, neighbour tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop, neighbour = newTenant(ctx), newTenant(ctx)
		shop.settle(one, other)
		neighbour.settle(one)
		api = shop.at(one)
	})

	// handled acts in the manager's place on what was asked.
	handled := func(ctx context.Context, id string, status v1alpha1.TranslationJobStatus) {
		GinkgoHelper()
		status.LastHandledRetry = shop.job(ctx, id).Annotations[v1alpha1.RetryAnnotation]
		shop.report(ctx, id, status)
	}

	DescribeTable("retry asks for another run of what did not end well",
		func(ctx context.Context, text string, status v1alpha1.TranslationJobStatus, word string) {
			id := api.create(text, nil)
			shop.report(ctx, id, status)
			api.reads(id, word)
			a := api.post("/v1/jobs/"+id+"/retry", "")
			Expect(a.code).To(Equal(http.StatusAccepted), "%s", a.raw)
			Expect(a.json).To(And(HaveKeyWithValue("job_id", id), HaveKeyWithValue("status", "queued"), HaveKeyWithValue("completed_at", BeNil())))
			job := shop.job(ctx, id)
			Expect(len(job.Annotations[v1alpha1.RetryAnnotation])).To(And(BeNumerically(">", 0), BeNumerically("<=", 64)))

			By("it reads queued at every replica until the manager has acted, and not retried twice")
			Expect(shop.at(other).reads(id, "queued").json["queue"]).To(HaveKeyWithValue("reason", "queued"))
			again := api.post("/v1/jobs/"+id+"/retry", "")
			beProblem(again, http.StatusConflict, "the status of this one is queued")
			Expect(again.json).To(And(HaveKeyWithValue("job_id", id), HaveKeyWithValue("status", "queued")))
			beProblem(api.get("/v1/jobs/"+id+"/result"), http.StatusConflict, "has not ended")

			handled(ctx, id, completed("Ara sí."))
			api.reads(id, "completed")
			beProblem(api.post("/v1/jobs/"+id+"/retry", ""), http.StatusConflict, "the status of this one is completed")
		},
		Entry("failed", "r1", ended(v1alpha1.FailedReason, "what happened", v1alpha1.BackoffLimitExceededReason), "failed"),
		Entry("dead", "r2", ended(v1alpha1.DeadReason, "what happened", ""), "dead"),
		Entry("for review", "r3", ended(v1alpha1.NeedsReviewReason, "what happened", ""), "needs_review"),
	)

	It("withdraws a cancellation when it retries", func(ctx context.Context) {
		id := api.create("Cancelado.", nil)
		Expect(api.post("/v1/jobs/"+id+"/cancel", "").code).To(Equal(http.StatusOK))
		shop.report(ctx, id, ended(v1alpha1.CancelledReason, "what happened", ""))
		api.reads(id, "failed")
		Expect(api.post("/v1/jobs/"+id+"/retry", "").json).To(HaveKeyWithValue("status", "queued"))
		Expect(shop.job(ctx, id).Spec.Cancel).To(BeNil())
		api.reads(id, "queued")
	})

	It("retries once for an Idempotency-Key, and again for another", func(ctx context.Context) {
		id := api.create("Con clave.", nil)
		failed := ended(v1alpha1.FailedReason, "what happened", "")
		shop.report(ctx, id, failed)
		api.reads(id, "failed")
		keyed := api.with("Idempotency-Key", "retry-1")
		Expect(keyed.post("/v1/jobs/"+id+"/retry", "").code).To(Equal(http.StatusAccepted))
		first := shop.job(ctx, id)
		handled(ctx, id, failed)
		Expect(keyed.post("/v1/jobs/"+id+"/retry", "").code).To(Equal(http.StatusAccepted))
		Expect(shop.job(ctx, id).Annotations).To(Equal(first.Annotations))
		api.reads(id, "failed")
		Expect(api.with("Idempotency-Key", "retry-2").post("/v1/jobs/"+id+"/retry", "").json).To(HaveKeyWithValue("status", "queued"))
	})

	It("suspends and resumes, each as often as one likes", func(ctx context.Context) {
		id := api.create("Espera.", nil)
		for range 2 {
			Expect(api.post("/v1/jobs/"+id+"/suspend", "").json).To(And(HaveKeyWithValue("job_id", id), HaveKeyWithValue("status", "queued")))
		}
		job := shop.job(ctx, id)
		Expect(*job.Spec.Suspend).To(BeTrue())
		Expect(job.Generation).To(BeEquivalentTo(2))
		Expect(api.get("/v1/jobs/" + id).json["queue"]).To(Equal(map[string]any{
			"position": nil, "reason": "suspended", "message": "the job is suspended and begins when it is resumed",
		}))
		for range 2 {
			Expect(api.post("/v1/jobs/"+id+"/resume", "").code).To(Equal(http.StatusOK))
		}
		Expect(*shop.job(ctx, id).Spec.Suspend).To(BeFalse())
		shop.report(ctx, id, completed("Ja està."))
		for _, verb := range []string{"suspend", "resume"} {
			a := api.post("/v1/jobs/"+id+"/"+verb, "")
			beProblem(a, http.StatusConflict, "The job has ended; its status is completed.")
			Expect(a.json).To(HaveKeyWithValue("job_id", id))
		}
	})

	It("deletes a job, at once and for good", func(ctx context.Context) {
		id := api.create("Borra.", nil)
		name := shop.job(ctx, id).Name
		a := api.delete("/v1/jobs/" + id)
		Expect(a.code).To(Equal(http.StatusNoContent))
		Expect(a.raw).To(BeEmpty())
		beProblem(api.get("/v1/jobs/"+id), http.StatusNotFound, "Job not found.")
		beProblem(api.delete("/v1/jobs/"+id), http.StatusNotFound, "Job not found.")
		Expect(api.shown("")).NotTo(ContainElement(id))
		Eventually(func() []string { return shop.at(other).shown("") }).ShouldNot(ContainElement(id))

		By("the same request makes a new one, which a late deletion of the old one spares")
		again := api.create("Borra.", nil)
		Expect(again).NotTo(Equal(id))
		Expect(shop.job(ctx, again).Name).To(Equal(name))
		beProblem(shop.at(other).delete("/v1/jobs/"+id), http.StatusNotFound, "Job not found.")
		Expect(api.get("/v1/jobs/" + again).code).To(Equal(http.StatusOK))
	})

	It("hides a job that is being deleted", func(ctx context.Context) {
		id := api.create("Se va.", nil)
		job := shop.job(ctx, id)
		job.Finalizers = []string{"example.com/wait"}
		Expect(kube.Update(ctx, job)).To(Succeed())
		Expect(api.delete("/v1/jobs/" + id).code).To(Equal(http.StatusNoContent))
		for _, r := range []*replica{one, other} {
			Eventually(func() int { return shop.at(r).get("/v1/jobs/" + id).code }).Should(Equal(http.StatusNotFound))
			Consistently(func() []string { return shop.at(r).shown("archived=all") }, "300ms").ShouldNot(ContainElement(id))
		}
		job = shop.job(ctx, id)
		job.Finalizers = nil
		Expect(kube.Update(ctx, job)).To(Succeed())
	})

	It("knows no job of another account", func() {
		id := api.create("Ajeno.", nil)
		for _, verb := range []string{"retry", "suspend", "resume", "cancel"} {
			beProblem(neighbour.at(one).post("/v1/jobs/"+id+"/"+verb, ""), http.StatusNotFound, "Job not found.")
		}
		beProblem(neighbour.at(one).delete("/v1/jobs/"+id), http.StatusNotFound, "Job not found.")
		beProblem(api.delete("/v1/jobs/"+unknownID), http.StatusNotFound, "Job not found.")
		Expect(api.get("/v1/jobs/" + id).code).To(Equal(http.StatusOK))
	})

	It("leaves the jobs of a batch to the batch until it has ended", func(ctx context.Context) {
		a := api.post("/v1/jobs", request("Lote.", map[string]any{"target_lang": []string{"ca", "pt"}}))
		id := a.list("jobs")[0]["job_id"].(string)
		beProblem(api.delete("/v1/jobs/"+id), http.StatusConflict, "which would make it again")
		beProblem(api.post("/v1/jobs/"+id+"/suspend", ""), http.StatusConflict, "belongs to a batch that has not ended")

		batch := shop.batch(ctx, a.text("batch_id"))
		batch.Status = v1alpha1.TranslationBatchStatus{ObservedGeneration: batch.Generation, Conditions: []metav1.Condition{{
			Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.CompletedReason, LastTransitionTime: moment,
		}}}
		Expect(kube.Status().Update(ctx, batch)).To(Succeed())
		Eventually(func() int { return api.delete("/v1/jobs/" + id).code }).Should(Equal(http.StatusNoContent))
	})
})

var _ = Describe("the queue", Ordered, func() {
	var shop, neighbour tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop, neighbour = newTenant(ctx), newTenant(ctx)
		shop.settle(one, other)
		neighbour.settle(one)
		api = shop.at(one)
	})

	place := func(id string) any {
		queue, _ := api.get("/v1/jobs/" + id).json["queue"].(map[string]any)
		return queue["position"]
	}

	It("says at which place a job stands and why it waits, without a write", func(ctx context.Context) {
		neighbour.at(one).create("Ajeno.", nil)
		var ids []string
		for i := range 3 {
			ids = append(ids, api.create(fmt.Sprintf("Cola %d.", i), nil))
		}
		places := map[any]bool{}
		for _, id := range ids {
			places[place(id)] = true
		}
		Expect(places).To(Equal(map[any]bool{1.0: true, 2.0: true, 3.0: true}))
		Expect(api.get("/v1/jobs/" + ids[0]).json["queue"]).To(And(
			HaveKeyWithValue("reason", "queued"), HaveKeyWithValue("message", "waiting for a free worker")))

		By("a higher priority goes first")
		urgent := shop.job(ctx, ids[2])
		urgent.Spec.Priority = new(int32(5))
		Expect(kube.Update(ctx, urgent)).To(Succeed())
		Eventually(func() any { return place(ids[2]) }).Should(Equal(1.0))

		By("one that has begun has no place")
		shop.report(ctx, ids[2], processing(v1alpha1.TranslatorStep))
		Expect(api.reads(ids[2], "processing").json).NotTo(HaveKey("queue"))
		Expect([]any{place(ids[0]), place(ids[1])}).To(ConsistOf(1.0, 2.0))

		By("one that is blocked says by what")
		shop.report(ctx, ids[1], v1alpha1.TranslationJobStatus{Phase: v1alpha1.QueuedPhase, Conditions: []metav1.Condition{{
			Type: v1alpha1.ReconcilingCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.AwaitingBudgetReason,
			Message: "the batch has 0.10 euro left", LastTransitionTime: moment,
		}}})
		Eventually(func() any { return api.get("/v1/jobs/" + ids[1]).json["queue"] }).Should(And(
			HaveKeyWithValue("reason", "awaiting_budget"), HaveKeyWithValue("message", "the batch has 0.10 euro left")))

		By("one that has ended has none")
		shop.report(ctx, ids[0], completed("Fet."))
		Expect(api.reads(ids[0], "completed").json).NotTo(HaveKey("queue"))
		Eventually(func() any { return place(ids[1]) }).Should(Equal(1.0))
	})
})
