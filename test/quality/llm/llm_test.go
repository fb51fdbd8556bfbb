package llm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// once runs a job for one attempt.
func once(t *testing.T, s *openaitest.Server, options v1alpha1.JobOptions, sources ...string) (document.Result, pipeline.Outcome) {
	t.Helper()
	e, err := openai.New(s.Config(), openai.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	var result document.Result
	options.SourceReview = v1alpha1.SourceReviewNever
	outcome := pipeline.New(pipeline.Job{
		Pair: engine.Pair{Source: "en", Target: "de"}, SourceLanguage: "en", TargetLanguage: "de",
		Options: options, Texts: sources,
	}, pipeline.Tools{
		Engine: e, Checks: qa.Default(),
		Publish: func(_ context.Context, r document.Result) (*v1alpha1.Result, error) {
			result = r
			return r.Inline(), nil
		},
	}, pipeline.Checkpoint{}).Do(t.Context())
	return result, outcome
}

func TestAModelThatNeverDoesItsWorkNeverCompletes(t *testing.T) {
	sources := []string{
		"Please check the invoice with number 104 and send it back.",
		"The message 117 was changed by {user} and saved again.",
		"You can delete the group 125 if nobody needs it any more.",
	}
	const spanish = "Por favor, compruebe la factura con el número 104 y devuélvala cuando tenga tiempo para ello."
	always := func(answer string) func(openaitest.Call, openaitest.Segment, string) string {
		return func(openaitest.Call, openaitest.Segment, string) string { return answer }
	}
	cases := map[string]struct {
		fault openaitest.Fault
		spoil func(openaitest.Call, openaitest.Segment, string) string
		// want is in the message of an attempt that failed, or in what is said of the
		// first segment.
		want string
		end  pipeline.End
	}{
		"a page": {
			fault: openaitest.NotJSON(), end: pipeline.Retry, want: "the provider's answer is not JSON of a chat completion",
		},
		"half an answer": {
			fault: openaitest.MalformedJSON(), end: pipeline.Retry, want: "the model's answer is not the JSON it was asked for",
		},
		"nothing": {spoil: always(""), end: pipeline.Finished, want: "the model's answer has an empty text"},
		"a page in each text": {
			spoil: always("<html><body>502 Bad Gateway</body></html>"), end: pipeline.Finished, want: "the model's answer has a web page in the place of a text",
		},
		"the same sentence for ever": {
			spoil: always(strings.Repeat("Bitte prüfen Sie die Rechnung. ", 500)), end: pipeline.Finished, want: "the model's answer repeats itself without end",
		},
		"ten times the length": {
			spoil: func(_ openaitest.Call, s openaitest.Segment, _ string) string {
				var b strings.Builder
				for i := range 60 {
					fmt.Fprintf(&b, "Absatz %d handelt von %q. ", i*i, s.Text[i%7:])
				}
				return b.String()
			},
			end: pipeline.Finished, want: "the model's answer",
		},
		"a refusal": {
			spoil: always("I'm sorry, but I can't translate this text."), end: pipeline.Finished, want: "the model refused the text",
		},
		"another language": {spoil: always(spanish), end: pipeline.Finished, want: string(qa.WrongScriptCheck)},
		"the source":       {spoil: func(_ openaitest.Call, s openaitest.Segment, _ string) string { return s.Text }, end: pipeline.Finished, want: string(qa.UntranslatedCheck)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			if tc.fault.Name != "" {
				s.Always(tc.fault)
			}
			s.Spoil = tc.spoil
			result, outcome := once(t, s, v1alpha1.JobOptions{}, sources...)
			if outcome.End != tc.end || outcome.Reason == v1alpha1.CompletedReason {
				t.Fatalf("ended as %v %s: %s", outcome.End, outcome.Reason, outcome.Message)
			}
			said := outcome.Message
			for _, f := range result.Findings {
				said += " " + f.Type + " " + f.Message
			}
			for _, seg := range result.Segments {
				said += " " + seg.Error
				if seg.State == v1alpha1.SegmentCompleted {
					t.Errorf("segment %d is Completed", seg.ID)
				}
			}
			if !strings.Contains(said, tc.want) {
				t.Errorf("nothing says %q: %s", tc.want, said)
			}
		})
	}
}

func TestATextThatIsTooLongIsSaidWithFewerWords(t *testing.T) {
	const source, long, short = "Save all of your changes", "Alle Ihre Änderungen speichern", "Alles sichern"
	cases := map[string]struct {
		// answers to the corrections, in order.
		answers   []string
		want      string
		wantCalls int
		completes bool
	}{
		"at once":                    {answers: []string{short}, want: short, wantCalls: 2, completes: true},
		"at the second try":          {answers: []string{"Alle Änderungen sichern", short}, want: short, wantCalls: 3, completes: true},
		"never, and it is never cut": {answers: []string{"Alle Änderungen sichern", "Alle Änderungen jetzt sichern"}, wantCalls: 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Translate = func(engine.Pair, string) string { return long }
			round := 0
			s.Correct = func(_ engine.Pair, seg openaitest.Segment) string {
				round++
				if said := strings.Join(seg.Findings, " "); !strings.Contains(said, "the limit is 16") {
					t.Errorf("round %d was told %q", round, said)
				}
				return tc.answers[min(round, len(tc.answers))-1]
			}
			limit := []v1alpha1.Constraint{{Type: v1alpha1.MaxCharsConstraint, Value: new(int32(16))}}
			result, outcome := once(t, s, v1alpha1.JobOptions{Constraints: limit}, source)
			if completes := outcome.Reason == v1alpha1.CompletedReason; completes != tc.completes || s.Count() != tc.wantCalls {
				t.Errorf("%d calls, ended as %s: %s", s.Count(), outcome.Reason, outcome.Message)
			}
			got := *result.Texts[0]
			whole := append([]string{long}, tc.answers...)
			if tc.want != "" {
				whole = []string{tc.want}
			}
			if !slices.Contains(whole, got) {
				t.Errorf("published %q, want one of %q", got, whole)
			}
		})
	}
}
