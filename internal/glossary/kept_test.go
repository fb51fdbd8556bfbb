package glossary_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/glossary"
)

func TestTermsThatStayHavePlaces(t *testing.T) {
	entries := []glossary.Entry{
		{Source: "Apple", Keep: true, CaseSensitive: true},
		{Source: "cart", Keep: true, SourceVariants: []string{"trolley"}},
		{Source: "shopping cart bag", Target: "Einkaufsfest"},
		{Source: "mouse", Target: "Maus"},
	}
	for name, tc := range map[string]struct {
		text string
		want []glossary.Place
	}{
		"each place, in bytes":              {"Ä cart and a Trolley", []glossary.Place{{"cart", 3, 7}, {"cart", 14, 21}}},
		"letter case where it counts":       {"apple Apple", []glossary.Place{{"Apple", 6, 11}}},
		"another form is left to others":    {"two carts", nil},
		"a part of a longer term":           {"a shopping cart bag", nil},
		"a part of a longer, inflected one": {"two shopping cart bags", nil},
		"a part of a word":                  {"cartoon", nil},
		"a term that is translated":         {"a mouse", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, glossary.NewIndex(entries, "en").Kept(tc.text)); diff != "" {
				t.Errorf("Kept() (-want +got):\n%s", diff)
			}
		})
	}
}
