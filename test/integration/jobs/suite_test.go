// Package jobs_test tells what users see of TranslationJobs and TranslationBatches,
// as stories on a real API server with the controllers running. Engines are
// scripted; what real ones do is told elsewhere.
package jobs_test

import (
	"context"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/cluster"
	"github.com/dragoman-dev/dragoman/test/kstatus"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

var (
	world   *cluster.Cluster
	manager *cluster.Manager
	engines = &registry{byModel: map[string]*scripted.Engine{}}
	steps   = &stepGate{held: map[client.ObjectKey]chan struct{}{}}
)

func TestJobs(t *testing.T) {
	ctrl.SetLogger(GinkgoLogr)
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(30 * time.Second)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	RunSpecs(t, "Jobs and batches")
}

var _ = BeforeSuite(func() {
	var err error
	world, err = cluster.Start()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(world.Stop()).To(Succeed()) })
	startManager()
	DeferCleanup(func() { Expect(manager.Stop()).To(Succeed()) })
})

// startManager starts the controllers; a story that stops them starts them again.
func startManager() {
	GinkgoHelper()
	o := controllers.DefaultOptions()
	o.Namespace = "default"
	o.Pace = pipeline.Pace{AnnounceAfter: 500 * time.Millisecond, ReportEvery: 100 * time.Millisecond}
	o.Entered = steps.entered
	o.Factories = map[v1alpha1.ProviderType]engine.Factory{v1alpha1.OpenAIProvider: engines.make}
	var err error
	manager, err = world.StartManager(o)
	Expect(err).NotTo(HaveOccurred())
}

// registry gives each provider the engine that a story has scripted for its model.
type registry struct {
	mu      sync.Mutex
	byModel map[string]*scripted.Engine
}

func (r *registry) make(c engine.Config) (engine.Engine, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.byModel[c.Model]; ok {
		return e, nil
	}
	return nil, engine.Errorf(engine.Misconfigured, "there is no model %q", c.Model)
}

// stepGate holds jobs at the steps where a story wants to look at them.
type stepGate struct {
	mu   sync.Mutex
	held map[client.ObjectKey]chan struct{}
}

// hold makes the job stop at each step until next is called.
func (g *stepGate) hold(job client.ObjectKey) (next func()) {
	gate := make(chan struct{})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held[job] = gate
	return func() { gate <- struct{}{} }
}

func (g *stepGate) entered(ctx context.Context, job client.ObjectKey, _ v1alpha1.Step) {
	g.mu.Lock()
	gate := g.held[job]
	g.mu.Unlock()
	if gate == nil {
		return
	}
	select {
	case <-gate:
	case <-ctx.Done():
	}
}

// stage is a namespace with a provider, for one story.
type stage struct {
	namespace string
	engine    *scripted.Engine
	// prices of its provider; nil for a free one.
	prices *v1alpha1.Prices
	// fallbacks of its provider, of the same namespace.
	fallbacks []v1alpha1.ObjectName
}

// newStage makes a namespace with a ready provider. The script of the engine may
// be set before.
func newStage(ctx context.Context, e *scripted.Engine) stage {
	GinkgoHelper()
	s := stage{namespace: emptyNamespace(ctx), engine: e}
	s.provide(ctx, "engine")
	return s
}

func emptyNamespace(ctx context.Context) string {
	GinkgoHelper()
	namespace, err := world.Namespace(ctx, "story")
	Expect(err).NotTo(HaveOccurred())
	return namespace
}

// provide makes a provider for the stage's engine and waits until it is ready.
func (s stage) provide(ctx context.Context, name string) {
	GinkgoHelper()
	provider := build.Scripted(name, s.namespace)
	provider.Spec.Model, provider.Spec.Prices = s.namespace+"/"+name, s.prices
	for _, name := range s.fallbacks {
		provider.Spec.FallbackRefs = append(provider.Spec.FallbackRefs, v1alpha1.ProviderReference{Name: name})
	}
	engines.mu.Lock()
	engines.byModel[provider.Spec.Model] = s.engine
	engines.mu.Unlock()
	create(ctx, provider)
	Eventually(func(g Gomega) {
		var p v1alpha1.TranslationProvider
		g.Expect(world.Client.Get(ctx, client.ObjectKeyFromObject(provider), &p)).To(Succeed())
		g.Expect(meta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ReadyCondition)).To(BeTrue())
		g.Expect(kstatus.Broken(kstatus.Provider(p.Generation, p.Status))).To(BeEmpty())
	}).Should(Succeed())
}

func create(ctx context.Context, objects ...client.Object) {
	GinkgoHelper()
	for _, obj := range objects {
		Expect(world.Client.Create(ctx, obj)).To(Succeed())
	}
}

// get reads a job, and checks the promises of its status in passing.
func get(ctx context.Context, namespace, name string) *v1alpha1.TranslationJob {
	GinkgoHelper()
	var job v1alpha1.TranslationJob
	Expect(world.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &job)).To(Succeed())
	Expect(kstatus.Broken(kstatus.Job(&job))).To(BeEmpty())
	return &job
}

// finished waits until the job has ended for the spec it has.
func finished(ctx context.Context, namespace, name string) *v1alpha1.TranslationJob {
	GinkgoHelper()
	var job *v1alpha1.TranslationJob
	Eventually(func(g Gomega) {
		job = get(ctx, namespace, name)
		c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.FinishedCondition)
		g.Expect(c).NotTo(BeNil())
		g.Expect(c.Status).To(Equal(metav1.ConditionTrue), c.Message)
		g.Expect(c.ObservedGeneration).To(Equal(job.Generation))
	}).Should(Succeed())
	return job
}

// reaches waits until the job is in a phase.
func reaches(ctx context.Context, namespace, name string, phase v1alpha1.Phase) *v1alpha1.TranslationJob {
	GinkgoHelper()
	var job *v1alpha1.TranslationJob
	Eventually(func() v1alpha1.Phase {
		job = get(ctx, namespace, name)
		return job.Status.Phase
	}).Should(Equal(phase))
	return job
}

// change updates the spec of a job.
func change(ctx context.Context, namespace, name string, edit func(*v1alpha1.TranslationJobSpec)) {
	GinkgoHelper()
	Eventually(func() error {
		job := get(ctx, namespace, name)
		edit(&job.Spec)
		return world.Client.Update(ctx, job)
	}).Should(Succeed())
}

// condition returns a condition of a job.
func condition(job *v1alpha1.TranslationJob, kind string) metav1.Condition {
	GinkgoHelper()
	c := meta.FindStatusCondition(job.Status.Conditions, kind)
	Expect(c).NotTo(BeNil(), "condition %s", kind)
	return *c
}
