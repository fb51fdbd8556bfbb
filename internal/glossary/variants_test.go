package glossary_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
)

func TestAcceptedVariantsReachTheChecks(t *testing.T) {
	spec := v1alpha1.GlossarySpec{SourceLanguage: "en", Entries: []v1alpha1.GlossaryEntry{{
		Term: "cart",
		Translations: []v1alpha1.TermTranslation{
			{Language: "de", Term: "Warenkorb", Variants: []string{"Korb"}},
			{Language: "es", Term: "cesta"},
		},
	}}}
	got := glossary.NewIndex(glossary.FromGlossary(spec, "de", ""), "en").Occurring("Open the cart.")
	want := []engine.Term{{Source: "cart", Target: "Warenkorb", Variants: []string{"Korb"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Occurring() (-want +got):\n%s", diff)
	}
}
