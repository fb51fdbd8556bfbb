package apiserver_test

import (
	"context"
	"fmt"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// shown returns the ids that a list shows.
func (c caller) shown(query string) []string {
	GinkgoHelper()
	var ids []string
	for _, item := range c.get("/v1/jobs?limit=100&" + query).list("data") {
		ids = append(ids, item["job_id"].(string))
	}
	return ids
}

var _ = Describe("the archive", func() {
	var shop tenant
	var api caller
	var ids []string

	BeforeEach(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one, other)
		api = shop.at(one)
		ids = nil
		for i := range 4 {
			ids = append(ids, api.create(fmt.Sprintf("Archivo %d.", i), nil))
		}
	})

	It("hides a job from the list and shows it again, as often as one likes", func(ctx context.Context) {
		for range 2 {
			a := api.patch("/v1/jobs/" + ids[0] + "/archive")
			Expect(a.code).To(Equal(http.StatusOK))
			Expect(a.json).To(HaveKeyWithValue("job_id", ids[0]))
			Expect(a.json).To(HaveKeyWithValue("archived", true))
			Expect(a.json).To(HaveKeyWithValue("status", "queued"))
		}
		Expect(api.shown("")).To(ConsistOf(ids[1:]))
		Expect(api.shown("archived=true")).To(ConsistOf(ids[:1]))
		Expect(api.shown("archived=all")).To(ConsistOf(ids))
		Expect(api.get("/v1/jobs/" + ids[0]).json).To(HaveKeyWithValue("archived", true))
		Eventually(func() []string { return shop.at(other).shown("") }).Should(ConsistOf(ids[1:]))
		job := shop.job(ctx, ids[0])
		Expect(job.Generation).To(BeEquivalentTo(1), "archiving is no new spec")

		for range 2 {
			Expect(api.patch("/v1/jobs/" + ids[0] + "/unarchive").json).To(HaveKeyWithValue("archived", false))
		}
		Expect(api.shown("")).To(ConsistOf(ids))
	})

	It("takes all visible jobs at once, and counts those alone", func(ctx context.Context) {
		neighbour := newTenant(ctx)
		neighbour.settle(one)
		foreign := neighbour.at(one).create("Ajeno.", nil)
		api.patch("/v1/jobs/" + ids[0] + "/archive")
		Expect(api.post("/v1/jobs/archive-all", "").json).To(Equal(map[string]any{"archived_count": 3.0}))
		Expect(api.shown("")).To(BeEmpty())
		Expect(api.post("/v1/jobs/archive-all", "").json).To(Equal(map[string]any{"archived_count": 0.0}))
		Expect(neighbour.at(one).shown("")).To(ConsistOf(foreign))
	})

	It("takes some jobs, and names those it cannot find", func(ctx context.Context) {
		neighbour := newTenant(ctx)
		neighbour.settle(one)
		foreign := neighbour.at(one).create("Ajeno.", nil)
		api.patch("/v1/jobs/" + ids[0] + "/archive")
		a := api.post("/v1/jobs/archive-batch", body(map[string]any{"job_ids": []string{ids[0], ids[1], ids[1], foreign, unknownID, foreign}}))
		Expect(a.code).To(Equal(http.StatusOK))
		Expect(a.json).To(HaveKeyWithValue("archived_count", 1.0))
		Expect(a.json["not_found"]).To(HaveExactElements(foreign, unknownID), "in the order they were sent in")
		Expect(api.shown("")).To(ConsistOf(ids[2:]))

		a = api.post("/v1/jobs/archive-batch", body(map[string]any{"job_ids": ids}))
		Expect(a.json).To(Equal(map[string]any{"archived_count": 2.0, "not_found": []any{}}))
	})

	It("refuses a wrong list of ids with 400", func() {
		beProblem(api.post("/v1/jobs/archive-batch", `{}`), http.StatusBadRequest, "job_ids is missing or empty; send 1 to 1000 ids")
		beProblem(api.post("/v1/jobs/archive-batch", `{"job_ids":"x"}`), http.StatusBadRequest, "job_ids must be a list, not string")
		beProblem(api.post("/v1/jobs/archive-batch", body(map[string]any{"job_ids": make([]string, 1001)})), http.StatusBadRequest, "job_ids has 1001 entries; 1000 are allowed")
	})
})

var _ = Describe("cancellation", Ordered, func() {
	var shop tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one)
		api = shop.at(one)
	})

	It("asks for the end of a job, once", func(ctx context.Context) {
		id := api.create("Para.", nil)
		for range 2 {
			a := api.post("/v1/jobs/"+id+"/cancel", "")
			Expect(a.code).To(Equal(http.StatusOK))
			Expect(a.json).To(HaveKeyWithValue("job_id", id))
		}
		job := shop.job(ctx, id)
		Expect(*job.Spec.Cancel).To(BeTrue())
		Expect(job.Generation).To(BeEquivalentTo(2))
	})

	It("leaves a job alone that has ended, also when this replica does not know it yet", func(ctx context.Context) {
		id := api.create("Tarde.", nil)
		shop.report(ctx, id, completed("Tard."))
		a := api.post("/v1/jobs/"+id+"/cancel", "")
		Expect(a.json).To(HaveKeyWithValue("status", "completed"))
		job := shop.job(ctx, id)
		Expect(job.Spec.Cancel).To(BeNil())
		Expect(job.Generation).To(BeEquivalentTo(1))
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
	})

	It("answers 404 for a job that was deleted a moment ago", func(ctx context.Context) {
		id := api.create("Borrado.", nil)
		Expect(kube.Delete(ctx, shop.job(ctx, id))).To(Succeed())
		beProblem(api.post("/v1/jobs/"+id+"/cancel", ""), http.StatusNotFound, "Job not found.")
		Eventually(func() []string { return api.shown("") }).ShouldNot(ContainElement(id))
	})
})
