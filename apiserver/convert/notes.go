package convert

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// NoteTypes are the kinds of findings that delivery_notes and explanations have: the
// checks of translations, the judge, and what is said of sources.
func NoteTypes() []string {
	return append(qa.Names(qa.Default()),
		qa.ConsistencyCheck, qa.JudgeCheck, qa.SourceLanguageCheck, qa.SourceFormCheck, qa.SourceErrorCheck, pipeline.InjectionFlag)
}

// withNoteTypes puts the kinds into the schema of what has one.
func withNoteTypes(schema *huma.Schema) *huma.Schema {
	types := schema.Properties["type"]
	types.Enum = nil
	for _, name := range NoteTypes() {
		types.Enum = append(types.Enum, name)
	}
	return schema
}
