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
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/cluster"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

var (
	world   *suite.World
	manager *cluster.Manager
	engines = &registry{byModel: map[string]*scripted.Engine{}}
	steps   = &stepGate{held: map[client.ObjectKey]chan struct{}{}}
)

func TestJobs(t *testing.T) { suite.Run(t, "Jobs and batches", suite.Patience) }

var _ = BeforeSuite(func() {
	world = suite.Start()
	startManager()
	DeferCleanup(func() { Expect(manager.Stop()).To(Succeed()) })
})

// startManager starts the controllers; a story that stops them starts them again.
func startManager() { startManagerWith(nil) }

// startManagerWith starts them with another payload store than the default.
func startManagerWith(store payload.Backend) {
	GinkgoHelper()
	o := controllers.DefaultOptions()
	o.Namespace = "default"
	o.Pace = pipeline.Pace{AnnounceAfter: 500 * time.Millisecond, ReportEvery: 100 * time.Millisecond}
	o.Entered = steps.entered
	o.Factories = map[v1alpha1.ProviderType]engine.Factory{v1alpha1.OpenAIProvider: engines.make}
	o.Store = store
	manager = world.Manage(o)
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
	s := stage{namespace: world.NewNamespace(ctx), engine: e}
	s.provide(ctx, "engine")
	return s
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
	world.Provide(ctx, provider)
}
