package explain

import (
	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// sourceOf cuts the source of a job once more and returns the unit that a segment was, by
// its place. It returns nil when the source is not in the job itself or was changed since,
// and when it was cut by rules of the job's own.
func sourceOf(job *v1alpha1.TranslationJob, at, segments int) *document.Unit {
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
		return &units[at]
	}
	return nil
}

// isWholeText says whether a unit is one text of the list, all of it. Others are parts of
// one: what a message chooses from, and the attributes of a tag.
func isWholeText(unit *document.Unit, texts []v1alpha1.TextItem) bool {
	return unit != nil && unit.Item > 0 && unit.Item <= len(texts) && unit.Attribute == "" && unit.Text == texts[unit.Item-1].Text
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
