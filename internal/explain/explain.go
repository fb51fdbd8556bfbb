// Package explain says how a segment came to its translation: which engine was asked
// with which model and prompt, whether the translation memory had it, which glossary
// terms it follows, how often it was corrected, and what QA found.
//
// It is pure: it reads a job and its result, and imports the API types, document and the
// names of the checks.
package explain

import (
	"slices"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// EngineOrigin names a translation that the engine made for this very segment. In the
// status it is the absence of another origin.
const EngineOrigin v1alpha1.SegmentOrigin = "Engine"

// Explanation is what is known of one segment.
type Explanation struct {
	v1alpha1.SegmentStatus

	// Text of the translation; nil when there is none, and for a part of a text of a list,
	// such as what a message chooses from: they stand in the result together.
	Text *string
	// Source is the text that was translated; nil when it is not at hand.
	Source *string
	// Provider that was asked; nil when the job had none yet. An engine of the same kind and
	// model was asked for a segment from the memory, maybe with an earlier prompt, so there
	// it has none.
	Provider *v1alpha1.ProviderStatusReference
	// Checks are the names of those that looked at the translation; none where there is no
	// translation.
	Checks []string
	// Findings that are open, of QA and of the source review.
	Findings []v1alpha1.Finding
}

// Segment explains a segment of a job, by its id. The stored result is the one that the
// job refers to; nil for a job that has its result in itself. It returns false when
// the job has no such segment, or has not come to it.
func Segment(job *v1alpha1.TranslationJob, stored *document.Result, id int32) (Explanation, bool) {
	whole := resultOf(job, stored)
	segments := whole.Segments
	at := slices.IndexFunc(segments, func(s v1alpha1.SegmentStatus) bool { return s.ID == id })
	if at < 0 {
		return Explanation{}, false
	}
	e := Explanation{SegmentStatus: segments[at], Provider: job.Status.Provider}
	unit := sourceOf(job, at, len(segments))
	if unit != nil {
		e.Source = &unit.Text
	}
	switch {
	case e.Origin == "" && hasTranslation(e.State):
		e.Origin = EngineOrigin
	case e.Origin == v1alpha1.MemoryOrigin && e.Provider != nil:
		e.Provider = e.Provider.DeepCopy()
		e.Provider.Prompt = ""
	}
	e.Checks = checksOf(job, e.SegmentStatus)
	for _, f := range whole.Findings {
		if f.Segment == id {
			e.Findings = append(e.Findings, f)
		}
	}
	switch {
	case e.Span != nil:
		e.Text = within(whole.Text, *e.Span)
	case len(whole.Texts) == len(segments): // each text is one segment
		e.Text = whole.Texts[at]
	case hasTranslation(e.State) && isWholeText(unit, job.Spec.Source.Texts) && unit.Item <= len(whole.Texts):
		e.Text = whole.Texts[unit.Item-1]
	}
	return e, true
}

// resultOf makes one value of a result that is in the object or in a payload.
func resultOf(job *v1alpha1.TranslationJob, stored *document.Result) document.Result {
	if stored != nil {
		return *stored
	}
	whole := document.Result{Segments: job.Status.Segments}
	if r := job.Status.Result; r != nil {
		whole.Findings, whole.Text = r.Findings, r.Text
		for _, item := range r.Texts {
			whole.Texts = append(whole.Texts, item.Text)
		}
	}
	return whole
}

// checksOf names the checks that looked at a translation.
func checksOf(job *v1alpha1.TranslationJob, s v1alpha1.SegmentStatus) []string {
	switch {
	case !hasTranslation(s.State) || s.Origin == v1alpha1.SourceOrigin:
		return nil
	case job.Spec.Mode == v1alpha1.CreationMode:
		return qa.Names(qa.OfCreation(qa.Default()))
	default:
		return qa.Names(qa.Default())
	}
}

func hasTranslation(state v1alpha1.SegmentState) bool {
	return state == v1alpha1.SegmentCompleted || state == v1alpha1.SegmentNeedsReview
}

// within cuts a segment out of the whole; nil when the span is not of this text.
func within(text *string, span v1alpha1.TextSpan) *string {
	if text == nil || span.Start < 0 || span.End < span.Start || int(span.End) > len(*text) {
		return nil
	}
	part := (*text)[span.Start:span.End]
	return &part
}
