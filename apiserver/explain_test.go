package apiserver_test

import (
	"context"
	"fmt"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
	"github.com/dragoman-dev/dragoman/internal/document"
)

// withStatus returns the end of a job with the segments that another status has.
func withStatus(end, status v1alpha1.TranslationJobStatus) v1alpha1.TranslationJobStatus {
	end.Segments, end.Result, end.Progress, end.Provider = status.Segments, status.Result, status.Progress, status.Provider
	return end
}

var _ = Describe("the explanation of a segment", Ordered, func() {
	var shop tenant
	var api caller

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one, other)
		api = shop.at(one)
	})

	It("names the engine, the memory, the terms, the corrections and the findings", func(ctx context.Context) {
		id := api.create("El carro está lleno. Adiós.", nil)
		status := completed("El carretó és ple. Adéu.")
		status.Provider = &v1alpha1.ProviderStatusReference{
			Kind: v1alpha1.TranslationProviderKind, Name: "llm", Type: v1alpha1.OpenAIProvider, Model: "a-model", Prompt: "translation/1",
		}
		status.Progress = &v1alpha1.Progress{Total: 2, Done: 2}
		status.Segments = []v1alpha1.SegmentStatus{
			{ID: 1, State: v1alpha1.SegmentCompleted, QAScore: "98.0", RetryCount: 1, Span: &v1alpha1.TextSpan{End: 19}, Terms: &v1alpha1.TermUse{Applied: []string{"carro"}}},
			{ID: 2, State: v1alpha1.SegmentCompleted, QAScore: "100.0", Origin: v1alpha1.MemoryOrigin, Span: &v1alpha1.TextSpan{Start: 20, End: 26}},
		}
		status.Result.Findings = []v1alpha1.Finding{{
			Segment: 1, Type: "spacing", Severity: v1alpha1.MinorSeverity, Message: "m",
			Span: &v1alpha1.CharacterSpan{Start: 10, End: 12},
		}}
		shop.report(ctx, id, status)
		api.reads(id, "completed")
		a := api.get("/v1/jobs/" + id + "/segments/1")
		Expect(a.code).To(Equal(http.StatusOK), "%s", a.raw)
		Expect(a.json["checks"]).To(ContainElements("number", "placeholder", "terminology"))
		delete(a.json, "checks")
		Expect(body(a.json)).To(MatchJSON(`{
			"job_id": "` + id + `", "id": 1, "status": "completed", "qa_score": 98, "retry_count": 1, "error": null,
			"source": "El carro está lleno.", "translation": "El carretó és ple", "origin": "engine",
			"engine": {"name": "llm", "kind": "TranslationProvider", "type": "OpenAI", "model": "a-model", "prompt_version": "translation/1"},
			"glossary": {"applied": ["carro"], "missed": []},
			"findings": [{"type": "spacing", "severity": "minor", "message": "m", "span": {"start": 10, "end": 12}, "source_span": null}]
		}`))
		Expect(api.get("/v1/jobs/" + id + "/segments/2").json).To(And(
			HaveKeyWithValue("origin", "memory"), HaveKeyWithValue("findings", BeEmpty()), HaveKeyWithValue("translation", " Adéu"),
		))
	})

	It("has a word for each state, origin and severity", func(ctx context.Context) {
		id := api.create("Uno. Dos. Tres. Cuatro. Cinco. Seis.", map[string]any{"quality": "premium"})
		status := processing(v1alpha1.QAStep)
		status.Provider = &v1alpha1.ProviderStatusReference{Kind: v1alpha1.ClusterTranslationProviderKind, Name: "apertium", Type: v1alpha1.ApertiumProvider}
		states := []v1alpha1.SegmentState{
			v1alpha1.SegmentPending, v1alpha1.SegmentProcessing, v1alpha1.SegmentCompleted,
			v1alpha1.SegmentBlocked, v1alpha1.SegmentNeedsReview, v1alpha1.SegmentFailed,
		}
		origins := []v1alpha1.SegmentOrigin{"", "", "", v1alpha1.SourceOrigin, v1alpha1.RepeatOrigin, ""}
		status.Result = &v1alpha1.Result{}
		for i, state := range states {
			segment := int32(i + 1) //nolint:gosec // at most 6
			status.Segments = append(status.Segments, v1alpha1.SegmentStatus{ID: segment, State: state, Origin: origins[i]})
			for _, severity := range []v1alpha1.Severity{v1alpha1.NeutralSeverity, v1alpha1.MinorSeverity, v1alpha1.MajorSeverity, v1alpha1.CriticalSeverity} {
				status.Result.Findings = append(status.Result.Findings, v1alpha1.Finding{Segment: segment, Type: "number", Severity: severity, Message: "m"})
			}
		}
		status.Progress = &v1alpha1.Progress{Total: 6, Done: 2, Blocked: 1, Failed: 1, Pending: 2}
		shop.report(ctx, id, status)
		a := api.reads(id, "processing")
		Expect(a.json).To(And(HaveKeyWithValue("quality", "premium"), HaveKeyWithValue("provider", HaveKeyWithValue("kind", "ClusterTranslationProvider"))))
		var words []any
		for _, segment := range a.list("segments") {
			words = append(words, segment["status"])
		}
		Expect(words).To(Equal([]any{"pending", "processing", "completed", "blocked", "needs_review", "failed"}))

		shop.report(ctx, id, withStatus(ended(v1alpha1.NeedsReviewReason, "m", ""), status))
		api.reads(id, "needs_review")
		for i, origin := range []OmegaMatcher{BeNil(), BeNil(), Equal("engine"), Equal("source"), Equal("repeat"), BeNil()} {
			explained := api.get(fmt.Sprintf("/v1/jobs/%s/segments/%d", id, i+1))
			Expect(explained.json).To(HaveKeyWithValue("origin", origin), "segment %d", i+1)
			var severities []any
			for _, finding := range explained.list("findings") {
				severities = append(severities, finding["severity"])
			}
			Expect(severities).To(Equal([]any{"neutral", "minor", "major", "critical"}))
		}
	})

	It("has a word for each kind of finding, as the result has", func(ctx context.Context) {
		id := api.create("Muchas faltas.", nil)
		status := ended(v1alpha1.NeedsReviewReason, "m", "")
		status.Progress = &v1alpha1.Progress{Total: 1, Done: 1}
		status.Segments = []v1alpha1.SegmentStatus{{ID: 1, State: v1alpha1.SegmentNeedsReview}}
		status.Result = &v1alpha1.Result{}
		for _, kind := range convert.NoteTypes() {
			status.Result.Findings = append(status.Result.Findings, v1alpha1.Finding{Segment: 1, Type: kind, Severity: v1alpha1.MajorSeverity, Message: "m"})
		}
		shop.report(ctx, id, status)
		api.reads(id, "needs_review")
		kinds := func(list []map[string]any) (out []string) {
			for _, entry := range list {
				out = append(out, entry["type"].(string))
			}
			return out
		}
		Expect(kinds(api.get("/v1/jobs/" + id + "/segments/1").list("findings"))).To(Equal(convert.NoteTypes()))
		Expect(kinds(api.get("/v1/jobs/" + id + "/result").list("delivery_notes"))).To(Equal(convert.NoteTypes()))
	})

	It("comes from the payload of a large job", func(ctx context.Context) {
		id := api.create("Grande y largo.", nil)
		result := document.Result{Segments: make([]v1alpha1.SegmentStatus, 60)}
		for i := range result.Segments {
			result.Segments[i] = v1alpha1.SegmentStatus{ID: int32(i + 1), State: v1alpha1.SegmentFailed, Error: "refused"} //nolint:gosec // 60
		}
		status := ended(v1alpha1.NeedsReviewReason, "60 of 60 segments need a person", "")
		status.Progress = &v1alpha1.Progress{Total: 60, Failed: 60}
		status.Result = shop.storePayload(ctx, id, result)
		shop.report(ctx, id, status)
		api.reads(id, "needs_review")
		Expect(api.get("/v1/jobs/" + id + "/segments/60").json).To(And(
			HaveKeyWithValue("error", "refused"), HaveKeyWithValue("origin", BeNil()), HaveKeyWithValue("engine", BeNil()), HaveKeyWithValue("translation", BeNil()),
		))
	})

	It("answers 404 for what is not there", func(ctx context.Context) {
		id := api.create("Sin empezar.", nil)
		beProblem(api.get("/v1/jobs/"+id+"/segments/1"), http.StatusNotFound, "Segment not found; a job shows its segments once it is at work")
		status := completed("Sense començar.")
		status.Progress = &v1alpha1.Progress{Total: 1, Done: 1}
		status.Segments = []v1alpha1.SegmentStatus{{ID: 1, State: v1alpha1.SegmentCompleted}}
		shop.report(ctx, id, status)
		api.reads(id, "completed")
		for _, segment := range []string{"0", "2", "-1", "one", "99999999999"} {
			beProblem(api.get("/v1/jobs/"+id+"/segments/"+segment), http.StatusNotFound, "the segments of the job count from 1 to 1")
		}
		beProblem(api.get("/v1/jobs/11111111-2222-3333-4444-555555555555/segments/1"), http.StatusNotFound, "Job not found.")
	})
})
