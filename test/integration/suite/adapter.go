package suite

import (
	"context"
	"net/http"
	"net/http/httptest"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/dragoman-dev/dragoman/apiserver"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

// Serve starts a REST adapter beside the manager, waits until it is ready and returns
// its address. It ends with the suite or the spec that started it.
func (w *World) Serve() (url string) {
	ginkgo.GinkgoHelper()
	objects, err := cache.New(w.Config, cache.Options{Scheme: w.Client.Scheme(), ByObject: apiserver.CacheByObject()})
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	server, err := apiserver.New(apiserver.Options{
		Client: w.Client, Reader: w.Client, Cache: objects,
		Payloads: payload.New(payload.ConfigMaps{Client: w.Client, Reader: w.Client}, clock.RealClock{}),
		Clock:    clock.RealClock{}, Limits: apiserver.DefaultLimits(), Version: "test", Log: ctrl.Log.WithName("apiserver"),
	})
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	ctx, stop := context.WithCancel(context.Background())
	parts := []func(context.Context) error{objects.Start, server.Start}
	ended := make(chan error, len(parts))
	for _, part := range parts {
		go func() { ended <- part(ctx) }()
	}
	web := httptest.NewServer(server.Handler())
	ginkgo.DeferCleanup(func() {
		web.Close()
		stop()
		for range parts {
			gomega.Expect(<-ended).To(gomega.Succeed())
		}
	})
	gomega.Eventually(func() int { return Do(ctx, http.MethodGet, web.URL+"/readyz", "", "").Code }).Should(gomega.Equal(http.StatusOK))
	return web.URL
}
