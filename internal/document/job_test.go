package document_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// result runs a job from Spanish into Catalan with answers for some segments, and returns
// how it ended and what it published.
func result(t *testing.T, job pipeline.Job, answers map[string]string) (pipeline.Outcome, document.Result) {
	t.Helper()
	e := scripted.New()
	e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		out := scripted.Translation(req)
		for i, s := range req.Segments {
			if text, ok := answers[s.Text]; ok {
				out.Segments[i].Text = text
			}
		}
		return out, nil
	}
	job.Pair = engine.Pair{Source: "es", Target: "ca"}
	job.SourceLanguage, job.TargetLanguage = "es", "ca"
	job.Options.SourceReview = v1alpha1.SourceReviewNever
	var published document.Result
	run := pipeline.New(job, pipeline.Tools{Engine: e, Checks: qa.Default(), Publish: func(_ context.Context, r document.Result) (*v1alpha1.Result, error) {
		published = r
		return r.Inline(), nil
	}}, pipeline.Checkpoint{})
	return run.Do(t.Context()), published
}

// TestJobsTranslateAttributes: the tag is compared as it is in the source, the result has
// its attribute translated, and each segment is found where its span says.
func TestJobsTranslateAttributes(t *testing.T) {
	outcome, got := result(t, pipeline.Job{Text: "Lea <a title='Nuestra \"guía\"' href=\"g.html\">la página</a> hoy.\n\n<img alt=\"Una casa &amp; su jardín\">\n"}, map[string]string{
		"Lea ⟦1⟧la página⟦2⟧ hoy.": "Avui llegeixi ⟦1⟧la pàgina⟦2⟧.",
		`Nuestra "guía"`:           "La guia de l'equip",
		"Una casa & su jardín":     "Una casa & el jardí",
	})
	if outcome.Reason != v1alpha1.CompletedReason || len(got.Findings) > 0 {
		t.Fatalf("ended as %+v with the findings %+v, want Completed and none", outcome, got.Findings)
	}
	want := "Avui llegeixi <a title='La guia de l&apos;equip' href=\"g.html\">la pàgina</a>.\n\n<img alt=\"Una casa &amp; el jardí\">\n"
	if diff := cmp.Diff(want, *got.Text); diff != "" {
		t.Errorf("the text (-want +got):\n%s", diff)
	}
	var spans []string
	for _, s := range got.Segments {
		spans = append(spans, want[s.Span.Start:s.Span.End])
	}
	wantSpans := []string{"Avui llegeixi <a title='La guia de l&apos;equip' href=\"g.html\">la pàgina</a>.", "La guia de l&apos;equip", "Una casa &amp; el jardí"}
	if diff := cmp.Diff(wantSpans, spans); diff != "" {
		t.Errorf("the segments (-want +got):\n%s", diff)
	}
}

// TestJobsReportAttributesOfTheirOwn: a tag that the engine lost is a fault of the sentence,
// and a lost placeable one of the attribute. The sentence keeps its source, and its tag
// the translated attribute.
func TestJobsReportAttributesOfTheirOwn(t *testing.T) {
	cases := map[string]struct {
		answers    map[string]string
		wantText   string
		wantStates []v1alpha1.SegmentState
	}{
		"the tag is lost": {
			answers: map[string]string{
				"Lea ⟦1⟧la página⟦2⟧ hoy.": "Avui llegeixi la pàgina.", "Lea": "⟦9⟧", "Lea ": "⟦9⟧", "la página": "⟦9⟧", " hoy.": "⟦9⟧", "hoy.": "⟦9⟧",
				"Abrir ⟦1⟧ ahora": "Obre ⟦1⟧ ara",
			},
			wantText:   `Lea <a title="Obre {name} ara">la página</a> hoy.`,
			wantStates: []v1alpha1.SegmentState{v1alpha1.SegmentBlocked, v1alpha1.SegmentCompleted},
		},
		"the field of the attribute is lost": {
			answers: map[string]string{
				"Lea ⟦1⟧la página⟦2⟧ hoy.": "Avui llegeixi ⟦1⟧la pàgina⟦2⟧.",
				"Abrir ⟦1⟧ ahora":          "Obre ara", "Abrir ": "⟦9⟧", "Abrir": "⟦9⟧", " ahora": "⟦9⟧", "ahora": "⟦9⟧",
			},
			wantText:   `Avui llegeixi <a title="Abrir {name} ahora">la pàgina</a>.`,
			wantStates: []v1alpha1.SegmentState{v1alpha1.SegmentCompleted, v1alpha1.SegmentBlocked},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			outcome, got := result(t, pipeline.Job{Text: `Lea <a title="Abrir {name} ahora">la página</a> hoy.`}, tc.answers)
			if outcome.Reason != v1alpha1.CompletedWithBlocksReason || *got.Text != tc.wantText {
				t.Errorf("ended as %+v with %s, want\n%s", outcome, *got.Text, tc.wantText)
			}
			var states []v1alpha1.SegmentState
			for _, s := range got.Segments {
				states = append(states, s.State)
			}
			if diff := cmp.Diff(tc.wantStates, states); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAHostileAnswerStaysInItsAttribute: whatever is said of it, it is text there.
func TestAHostileAnswerStaysInItsAttribute(t *testing.T) {
	_, got := result(t, pipeline.Job{Texts: []string{`Lea <a title="Nuestra guía" href="x">la página</a> hoy.`}}, map[string]string{
		"Nuestra guía": `a"><script>alert(1)</script><a title="b`,
	})
	if text := *got.Texts[0]; strings.Count(text, "<") != 2 || !strings.Contains(text, `<a title="a&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;a title=&quot;b" href="x">`) {
		t.Errorf("the answer became part of the page: %s", text)
	}
}
