package jobs_test

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/fanout"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/kstatus"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

func getBatch(ctx context.Context, namespace, name string) *v1alpha1.TranslationBatch {
	GinkgoHelper()
	var b v1alpha1.TranslationBatch
	Expect(world.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &b)).To(Succeed())
	Expect(kstatus.Broken(kstatus.Batch(&b))).To(BeEmpty())
	return &b
}

func finishedBatch(ctx context.Context, namespace, name string) *v1alpha1.TranslationBatch {
	GinkgoHelper()
	var b *v1alpha1.TranslationBatch
	Eventually(func(g Gomega) {
		b = getBatch(ctx, namespace, name)
		g.Expect(meta.IsStatusConditionTrue(b.Status.Conditions, v1alpha1.FinishedCondition)).To(BeTrue())
		g.Expect(b.Status.ObservedGeneration).To(Equal(b.Generation))
	}).Should(Succeed())
	return b
}

func jobsOf(ctx context.Context, namespace string) []v1alpha1.TranslationJob {
	GinkgoHelper()
	var list v1alpha1.TranslationJobList
	Expect(world.Client.List(ctx, &list, client.InNamespace(namespace))).To(Succeed())
	return list.Items
}

func changeBatch(ctx context.Context, namespace, name string, edit func(*v1alpha1.TranslationBatchSpec)) {
	GinkgoHelper()
	Eventually(func() error {
		b := getBatch(ctx, namespace, name)
		edit(&b.Spec)
		return world.Client.Update(ctx, b)
	}).Should(Succeed())
}

var _ = Describe("A batch", func() {
	languages := []v1alpha1.LanguageTag{"ca", "pt"}

	It("makes a job for each item and language, and counts them", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		batch := build.Batch("shop", s.namespace, languages, "Inicio", "Contacto")
		batch.Labels = map[string]string{"app.kubernetes.io/instance": "argo"}
		batch.Spec.Template.ProjectName = "Web"
		world.Create(ctx, batch)

		b := finishedBatch(ctx, s.namespace, "shop")
		Expect(b.Status.Phase).To(Equal(v1alpha1.BatchCompleted))
		Expect(b.Status.Jobs).To(HaveValue(Equal(v1alpha1.JobCounts{Total: 4, Completed: 4})))
		Expect(b.Status.JobsSummary).To(Equal("4/4"))
		Expect(b.Status.Languages).To(HaveLen(2))
		Expect(b.Status.Languages[0].Jobs.Completed).To(Equal(int32(2)))
		Expect(string(b.Status.QAScore)).To(Equal("100.0"))
		Expect(b.Status.WordCount).To(Equal(int64(4)))
		Expect(b.Status.CompletedAt).NotTo(BeNil())
		jobs := jobsOf(ctx, s.namespace)
		Expect(jobs).To(HaveLen(4))
		for _, job := range jobs {
			Expect(job.Labels).To(Equal(map[string]string{v1alpha1.BatchLabel: "shop"}), "labels of the batch are not copied")
			Expect(job.Spec.ProjectName).To(Equal("Web"))
			Expect(job.OwnerReferences).To(HaveLen(1))
			Expect(job.OwnerReferences[0].UID).To(Equal(b.UID))
		}
	})

	It("never has more than maxParallel unfinished jobs", func(ctx context.Context) {
		e, release := oneByOne()
		s := newStage(ctx, e)
		batch := build.Batch("narrow", s.namespace, languages, "Uno", "Dos", "Tres")
		batch.Spec.MaxParallel = new(int32(2))
		world.Create(ctx, batch)
		Eventually(func() *v1alpha1.JobCounts { return getBatch(ctx, s.namespace, "narrow").Status.Jobs }).
			Should(HaveValue(Equal(v1alpha1.JobCounts{Total: 6, Waiting: 4, Active: 2})))
		Expect(jobsOf(ctx, s.namespace)).To(HaveLen(2))
		Expect(getBatch(ctx, s.namespace, "narrow").Status.Phase).To(Equal(v1alpha1.BatchProcessing))
		close(release)
		Expect(finishedBatch(ctx, s.namespace, "narrow").Status.Jobs.Completed).To(Equal(int32(6)))
	})

	It("says that some jobs did not complete, and which languages", func(ctx context.Context) {
		e := scripted.New()
		e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
			if req.Pair.Target == "pt" {
				return engine.Response{}, engine.Errorf(engine.Misconfigured, "no Portuguese today")
			}
			return scripted.Translation(req), nil
		}
		s := newStage(ctx, e)
		world.Create(ctx, build.Batch("mixed", s.namespace, languages, "Inicio"),
			build.Batch("failing", s.namespace, languages[1:], "Inicio"))
		b := finishedBatch(ctx, s.namespace, "mixed")
		Expect(b.Status.Phase).To(Equal(v1alpha1.BatchCompletedWithErrors))
		Expect(b.Status.Languages[0].Jobs.Completed).To(Equal(int32(1)))
		Expect(b.Status.Languages[1].Jobs.Failed).To(Equal(int32(1)))
		Expect(meta.FindStatusCondition(b.Status.Conditions, v1alpha1.StalledCondition).Reason).To(Equal(v1alpha1.CompletedWithErrorsReason))
		Expect(finishedBatch(ctx, s.namespace, "failing").Status.Phase).To(Equal(v1alpha1.BatchFailed))
	})

	It("passes suspend, resume and cancel on to its jobs", func(ctx context.Context) {
		e, release := oneByOne()
		s := newStage(ctx, e)
		batch := build.Batch("steered", s.namespace, languages, "Uno", "Dos")
		batch.Spec.Suspend = new(true)
		world.Create(ctx, batch)
		Eventually(func() v1alpha1.BatchPhase { return getBatch(ctx, s.namespace, "steered").Status.Phase }).Should(Equal(v1alpha1.BatchSuspended))
		Expect(jobsOf(ctx, s.namespace)).To(BeEmpty())
		changeBatch(ctx, s.namespace, "steered", func(spec *v1alpha1.TranslationBatchSpec) { spec.Suspend = nil })
		release <- struct{}{}
		Eventually(e.Sold).Should(HaveLen(1))
		changeBatch(ctx, s.namespace, "steered", func(spec *v1alpha1.TranslationBatchSpec) { spec.Cancel = new(true) })
		b := finishedBatch(ctx, s.namespace, "steered")
		Expect(b.Status.Phase).To(Equal(v1alpha1.BatchCancelled))
		Expect(b.Status.Jobs).To(HaveValue(Equal(v1alpha1.JobCounts{Total: 4, Completed: 1, Cancelled: 3})))
	})

	It("runs changed items again, and only those", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx, build.Batch("edited", s.namespace, languages[:1], "Uno", "Dos"))
		finishedBatch(ctx, s.namespace, "edited")
		changeBatch(ctx, s.namespace, "edited", func(spec *v1alpha1.TranslationBatchSpec) {
			spec.Items[1].Source.Text = new("Tres")
		})
		Eventually(func() string {
			if r := world.Job(ctx, s.namespace, fanout.JobName("edited", 1, "ca")).Status.Result; r != nil && r.Text != nil {
				return *r.Text
			}
			return ""
		}).Should(Equal(scripted.Text("Tres")))
		Expect(finishedBatch(ctx, s.namespace, "edited").Status.Phase).To(Equal(v1alpha1.BatchCompleted))
		Expect(s.engine.Sold()).To(ConsistOf("Uno", "Dos", "Tres"))
	})

	It("leaves alone an object that is not its own, and says so", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx, build.Job(fanout.JobName("clash", 0, "ca"), s.namespace).Text("Otro texto.").Obj())
		world.Create(ctx, build.Batch("clash", s.namespace, languages, "Inicio"))
		b := finishedBatch(ctx, s.namespace, "clash")
		Expect(b.Status.Phase).To(Equal(v1alpha1.BatchCompletedWithErrors))
		Expect(b.Status.Jobs).To(HaveValue(Equal(v1alpha1.JobCounts{Total: 2, Completed: 1, Failed: 1})))
		Expect(meta.FindStatusCondition(b.Status.Conditions, v1alpha1.FinishedCondition).Message).To(ContainSubstring(v1alpha1.ChildConflictReason))
	})

	It("ends although more items are refused than one pass makes", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		texts := make([]string, 0, 130)
		for i := range 130 {
			texts = append(texts, fmt.Sprintf("Texto %d", i))
		}
		world.Create(ctx, build.Batch("many", s.namespace, []v1alpha1.LanguageTag{"ES"}, texts...))
		b := finishedBatch(ctx, s.namespace, "many")
		Expect(b.Status.Jobs).To(HaveValue(Equal(v1alpha1.JobCounts{Total: 130, Failed: 130})))
		Expect(b.Status.Phase).To(Equal(v1alpha1.BatchFailed))
	})

	It("counts an item that the API server refuses as failed, and goes on", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx, build.Batch("same", s.namespace, []v1alpha1.LanguageTag{"ES", "ca"}, "Inicio"))
		b := finishedBatch(ctx, s.namespace, "same")
		Expect(b.Status.Jobs).To(HaveValue(Equal(v1alpha1.JobCounts{Total: 2, Completed: 1, Failed: 1})))
		Expect(meta.FindStatusCondition(b.Status.Conditions, v1alpha1.FinishedCondition).Message).To(And(
			ContainSubstring(v1alpha1.ItemRejectedReason), ContainSubstring("targetLanguage must differ from sourceLanguage")))
	})
})

var _ = Describe("A large result", func() {
	It("is kept in a payload, and the object stays small", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		var text strings.Builder
		for i := range 2000 {
			fmt.Fprintf(&text, "La casa %d es grande y bonita.\n", i)
		}
		world.Create(ctx, build.ConfigMap("book", s.namespace, "body", text.String()),
			build.Job("book", s.namespace).ConfigMap("book", "body").Obj())
		job := world.Finished(ctx, s.namespace, "book")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.Result.Text).To(BeNil())
		Expect(job.Status.Segments).To(BeEmpty())
		Expect(job.Status.Progress.Done).To(Equal(int32(2000)))
		data, err := payload.Open(ctx, world.Client, s.namespace, *job.Status.Result.PayloadRef)
		Expect(err).NotTo(HaveOccurred())
		result, err := document.UnmarshalResult(data)
		Expect(err).NotTo(HaveOccurred())
		Expect(*result.Text).To(Equal(scripted.Text(text.String())))
		Expect(result.Segments).To(HaveLen(2000))
	})

	It("comes of a text that the cache does not hold", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		text := strings.TrimSpace(strings.Repeat("La casa es grande y bonita. ", 400))
		world.Create(ctx, build.Job("long", s.namespace).Text(text).Obj())
		job := world.Finished(ctx, s.namespace, "long")
		data, err := payload.Open(ctx, world.Client, s.namespace, *job.Status.Result.PayloadRef)
		Expect(err).NotTo(HaveOccurred())
		result, err := document.UnmarshalResult(data)
		Expect(err).NotTo(HaveOccurred())
		Expect(*result.Text).To(Equal(scripted.Text(text)))
		Expect(s.engine.Sold()).To(HaveLen(1), "a repeated sentence is bought once")
	})
})
