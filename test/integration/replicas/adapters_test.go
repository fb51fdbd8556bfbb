package replicas_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
)

// adapter is a running REST adapter.
type adapter struct {
	*process

	url, metrics, debug string
}

// serve starts an adapter and waits until it is ready.
func serve() *adapter {
	GinkgoHelper()
	listen, measured, debug := freeAddress(), freeAddress(), freeAddress()
	a := &adapter{url: "http://" + listen, metrics: "http://" + measured + "/metrics", debug: "http://" + debug + "/debug"}
	a.process = start("apiserver", "--listen="+listen, "--metrics-addr="+measured, "--pprof-addr="+debug,
		"--requests-per-second=10000", "--burst=10000")
	Eventually(func() int {
		if len(a.ended) > 0 {
			StopTrying("the adapter ended").Now()
		}
		response, err := http.Get(a.url + "/readyz") //nolint:noctx // a test's own server
		if err != nil {
			return 0
		}
		defer response.Body.Close()
		return response.StatusCode
	}).Should(Equal(http.StatusOK), a.output.String)
	return a
}

// do sends a request.
func do(method, url, key, body string) suite.Answer {
	GinkgoHelper()
	return suite.Do(context.Background(), method, url, key, body)
}

// tenant is an account at an adapter.
type tenant struct {
	*adapter

	namespace, key string
}

// tenant makes a key for a namespace and waits until the adapter knows it.
func (a *adapter) tenant(ctx context.Context, namespace string) tenant {
	GinkgoHelper()
	return tenant{adapter: a, namespace: namespace, key: world.Key(ctx, namespace, a.url)}
}

// at is the same account at another adapter, which is waited for too.
func (t tenant) at(a *adapter) tenant {
	GinkgoHelper()
	t.adapter = a
	suite.Knows(context.Background(), a.url, t.key)
	return t
}

// post asks for a translation from Spanish to Catalan.
func (t tenant) post(text string) suite.Answer {
	GinkgoHelper()
	body := fmt.Sprintf(`{"mode":"translation","source_lang":"es","target_lang":"ca","text":%q}`, text)
	return do(http.MethodPost, t.url+"/v1/jobs", t.key, body)
}

// made posts until the adapter has seen that there is an engine for it.
func (t tenant) made(text string) {
	GinkgoHelper()
	Eventually(func() int { return t.post(text).Code }).Should(Equal(http.StatusAccepted))
}

// offer makes a provider that reads as Ready to an adapter; no manager runs.
func offer(ctx context.Context, namespace string) {
	GinkgoHelper()
	provider := build.Scripted("engine", namespace)
	world.Create(ctx, provider)
	provider.Status = v1alpha1.ProviderStatus{
		ObservedGeneration: provider.Generation,
		PairPolicy:         v1alpha1.AnyPair,
	}
	meta.SetStatusCondition(&provider.Status.Conditions, metav1.Condition{
		Type: v1alpha1.ReadyCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.ProbeSucceededReason,
	})
	Expect(world.Client.Status().Update(ctx, provider)).To(Succeed())
}

var _ = Describe("Two adapters", func() {
	const rounds = 50

	It("make one job of the same request at the same moment, and say so to both callers", func(ctx context.Context) {
		namespace := world.NewNamespace(ctx)
		offer(ctx, namespace)
		here := serve().tenant(ctx, namespace)
		there := here.at(serve())
		here.made("Aquí")
		there.made("Allí")
		for round := range rounds {
			text := fmt.Sprintf("Ronda %d", round)
			var answers [2]suite.Answer
			var posts sync.WaitGroup
			begin := make(chan struct{})
			for i, t := range []tenant{here, there} {
				posts.Go(func() {
					defer GinkgoRecover()
					<-begin
					answers[i] = t.post(text)
				})
			}
			close(begin)
			posts.Wait()
			Expect([]int{answers[0].Code, answers[1].Code}).To(ConsistOf(http.StatusAccepted, http.StatusConflict), "%v", answers)
			Expect(answers[0].Text("job_id")).To(Equal(answers[1].Text("job_id")), "%v", answers)
		}
		var jobs v1alpha1.TranslationJobList
		Expect(world.Client.List(ctx, &jobs, client.InNamespace(namespace))).To(Succeed())
		Expect(jobs.Items).To(HaveLen(rounds + 2))
	})

	It("are counted, looked into and made to say more while they run", func(ctx context.Context) {
		a := serve()
		Expect(do(http.MethodGet, a.url+"/v1/jobs", "", "").Code).To(Equal(http.StatusUnauthorized))
		Expect(do(http.MethodGet, a.metrics, "", "").Body).To(And(
			ContainSubstring(`dragoman_rest_requests_total{code="4xx",method="GET",route="/v1/jobs"} 1`),
			ContainSubstring(`dragoman_rest_request_duration_seconds_count{method="GET",route="/v1/jobs"} 1`),
			ContainSubstring("go_goroutines "),
		))

		Expect(do(http.MethodGet, a.debug+"/pprof/goroutine?debug=1", "", "").Body).To(ContainSubstring("goroutine profile:"))
		Expect(do(http.MethodGet, a.debug+"/log-level", "", "").Body).To(Equal("info\n"))
		Expect(do(http.MethodPut, a.debug+"/log-level", "", "4").Body).To(Equal("4\n"))
		Eventually(a.output.String).Should(ContainSubstring(`"msg":"Changed the log level","to":"4"`))
		Expect(do(http.MethodGet, a.url+"/debug/pprof/", "", "").Code).To(Equal(http.StatusNotFound), "not where callers are")
		Expect(do(http.MethodGet, a.url+"/metrics", "", "").Code).To(Equal(http.StatusNotFound))
	})

	It("tell every address and method of the API apart in their metrics", func() {
		a := serve()
		var described struct {
			Paths map[string]map[string]any `json:"paths"`
		}
		Expect(json.Unmarshal([]byte(do(http.MethodGet, a.url+"/openapi.json", "", "").Body), &described)).To(Succeed())
		Expect(described.Paths).NotTo(BeEmpty())
		for path, operations := range described.Paths {
			Expect(metrics.Routes()).To(ContainElement(path))
			for method := range operations {
				Expect(metrics.Methods()).To(ContainElement(strings.ToUpper(method)))
			}
		}
	})

	It("end in order, with the requests that are open", func() {
		serve().end()
	})
})
