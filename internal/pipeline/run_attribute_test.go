package pipeline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// TestFindingsStandWhereTheResultHasThem: a translated attribute moves what stands behind
// its tag, and the findings with it.
func TestFindingsStandWhereTheResultHasThem(t *testing.T) {
	b := newBench()
	b.job.Text, b.job.Texts = `Lea <a title="Nuestra guía">la página</a> {name} hoy.`, nil
	b.engine.Script = answers(map[string]string{
		"Lea ⟦1⟧la página⟦2⟧ ⟦3⟧ hoy.": "Avui llegeixi ⟦1⟧la pàgina⟦2⟧ ⟦3⟧ {other}.",
		"Nuestra guía": "La guia del nostre equip",
	})
	b.run().Do(t.Context())
	got := b.published[0]
	var found []string
	for _, f := range got.Findings {
		if f.Span != nil {
			found = append(found, string([]rune(*got.Text)[f.Span.Start:f.Span.End]))
		}
	}
	if diff := cmp.Diff([]string{"{other}"}, found); diff != "" {
		t.Errorf("findings in %s (-want +got):\n%s", *got.Text, diff)
	}
	if s := got.Segments[1].State; s != v1alpha1.SegmentCompleted {
		t.Errorf("the attribute is %s", s)
	}
}
