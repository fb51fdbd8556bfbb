package pipeline_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// Every segment says where its translation is from.
func TestTheOriginOfATranslation(t *testing.T) {
	b, _ := paidBench("Uno.", "Dos.", "Dos.", "1234", "Tres <b>veces</b>.", "Cuatro.")
	b.tools.Checks = graded()
	b.tools.Recall = func(_ context.Context, keys []string) (map[string]pipeline.Saved, error) {
		return map[string]pipeline.Saved{keys[0]: {Masked: "One."}}, nil
	}
	b.engine.Script = answers(map[string]string{"Dos.": "Two.", "Tres ⟦1⟧veces⟦2⟧.": "Three times.", "Tres": "Three", "veces": "times", ".": "."})
	buy(t, b.run())
	var got []v1alpha1.SegmentOrigin
	for _, s := range b.published[0].Segments {
		got = append(got, s.Origin)
	}
	want := []v1alpha1.SegmentOrigin{v1alpha1.MemoryOrigin, "", v1alpha1.RepeatOrigin, v1alpha1.SourceOrigin, "", ""}
	if got[4] == v1alpha1.SourceOrigin { // its placeables could not be put back
		want[4] = v1alpha1.SourceOrigin
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("origins (-want +got):\n%s", diff)
	}
}

// The terms that occur are told apart by whether the translation has them, and summed up.
func TestTheTermsOfASegment(t *testing.T) {
	b := newBench("El carro y la rueda.", "Otra rueda.", "Nada.")
	b.job.Terms = glossary.FromInline([]v1alpha1.InlineTerm{
		{Source: "carro", Target: "cart"}, {Source: "rueda", Target: "wheel", Forbidden: []string{"ring"}}, {Source: "luna", Target: "moon"},
	})
	b.engine.Script = answers(map[string]string{
		"El carro y la rueda.": "The wagon and the wheel.", "Otra rueda.": "Another wheel, a ring.", "Nada.": "Nothing.",
	})
	run := b.run()
	run.Do(t.Context())
	var got []*v1alpha1.TermUse
	for _, s := range b.published[0].Segments {
		got = append(got, s.Terms)
	}
	want := []*v1alpha1.TermUse{{Applied: []string{"rueda"}, Missed: []string{"carro"}}, {Missed: []string{"rueda"}}, nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("terms (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&v1alpha1.TermCounts{Applied: 1, Missed: 2}, run.Report().Terms); diff != "" {
		t.Errorf("sum (-want +got):\n%s", diff)
	}
	none := newBench("Nada.")
	run = none.run()
	run.Do(t.Context())
	if run.Report().Terms != nil {
		t.Error("a job without terms counts some")
	}
}

// A segment of many terms names the first of them.
func TestASegmentOfManyTerms(t *testing.T) {
	b := newBench("")
	var terms []v1alpha1.InlineTerm
	for i := range 30 {
		b.job.Texts[0] += fmt.Sprintf("palabra%c ", 'a'+i%26) + fmt.Sprintf("numero%c%c ", 'a'+i%26, 'a'+i/26)
		terms = append(terms, v1alpha1.InlineTerm{Source: fmt.Sprintf("numero%c%c", 'a'+i%26, 'a'+i/26), Handling: v1alpha1.KeepTerm})
	}
	b.job.Terms = glossary.FromInline(terms)
	b.tools.Checks = []qa.Check{}
	run := b.run()
	run.Do(t.Context())
	use := b.published[0].Segments[0].Terms
	if use == nil || len(use.Missed)+len(use.Applied) > 40 || len(use.Missed) > 20 || len(use.Applied) > 20 {
		t.Errorf("terms named: %v", use)
	}
	if sum := run.Report().Terms; sum == nil || sum.Applied+sum.Missed != 30 {
		t.Errorf("terms counted: %v, want 30", sum)
	}
}
