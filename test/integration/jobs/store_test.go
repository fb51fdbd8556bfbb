package jobs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// store is the payload store of the manager's default.
func store() payload.Store {
	return payload.New(payload.ConfigMaps{Client: world.Client, Reader: world.Client}, clock.RealClock{})
}

// fromPayload is a job whose source is in the store.
func fromPayload(name, namespace string, ref v1alpha1.PayloadReference, form v1alpha1.PayloadForm) *v1alpha1.TranslationJob {
	return build.Job(name, namespace).With(func(spec *v1alpha1.TranslationJobSpec) {
		spec.Source = v1alpha1.Source{Payload: &v1alpha1.PayloadSource{Ref: ref, Form: form}}
	}).Obj()
}

var _ = Describe("Large sources and results", func() {
	It("translates a text of ten megabytes", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		var text strings.Builder
		for i := 0; text.Len() < 10_000_000; i++ {
			fmt.Fprintf(&text, "El pedido %d llega mañana%s.\n\n", i, strings.Repeat(" por la tarde", 70))
		}
		ref, err := store().PutInput(ctx, s.namespace, []byte(text.String()))
		Expect(err).NotTo(HaveOccurred())
		world.Create(ctx, fromPayload("large", s.namespace, ref, v1alpha1.TextForm))
		var job *v1alpha1.TranslationJob
		Eventually(func(g Gomega) {
			job = world.Job(ctx, s.namespace, "large")
			g.Expect(job.Status.CompletedAt).NotTo(BeNil())
		}, "120s").Should(Succeed())
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase), "%v", job.Status.Conditions)
		data, err := store().Open(ctx, s.namespace, *job.Status.Result.PayloadRef)
		Expect(err).NotTo(HaveOccurred())
		result, err := document.UnmarshalResult(data)
		Expect(err).NotTo(HaveOccurred())
		Expect(*result.Text == scripted.Text(text.String())).To(BeTrue(), "the translation has %d bytes", len(*result.Text))
		size, err := json.Marshal(job)
		Expect(err).NotTo(HaveOccurred())
		Expect(len(size)).To(BeNumerically("<", 8<<10), "nothing in the object grows with the source")
	})

	It("takes a list of texts, and keeps their order", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		ref, err := store().PutInput(ctx, s.namespace, []byte(`[{"text":"Uno es uno","metadata":{"id":1}},{"text":"Dos son dos"}]`))
		Expect(err).NotTo(HaveOccurred())
		world.Create(ctx, fromPayload("list", s.namespace, ref, v1alpha1.TextsForm))
		job := world.Finished(ctx, s.namespace, "list")
		Expect(*job.Status.Result.Texts[0].Text).To(Equal(scripted.Text("Uno es uno")))
		Expect(*job.Status.Result.Texts[1].Text).To(Equal(scripted.Text("Dos son dos")))
	})

	It("waits for a payload that is not there, and fails over one that cannot be read", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		ref, err := store().PutInput(ctx, s.namespace, []byte("Hola, mundo."))
		Expect(err).NotTo(HaveOccurred())
		shard := &corev1.ConfigMap{}
		Expect(world.Client.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: string(ref.Name) + "-0"}, shard)).To(Succeed())
		Expect(world.Client.Delete(ctx, shard.DeepCopy())).To(Succeed())
		world.Create(ctx, fromPayload("waiting", s.namespace, ref, v1alpha1.TextForm), fromPayload("wrong", s.namespace, ref, v1alpha1.TextsForm))
		Eventually(func(g Gomega) {
			job := world.Job(ctx, s.namespace, "waiting")
			g.Expect(job.Status.Conditions).NotTo(BeEmpty())
			g.Expect(suite.Condition(job, v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.SourceNotFoundReason))
		}).Should(Succeed())
		shard.ResourceVersion = ""
		world.Create(ctx, shard)
		Expect(world.Finished(ctx, s.namespace, "waiting").Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		wrong := world.Finished(ctx, s.namespace, "wrong")
		Expect(suite.Condition(wrong, v1alpha1.StalledCondition).Reason).To(Equal(v1alpha1.SourceInvalidReason))
	})

	It("refuses a payload over the limit", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		ref := v1alpha1.PayloadReference{Name: "input-huge", Shards: 40, Bytes: payload.MaxInput + 1, SHA256: strings.Repeat("0", 64)}
		world.Create(ctx, fromPayload("huge", s.namespace, ref, v1alpha1.TextForm))
		job := world.Finished(ctx, s.namespace, "huge")
		stalled := suite.Condition(job, v1alpha1.StalledCondition)
		Expect(stalled.Reason).To(Equal(v1alpha1.SourceTooLargeReason))
		Expect(stalled.Message).To(And(ContainSubstring("16777217"), ContainSubstring("16777216")))
	})

	It("waits with its result for a store that is full, and ends by itself when it has room", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		quota := &corev1.ResourceQuota{
			ObjectMeta: metav1.ObjectMeta{Name: "full", Namespace: s.namespace},
			Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/configmaps": resource.MustParse("0")}},
		}
		world.Create(ctx, quota)
		quota.Status = corev1.ResourceQuotaStatus{Hard: quota.Spec.Hard, Used: corev1.ResourceList{"count/configmaps": resource.MustParse("0")}}
		Expect(world.Client.Status().Update(ctx, quota)).To(Succeed(), "no controller manager counts here")
		Eventually(func() error { // admission knows of the quota once it refuses
			return world.Client.Create(ctx, build.ConfigMap("probe", s.namespace, "k", "v"), client.DryRunAll)
		}).ShouldNot(Succeed())
		long := strings.Repeat("Hola, mundo. ", 2500)
		world.Create(ctx, build.Job("stuck", s.namespace).Text(long).Obj())
		Eventually(func(g Gomega) {
			job := world.Job(ctx, s.namespace, "stuck")
			g.Expect(job.Status.Conditions).NotTo(BeEmpty())
			g.Expect(suite.Condition(job, v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.StorageFailedReason))
		}).Should(Succeed())
		calls := s.engine.Calls()
		Expect(world.Client.Delete(ctx, quota)).To(Succeed())
		Expect(world.Finished(ctx, s.namespace, "stuck").Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(s.engine.Calls()).To(Equal(calls), "nothing is translated again")
	})

	It("waits with its result for a store that is gone, and ends by itself when it is back", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		mount := filepath.Join(GinkgoT().TempDir(), "payloads")
		directory, err := payload.OpenDirectory(mount)
		Expect(err).NotTo(HaveOccurred())
		Expect(manager.Stop()).To(Succeed())
		startManagerWith(directory)
		DeferCleanup(func() {
			Expect(manager.Stop()).To(Succeed())
			startManager()
		})
		Expect(os.Rename(mount, mount+".away")).To(Succeed())
		world.Create(ctx, build.Job("stuck", s.namespace).Text(strings.Repeat("Hola, mundo. ", 2500)).Obj())
		Eventually(func(g Gomega) {
			job := world.Job(ctx, s.namespace, "stuck")
			g.Expect(job.Status.Conditions).NotTo(BeEmpty())
			g.Expect(suite.Condition(job, v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.StorageFailedReason))
		}).Should(Succeed())
		calls := s.engine.Calls()
		Expect(mount).NotTo(BeADirectory(), "the place of a store that is not mounted stays empty")
		Expect(os.Rename(mount+".away", mount)).To(Succeed())
		job := world.Finished(ctx, s.namespace, "stuck")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(s.engine.Calls()).To(Equal(calls), "nothing is translated again")
		Expect(filepath.Join(mount, s.namespace)).To(BeADirectory(), "the result is there")
	})
})

var _ = Describe("Delivery", func() {
	deliverTo := func(kind v1alpha1.DeliveryKind, name, key string) func(*v1alpha1.TranslationJobSpec) {
		return func(spec *v1alpha1.TranslationJobSpec) {
			spec.Delivery = &v1alpha1.Delivery{Kind: kind, Name: v1alpha1.ObjectName(name), Key: key}
		}
	}

	It("writes the translations of several jobs to one ConfigMap before they end", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx,
			build.Job("one", s.namespace).Text("Hola, mundo.").With(deliverTo(v1alpha1.ConfigMapDelivery, "site", "one")).Obj(),
			build.Job("two", s.namespace).Texts("Uno es uno", "Dos son dos").With(deliverTo(v1alpha1.ConfigMapDelivery, "site", "two")).Obj(),
		)
		for _, name := range []string{"one", "two"} {
			Expect(world.Finished(ctx, s.namespace, name).Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		}
		var site corev1.ConfigMap
		Expect(world.Client.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: "site"}, &site)).To(Succeed())
		Expect(site.Data).To(Equal(map[string]string{
			"one": scripted.Text("Hola, mundo."),
			"two": fmt.Sprintf("[%q,%q]", scripted.Text("Uno es uno"), scripted.Text("Dos son dos")),
		}))
		Expect(site.OwnerReferences).To(BeEmpty(), "it outlives the jobs")
	})

	It("writes to a Secret, by the key it has by default", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx, build.Job("quiet", s.namespace).Text("Hola, mundo.").With(deliverTo(v1alpha1.SecretDelivery, "quiet", "")).Obj())
		world.Finished(ctx, s.namespace, "quiet")
		var secret corev1.Secret
		Expect(world.Client.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: "quiet"}, &secret)).To(Succeed())
		Expect(string(secret.Data["translation"])).To(Equal(scripted.Text("Hola, mundo.")))
	})

	It("never writes to an object whose owner has not said so, and goes on when he does", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		mine := build.ConfigMap("mine", s.namespace, "precious", "data")
		world.Create(ctx, mine)
		world.Create(ctx, build.Job("intruder", s.namespace).Text("Hola, mundo.").With(deliverTo(v1alpha1.ConfigMapDelivery, "mine", "precious")).Obj())
		Eventually(func(g Gomega) {
			job := world.Job(ctx, s.namespace, "intruder")
			g.Expect(job.Status.Conditions).NotTo(BeEmpty())
			waits := suite.Condition(job, v1alpha1.ReconcilingCondition)
			g.Expect(waits.Reason).To(Equal(v1alpha1.DeliveryFailedReason))
			g.Expect(waits.Message).To(ContainSubstring(v1alpha1.DeliveryLabel))
		}).Should(Succeed())
		Expect(world.Client.Get(ctx, client.ObjectKeyFromObject(mine), mine)).To(Succeed())
		Expect(mine.Data["precious"]).To(Equal("data"))
		before := mine.DeepCopy()
		mine.Labels = map[string]string{v1alpha1.DeliveryLabel: "true"}
		Expect(world.Client.Patch(ctx, mine, client.MergeFrom(before))).To(Succeed())
		Expect(world.Finished(ctx, s.namespace, "intruder").Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(s.engine.Calls()).To(Equal(1))
	})
})
