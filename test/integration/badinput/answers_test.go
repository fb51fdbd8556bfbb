package badinput_test

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// The sentences that the model is given, and what it should say.
const (
	harvest  = "The harvest of apricots begins in the second week of July."
	shade    = "Please put the baskets into the shade before noon."
	friday   = "The cooperative pays every picker on Friday evening."
	ernte    = "Die Aprikosenernte beginnt in der zweiten Juliwoche."
	schatten = "Bitte stellen Sie die Körbe vor dem Mittag in den Schatten."
	freitag  = "Die Genossenschaft bezahlt alle Pflücker am Freitagabend."
)

func orchard() map[string]string {
	return map[string]string{harvest: ernte, shade: schatten, friday: freitag}
}

// saying makes a model say something in place of the answer to the second sentence, also
// when it is asked again.
func (m model) saying(instead func(answer string) string) {
	m.Spoil = func(_ openaitest.Call, s openaitest.Segment, text string) string {
		if s.Text == shade {
			return instead(text)
		}
		return text
	}
}

// spoilt has the three sentences translated and checks that the second one alone has
// no translation, for a reason.
func (m model) spoilt(ctx context.Context, reason string) {
	GinkgoHelper()
	job := m.translate(ctx, "spoilt", "de", harvest, shade, friday)
	isHeld(job, v1alpha1.NeedsReviewPhase, v1alpha1.NeedsReviewReason, "1 of 3 segments need a person: 0 under the QA threshold, 1 refused by the engine")
	Expect(job.Status.Progress).To(HaveValue(Equal(v1alpha1.Progress{Total: 3, Done: 2, Failed: 1})))
	Expect(job.Status.Segments[1]).To(And(HaveField("State", v1alpha1.SegmentFailed), HaveField("Error", ContainSubstring(reason))))
	Expect(findingsOf(job)).To(BeEmpty())
	Expect(job.Status.Result.Texts[1].Text).To(BeNil(), "nothing bad is delivered")
	Expect(*job.Status.Result.Texts[0].Text).To(Equal(ernte))
	Expect(*job.Status.Result.Texts[2].Text).To(Equal(freitag))
}

var _ = Describe("A language model", func() {
	It("is believed when it does what it is asked to", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		job := m.translate(ctx, "good", "de", harvest, shade, friday)
		passes(job, ernte)
		Expect(string(job.Status.QAScore)).To(Equal("100.0"))
		Expect(m.Count()).To(Equal(1))
	})

	It("that answers a web page has one text refused", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(answer string) string {
			return "<!DOCTYPE html><html><body><p>" + answer + "</p></body></html>"
		})
		m.spoilt(ctx, "the model's answer has a web page in the place of a text")
	})

	It("that dresses a text in HTML is found out by the tags", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(answer string) string { return `<div class="answer">` + answer + "</div>" })
		job := m.translate(ctx, "dressed", "de", harvest, shade, friday)
		needsReview(job,
			critical(2, qa.PlaceholderCheck, "the translation has <div> that the source has not"),
			critical(2, qa.PlaceholderCheck, "the translation has </div> that the source has not"))
	})

	It("that answers an empty text has that one refused, and the others kept", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(string) string { return "" })
		m.spoilt(ctx, "the model's answer has an empty text")
	})

	It("that goes on and on has its text refused", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(answer string) string { return strings.Repeat(answer+" ", 20) })
		m.spoilt(ctx, "the model's answer repeats itself without end")
	})

	It("that gets stuck in the middle is found out by QA", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(string) string {
			return "Bitte stellen Sie " + strings.Repeat("die Körbe in den Schatten ", 4) + "vor dem Mittag."
		})
		job := m.translate(ctx, "stuck", "de", harvest, shade, friday)
		isHeld(job, v1alpha1.NeedsReviewPhase, v1alpha1.NeedsReviewReason, "1 under the QA threshold")
		Expect(findingsOf(job)).To(ContainElement(critical(2, qa.RepetitionCheck, "the translation repeats itself 4 times in a row")))
	})

	It("that says the same to everything is found out by the sentences beside it", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.Spoil = func(openaitest.Call, openaitest.Segment, string) string { return ernte }
		job := m.translate(ctx, "same", "de", harvest, shade, friday)
		needsReview(job,
			critical(1, qa.ConsistencyCheck, "3 different sources have the same translation"),
			critical(2, qa.ConsistencyCheck, "3 different sources have the same translation"),
			critical(3, qa.ConsistencyCheck, "3 different sources have the same translation"))
	})

	It("that answers ten times the length is found out", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(answer string) string {
			return answer + " Sie sind aus Weide geflochten und halten viele Jahre, wenn man sie trocken lagert und im Winter mit Öl einreibt." +
				" Alte gibt man dem Nachbarn, der daraus Zäune für seine Hühner baut, und neue kauft man auf dem Markt in der Stadt, wo der" +
				" Korbmacher jeden Samstag sitzt. Er verlangt einen ehrlichen Preis und erzählt dabei von seinem Großvater, der das Handwerk" +
				" aus Böhmen mitgebracht hat. Wer ihm zuhört, bekommt einen kleinen geschenkt, in den zwölf Früchte passen."
		})
		job := m.translate(ctx, "long", "de", harvest, shade, friday)
		needsReview(job, critical(2, qa.LengthDeviationCheck, "the translation is much longer than expected"))
	})

	It("that answers fifty times the length has its text refused", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(string) string {
			var b strings.Builder
			for n := range 100 {
				fmt.Fprintf(&b, "Korb %d steht neben Korb %d. ", n*n, n*7)
			}
			return b.String()
		})
		m.spoilt(ctx, "the model's answer is many times as long as the text")
	})

	It("that answers in another language is found out", func(ctx context.Context) {
		const source = "We ask all of you to put the baskets into the shade before noon, because the fruit that is in the sun for an hour cannot be sold at the market."
		m := newModel(ctx, map[string]string{source: "Nous vous prions tous de mettre les paniers à l'ombre avant midi, parce que les fruits qui sont au soleil pendant une heure ne peuvent pas être vendus au marché."})
		job := m.translate(ctx, "french", "de", source)
		needsReview(job, critical(1, qa.WrongScriptCheck, "the translation is not in the target language"))
	})

	It("that answers one sentence of a few words in another language is found out too", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(string) string { return "Veuillez mettre les paniers à l'ombre avant midi." })
		job := m.translate(ctx, "sentence", "de", harvest, shade, friday)
		needsReview(job, critical(2, qa.WrongScriptCheck, "the translation is not in the target language"))
	})

	It("that refuses in the language it was asked for is found out by QA", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(string) string { return "Es tut mir leid, aber dabei kann ich nicht helfen." })
		job := m.translate(ctx, "polite", "de", harvest, shade, friday)
		needsReview(job, critical(2, qa.ChatterCheck, "the engine seems to refuse in place of a translation"))
	})

	It("that says all of it twice is found out", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(answer string) string { return answer + " " + answer })
		job := m.translate(ctx, "twice", "de", harvest, shade, friday)
		isHeld(job, v1alpha1.NeedsReviewPhase, v1alpha1.NeedsReviewReason, "1 under the QA threshold")
		Expect(findingsOf(job)).To(ContainElement(critical(2, qa.RepetitionCheck, "the translation is there 2 times")))
	})

	It("that answers in another script is found out", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(string) string {
			return "Пожалуйста, поставьте корзины в тень до полудня."
		})
		job := m.translate(ctx, "russian", "de", harvest, shade, friday)
		needsReview(job, critical(2, qa.WrongScriptCheck, "only 0% of the text is in the script that the target language is written in"))
	})

	It("that hands the source back is found out", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(string) string { return shade })
		job := m.translate(ctx, "echo", "de", harvest, shade, friday)
		needsReview(job, critical(2, qa.UntranslatedCheck, "the translation is the same as the source"))
	})

	It("that refuses one text is taken at its word for that one", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.saying(func(string) string { return "I'm sorry, but I can't help with that request." })
		m.spoilt(ctx, "the model refused the text")
	})

	DescribeTable("that refuses everything fails the job at once", func(ctx context.Context, fault openaitest.Fault) {
		m := newModel(ctx, orchard())
		m.Always(fault)
		job := m.translate(ctx, "refused", "de", harvest, shade, friday)
		isHeld(job, v1alpha1.FailedPhase, v1alpha1.EngineRejectedReason, "the engine refused all 3 segments: the model refused the text")
		Expect(job.Status.Attempts).To(BeNumerically("<=", 1), "it is not asked for ever")
	},
		Entry("in prose", openaitest.Refusal("")),
		Entry("in the field for it", openaitest.RefusalField("")),
	)

	DescribeTable("that gives no answer has the job tried again, and given up", func(ctx context.Context, fault openaitest.Fault, says string) {
		m := newModel(ctx, orchard())
		m.Always(fault)
		job := m.translate(ctx, "broken", "de", harvest, shade, friday)
		isHeld(job, v1alpha1.FailedPhase, v1alpha1.BackoffLimitExceededReason, "2 attempts failed and backoffLimit is 1; the last: translate segment 1 of 3: "+says)
		Expect(job.Status.FailedAttempts).To(Equal(int32(2)))
		Expect(job.Status.Progress.Done).To(BeZero())
	},
		Entry("but a page", openaitest.NotJSON(), "the provider's answer is not JSON of a chat completion"),
		Entry("but JSON that ends in the middle", openaitest.MalformedJSON(), "the model's answer is not the JSON it was asked for"),
		Entry("but half a body", openaitest.CutBody(), "the connection ended before the answer did"),
		Entry("but an empty list", openaitest.NoChoices(), "the provider's answer holds no choice"),
		Entry("at all", openaitest.Hang(), "the provider gave no answer within 2s"),
	)

	It("that comes to its senses is believed again", func(ctx context.Context) {
		m := newModel(ctx, orchard())
		m.Next(openaitest.Hang(), openaitest.MalformedJSON(), openaitest.EmptyText(), openaitest.EchoSource())
		job := m.translate(ctx, "sober", "de", harvest, shade, friday)
		passes(job, ernte)
		Expect(job.Status.FailedAttempts).To(Equal(int32(1)))
	})
})
