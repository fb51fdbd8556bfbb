package retention_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/test/build"
)

var soon = &v1alpha1.OutcomeTTL{Completed: new(int32(1)), NeedsReview: new(int32(2)), Failed: new(int32(0))}

func configMaps() payload.Store {
	return payload.New(payload.ConfigMaps{Client: world.Client, Reader: world.Client}, clock.RealClock{})
}

// jobFor makes a job that is kept for some time.
func jobFor(name, namespace string, ttl *v1alpha1.OutcomeTTL) *v1alpha1.TranslationJob {
	return build.Job(name, namespace).Text("Hola.").
		With(func(s *v1alpha1.TranslationJobSpec) { s.TTLAfterFinished = ttl }).Obj()
}

var _ = Describe("Time to live", func() {
	BeforeEach(func() { start(configMaps(), time.Hour, time.Hour) })

	It("deletes jobs and batches some seconds after their end, and nothing else", func(ctx SpecContext) {
		ns := world.NewNamespace(ctx)
		var going, staying []client.Object
		for _, reason := range []string{
			v1alpha1.CompletedReason, v1alpha1.CompletedWithBlocksReason, v1alpha1.NeedsReviewReason,
			v1alpha1.FailedReason, v1alpha1.DeadReason, v1alpha1.CancelledReason,
		} {
			job := jobFor("soon-"+strings.ToLower(reason), ns, soon)
			world.Create(ctx, job)
			end(ctx, job, reason)
			going = append(going, job)
		}
		for _, reason := range []string{v1alpha1.CompletedReason, v1alpha1.CompletedWithErrorsReason, v1alpha1.FailedReason, v1alpha1.CancelledReason} {
			batch := build.Batch("soon-"+strings.ToLower(reason), ns, []v1alpha1.LanguageTag{"ca"}, "Hola.")
			batch.Spec.TTLAfterFinished = soon
			world.Create(ctx, batch)
			end(ctx, batch, reason)
			going = append(going, batch)
		}

		By("keeping what has no time, another outcome, or is not at its end")
		for name, ttl := range map[string]*v1alpha1.OutcomeTTL{
			"for-ever":  nil,
			"long":      {Completed: new(int32(3600)), Failed: new(int32(0)), NeedsReview: new(int32(0))},
			"no-reason": {Failed: new(int32(0)), NeedsReview: new(int32(0))},
		} {
			job := jobFor(name, ns, ttl)
			world.Create(ctx, job)
			end(ctx, job, v1alpha1.CompletedReason)
			staying = append(staying, job)
		}
		running := jobFor("running", ns, soon)
		world.Create(ctx, running)
		staying = append(staying, running)

		for _, obj := range going {
			goes(ctx, obj)
		}
		for _, obj := range staying {
			Expect(exists(ctx, obj)).To(BeTrue(), obj.GetName())
		}
	})

	It("waits for the end of a spec that was changed", func(ctx SpecContext) {
		ns := world.NewNamespace(ctx)
		changed, other := jobFor("changed", ns, soon), jobFor("other", ns, soon)
		world.Create(ctx, changed, other)
		end(ctx, changed, v1alpha1.CompletedReason)
		changed.Spec.TargetLanguage = "pt"
		Expect(world.Client.Update(ctx, changed)).To(Succeed())
		end(ctx, other, v1alpha1.NeedsReviewReason)
		goes(ctx, other) // ends later and is kept longer
		Expect(exists(ctx, changed)).To(BeTrue())

		end(ctx, changed, v1alpha1.CompletedReason)
		goes(ctx, changed)
	})

	It("keeps a job that a retry was asked for", func(ctx SpecContext) {
		ns := world.NewNamespace(ctx)
		retried, other := jobFor("retried", ns, soon), jobFor("other", ns, soon)
		retried.Annotations = map[string]string{v1alpha1.RetryAnnotation: "now"}
		world.Create(ctx, retried, other)
		end(ctx, retried, v1alpha1.FailedReason)
		end(ctx, other, v1alpha1.NeedsReviewReason)
		goes(ctx, other)
		Expect(exists(ctx, retried)).To(BeTrue())
	})

	It("is not held up by what the job or the batch owns", func(ctx SpecContext) {
		ns := world.NewNamespace(ctx)
		batch := build.Batch("batch", ns, []v1alpha1.LanguageTag{"ca"}, "Hola.")
		batch.Spec.TTLAfterFinished = soon
		world.Create(ctx, batch)
		job := jobFor("job", ns, nil)
		job.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(batch, v1alpha1.GroupVersion.WithKind("TranslationBatch"))}
		world.Create(ctx, job)
		_, err := configMaps().Put(ctx, job, []byte("result"))
		Expect(err).NotTo(HaveOccurred())
		end(ctx, batch, v1alpha1.FailedReason)
		goes(ctx, batch)
		Expect(exists(ctx, job)).To(BeTrue()) // it is the garbage collector's, which does not run here

		job.Spec.TTLAfterFinished = soon
		Expect(world.Client.Update(ctx, job)).To(Succeed())
		end(ctx, job, v1alpha1.FailedReason)
		goes(ctx, job)
	})
})
