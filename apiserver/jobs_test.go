package apiserver_test

import (
	"context"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
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

		By("the same id at the other replica")
		Expect(shop.at(other).get("/v1/jobs/" + id).code).To(Equal(http.StatusOK))

		By("an object with the same uid")
		job := shop.job(ctx, id)
		Expect(*job.Spec.Source.Text).To(Equal("Bienvenidos a la tienda."))
		Expect(job.Spec.ProjectName).To(Equal("Website"))
		Expect(job.Name).To(HavePrefix("rest-"))
	})
})

var _ = v1alpha1.CompletedReason
