// Package suite is what the stories of the integration suites have in common: a real
// control plane with a manager on it, namespaces and providers for a story, and what a
// story waits for and checks of a job.
//
// It is for ginkgo suites alone and fails the running spec by itself. Tests without
// ginkgo use package cluster, which this one is built on. It knows no story and no
// engine.
package suite

import (
	"context"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/test/cluster"
	"github.com/dragoman-dev/dragoman/test/kstatus"
)

// Patience is how long most suites wait for what must happen, on a busy machine.
const Patience = 30 * time.Second

// polling is how often they look.
const polling = 50 * time.Millisecond

// Run runs the specs of a package. Whatever they wait for must happen within patience.
func Run(t *testing.T, name string, patience time.Duration) {
	t.Helper()
	ctrl.SetLogger(ginkgo.GinkgoLogr)
	gomega.RegisterFailHandler(ginkgo.Fail)
	gomega.SetDefaultEventuallyTimeout(patience)
	gomega.SetDefaultEventuallyPollingInterval(polling)
	ginkgo.RunSpecs(t, name)
}

// World is a control plane with the kinds of Dragoman.
type World struct{ *cluster.Cluster }

// Start starts a control plane, which ends after the suite. It is for BeforeSuite.
func Start() *World {
	ginkgo.GinkgoHelper()
	c, err := cluster.Start()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	ginkgo.DeferCleanup(func() { gomega.Expect(c.Stop()).To(gomega.Succeed()) })
	return &World{Cluster: c}
}

// Manage runs the controllers.
func (w *World) Manage(o controllers.Options) *cluster.Manager {
	ginkgo.GinkgoHelper()
	m, err := w.StartManager(o)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return m
}

// NewNamespace makes a namespace for a story.
func (w *World) NewNamespace(ctx context.Context) string {
	ginkgo.GinkgoHelper()
	name, err := w.Namespace(ctx, "story")
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return name
}

// Create makes objects, in their order.
func (w *World) Create(ctx context.Context, objects ...client.Object) {
	ginkgo.GinkgoHelper()
	for _, obj := range objects {
		gomega.Expect(w.Client.Create(ctx, obj)).To(gomega.Succeed())
	}
}

// Provide makes a provider and waits until it is Ready.
func (w *World) Provide(ctx context.Context, provider *v1alpha1.TranslationProvider) {
	ginkgo.GinkgoHelper()
	w.Create(ctx, provider)
	gomega.Eventually(func(g gomega.Gomega) {
		var p v1alpha1.TranslationProvider
		g.Expect(w.Client.Get(ctx, client.ObjectKeyFromObject(provider), &p)).To(gomega.Succeed())
		g.Expect(meta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ReadyCondition)).To(gomega.BeTrue())
		g.Expect(kstatus.Broken(kstatus.Provider(p.Generation, p.Status))).To(gomega.BeEmpty())
	}).Should(gomega.Succeed())
}
