package apiserver_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver"
	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

// unknownID looks like an id and is none.
const unknownID = "00000000-0000-4000-8000-000000000000"

var _ = Describe("the transport", Ordered, func() {
	var shop tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one, other)
		api = shop.at(one)
	})

	It("needs no key for health", func() {
		for _, path := range []string{"/health", "/v1/health", "/api/v1/health", "/readyz"} {
			a := caller{url: one.url}.get(path)
			Expect(a.code).To(Equal(http.StatusOK), path)
			Expect(a.json).To(HaveKeyWithValue("status", "ok"))
		}
	})

	DescribeTable("answers 401 without a good key, before it looks at the body",
		func(key string) {
			stranger := caller{url: one.url, key: key}
			for _, a := range []answer{
				stranger.get("/v1/jobs"),
				stranger.get("/v1/jobs/" + unknownID),
				stranger.post("/v1/jobs", "no json"),
				stranger.with("Content-Type", "text/plain").post("/api/v1/jobs/batch-text", "x"),
				stranger.patch("/v1/jobs/" + unknownID + "/archive"),
			} {
				beProblem(a, http.StatusUnauthorized, "The API key is missing or not valid; send it in the header X-API-Key.")
			}
		},
		Entry("no key", ""),
		Entry("something else", "letmein"),
		Entry("a made-up key", "sk_live_"+strings.Repeat("a", 52)),
	)

	It("stops taking a key that was revoked, and takes a new one at once", func(ctx context.Context) {
		fresh := shop.newKey(ctx, "short-lived")
		late := caller{url: one.url, key: fresh}
		Expect(late.get("/v1/jobs").code).To(Equal(http.StatusOK))
		_, err := shop.store().Revoke(ctx, shop.namespace, "short-lived")
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() int { return late.get("/v1/jobs").code }).Should(Equal(http.StatusUnauthorized))
	})

	It("takes no key from a Secret that is not labelled as one", func(ctx context.Context) {
		key := "sk_live_" + strings.Repeat("b", 52)
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: shop.namespace, Name: "by-hand",
				Labels: map[string]string{v1alpha1.APIKeyHashLabel: tenancy.Hash(key)[:32]},
			},
			StringData: map[string]string{"sha256": tenancy.Hash(key)},
		}
		Expect(kube.Create(ctx, secret)).To(Succeed())
		Consistently(func() int { return caller{url: one.url, key: key}.get("/v1/jobs").code }, 200*time.Millisecond).Should(Equal(http.StatusUnauthorized))

		secret.Labels[v1alpha1.APIKeyLabel] = "true"
		Expect(kube.Update(ctx, secret)).To(Succeed())
		Eventually(func() int { return caller{url: one.url, key: key}.get("/v1/jobs").code }).Should(Equal(http.StatusOK))
	})

	It("answers 404 in JSON where there is nothing", func() {
		for _, path := range []string{"/", "/v1", "/v2/jobs", "/v1/jobs/" + unknownID + "/nothing", "/index.html"} {
			beProblem(api.get(path), http.StatusNotFound, "There is nothing at this address")
		}
	})

	It("answers 404 for ids that are unknown or another account's", func(ctx context.Context) {
		limits := apiserver.DefaultLimits()
		limits.LookupWait = time.Millisecond
		quick := startReplica(limits)
		neighbour := newTenant(ctx)
		neighbour.settle(quick)
		foreign := neighbour.at(quick).create("Ajeno.", nil)
		api := shop.at(quick)
		for _, id := range []string{unknownID, foreign, "no-id"} {
			beProblem(api.get("/v1/jobs/"+id), http.StatusNotFound, "Job not found.")
			beProblem(api.get("/v1/jobs/"+id+"/result?wait=1s"), http.StatusNotFound, "Job not found.")
			beProblem(api.patch("/v1/jobs/"+id+"/archive"), http.StatusNotFound, "Job not found.")
			beProblem(api.patch("/v1/jobs/"+id+"/unarchive"), http.StatusNotFound, "Job not found.")
			beProblem(api.post("/v1/jobs/"+id+"/cancel", ""), http.StatusNotFound, "Job not found.")
			beProblem(api.get("/v1/jobs/batch/"+id), http.StatusNotFound, "Batch not found.")
		}
		Expect(neighbour.at(quick).get("/v1/jobs/" + foreign).json).To(HaveKeyWithValue("archived", false))
	})

	It("answers 405 and says what is possible", func() {
		for path, allow := range map[string]string{"/v1/jobs": "GET, POST", "/v1/jobs/" + unknownID + "/archive": "PATCH", "/health": "GET"} {
			a := api.do(http.MethodDelete, path, "")
			beProblem(a, http.StatusMethodNotAllowed, "DELETE is not possible here; use "+strings.ReplaceAll(allow, ", ", " or "))
			Expect(a.header.Get("Allow")).To(Equal(allow))
		}
	})

	It("answers HEAD as GET, without a body", func() {
		a := api.do(http.MethodHead, "/v1/jobs", "")
		Expect(a.code).To(Equal(http.StatusOK))
		Expect(a.raw).To(BeEmpty())
	})

	It("answers 413 to a body over the limit", func() {
		big := `{"text":"` + strings.Repeat("a", 40<<20) + `"}`
		beProblem(api.post("/v1/jobs", big), http.StatusRequestEntityTooLarge, "The body is too large; 41943040 bytes are allowed.")
	})

	It("answers 413 to what fits the limit and not the store", func() {
		var terms []any
		for i := range 200 {
			terms = append(terms, map[string]any{"source": fmt.Sprint("término ", i), "target": strings.Repeat("😀", 200), "forbidden_alternatives": []any{
				strings.Repeat("😁", 200), strings.Repeat("😂", 200), strings.Repeat("😃", 200), strings.Repeat("😄", 200),
			}})
		}
		content := body(map[string]any{
			"source_lang": "es", "target_lang": "ca", "defaults": map[string]any{"mode": "translation", "glossary": terms},
			"items": []any{map[string]any{"text": "Hola", "metadata": strings.Repeat("m", 1<<20-10)}},
		})
		beProblem(api.post("/v1/jobs/batch-content", content), http.StatusRequestEntityTooLarge, "too large to be stored")
	})

	It("answers 429 to more large bodies at one time than an account may send", func(ctx context.Context) {
		limits := apiserver.DefaultLimits()
		limits.LargeBodies = 1
		r := startReplica(limits)
		shop.settle(r)
		reader, writer := io.Pipe()
		slow, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/v1/jobs", reader)
		Expect(err).NotTo(HaveOccurred())
		slow.Header.Set("X-API-Key", shop.key)
		answered := make(chan int, 1)
		go func() {
			response, err := http.DefaultClient.Do(slow)
			if err != nil {
				answered <- 0
				return
			}
			_ = response.Body.Close()
			answered <- response.StatusCode
		}()
		_, err = writer.Write([]byte("{"))
		Expect(err).NotTo(HaveOccurred())
		large := request(strings.Repeat("a", 2<<20), map[string]any{"mode": nil})
		Eventually(func() int { return shop.at(r).post("/v1/jobs", large).code }).Should(Equal(http.StatusTooManyRequests))
		beProblem(shop.at(r).post("/v1/jobs", large), http.StatusTooManyRequests, "Too many large requests; this account may send 1 at a time.")
		Expect(shop.at(r).post("/v1/jobs", request("Pequeño.", nil)).code).To(Equal(http.StatusAccepted), "a small one is let in")

		Expect(writer.Close()).To(Succeed())
		Expect(<-answered).To(Equal(http.StatusBadRequest))
		beProblem(shop.at(r).post("/v1/jobs", large), http.StatusBadRequest, "mode is missing")
	})

	DescribeTable("answers 415 to what is not JSON",
		func(mediaType string) {
			beProblem(api.with("Content-Type", mediaType).post("/v1/jobs", request("x", nil)), http.StatusUnsupportedMediaType, "must be JSON")
		},
		Entry("a form, which curl -d sends", "application/x-www-form-urlencoded"),
		Entry("plain text", "text/plain"),
		Entry("JSON in another encoding", "application/json; charset=latin1"),
		Entry("nonsense", "json;;"),
	)

	It("answers 429 with Retry-After to an account that sends too fast, and to nobody else", func(ctx context.Context) {
		limits := apiserver.DefaultLimits()
		limits.RequestsPerSecond, limits.Burst = 0.5, 3
		slow := startReplica(limits)
		neighbour := newTenant(ctx)
		Eventually(func() answer {
			var a answer
			for range 4 {
				a = shop.at(slow).get("/v1/jobs")
			}
			return a
		}).Should(Satisfy(func(a answer) bool {
			return a.code == http.StatusTooManyRequests && a.header.Get("Retry-After") == "2" &&
				a.detail() == "Too many requests; this account may send 0.5 a second."
		}))
		Expect(neighbour.at(slow).get("/v1/jobs").code).To(Equal(http.StatusOK))
	})

	It("answers 429 with Retry-After to an account with too many unfinished jobs, until some end", func(ctx context.Context) {
		limits := apiserver.DefaultLimits()
		limits.UnfinishedJobs = 2
		small := startReplica(limits)
		busy := newTenant(ctx)
		busy.settle(small)
		busyAPI := busy.at(small)
		first := busyAPI.create("Uno.", nil)
		keyed := busyAPI.with("Idempotency-Key", "dos")
		Expect(keyed.post("/v1/jobs", request("Dos.", nil)).code).To(Equal(http.StatusAccepted))
		a := busyAPI.post("/v1/jobs", request("Tres.", nil))
		beProblem(a, http.StatusTooManyRequests, "may have 2 unfinished jobs and has 2")
		Expect(a.header.Get("Retry-After")).To(Equal("30"))
		beProblem(busyAPI.post("/v1/jobs", request("Tres.", map[string]any{"target_lang": []string{"ca", "pt"}})), http.StatusTooManyRequests, "unfinished jobs")

		By("what was carried out before is answered as before")
		Expect(keyed.post("/v1/jobs", request("Dos.", nil)).code).To(Equal(http.StatusAccepted))
		beProblem(busyAPI.with("Idempotency-Key", "tres").post("/v1/jobs", request("Tres.", nil)), http.StatusTooManyRequests, "unfinished jobs")
		beProblem(busyAPI.with("Idempotency-Key", "tres").post("/v1/jobs", request("Tres.", map[string]any{"target_lang": []string{"ca"}})),
			http.StatusTooManyRequests, "unfinished jobs")

		busy.report(ctx, first, completed("Un."))
		Eventually(func() int { return busyAPI.post("/v1/jobs", request("Tres.", nil)).code }).Should(Equal(http.StatusAccepted))
	})

	It("answers 503 when the API server does not answer", func() {
		cut := startReplica(apiserver.DefaultLimits(), func(o *apiserver.Options) { o.Client = nobody{o.Client} })
		shop.settle(cut)
		a := shop.at(cut).post("/v1/jobs", request("Nadie.", nil))
		beProblem(a, http.StatusServiceUnavailable, "The control plane cannot be reached right now; try again.")
		Expect(a.header.Get("Retry-After")).To(Equal("1"))
	})

	It("answers 500 in JSON when it crashes", func() {
		clumsy := startReplica(apiserver.DefaultLimits(), func(o *apiserver.Options) { o.Client = crashing{o.Client} })
		shop.settle(clumsy)
		beProblem(shop.at(clumsy).post("/v1/jobs", request("Choque.", nil)), http.StatusInternalServerError, "Internal error; the request was not carried out.")
		Expect(shop.at(clumsy).get("/v1/jobs").code).To(Equal(http.StatusOK))
	})

	It("answers 503 until it has been started", func() {
		young := idleReplica()
		beProblem(caller{url: young.url}.get("/readyz"), http.StatusServiceUnavailable, "The caches are not filled yet.")
		beProblem(shop.at(young).get("/v1/jobs"), http.StatusServiceUnavailable, "The control plane cannot be reached right now; try again.")
		Expect(caller{url: young.url}.get("/health").code).To(Equal(http.StatusOK))
	})
})

// nobody is a client whose API server does not answer.
type nobody struct{ client.Client }

func (nobody) Create(ctx context.Context, _ client.Object, _ ...client.CreateOption) error {
	ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	<-ctx.Done()
	return ctx.Err()
}

// crashing is a client that panics.
type crashing struct{ client.Client }

func (crashing) Create(context.Context, client.Object, ...client.CreateOption) error {
	panic("crash")
}
