package pipeline

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// reviewsSource says whether the second step is on.
func (j Job) reviewsSource() bool {
	switch j.Options.SourceReview {
	case v1alpha1.SourceReviewAlways:
		return true
	case v1alpha1.SourceReviewNever:
		return false
	default:
		return j.Options.Tier == v1alpha1.BusinessTier || j.Options.Tier == v1alpha1.EnterpriseTier
	}
}

// reviewSource is the second step: checks on the source alone. It leaves notes, beside
// those on orders in the text, and never blocks, because a faulty source still has to
// be delivered.
func (r *Run) reviewSource(context.Context) error {
	r.notes = slices.DeleteFunc(r.notes, func(note v1alpha1.Finding) bool {
		return note.Type == qa.SourceErrorCheck || note.Type == qa.SourceLanguageCheck
	})
	for _, it := range r.items {
		for _, f := range qa.ReviewSource(it.unit.Text, r.job.SourceLanguage) {
			r.notes = append(r.notes, findingOf(it, f))
		}
	}
	return nil
}

func findingOf(it *item, f qa.Finding) v1alpha1.Finding {
	out := v1alpha1.Finding{
		Segment:    int32(it.unit.ID), //nolint:gosec // ids count segments of at most 10 MB of text
		Type:       f.Check,
		Severity:   f.Severity,
		Message:    f.Message,
		SourceSpan: characters(it.unit.Text, f.SourceSpan),
	}
	if it.best != nil && !it.best.blocked { // else nobody sees the translation
		out.Span = characters(it.best.text, f.Span)
	}
	return out
}

// characters counts in code points what is in bytes; nil for no part of the text.
func characters(text string, s qa.Span) *v1alpha1.CharacterSpan {
	if s.Start < 0 || s.Start >= s.End || s.End > len(text) {
		return nil
	}
	start := utf8.RuneCountInString(text[:s.Start])
	end := start + utf8.RuneCountInString(text[s.Start:s.End])
	return &v1alpha1.CharacterSpan{Start: int32(start), End: int32(end)} //nolint:gosec // bounded by the size of a segment
}
