package retention_test

import (
	"context"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/test/build"
)

// names of the blobs of a namespace.
func names(ctx context.Context, backend payload.Backend, namespace string) []string {
	GinkgoHelper()
	infos, err := backend.List(ctx, namespace, "")
	Expect(err).NotTo(HaveOccurred())
	var out []string
	for _, info := range infos {
		out = append(out, info.Name)
	}
	return out
}

// fill stores a result and two pages of a job.
func fill(ctx context.Context, store payload.Store, job *v1alpha1.TranslationJob) v1alpha1.PayloadReference {
	GinkgoHelper()
	ref, err := store.Put(ctx, job, []byte("result of "+job.Name))
	Expect(err).NotTo(HaveOccurred())
	pages, _, err := store.OpenPages(ctx, job, false)
	Expect(err).NotTo(HaveOccurred())
	for _, page := range []string{"one", "two"} {
		Expect(pages.Append(ctx, []byte(page))).To(Succeed())
	}
	return ref
}

func put(ctx context.Context, store payload.Store, namespace, text string) v1alpha1.PayloadReference {
	GinkgoHelper()
	ref, err := store.PutInput(ctx, namespace, []byte(text))
	Expect(err).NotTo(HaveOccurred())
	return ref
}

func from(ref v1alpha1.PayloadReference) v1alpha1.Source {
	return v1alpha1.Source{Payload: &v1alpha1.PayloadSource{Ref: ref, Form: v1alpha1.TextForm}}
}

var _ = DescribeTable("The sweep deletes payloads that nobody needs", func(ctx SpecContext, open func() payload.Backend) {
	backend := open()
	store, ns := payload.New(backend, clock.RealClock{}), world.NewNamespace(ctx)
	opens := func(refs ...v1alpha1.PayloadReference) {
		GinkgoHelper()
		for _, ref := range refs {
			_, err := store.Open(ctx, ns, ref)
			Expect(err).NotTo(HaveOccurred())
		}
	}

	By("storing results, pages and sources, some for jobs that are deleted")
	ofJob, ofBatch, ofNobody := put(ctx, store, ns, "of a job"), put(ctx, store, ns, "of a batch"), put(ctx, store, ns, "of nobody")
	kept := build.Job("kept", ns).With(func(s *v1alpha1.TranslationJobSpec) { s.Source = from(ofJob) }).Obj()
	gone := build.Job("gone", ns).Text("Hola.").Obj()
	batch := build.Batch("batch", ns, []v1alpha1.LanguageTag{"ca"}, "Hola.")
	batch.Spec.Items = append(batch.Spec.Items, v1alpha1.BatchItem{Source: from(ofBatch)})
	world.Create(ctx, kept, gone, batch)
	ofKept := fill(ctx, store, kept)
	fill(ctx, store, gone)
	Expect(backend.Create(ctx, payload.Blob{Namespace: ns, Name: "memory-1", Data: []byte("of the memory")})).To(Succeed())
	Expect(world.Client.Delete(ctx, gone)).To(Succeed())
	again := build.Job("gone", ns).Text("Hola.").Obj() // another job of the name
	world.Create(ctx, again)
	ofAgain := fill(ctx, store, again)
	Expect(names(ctx, backend, ns)).To(HaveLen(3 + 3*3 + 1))

	By("sweeping what is older than a second, five times a second")
	start(store, time.Second, 200*time.Millisecond)
	Eventually(names).WithArguments(ctx, backend, ns).Should(HaveLen(2 + 2*3 + 1))
	opens(ofJob, ofBatch, ofKept, ofAgain)
	_, err := store.Open(ctx, ns, ofNobody)
	Expect(err).To(MatchError(payload.ErrNotFound))
	pages, err := store.Progressed(ctx, kept)
	Expect(err).NotTo(HaveOccurred())
	Expect(pages).To(BeTrue())

	By("deleting the job and the batch that refer to the sources")
	Expect(world.Client.Delete(ctx, kept)).To(Succeed())
	Expect(world.Client.Delete(ctx, batch)).To(Succeed())
	Expect(world.Client.Delete(ctx, again)).To(Succeed())
	Eventually(names).WithArguments(ctx, backend, ns).Should(ConsistOf("memory-1"))

	By("storing a source again for a job that has waited for it")
	world.Create(ctx, build.Job("late", ns).With(func(s *v1alpha1.TranslationJobSpec) { s.Source = from(ofJob) }).Obj())
	Expect(put(ctx, store, ns, "of a job")).To(Equal(ofJob))
	opens(ofJob)
},
	Entry("from ConfigMaps", inConfigMaps),
	Entry("from a directory", inDirectory),
)

var _ = DescribeTable("What a manager leaves that is killed at the end of a job goes away", func(ctx SpecContext, open func() payload.Backend) {
	backend := open()
	store, ns := payload.New(backend, clock.RealClock{}), world.NewNamespace(ctx)
	of := func(job *v1alpha1.TranslationJob) func() []string {
		return func() []string {
			return slices.DeleteFunc(names(ctx, backend, ns), func(name string) bool { return !strings.Contains(name, string(job.UID)) })
		}
	}
	ending := func(job *v1alpha1.TranslationJob, reason string) (result v1alpha1.PayloadReference) {
		GinkgoHelper()
		_, err := store.Put(ctx, job, []byte("result of the manager before"))
		Expect(err).NotTo(HaveOccurred())
		result = fill(ctx, store, job)
		job.Status.Result = &v1alpha1.Result{PayloadRef: &result, SHA256: result.SHA256}
		job.Status.CompletedAt = new(metav1.NewTime(time.Now().Add(-time.Minute))) // all readers know
		end(ctx, job, reason)
		return result
	}

	By("ending two jobs without dropping their pages, each with a result too many")
	completed, reviewed := build.Job("completed", ns).Text("Hola.").Obj(), build.Job("reviewed", ns).Text("Hola.").Obj()
	working := build.Job("working", ns).Text("Hola.").Obj()
	world.Create(ctx, completed, reviewed, working)
	result := ending(completed, v1alpha1.CompletedReason)
	ending(reviewed, v1alpha1.NeedsReviewReason)
	fill(ctx, store, working)
	Expect(of(completed)()).To(HaveLen(4))
	Expect(of(reviewed)()).To(HaveLen(4))

	By("starting a manager whose first sweep is minutes away")
	stop := start(store, time.Hour, time.Hour)
	Eventually(of(completed)).Should(ConsistOf(string(result.Name) + "-0"))
	Eventually(of(reviewed)).Should(HaveLen(3))
	for _, job := range []*v1alpha1.TranslationJob{completed, reviewed} {
		_, err := store.Open(ctx, ns, *job.Status.Result.PayloadRef)
		Expect(err).NotTo(HaveOccurred())
	}
	_, pages, err := store.OpenPages(ctx, reviewed, false)
	Expect(err).NotTo(HaveOccurred())
	Expect(pages).To(HaveLen(2), "a retry goes on from them")
	stop()
	Expect(of(working)()).To(HaveLen(3))
},
	Entry("from ConfigMaps", inConfigMaps),
	Entry("from a directory", inDirectory),
)

func inConfigMaps() payload.Backend {
	return payload.ConfigMaps{Client: world.Client, Reader: world.Client}
}

func inDirectory() payload.Backend {
	GinkgoHelper()
	backend, err := payload.OpenBucket(context.Background(), "file://"+GinkgoT().TempDir())
	Expect(err).NotTo(HaveOccurred())
	return backend
}

// Two writers of the same name are told apart by the API server alone.
var _ = It("Of two processes that work on a job, the later one fences the earlier", func(ctx SpecContext) {
	store, ns := configMaps(), world.NewNamespace(ctx)
	job := build.Job("job", ns).Text("Hola.").Obj()
	world.Create(ctx, job)
	first, _, err := store.OpenPages(ctx, job, false)
	Expect(err).NotTo(HaveOccurred())
	Expect(first.Append(ctx, []byte("one"))).To(Succeed())
	second, pages, err := store.OpenPages(ctx, job, true)
	Expect(err).NotTo(HaveOccurred())
	Expect(pages).To(Equal([][]byte{[]byte("one")}))
	Expect(first.Append(ctx, []byte("two"))).To(MatchError(payload.ErrFenced))
	Expect(second.Append(ctx, []byte("two, by another"))).To(Succeed())
	Expect(second.Drop(ctx)).To(Succeed())
	Expect(names(ctx, payload.ConfigMaps{Client: world.Client, Reader: world.Client}, ns)).To(BeEmpty())
})
