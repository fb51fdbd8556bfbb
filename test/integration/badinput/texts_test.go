package badinput_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/build"
)

// reviewed has the source reviewed, which leaves notes.
func reviewed(spec *v1alpha1.TranslationJobSpec) { spec.SourceReview = v1alpha1.SourceReviewAlways }

// text is one text that is odd and right, with a faithful answer to it.
type text struct {
	source, target string
	// shown is the source as the model sees it, when that differs.
	shown string
	// faithful is the model's answer, and want what becomes of it, when that differs.
	faithful, want string
	limit          int32 // of characters; 0 for none
}

// job makes a job of the text.
func (t text) job(name string, m model) *build.JobWrapper {
	job := build.Job(name, m.namespace).Languages("en", t.target).Texts(t.source).With(reviewed)
	if t.limit > 0 {
		job.Spec.Constraints = []v1alpha1.Constraint{{Type: v1alpha1.MaxCharsConstraint, Value: new(t.limit)}}
	}
	return job
}

// answered has the text translated by a model that says something, also when it is
// asked again.
func (t text) answered(ctx context.Context, answer string) *v1alpha1.TranslationJob {
	GinkgoHelper()
	shown := t.shown
	if shown == "" {
		shown = t.source
	}
	m := newModel(ctx, map[string]string{shown: answer})
	done := m.run(ctx, t.job("odd", m))
	Expect(m.Calls()[0].Segments[0].Text).To(Equal(shown), "what the model sees")
	return done
}

// isRead checks that the faithful answer passes, with notes on the source alone.
func (t text) isRead(ctx context.Context) *v1alpha1.TranslationJob {
	GinkgoHelper()
	want := t.want
	if want == "" {
		want = t.faithful
	}
	job := t.answered(ctx, t.faithful)
	passes(job, want)
	return job
}

var _ = Describe("A text", func() {
	It("that is to be an ICU message and does not parse is kept as text, with a note", func(ctx context.Context) {
		t := text{
			source: "{n, plural, one {# apricot tree}} stands in the {place}.", target: "de",
			shown: "⟦1⟧ stands in the ⟦2⟧.", faithful: "⟦1⟧ steht im ⟦2⟧.",
			want: "{n, plural, one {# apricot tree}} steht im {place}.",
		}
		Expect(findingsOf(t.isRead(ctx))).To(ConsistOf(note(1, qa.SourceFormCheck, `an ICU message is kept as text: a choice has no case "other" at byte 32`)))

		By("and what would be read by a program must not be lost")
		job := t.answered(ctx, "Ein Baum steht im ⟦2⟧.")
		isHeld(job, v1alpha1.CompletedWithBlocksPhase, v1alpha1.CompletedWithBlocksReason, "1 of 1 segments keep their source text, because their placeables could not be put back")
		Expect(*job.Status.Result.Texts[0].Text).To(Equal(t.source))
	})

	It("from right to left keeps its placeables, wherever they are shown", func(ctx context.Context) {
		t := text{
			source: "Hello {name}, your order %1$s of 3 apricots is ready at https://example.org/orders.", target: "ar",
			shown:    "Hello ⟦1⟧, your order ⟦2⟧ of 3 apricots is ready at ⟦3⟧.",
			faithful: "مرحبًا ⟦1⟧، طلبك ⟦2⟧ المكوَّن من 3 مشمشات جاهز على ⟦3⟧.",
			want:     "مرحبًا {name}، طلبك %1$s المكوَّن من 3 مشمشات جاهز على https://example.org/orders.",
		}
		Expect(findingsOf(t.isRead(ctx))).To(BeEmpty())

		By("losing one")
		job := t.answered(ctx, "مرحبًا ⟦1⟧، طلبك المكوَّن من 3 مشمشات جاهز على ⟦3⟧.")
		isHeld(job, v1alpha1.CompletedWithBlocksPhase, v1alpha1.CompletedWithBlocksReason, "keep their source text")
		Expect(findingsOf(job)).To(ConsistOf(critical(1, qa.PlaceholderCheck, "placeable ⟦2⟧ (%1$s) is missing")))
		By("losing a number")
		Expect(findingsOf(t.answered(ctx, "مرحبًا ⟦1⟧، طلبك ⟦2⟧ المكوَّن من 5 مشمشات جاهز على ⟦3⟧."))).To(
			ConsistOf(finding(1, qa.NumberCheck, v1alpha1.MajorSeverity, "1 number")))
		By("answering in the script of the source")
		needsReview(t.answered(ctx, "Hallo ⟦1⟧, die Bestellung ⟦2⟧ von 3 Stück liegt jetzt bereit, bei ⟦3⟧."),
			critical(1, qa.WrongScriptCheck, "only 0% of the text is in the script that the target language is written in"))
	})

	It("that turns round what is read is found", func(ctx context.Context) {
		t := text{
			source: "Hello {name}, your order number 4711 is ready for pickup.", target: "he",
			shown:    "Hello ⟦1⟧, your order number 4711 is ready for pickup.",
			faithful: "שלום ⟦1⟧, ההזמנה שלך מספר \u20684711\u2069 מוכנה לאיסוף.",
			want:     "שלום {name}, ההזמנה שלך מספר \u20684711\u2069 מוכנה לאיסוף.",
		}
		Expect(findingsOf(t.isRead(ctx))).To(BeEmpty(), "isolates are how it is done")

		By("by a sign that is not closed")
		needsReview(t.answered(ctx, "שלום \u202d⟦1⟧, ההזמנה שלך מספר 4711 מוכנה לאיסוף."),
			critical(1, qa.CharactersCheck, "the translation changes the direction of text and does not change it back"))
		By("by a sign that is")
		needsReview(t.answered(ctx, "שלום ⟦1⟧, ההזמנה שלך מספר \u202e4711\u202c מוכנה לאיסוף."),
			critical(1, qa.CharactersCheck, "the translation forces the direction of letters, and the source does not"))
	})

	It("with signs that nobody sees is translated, with a note; an answer has none of its own", func(ctx context.Context) {
		t := text{
			source: "The har\u200bvest of apri\u2060cots begins today.", target: "de",
			faithful: "Die Aprikosenernte beginnt heute.",
		}
		Expect(findingsOf(t.isRead(ctx))).To(ConsistOf(note(1, qa.SourceErrorCheck, "the source has 2 characters that nobody sees: spaces of no width, or signs of direction")))

		plain := text{source: "The harvest of apricots begins today.", target: "de"}
		Expect(findingsOf(plain.answered(ctx, "Die Apri\u200bkosenernte beginnt heute."))).To(
			ConsistOf(finding(1, qa.CharactersCheck, v1alpha1.MinorSeverity, "a character that nobody sees and the source has not")))
	})

	It("that hides its end behind a turn of direction is translated, with a note", func(ctx context.Context) {
		t := text{
			source: "Open the file basket\u202efdp.exe\u202c with the usual program.", target: "de",
			faithful: "Öffnen Sie die Datei basket\u202efdp.exe\u202c mit dem üblichen Programm.",
		}
		Expect(findingsOf(t.isRead(ctx))).To(ConsistOf(note(1, qa.SourceErrorCheck, "2 characters that nobody sees")))
	})

	It("in two scripts is translated; words of two scripts and the wrong script are found", func(ctx context.Context) {
		t := text{
			source: "Plug the USB cable into the apricot dryer and press START.", target: "ru",
			faithful: "Подключите кабель USB к сушилке для абрикосов и нажмите START.",
		}
		Expect(findingsOf(t.isRead(ctx))).To(BeEmpty())

		By("with Latin letters that look like others")
		Expect(findingsOf(t.answered(ctx, "Подключите кaбeль USB к сушилкe для абрикосов и нажмите START."))).To(
			ConsistOf(finding(1, qa.CharactersCheck, v1alpha1.MinorSeverity, "2 words with letters of two scripts")))
		By("with hardly a word of the right one")
		needsReview(t.answered(ctx, "Podklyuchite kabel USB k sushilke dlya abrikosov и START."),
			critical(1, qa.WrongScriptCheck, "% of the text is in the script that the target language is written in"))

		By("and with such words in the source itself, which are noted")
		odd := text{source: "The hаrvest of apricots begins today.", target: "de", faithful: "Die Aprikosenernte beginnt heute."}
		Expect(findingsOf(odd.isRead(ctx))).To(ConsistOf(note(1, qa.SourceErrorCheck, "1 word with letters of two scripts that look alike")))
	})

	It("of emoji and accents is as long as people see it", func(ctx context.Context) {
		// 19 characters of 54 bytes: a family and a flag are one each, and so is an e with its accent.
		t := text{
			source: "Apricots 👨‍👩‍👧‍👦 🇩🇪 at last!", target: "de", limit: 19,
			faithful: "Aprikosen 👨‍👩‍👧‍👦 🇩🇪 Cafe\u0301!",
		}
		Expect(findingsOf(t.isRead(ctx))).To(BeEmpty())

		By("and one character more is found, and never cut")
		const long = "Aprikosen 👨‍👩‍👧‍👦 🇩🇪 Cafe\u0301s!"
		job := t.answered(ctx, long)
		needsReview(job, critical(1, qa.ConstraintCheck, "the translation has 20 characters, the limit is 19"))
		Expect(*job.Status.Result.Texts[0].Text).To(Equal(long))
	})

	It("of a megabyte without a sentence end is translated by stretches, with a note", func(ctx context.Context) {
		const clause = "the apricots of the valley ripen in the warm summer wind while "
		source := strings.TrimSpace(strings.Repeat(clause, 999_990/len(clause)))
		m := newModel(ctx, nil)
		world.Create(ctx, build.ConfigMap("endless", m.namespace, "text", source))
		job := m.run(ctx, build.Job("endless", m.namespace).Languages("en", "de").ConfigMap("endless", "text"))
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase))
		Expect(job.Status.Progress.Total).To(BeNumerically(">", 100))
		Expect(findingsOf(job)).To(ConsistOf(note(1, qa.SourceFormCheck, "characters is translated by stretches of at most 8000")))

		By("and a model that loses half of each is found out")
		half := newModel(ctx, nil)
		half.Spoil = func(_ openaitest.Call, _ openaitest.Segment, text string) string { return text[:len(text)/2] }
		world.Create(ctx, build.ConfigMap("endless", half.namespace, "text", source))
		job = half.run(ctx, build.Job("endless", half.namespace).Languages("en", "de").ConfigMap("endless", "text"))
		isHeld(job, v1alpha1.NeedsReviewPhase, v1alpha1.NeedsReviewReason, "need a person")
		Expect(findingsOf(job)).To(ContainElement(critical(1, qa.LengthDeviationCheck, "the translation is much shorter than expected")))
	})

	It("of a megabyte without a space is translated too", func(ctx context.Context) {
		m := newModel(ctx, nil)
		world.Create(ctx, build.ConfigMap("solid", m.namespace, "text", strings.Repeat("杏子熟了", 250_000/3)))
		job := m.run(ctx, build.Job("solid", m.namespace).Languages("zh", "ja").ConfigMap("solid", "text"))
		Expect(job.Status.Progress.Total).To(BeNumerically(">", 10))
		Expect(findingsOf(job)).To(ContainElement(note(1, qa.SourceFormCheck, "by stretches of at most 8000")))
	})
})
