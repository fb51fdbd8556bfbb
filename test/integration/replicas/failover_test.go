package replicas_test

import (
	"context"
	"net/http"
	"sync"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
	"github.com/dragoman-dev/dragoman/test/build"
)

// waitsForTheLease is what a manager says that does not lead.
const waitsForTheLease = "Attempting to acquire leader lease"

// slowModel is a language model that holds each call until it is let go.
type slowModel struct {
	*openaitest.Server

	called  chan struct{}
	release chan struct{}
	once    sync.Once
}

func newSlowModel() *slowModel {
	m := &slowModel{Server: openaitest.Start(), called: make(chan struct{}, 100), release: make(chan struct{})}
	m.Translate = func(pair engine.Pair, text string) string {
		m.called <- struct{}{}
		<-m.release
		return openaitest.Reverse(pair, text)
	}
	DeferCleanup(func() {
		m.letGo()
		m.Close()
	})
	return m
}

// letGo answers every call from now on.
func (m *slowModel) letGo() { m.once.Do(func() { close(m.release) }) }

// provide makes a provider of the model, with prices: an attempt is recorded before
// its first call.
func (m *slowModel) provide(ctx context.Context, namespace string) {
	GinkgoHelper()
	provider := build.Scripted("model", namespace)
	provider.Spec.Endpoint, provider.Spec.Model = m.URL, openaitest.Model
	provider.Spec.Prices = &v1alpha1.Prices{InputPerMillionTokens: "1", OutputPerMillionTokens: "2"}
	world.Create(ctx, provider)
}

// manage starts a manager that competes for the lease of a namespace.
func manage(namespace string, lease time.Duration, more ...string) *process {
	return start(append([]string{
		"manager", "--leader-elect", "--namespace=" + namespace, "--lease-duration=" + lease.String(),
		"--metrics-addr=0", "--probe-addr=0",
	}, more...)...)
}

// holder returns who has the lease of a namespace; "" for nobody.
func holder(ctx context.Context, namespace string) string {
	GinkgoHelper()
	var lease coordinationv1.Lease
	err := world.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "dragoman-manager"}, &lease)
	Expect(client.IgnoreNotFound(err)).To(Succeed())
	if lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

var _ = Describe("Two managers", Serial, func() {
	// story starts a manager that leads and holds a call of a job, and a second one
	// that waits.
	story := func(ctx context.Context, lease time.Duration) (namespace string, model *slowModel, leader, second *process) {
		GinkgoHelper()
		namespace, model = world.NewNamespace(ctx), newSlowModel()
		leader = manage(namespace, lease)
		Eventually(func() string { return holder(ctx, namespace) }).ShouldNot(BeEmpty(), leader.output.String)
		model.provide(ctx, namespace)
		world.Create(ctx, build.Job("running", namespace).Text("Hola, mundo.").Obj())
		Eventually(model.called).Should(Receive(), leader.output.String)
		Eventually(func() int32 { return world.Job(ctx, namespace, "running").Status.Attempts }).Should(Equal(int32(1)), "it is recorded")
		second = manage(namespace, lease)
		Eventually(second.output.String).Should(ContainSubstring(waitsForTheLease))
		return namespace, model, leader, second
	}

	It("hand over at once when the leader ends in order, and the job goes on", func(ctx context.Context) {
		// A silent leader would be waited for longer than this story waits.
		namespace, model, leader, second := story(ctx, time.Minute)
		first := holder(ctx, namespace)
		leader.end()
		Eventually(func() string { return holder(ctx, namespace) }).ShouldNot(Or(BeEmpty(), Equal(first)), second.output.String)
		Eventually(model.called).Should(Receive(), second.output.String)
		Expect(world.Job(ctx, namespace, "running").Status.LostAttempts).To(BeZero(), "it was handed over, not lost")
		model.letGo()
		job := world.Completed(ctx, namespace, "running")
		Expect(job.Status.LostAttempts).To(BeZero())
		Expect(job.Status.FailedAttempts).To(BeZero())
	})

	It("go on after the lease of a leader that was killed has run out", func(ctx context.Context) {
		namespace, model, leader, second := story(ctx, 6*time.Second)
		first := holder(ctx, namespace)
		leader.kill()
		Expect(holder(ctx, namespace)).To(Equal(first), "nobody released it")
		Consistently(model.called, "2s").ShouldNot(Receive(), "nobody else works before the lease has run out")

		Eventually(func() string { return holder(ctx, namespace) }).ShouldNot(Or(BeEmpty(), Equal(first)), second.output.String)
		Eventually(model.called).Should(Receive(), second.output.String)
		Expect(world.Job(ctx, namespace, "running").Status.LostAttempts).To(Equal(int32(1)))
		model.letGo()
		job := world.Completed(ctx, namespace, "running")
		Expect(job.Status.FailedAttempts).To(BeZero(), "a lost attempt is no failure of the provider")
	})

	It("never work side by side: one that stood still ends when it wakes", func(ctx context.Context) {
		namespace, model, leader, second := story(ctx, 6*time.Second)
		first := holder(ctx, namespace)
		leader.signal(syscall.SIGSTOP)
		Eventually(func() string { return holder(ctx, namespace) }).ShouldNot(Or(BeEmpty(), Equal(first)), second.output.String)
		Eventually(model.called).Should(Receive(), "the second one has taken the job over")
		successor := holder(ctx, namespace)

		leader.signal(syscall.SIGCONT)
		var failure error
		Eventually(leader.ended).Should(Receive(&failure), leader.output.String)
		Expect(failure).To(HaveOccurred(), "it did not end by its own will")
		Expect(leader.output.String()).To(ContainSubstring("the Lease is lost"))
		Expect(holder(ctx, namespace)).To(Equal(successor), "the Lease is not the first one's to release")
		Expect(model.called).NotTo(Receive())
		model.letGo()
		Expect(world.Completed(ctx, namespace, "running").Status.FailedAttempts).To(BeZero())
	})

	It("count what they do, and how many jobs there are", func(ctx context.Context) {
		namespace, model, address := world.NewNamespace(ctx), newSlowModel(), freeAddress()
		model.letGo()
		leader := manage(namespace, time.Minute, "--metrics-addr="+address)
		model.provide(ctx, namespace)
		world.Create(ctx, build.Job("counted", namespace).Text("Hola, mundo.").Obj())
		world.Completed(ctx, namespace, "counted")
		Eventually(func() string { return do(http.MethodGet, "http://"+address+"/metrics", "", "").Body }).Should(And(
			ContainSubstring(`dragoman_engine_calls_total{engine="openai",result="answered"} 1`),
			ContainSubstring(`dragoman_tokens_total{direction="output",engine="openai"} `),
			ContainSubstring(`dragoman_jobs_finished_total{reason="Completed"} 1`),
			ContainSubstring(`dragoman_attempts_total{result="finished"} 1`),
			MatchRegexp(`dragoman_job_queue_wait_seconds_count\{engine="openai"\} [1-9]`),
			MatchRegexp(`dragoman_call_wait_seconds_count\{engine="openai"\} [1-9]`),
			MatchRegexp(`dragoman_step_duration_seconds_count\{step="QA"\} [1-9]`),
			ContainSubstring(`dragoman_segments_total{outcome="done"} 1`),
			ContainSubstring(`dragoman_memory_lookups_total{result="miss"} 1`),
			MatchRegexp(`dragoman_cost_euros_total\{engine="openai"\} (0\.0*)?[1-9]`),
			MatchRegexp(`dragoman_jobs\{phase="Completed"\} [1-9]`),
			ContainSubstring(`dragoman_jobs_finished_total{reason="Dead"} 0`),
			ContainSubstring(`leader_election_master_status{name="dragoman-manager"} 1`),
		), leader.output.String)
	})
})
