package apiserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

// The control plane, a client of it and two replicas of the adapter, for all specs.
var (
	cluster    *rest.Config
	kube       client.Client
	scheme     = runtime.NewScheme()
	one, other *replica
)

func TestAPIServer(t *testing.T) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Fatal("KUBEBUILDER_ASSETS is not set: it names the directory with kube-apiserver and etcd; `make test` sets it")
	}
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(20 * time.Second)
	SetDefaultEventuallyPollingInterval(20 * time.Millisecond)
	RunSpecs(t, "REST adapter")
}

var _ = BeforeSuite(func() {
	ctrl.SetLogger(zap.New(zap.WriteTo(GinkgoWriter), zap.UseDevMode(true)))
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	environment := &envtest.Environment{
		CRDDirectoryPaths:     []string{filepath.Join("..", "config", "components", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
	}
	var err error
	cluster, err = environment.Start()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(environment.Stop)
	// The client's own rate limit is for people, not for tests.
	cluster.QPS = -1
	kube, err = client.New(cluster, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())
	one, other = newReplica(apiserver.DefaultLimits()), newReplica(apiserver.DefaultLimits())
	one.open()
	other.open()
})

// replica is an adapter that listens.
type replica struct {
	url    string
	server *apiserver.Server
}

// startReplica starts an adapter with its own caches and waits until it serves. It
// stops after the spec, or after the suite.
func startReplica(limits apiserver.Limits, changes ...func(*apiserver.Options)) *replica {
	GinkgoHelper()
	r := newReplica(limits, changes...)
	r.open()
	return r
}

// open waits until the adapter serves.
func (r *replica) open() {
	GinkgoHelper()
	Eventually(func() int { return caller{url: r.url}.get("/readyz").code }).Should(Equal(http.StatusOK))
}

func newReplica(limits apiserver.Limits, changes ...func(*apiserver.Options)) *replica {
	GinkgoHelper()
	r, objects := assemble(limits, changes...)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- objects.Start(ctx) }()
	go func() { ended <- r.server.Start(ctx) }()
	DeferCleanup(func() {
		stop()
		Expect(<-ended).To(Succeed())
		Expect(<-ended).To(Succeed())
	})
	return r
}

// idleReplica listens and has not been started.
func idleReplica() *replica {
	GinkgoHelper()
	r, _ := assemble(apiserver.DefaultLimits())
	return r
}

func assemble(limits apiserver.Limits, changes ...func(*apiserver.Options)) (*replica, cache.Cache) {
	GinkgoHelper()
	objects, err := cache.New(cluster, cache.Options{Scheme: scheme, ByObject: apiserver.CacheByObject()})
	Expect(err).NotTo(HaveOccurred())
	options := apiserver.Options{
		Client: kube, Reader: kube, Cache: objects,
		Payloads: payload.New(payload.ConfigMaps{Client: kube, Reader: kube}, clock.RealClock{}),
		Clock:    clock.RealClock{},
		Limits:   limits,
		Version:  "test",
		Log:      ctrl.Log.WithName("apiserver"),
	}
	for _, change := range changes {
		change(&options)
	}
	server, err := apiserver.New(options)
	Expect(err).NotTo(HaveOccurred())
	web := httptest.NewServer(server.Handler())
	DeferCleanup(web.Close)
	return &replica{url: web.URL, server: server}, objects
}

// tenant is an account with a key.
type tenant struct {
	namespace, key string
}

// newTenant makes a namespace with a key, and providers of es→ca and en→es.
func newTenant(ctx context.Context) tenant {
	GinkgoHelper()
	t := newPoorTenant(ctx)
	t.offer(ctx, "apertium", v1alpha1.ApertiumProvider, pair("es", "ca"), pair("en", "es"), pair("es", "pt"))
	return t
}

// newPoorTenant makes a namespace with a key and no provider.
func newPoorTenant(ctx context.Context) tenant {
	GinkgoHelper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "account-"}}
	Expect(kube.Create(ctx, namespace)).To(Succeed())
	t := tenant{namespace: namespace.Name}
	t.key = t.newKey(ctx, "tests")
	return t
}

func (t tenant) store() *tenancy.Store {
	return &tenancy.Store{Client: kube, Random: bytes.NewReader(randomBytes()), Now: time.Now}
}

func (t tenant) newKey(ctx context.Context, name string) string {
	GinkgoHelper()
	key, _, err := t.store().Create(ctx, t.namespace, name)
	Expect(err).NotTo(HaveOccurred())
	return key
}

func pair(source, target v1alpha1.LanguageTag) v1alpha1.LanguagePair {
	return v1alpha1.LanguagePair{Source: source, Target: target}
}

// offer makes a Ready provider and waits until both replicas know it. Without pairs
// it offers every pair.
func (t tenant) offer(ctx context.Context, name string, kind v1alpha1.ProviderType, pairs ...v1alpha1.LanguagePair) {
	GinkgoHelper()
	provider := &v1alpha1.TranslationProvider{
		ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: name},
		Spec:       v1alpha1.ProviderSpec{Type: kind},
	}
	if kind == v1alpha1.OpenAIProvider {
		provider.Spec.Endpoint, provider.Spec.Model = "https://llm.example.com/v1", "small"
	}
	Expect(kube.Create(ctx, provider)).To(Succeed())
	provider.Status = readyProvider(provider.Generation, pairs...)
	Expect(kube.Status().Update(ctx, provider)).To(Succeed())
}

func readyProvider(generation int64, pairs ...v1alpha1.LanguagePair) v1alpha1.ProviderStatus {
	status := v1alpha1.ProviderStatus{
		ObservedGeneration: generation,
		PairPolicy:         v1alpha1.ListedPairs,
		Pairs:              pairs,
		Conditions: []metav1.Condition{{
			Type: v1alpha1.ReadyCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.ProbeSucceededReason,
			LastTransitionTime: metav1.Now(),
		}},
	}
	if len(pairs) == 0 {
		status.PairPolicy = v1alpha1.AnyPair
	}
	return status
}

// at returns a caller of a replica with the account's key.
func (t tenant) at(r *replica) caller { return caller{url: r.url, key: t.key} }

// settle waits until a replica has what was made for the account: then it takes a
// request for es→ca no longer as 401 or 422.
func (t tenant) settle(replicas ...*replica) {
	GinkgoHelper()
	for _, r := range replicas {
		Eventually(func() int {
			return t.at(r).post("/v1/jobs", `{"mode":"translation","source_lang":"es","target_lang":"ca","text":"settle","tone":"`+strings.Repeat("x", 101)+`"}`).code
		}).Should(Equal(http.StatusBadRequest))
		Eventually(func() string {
			return t.at(r).post("/v1/jobs", `{"mode":"translation","source_lang":"xx-bad-tag-","target_lang":"ca","text":"settle"}`).detail()
		}).ShouldNot(BeEmpty())
		Eventually(func() string {
			return t.at(r).post("/v1/jobs", `{"mode":"translation","source_lang":"ca","target_lang":"eu","text":"settle"}`).detail()
		}).Should(ContainSubstring("es→ca"))
	}
}

// caller sends requests.
type caller struct {
	url, key string
	header   map[string]string
}

// with returns a caller that sends one more header.
func (c caller) with(name, value string) caller {
	header := map[string]string{name: value}
	for k, v := range c.header {
		header[k] = v
	}
	c.header = header
	return c
}

// answer is what came back.
type answer struct {
	// method and path of the request.
	method, path string

	code   int
	header http.Header
	raw    []byte
	json   map[string]any
}

// detail returns the sentence of an error; empty when there is none.
func (a answer) detail() string {
	detail, _ := a.json["detail"].(string)
	return detail
}

func (a answer) text(key string) string {
	GinkgoHelper()
	value, ok := a.json[key].(string)
	Expect(ok).To(BeTrue(), "%s is no string in %s", key, a.raw)
	return value
}

func (a answer) list(key string) []map[string]any {
	GinkgoHelper()
	values, ok := a.json[key].([]any)
	Expect(ok).To(BeTrue(), "%s is no list in %s", key, a.raw)
	out := make([]map[string]any, len(values))
	for i, value := range values {
		out[i] = value.(map[string]any)
	}
	return out
}

func (c caller) get(path string) answer        { return c.do(http.MethodGet, path, "") }
func (c caller) post(path, body string) answer { return c.do(http.MethodPost, path, body) }
func (c caller) patch(path string) answer      { return c.do(http.MethodPatch, path, "") }
func (c caller) delete(path string) answer     { return c.do(http.MethodDelete, path, "") }

func (c caller) do(method, path, body string) answer {
	GinkgoHelper()
	request, err := http.NewRequestWithContext(context.Background(), method, c.url+path, strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		request.Header.Set("X-API-Key", c.key)
	}
	for name, value := range c.header {
		request.Header.Set(name, value)
	}
	strict := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return fmt.Errorf("%s %s was redirected", method, path)
	}}
	response, err := strict.Do(request)
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	out := answer{method: method, path: path, code: response.StatusCode, header: response.Header}
	out.raw, err = io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") && method != http.MethodHead {
		Expect(json.Unmarshal(out.raw, &out.json)).To(Succeed(), "%s", out.raw)
		Expect(apiserver.CheckAnswer(one.server, method, path, out.code, out.json)).To(BeEmpty(), "%s %s answers %s", method, path, out.raw)
		reached.read(out)
	}
	if out.code < http.StatusBadRequest {
		reached.note(out)
	}
	return out
}

// beProblem matches an error: its code, and a part of its sentence.
func beProblem(a answer, code int, detail string) {
	GinkgoHelper()
	Expect(a.code).To(Equal(code), "%s", a.raw)
	Expect(a.header.Get("Content-Type")).To(Equal("application/json; charset=utf-8"))
	Expect(a.detail()).To(ContainSubstring(detail))
	reached.note(a)
}
