package glossary_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/glossary"
)

// As many terms as the glossaries of a job may have are looked for in as many segments
// as a long text has: each for each would take hours, and the test would time out.
func TestManyTermsInManySegments(t *testing.T) {
	var terms []v1alpha1.InlineTerm
	for i := range 50_000 {
		terms = append(terms, translate(fmt.Sprintf("part %d of the cart", i), "x"))
	}
	index := glossary.NewIndex(inline(terms...), "en")
	for i := range 20_000 {
		text := fmt.Sprintf("Order part %d of the cart and part %d of the carton.", i, i+1)
		found := index.Occurring(text)
		if len(found) != 1 || found[0].Source != fmt.Sprintf("part %d of the cart", i) {
			t.Fatalf("in segment %d there are %d terms: %v", i, len(found), found)
		}
	}
}

// Terms of one and two letters, and longer ones that begin like them, are told apart.
func TestShortTerms(t *testing.T) {
	index := glossary.NewIndex(inline(translate("X", "1"), translate("XY", "2"), translate("XYZ", "3"), translate("XYZ W", "4"), translate("线", "5")), "en")
	for text, want := range map[string][]string{
		"X":               {"X"},
		"x y":             {"X"},
		"XY, XYZ":         {"XY", "XYZ"},
		"xyz w":           {"XYZ W"},
		"XYZW":            nil,
		"打开线路":            {"线"},
		"W XYZ":           {"XYZ"},
		"an XY":           {"XY"},
		" X ":             {"X"},
		"X" + "\u0301":    nil,
		"":                nil,
		"no term of ours": nil,
	} {
		var got []string
		for _, term := range index.Occurring(text) {
			got = append(got, term.Source)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Occurring(%q) (-want +got):\n%s", text, diff)
		}
	}
}

// A text of nothing but beginnings of terms is read in linear time.
func TestTextsFullOfBeginnings(t *testing.T) {
	var terms []v1alpha1.InlineTerm
	for i := range 1000 {
		terms = append(terms, translate("aaa"+strings.Repeat("a", i%50)+fmt.Sprintf(" b%d", i), "x"))
	}
	index := glossary.NewIndex(inline(terms...), "en")
	if found := index.Occurring(strings.Repeat("aaa ", 20_000)); len(found) != 0 {
		t.Errorf("%d terms are found", len(found))
	}
}

func TestInflectedForms(t *testing.T) {
	cases := map[string]struct {
		lang, term, text string
		want             bool
	}{
		"a plural":                               {"en", "cart", "Two carts are full.", true},
		"a plural in capitals":                   {"en", "cart", "TWO CARTS", true},
		"a longer word that begins alike":        {"en", "cart", "A carton of milk.", false},
		"another word of the same stem":          {"en", "universe", "a university", false},
		"the last word of a term":                {"en", "shopping cart", "All shopping carts.", true},
		"every word of a term":                   {"es", "carro nuevo", "Los carros nuevos.", true},
		"words that do not stand side by side":   {"en", "shopping cart", "Go shopping. Carts are here.", false},
		"an ending with an umlaut keeps its own": {"de", "Warenkorb", "Die Warenkorbes", true},
		"German of a case":                       {"de", "Vertrag", "des Vertrages", true},
		"Russian of a case":                      {"ru", "корзина", "в корзине", true},
		"a word of three letters":                {"en", "car", "two cars", true},
		"a word of two stands as it is":          {"en", "ax", "two axs", false},
		"a language without a stemmer":           {"pl", "koszyk", "w koszyku", false},
		"no language":                            {"", "cart", "carts", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			found := glossary.NewIndex(inline(translate(tc.term, "x")), tc.lang).Occurring(tc.text)
			if got := len(found) == 1; got != tc.want {
				t.Errorf("Occurring(%q) finds %q: %v, want %v", tc.text, tc.term, got, tc.want)
			}
		})
	}
	abbreviation := translate("TEST", "x")
	abbreviation.Case = v1alpha1.CaseSensitive
	if found := glossary.NewIndex(inline(abbreviation), "en").Occurring("some tests"); len(found) != 0 {
		t.Error("a term that tells letter case apart is found in another form")
	}
}
