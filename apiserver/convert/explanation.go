package convert

import (
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/explain"
)

// Explanation says how a segment came to its translation.
type Explanation struct {
	JobID string `json:"job_id"`
	Segment

	Source      *string          `json:"source" doc:"The text that was translated; null when it is not in the job itself, or was cut by rules of the job's own."`
	Translation *string          `json:"translation" doc:"The translation of the segment; null for one without."`
	Origin      *string          `json:"origin" enum:"engine,memory,repeat,source" doc:"engine: asked for this segment. memory: had been bought before. repeat: the same as of an earlier segment. source: stays as it is. null: there is no translation."`
	Engine      *ExplainEngine   `json:"engine" doc:"The engine that made it, also when the memory had it; null before one is chosen."`
	Glossary    ExplainGlossary  `json:"glossary"`
	Checks      []string         `json:"checks" nullable:"false" doc:"Checks that looked at the translation."`
	Findings    []SegmentFinding `json:"findings" nullable:"false" doc:"What QA and the source review found and is open."`
}

// TransformSchema says that engine may be null.
func (Explanation) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	return orNull(schema, "engine")
}

// ExplainEngine names an engine and what it was asked with.
type ExplainEngine struct {
	Provider

	PromptVersion *string `json:"prompt_version" doc:"Version of the instructions to a language model; null for other engines." example:"translation/3"`
}

// ExplainGlossary names the glossary terms that occur in a segment.
type ExplainGlossary struct {
	Applied []string `json:"applied" nullable:"false" doc:"Terms that the translation follows."`
	Missed  []string `json:"missed" nullable:"false" doc:"Terms that it does not follow."`
}

// SegmentFinding is a fault that a check found in the translation of a segment.
type SegmentFinding struct {
	Type     string `json:"type" doc:"Kind of finding, as in delivery_notes." example:"number"`
	Severity string `json:"severity" enum:"neutral,minor,major,critical"`
	Message  string `json:"message"`
	// A finding may have both places.
	Span       *CharacterSpan `json:"span" doc:"Where the fault is in the translation of the segment; null where something is missing, or no single place is at fault."`
	SourceSpan *CharacterSpan `json:"source_span" doc:"What the finding is about in the source of the segment; null for nothing. Of several places it is the first, as in span."`
}

// TransformSchema lists the types, and says what may be null.
func (SegmentFinding) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	return orNull(withNoteTypes(schema), "span", "source_span")
}

// CharacterSpan is a stretch of a text.
type CharacterSpan struct {
	Start int32 `json:"start" minimum:"0" doc:"First Unicode code point, from 0."`
	End   int32 `json:"end" minimum:"1" doc:"Code point behind the last."`
}

func newSpan(s *v1alpha1.CharacterSpan) *CharacterSpan {
	if s == nil {
		return nil
	}
	return &CharacterSpan{Start: s.Start, End: s.End}
}

// ReadSegmentID reads the number of a segment in an address; false for what is none.
func ReadSegmentID(word string) (int32, bool) {
	id, err := strconv.ParseInt(word, 10, 32)
	return int32(id), err == nil && id > 0
}

// CountSegments returns how many segments a job has; 0 before they are counted.
func CountSegments(job *v1alpha1.TranslationJob) int32 { return progress(job.Status.Progress).Total }

// NewExplanation returns the explanation of a segment of a job.
func NewExplanation(job *v1alpha1.TranslationJob, e explain.Explanation) Explanation {
	out := Explanation{
		JobID:       string(job.UID),
		Segment:     newSegment(e.SegmentStatus),
		Source:      e.Source,
		Translation: e.Text,
		Glossary:    ExplainGlossary{Applied: []string{}, Missed: []string{}},
		Checks:      append([]string{}, e.Checks...),
		Findings:    []SegmentFinding{},
	}
	if e.Origin != "" {
		origin := snake(string(e.Origin))
		out.Origin = &origin
	}
	if e.Provider != nil {
		out.Engine = &ExplainEngine{Provider: *newProvider(e.Provider)}
		if e.Provider.Prompt != "" {
			out.Engine.PromptVersion = &e.Provider.Prompt
		}
	}
	if e.Terms != nil {
		out.Glossary.Applied = append(out.Glossary.Applied, e.Terms.Applied...)
		out.Glossary.Missed = append(out.Glossary.Missed, e.Terms.Missed...)
	}
	for _, f := range e.Findings {
		out.Findings = append(out.Findings, SegmentFinding{
			Type: f.Type, Severity: snake(string(f.Severity)), Message: f.Message, Span: newSpan(f.Span), SourceSpan: newSpan(f.SourceSpan),
		})
	}
	return out
}
