package replicas_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// cable is a way to the API server that can be cut.
type cable struct {
	mu    sync.Mutex
	cut   bool
	lines []net.Conn
}

// dial is for rest.Config.
func (c *cable) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		return nil, errors.New("the cable is cut")
	}
	line, err := new(net.Dialer).DialContext(ctx, network, address)
	if err == nil {
		c.lines = append(c.lines, line)
	}
	return line, err
}

// sever ends every connection, and lets nobody make another.
func (c *cable) sever() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	for _, line := range c.lines {
		_ = line.Close()
	}
}

var _ = Describe("A leader that has lost its way to the API server", Serial, func() {
	It("gives up before another one may lead, and stops what it was doing", func(ctx context.Context) {
		const lease = 9 * time.Second
		namespace, model, line := world.NewNamespace(ctx), newSlowModel(), &cable{}
		stopped := make(chan struct{})
		held := scripted.New()
		// What another story has left unfinished is answered, and not counted.
		const text = "Hola, isla cortada."
		var calls atomic.Int32
		held.Script = func(ctx context.Context, _ int, req engine.Request) (engine.Response, error) {
			if req.Segments[0].Text != text {
				return scripted.Translation(req), nil
			}
			calls.Add(1)
			<-ctx.Done()
			close(stopped)
			return engine.Response{}, ctx.Err()
		}
		config := rest.CopyConfig(world.Config)
		config.Dial = line.dial
		renew, retry := lease*2/3, lease*2/15
		mgr, err := controllers.NewManager(config, ctrl.Options{
			Metrics:                       metricsserver.Options{BindAddress: "0"},
			HealthProbeBindAddress:        "0",
			LeaderElection:                true,
			LeaderElectionID:              "dragoman-manager",
			LeaderElectionNamespace:       namespace,
			LeaderElectionReleaseOnCancel: true,
			LeaseDuration:                 new(lease),
			RenewDeadline:                 &renew,
			RetryPeriod:                   &retry,
		})
		Expect(err).NotTo(HaveOccurred())
		o := controllers.DefaultOptions()
		o.Namespace = namespace
		o.Factories = map[v1alpha1.ProviderType]engine.Factory{v1alpha1.OpenAIProvider: held.Factory()}
		engines, err := controllers.Add(mgr, o)
		Expect(err).NotTo(HaveOccurred())
		ended := make(chan error, 1)
		leading, stop := context.WithCancel(context.Background())
		DeferCleanup(stop)
		go func() { ended <- errors.Join(mgr.Start(leading), engines.Close()) }()
		Eventually(mgr.Elected()).Should(BeClosed())
		model.provide(ctx, namespace)
		world.Create(ctx, build.Job("cut-off", namespace).Text(text).Obj())
		Eventually(calls.Load).Should(Equal(int32(1)))
		Eventually(func() int32 { return world.Job(ctx, namespace, "cut-off").Status.Attempts }).Should(Equal(int32(1)))
		first := holder(ctx, namespace)
		second := manage(namespace, lease)
		Eventually(second.output.String).Should(ContainSubstring(waitsForTheLease))

		line.sever()
		Eventually(stopped).Should(BeClosed(), "the call is cancelled")
		Expect(holder(ctx, namespace)).To(Equal(first), "and nobody else leads yet")
		Eventually(ended).Should(Receive(MatchError(ContainSubstring("leader election lost"))))

		Eventually(model.called).Should(Receive(), second.output.String)
		model.letGo()
		world.Completed(ctx, namespace, "cut-off")
	})
})
