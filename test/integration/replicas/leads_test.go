package replicas_test

import (
	"context"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

var _ = Describe("A manager that is told that it leads no more", Serial, func() {
	It("calls no engine, and leaves its jobs to the next one", func(ctx context.Context) {
		namespace, engineOf := world.NewNamespace(ctx), scripted.New()
		asked, once := make(chan struct{}), sync.Once{}
		o := controllers.DefaultOptions()
		o.Namespace = namespace
		o.Factories = map[v1alpha1.ProviderType]engine.Factory{v1alpha1.OpenAIProvider: engineOf.Factory()}
		o.Leads = func() bool {
			once.Do(func() { close(asked) })
			return false
		}
		first, err := world.StartManager(o)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(first.Stop)
		world.Create(ctx, build.Scripted("engine", namespace), build.Job("left", namespace).Provider("engine").Text("Hola, mundo.").Obj())
		Eventually(asked).Should(BeClosed())
		Expect(first.Stop()).To(Succeed())
		Expect(engineOf.Calls()).To(BeZero())
		Expect(world.Job(ctx, namespace, "left").Status.CompletedAt).To(BeNil())

		o.Leads = nil
		second, err := world.StartManager(o)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(second.Stop)
		world.Completed(ctx, namespace, "left")
	})
})
