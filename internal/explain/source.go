package explain

import (
	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// sourceOf cuts the source of a job once more and returns the text of a segment, by its
// place. It returns nil when the source is not in the job itself or was changed since, and
// when it was cut by rules of the job's own.
func sourceOf(job *v1alpha1.TranslationJob, at, segments int) *string {
	if job.Spec.Segmentation != nil || job.Status.ObservedGeneration != job.Generation {
		return nil
	}
	from, err := langtag.Canonical(string(job.Spec.SourceLanguage))
	if err != nil {
		return nil
	}
	to, err := langtag.Canonical(string(job.Spec.TargetLanguage))
	if err != nil {
		return nil
	}
	doc, err := cut(job.Spec.Source, document.Languages{Source: from, Target: to})
	if units := doc.Units(); err == nil && len(units) == segments {
		return &units[at].Text
	}
	return nil
}

// cut returns no document for a source that is elsewhere.
func cut(source v1alpha1.Source, languages document.Languages) (document.Document, error) {
	if source.Text != nil {
		return document.FromText(*source.Text, languages)
	}
	texts := make([]string, len(source.Texts))
	for i, item := range source.Texts {
		texts[i] = item.Text
	}
	return document.FromTexts(texts, languages)
}
