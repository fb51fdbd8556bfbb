package badinput_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
)

// account is a model's namespace as a caller of the REST adapter knows it.
type account struct {
	model

	key string
}

// newAccount makes a namespace with a model and a key, and waits until the adapter has
// seen both.
func newAccount(ctx context.Context, answers map[string]string) account {
	GinkgoHelper()
	m := newModel(ctx, answers)
	a := account{model: m, key: world.Key(ctx, m.namespace, rest)}
	Eventually(func() int { return a.post(ctx, "/v1/jobs?dry_run=true", nil).Code }).Should(Equal(http.StatusOK))
	return a
}

// post asks for a good translation, changed by more fields; a nil value takes one out.
func (a account) post(ctx context.Context, path string, changes map[string]any) suite.Answer {
	GinkgoHelper()
	fields := map[string]any{"mode": "translation", "source_lang": "en", "target_lang": "de", "texts": []string{harvest, shade, friday}}
	maps.Copy(fields, changes)
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == nil })
	body, err := json.Marshal(fields)
	Expect(err).NotTo(HaveOccurred())
	return suite.Do(ctx, http.MethodPost, rest+path, a.key, string(body))
}

// answer is the part of a result that stories look at.
type answer struct {
	Status        string
	Translation   []*string
	Warning       string
	DeliveryNotes []struct {
		Type      string
		SegmentID int `json:"segment_id"`
		Message   string
	} `json:"delivery_notes"`
}

// result waits for the end of a job and reads its result.
func (a account) result(ctx context.Context, id string) answer {
	GinkgoHelper()
	got := suite.Do(ctx, http.MethodGet, rest+"/v1/jobs/"+id+"/result?wait=30s", a.key, "")
	Expect(got.Code).To(Equal(http.StatusOK), got.Body)
	var out answer
	Expect(json.Unmarshal([]byte(got.Body), &out)).To(Succeed())
	return out
}

var _ = Describe("Over REST", func() {
	DescribeTable("what cannot be right is refused with a sentence, and nothing is made of it",
		func(ctx context.Context, changes map[string]any, code int, says string) {
			a := newAccount(ctx, orchard())
			got := a.post(ctx, "/v1/jobs", changes)
			Expect(got.Code).To(Equal(code), got.Body)
			Expect(got.Text("detail")).To(ContainSubstring(says))
			Expect(strings.ToLower(got.Body)).NotTo(ContainSubstring("apricot"), "the text is not repeated")
			var jobs v1alpha1.TranslationJobList
			Expect(world.Client.List(ctx, &jobs, client.InNamespace(a.namespace))).To(Succeed())
			Expect(jobs.Items).To(BeEmpty())
		},
		Entry("a glossary that is not there", map[string]any{"glossary_id": "gloss_nowhere2"}, http.StatusBadRequest, `"gloss_nowhere2" is not the id of a glossary of this account`),
		Entry("a term of nothing", map[string]any{"glossary": []any{map[string]any{"source": " ", "target": "Birne"}}}, http.StatusBadRequest, `glossary[0] needs "source" and "target"`),
		Entry("a translation of nothing", map[string]any{"glossary": []any{map[string]any{"source": "pear", "target": "\t"}}}, http.StatusBadRequest, "glossary[0].target is blank"),
		Entry("fifty thousand terms", map[string]any{"glossary": many(50_000)}, http.StatusBadRequest, "glossary has 50000 entries; 200 are allowed"),
		Entry("a text of nothing", map[string]any{"texts": []string{harvest, " \u00a0"}}, http.StatusBadRequest, "texts[1] is empty"),
		Entry("no text", map[string]any{"texts": nil}, http.StatusBadRequest, "text and texts are both missing; send exactly one of them"),
		Entry("one text of a megabyte in a list", map[string]any{"texts": []string{strings.Repeat("a", 1<<20)}}, http.StatusBadRequest, "texts[0]"),
		Entry("room for no character", map[string]any{"constraints": []any{map[string]any{"type": "max_chars", "value": 0}}}, http.StatusBadRequest, "constraints[0].value must be a whole number from 1 to"),
		Entry("a language of nowhere", map[string]any{"target_lang": "xx"}, http.StatusUnprocessableEntity, "xx"),
		Entry("one language", map[string]any{"target_lang": "en"}, http.StatusUnprocessableEntity, "en"),
	)

	It("a bad answer of the model needs review, with a warning and a note for the segment", func(ctx context.Context) {
		a := newAccount(ctx, orchard())
		a.saying(func(string) string { return shade })
		made := a.post(ctx, "/v1/jobs", nil)
		Expect(made.Code).To(Equal(http.StatusAccepted), made.Body)
		got := a.result(ctx, made.Text("job_id"))
		Expect(got.Status).To(Equal("needs_review"))
		Expect(got.Warning).To(ContainSubstring("1 of 3 segments need a person"))
		Expect(got.DeliveryNotes).To(HaveExactElements(And(
			HaveField("Type", "untranslated"), HaveField("SegmentID", 2), HaveField("Message", "the translation is the same as the source"))))
		Expect(*got.Translation[0]).To(Equal(ernte))
	})

	It("a segment without an answer has none in the result, and says why", func(ctx context.Context) {
		a := newAccount(ctx, orchard())
		a.saying(func(string) string { return "" })
		made := a.post(ctx, "/v1/jobs", nil)
		Expect(made.Code).To(Equal(http.StatusAccepted), made.Body)
		got := a.result(ctx, made.Text("job_id"))
		Expect(got.Status).To(Equal("needs_review"))
		Expect(got.Translation[1]).To(BeNil())
		segment := suite.Do(ctx, http.MethodGet, rest+"/v1/jobs/"+made.Text("job_id")+"/segments/2", a.key, "")
		Expect(segment.Text("status")).To(Equal("failed"), segment.Body)
		Expect(segment.Text("error")).To(ContainSubstring("the model's answer has an empty text"))
	})

	It("a model that refuses everything fails the job with a code", func(ctx context.Context) {
		a := newAccount(ctx, orchard())
		a.Always(openaitest.Refusal(""))
		made := a.post(ctx, "/v1/jobs", nil)
		Expect(made.Code).To(Equal(http.StatusAccepted), made.Body)
		got := a.result(ctx, made.Text("job_id"))
		Expect(got.Status).To(Equal("failed"))
		Expect(got.Warning).To(ContainSubstring("the model refused the text"))
		job := suite.Do(ctx, http.MethodGet, rest+"/v1/jobs/"+made.Text("job_id"), a.key, "")
		Expect(job.Body).To(ContainSubstring(`"code":"engine_rejected"`))
	})
})

// many makes a glossary of a request.
func many(terms int) []any {
	out := make([]any, terms)
	for i := range out {
		out[i] = map[string]any{"source": "a", "target": "b"}
	}
	return out
}
