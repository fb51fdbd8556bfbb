package badinput_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/build"
)

var _ = Describe("A source", func() {
	const (
		german = "Die Ernte der Aprikosen beginnt in der zweiten Woche im Juli, und wir bitten alle, die Körbe vor dem Mittag in den Schatten zu stellen."
		french = "La récolte des abricots commence la deuxième semaine de juillet, et nous prions tout le monde de mettre les paniers à l'ombre avant midi."
	)

	It("in another language than declared needs review, however good the answer looks", func(ctx context.Context) {
		m := newModel(ctx, map[string]string{german: french})
		job := m.run(ctx, build.Job("declared", m.namespace).Languages("en", "fr").Text(german))
		needsReview(job, critical(1, qa.SourceLanguageCheck, `seems to be in "de", and not in "en" as the job says`))
		Expect(*job.Status.Result.Text).To(Equal(french), "the candidate is delivered")

		By("and is translated when the job says what it is")
		world.Change(ctx, m.namespace, "declared", func(spec *v1alpha1.TranslationJobSpec) { spec.SourceLanguage = "de" })
		Expect(world.Completed(ctx, m.namespace, "declared").Status.Result.Findings).To(BeEmpty())
	})

	It("of several texts names the one that is in another language", func(ctx context.Context) {
		answers := orchard()
		answers[french] = german
		m := newModel(ctx, answers)
		job := m.translate(ctx, "one", "de", harvest, french, friday)
		needsReview(job, critical(2, qa.SourceLanguageCheck, `seems to be in "fr", and not in "en" as the job says`))
	})

	It("in another script than its language is found by the letters", func(ctx context.Context) {
		const russian = "Урожай абрикосов начинается на второй неделе июля, поставьте корзины в тень до полудня."
		m := newModel(ctx, map[string]string{russian: german})
		job := m.translate(ctx, "script", "de", russian)
		needsReview(job, critical(1, qa.SourceLanguageCheck, ""))
	})

	It("that is in the language of the translation already is found out", func(ctx context.Context) {
		m := newModel(ctx, map[string]string{german: german})
		job := m.translate(ctx, "same", "de", german)
		isHeld(job, v1alpha1.NeedsReviewPhase, v1alpha1.NeedsReviewReason, "need a person")
		Expect(findingsOf(job)).To(ContainElement(critical(1, qa.SourceLanguageCheck, `seems to be in "de", and not in "en"`)))
	})

	It("that quotes another language is translated, and nothing is said of it", func(ctx context.Context) {
		const (
			quoting = `The sign at the gate reads "Récolte des abricots" and nobody in the village knows who put it there.`
			quoted  = "Auf dem Schild am Tor steht „Récolte des abricots“, und niemand im Dorf weiß, wer es dort angebracht hat."
		)
		m := newModel(ctx, map[string]string{quoting: quoted})
		job := m.translate(ctx, "quoting", "de", quoting)
		passes(job, quoted)
		Expect(findingsOf(job)).To(BeEmpty())
	})
})
