package badinput_test

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/test/build"
)

// glossary makes a glossary of German terms, by the English ones.
func glossary(name, namespace string, terms ...[2]string) *v1alpha1.Glossary {
	g := &v1alpha1.Glossary{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec:       v1alpha1.GlossarySpec{SourceLanguage: "en"},
	}
	for _, term := range terms {
		g.Spec.Entries = append(g.Spec.Entries, v1alpha1.GlossaryEntry{
			Term: term[0], Translations: []v1alpha1.TermTranslation{{Language: "de", Term: term[1]}},
		})
	}
	return g
}

// following makes a job follow glossaries.
func following(names ...string) func(*v1alpha1.TranslationJobSpec) {
	return func(spec *v1alpha1.TranslationJobSpec) {
		for _, name := range names {
			spec.GlossaryRefs = append(spec.GlossaryRefs, v1alpha1.GlossaryReference{Name: v1alpha1.ObjectName(name)})
		}
	}
}

var _ = Describe("A glossary", func() {
	It("that is not there is waited for, and nothing starts before", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		orchards := glossary("orchards", m.namespace, [2]string{"harvest", "Ernte"})
		world.Create(ctx, orchards, build.Job("waiting", m.namespace).Languages("en", "de").Texts(harvest).With(following("orchards", "fruit")).Obj())
		world.Waits(ctx, m.namespace, "waiting", v1alpha1.GlossaryNotFoundReason,
			`Glossary "fruit" is not in namespace "`+m.namespace+`"; the job goes on when it is`)
		waiting := world.Job(ctx, m.namespace, "waiting")
		Expect(waiting.Status.Attempts).To(BeZero())
		Expect(waiting.Status.StartedAt).To(BeNil())
		Expect(m.Count()).To(BeZero(), "the model was not asked")

		world.Create(ctx, glossary("fruit", m.namespace, [2]string{"apricot", "Aprikose"}))
		job := world.Completed(ctx, m.namespace, "waiting")
		passes(job, ernte)
		Expect(job.Status.Terms).To(HaveValue(Equal(v1alpha1.TermCounts{Applied: 2})))
	})

	DescribeTable("with a term of nothing is refused in words", func(ctx context.Context, term, translation, place, says string) {
		namespace := world.NewNamespace(ctx)
		err := world.Client.Create(ctx, glossary("empty", namespace, [2]string{"pear", "Birne"}, [2]string{term, translation}))
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
		Expect(err).To(MatchError(And(ContainSubstring("spec.entries[1]"+place), ContainSubstring(says))))
	},
		Entry("without a term", "", "Birne", ".term", "Required value"),
		Entry("a blank term", " \t", "Birne", ".term", "must have a character that is not white space"),
		Entry("without a translation", "plum", "", ".translations[0].term", "Required value"),
		Entry("a blank translation", "plum", " ", ".translations[0].term", "must have a character that is not white space"),
	)

	It("of fifty thousand terms is refused as one object, in words that say what fits", func(ctx context.Context) {
		large := glossary("large", world.NewNamespace(ctx))
		for n := range 50_000 {
			large.Spec.Entries = append(large.Spec.Entries, v1alpha1.GlossaryEntry{Term: fmt.Sprint("t", n), Handling: v1alpha1.KeepTerm})
		}
		err := world.Client.Create(ctx, large)
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
		Expect(err).To(MatchError(ContainSubstring("spec.entries: Too many: 50000: must have at most 2000 items")))

		By("and what no request may hold is not read at all")
		for i := range large.Spec.Entries {
			large.Spec.Entries[i].Context = "of the orchard behind the house"
		}
		err = world.Client.Create(ctx, large)
		Expect(apierrors.IsRequestEntityTooLargeError(err)).To(BeTrue(), "%v", err)
	})

	It("of fifty thousand terms in parts is followed, and only what occurs is sent", func(ctx context.Context) {
		const parts, each = 25, 2000
		m := newModel(ctx, map[string]string{
			"Pick tree 7 and tree 49999 before noon.":  "Ernten Sie Baum 7 und Baum 49999 vor dem Mittag.",
			"Pick tree 12345 and tree 31 before noon.": "Ernten Sie Baum 12345 und Strauch 31 vor dem Mittag.",
		})
		var names []string
		for part := range parts {
			var terms [][2]string
			for n := part * each; n < (part+1)*each; n++ {
				terms = append(terms, [2]string{fmt.Sprint("tree ", n), fmt.Sprint("Baum ", n)})
			}
			names = append(names, fmt.Sprint("trees-", part))
			world.Create(ctx, glossary(names[part], m.namespace, terms...))
		}
		job := m.run(ctx, build.Job("followed", m.namespace).Languages("en", "de").
			Texts("Pick tree 7 and tree 49999 before noon.", "Pick tree 12345 and tree 31 before noon.").With(following(names...)))
		Expect(job.Status.Terms).To(HaveValue(Equal(v1alpha1.TermCounts{Applied: 3, Missed: 1})))
		Expect(findingsOf(job)).To(ConsistOf(finding(2, "terminology", v1alpha1.MajorSeverity, "Baum 31")))
		Expect(m.Calls()[0].System).To(And(ContainSubstring("Baum 49999"), ContainSubstring("Baum 12345")))
		Expect(strings.Count(m.Calls()[0].System, "Baum ")).To(Equal(4))
	})
})
