package replicas_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/yaml"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/cluster"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

const shardLabel = "translation.dragoman.dev/shard"

// startShard starts a leading manager of the jobs that a selector matches. The
// engine is its own.
func startShard(selector string) *scripted.Engine {
	GinkgoHelper()
	shard, err := labels.Parse(selector)
	Expect(err).NotTo(HaveOccurred())
	mgr, err := controllers.NewShardManager(world.Config, ctrl.Options{
		Metrics:                       metricsserver.Options{BindAddress: "0"},
		HealthProbeBindAddress:        "0",
		LeaderElection:                true,
		LeaderElectionID:              controllers.LeaseID(shard),
		LeaderElectionNamespace:       "default",
		LeaderElectionReleaseOnCancel: true,
	}, shard)
	Expect(err).NotTo(HaveOccurred())
	e := scripted.New()
	o := controllers.DefaultOptions()
	o.Namespace = "default"
	o.Factories = map[v1alpha1.ProviderType]engine.Factory{v1alpha1.OpenAIProvider: e.Factory()}
	engines, err := controllers.Add(mgr, o)
	Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(mgr.Start(ctx), engines.Close()) }()
	DeferCleanup(func() {
		cancel()
		Eventually(ended).Should(Receive(BeNil()))
	})
	Eventually(mgr.Elected()).Should(BeClosed())
	return e
}

// applyShards applies what config/components/shards is made of.
func applyShards(ctx context.Context) {
	GinkgoHelper()
	file, err := os.Open(cluster.Path("config/components/shards/admission.yaml"))
	Expect(err).NotTo(HaveOccurred())
	defer file.Close() //nolint:errcheck // it was only read
	decoder := yaml.NewYAMLOrJSONDecoder(file, 4096)
	for range 2 {
		object := &unstructured.Unstructured{}
		Expect(decoder.Decode(object)).To(Succeed())
		Expect(client.WithFieldValidation(world.Client, metav1.FieldValidationStrict).Create(ctx, object)).To(Succeed())
		DeferCleanup(func(ctx context.Context) { Expect(world.Client.Delete(ctx, object)).To(Succeed()) })
	}
}

// home makes a namespace of a shard, "" for none, with a provider.
func home(ctx context.Context, shard string) string {
	GinkgoHelper()
	namespace := world.NewNamespace(ctx)
	if shard != "" {
		move(ctx, namespace, shard)
	}
	world.Create(ctx, build.Scripted("engine", namespace))
	return namespace
}

// move gives a namespace to a shard.
func move(ctx context.Context, namespace, shard string) {
	GinkgoHelper()
	patch := fmt.Sprintf(`{"metadata":{"labels":{%q:%q}}}`, shardLabel, shard)
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	Expect(world.Client.Patch(ctx, ns, client.RawPatch("application/merge-patch+json", []byte(patch)))).To(Succeed())
}

// becomes waits until a job that is made in the namespace would get the label.
func becomes(ctx context.Context, namespace, shard string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		job := build.Job("probe", namespace).Text("Hola").Obj()
		g.Expect(world.Client.Create(ctx, job, client.DryRunAll)).To(Succeed())
		g.Expect(job.Labels).To(HaveKeyWithValue(shardLabel, shard))
	}).Should(Succeed())
}

var _ = Describe("Managers that share the jobs", Serial, func() {
	It("bring every job to its end, each in its own shard, however it was made", func(ctx context.Context) {
		applyShards(ctx)
		blue, rest := startShard(shardLabel+"=blue"), startShard(shardLabel+" notin (blue)")
		adapter := serve()
		inBlue, inNone, inUnknown := home(ctx, "blue"), home(ctx, ""), home(ctx, "nobodys")
		becomes(ctx, inBlue, "blue")
		becomes(ctx, inUnknown, "nobodys")

		for _, namespace := range []string{inBlue, inNone, inUnknown} {
			world.Create(ctx,
				build.Job("plain", namespace).Text("Hola desde "+namespace).Obj(),
				build.Batch("many", namespace, []v1alpha1.LanguageTag{"ca"}, "Uno en "+namespace, "Dos en "+namespace))
			adapter.tenant(ctx, namespace).made("Por la red en " + namespace)
		}
		for _, namespace := range []string{inBlue, inNone, inUnknown} {
			var jobs v1alpha1.TranslationJobList
			Eventually(func(g Gomega) {
				g.Expect(world.Client.List(ctx, &jobs, client.InNamespace(namespace))).To(Succeed())
				g.Expect(jobs.Items).To(HaveLen(4))
			}).Should(Succeed())
			for _, job := range jobs.Items {
				world.Completed(ctx, namespace, job.Name)
			}
			var batch v1alpha1.TranslationBatch
			Eventually(func(g Gomega) {
				g.Expect(world.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "many"}, &batch)).To(Succeed())
				g.Expect(batch.Status.CompletedAt).NotTo(BeNil(), "the manager of the batch sees its jobs")
			}).Should(Succeed())
		}
		// Jobs of other stories are in the shard of the rest, too.
		sold := func(e *scripted.Engine, namespaces ...string) []string {
			return slices.DeleteFunc(e.Sold(), func(text string) bool {
				return !slices.ContainsFunc(namespaces, func(n string) bool { return strings.HasSuffix(text, n) })
			})
		}
		texts := func(namespace string) []string {
			return []string{"Hola desde " + namespace, "Uno en " + namespace, "Dos en " + namespace, "Por la red en " + namespace}
		}
		Expect(blue.Sold()).To(ConsistOf(texts(inBlue)), "each was translated once")
		Expect(sold(rest, inBlue, inNone, inUnknown)).To(ConsistOf(append(texts(inNone), texts(inUnknown)...)))

		By("moving a namespace to another shard")
		move(ctx, inBlue, "green")
		becomes(ctx, inBlue, "green")
		Expect(world.Client.Patch(ctx, world.Job(ctx, inBlue, "plain"), client.RawPatch("application/merge-patch+json",
			[]byte(`{"metadata":{"annotations":{"example.com/touched":"true"}}}`)))).To(Succeed())
		Expect(world.Job(ctx, inBlue, "plain").Labels).To(HaveKeyWithValue(shardLabel, "green"), "any update will do")
		world.Create(ctx, build.Job("later", inBlue).Text("Ahora verde en "+inBlue).Obj())
		world.Completed(ctx, inBlue, "later")
		Expect(sold(rest, inBlue)).To(Equal([]string{"Ahora verde en " + inBlue}), "what had ended was not translated again")
		Expect(blue.Sold()).To(HaveLen(4))
	})

	It("keep a job that says otherwise in the shard of its namespace", func(ctx context.Context) {
		applyShards(ctx)
		namespace := home(ctx, "blue")
		becomes(ctx, namespace, "blue")
		job := build.Job("stray", namespace).Text("Hola").Obj()
		job.Labels = map[string]string{shardLabel: "green", "team": "web"}
		world.Create(ctx, job)
		want := map[string]string{shardLabel: "blue", "team": "web"}
		Expect(world.Job(ctx, namespace, "stray").Labels).To(Equal(want))

		replaced := world.Job(ctx, namespace, "stray")
		replaced.Labels = map[string]string{"team": "web"}
		Expect(world.Client.Update(ctx, replaced)).To(Succeed())
		Expect(world.Job(ctx, namespace, "stray").Labels).To(Equal(want))
	})
})
