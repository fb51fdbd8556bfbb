package glossary_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
)

// occurring returns the sources of the terms that occur.
func occurring(entries []glossary.Entry, text string) []string {
	var out []string
	for _, term := range glossary.NewIndex(entries, "en").Occurring(text) {
		out = append(out, term.Source)
	}
	return out
}

func inline(terms ...v1alpha1.InlineTerm) []glossary.Entry { return glossary.FromInline(terms) }

func translate(source, target string) v1alpha1.InlineTerm {
	return v1alpha1.InlineTerm{Source: source, Target: target, Handling: v1alpha1.TranslateTerm, Case: v1alpha1.CaseInsensitive}
}

func TestOccurring(t *testing.T) {
	cart, shopping := translate("cart", "Wagen"), translate("shopping cart", "Warenkorb")
	sensitive := translate("Go", "Go")
	sensitive.Case = v1alpha1.CaseSensitive
	cases := map[string]struct {
		terms []v1alpha1.InlineTerm
		text  string
		want  []string
	}{
		"a whole word":                         {[]v1alpha1.InlineTerm{cart}, "Open the cart.", []string{"cart"}},
		"in another letter case":               {[]v1alpha1.InlineTerm{cart}, "CART", []string{"cart"}},
		"not inside a word":                    {[]v1alpha1.InlineTerm{cart}, "cartoons, discart, cart2, my_cart", nil},
		"beside punctuation":                   {[]v1alpha1.InlineTerm{cart}, "(cart)-cart's", []string{"cart"}},
		"the longer term hides the shorter":    {[]v1alpha1.InlineTerm{cart, shopping}, "Open the shopping cart.", []string{"shopping cart"}},
		"unless it also stands alone":          {[]v1alpha1.InlineTerm{cart, shopping}, "A cart is no shopping cart.", []string{"cart", "shopping cart"}},
		"a line break in a term":               {[]v1alpha1.InlineTerm{shopping}, "shopping\ncart", []string{"shopping cart"}},
		"a no-break space in a term":           {[]v1alpha1.InlineTerm{shopping}, "shopping\u00a0cart", []string{"shopping cart"}},
		"letter case counts where it should":   {[]v1alpha1.InlineTerm{sensitive}, "go away", nil},
		"letter case fits":                     {[]v1alpha1.InlineTerm{sensitive}, "Write it in Go.", []string{"Go"}},
		"each term once":                       {[]v1alpha1.InlineTerm{cart}, "cart cart cart", []string{"cart"}},
		"in the order of the text":             {[]v1alpha1.InlineTerm{translate("b", "B"), translate("a", "A")}, "a b", []string{"a", "b"}},
		"Chinese has no spaces":                {[]v1alpha1.InlineTerm{translate("购物车", "cart")}, "打开购物车。", []string{"购物车"}},
		"Cyrillic in another letter case":      {[]v1alpha1.InlineTerm{translate("корзина", "cart")}, "КОРЗИНА пуста", []string{"корзина"}},
		"an accent is part of the word":        {[]v1alpha1.InlineTerm{translate("caf", "x")}, "caf\u0301", nil},
		"a vowel sign is part of the letter":   {[]v1alpha1.InlineTerm{translate("ก", "x")}, "กิน", nil},
		"a term with signs":                    {[]v1alpha1.InlineTerm{translate("C++", "C++"), translate("C", "C")}, "Learn C++ now", []string{"C++"}},
		"a term at both ends":                  {[]v1alpha1.InlineTerm{cart}, "cart", []string{"cart"}},
		"wrong bytes":                          {[]v1alpha1.InlineTerm{cart}, "\xffcart\xfe", []string{"cart"}},
		"nothing in nothing":                   {[]v1alpha1.InlineTerm{cart}, "", nil},
		"no terms":                             {nil, "Open the cart.", nil},
		"the letter that grows in upper case":  {[]v1alpha1.InlineTerm{translate("straße", "street")}, "die STRAßE hier", []string{"straße"}},
		"the Greek sigma at the end of a word": {[]v1alpha1.InlineTerm{translate("λόγος", "word")}, "Ο ΛΌΓΟΣ ήταν", []string{"λόγος"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, occurring(inline(tc.terms...), tc.text)); diff != "" {
				t.Errorf("Occurring() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOccurringTellsAllAboutATerm(t *testing.T) {
	got := glossary.NewIndex(inline(
		v1alpha1.InlineTerm{Source: " cart ", Target: "Warenkorb", Forbidden: []string{"Karre"}},
		v1alpha1.InlineTerm{Source: "Dragoman", Handling: v1alpha1.KeepTerm, Target: "ignored"},
	), "en").Occurring("Dragoman fills the cart.")
	want := []engine.Term{
		{Source: "Dragoman", Target: "Dragoman", Keep: true},
		{Source: "cart", Target: "Warenkorb", Forbidden: []string{"Karre"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Occurring() (-want +got):\n%s", diff)
	}
}

func TestFromGlossary(t *testing.T) {
	in := func(lang, term string, variants ...string) v1alpha1.TermTranslation {
		return v1alpha1.TermTranslation{Language: v1alpha1.LanguageTag(lang), Term: term, Variants: variants}
	}
	spec := func(entries ...v1alpha1.GlossaryEntry) v1alpha1.GlossarySpec {
		return v1alpha1.GlossarySpec{SourceLanguage: "en", Scope: v1alpha1.AccountScope, Entries: entries}
	}
	entry := func(change ...func(*v1alpha1.GlossaryEntry)) v1alpha1.GlossaryEntry {
		e := v1alpha1.GlossaryEntry{
			Term:         "cart",
			Translations: []v1alpha1.TermTranslation{in("de", "Warenkorb"), in("pt", "carrinho"), in("pt-BR", "cesta"), in("zh", "购物车")},
			Handling:     v1alpha1.TranslateTerm, Case: v1alpha1.CaseInsensitive, Status: v1alpha1.ApprovedTerm,
		}
		for _, c := range change {
			c(&e)
		}
		return e
	}
	text := "Open the cart or basket."
	cases := map[string]struct {
		entry          v1alpha1.GlossaryEntry
		target, domain string
		want           []engine.Term
	}{
		"the exact language":         {entry(), "pt-BR", "", []engine.Term{{Source: "cart", Target: "cesta"}}},
		"the language of a region":   {entry(), "de-AT", "", []engine.Term{{Source: "cart", Target: "Warenkorb"}}},
		"another region's is not":    {entry(), "pt-PT", "", []engine.Term{{Source: "cart", Target: "carrinho"}}},
		"another script's is not":    {entry(), "zh-TW", "", nil},
		"another language":           {entry(), "fr", "", nil},
		"a pending entry":            {entry(func(e *v1alpha1.GlossaryEntry) { e.Status = v1alpha1.PendingTerm }), "de", "", nil},
		"a deprecated entry":         {entry(func(e *v1alpha1.GlossaryEntry) { e.Status = v1alpha1.DeprecatedTerm }), "de", "", nil},
		"an entry without a status":  {entry(func(e *v1alpha1.GlossaryEntry) { e.Status = "" }), "de", "", []engine.Term{{Source: "cart", Target: "Warenkorb"}}},
		"the job's domain":           {entry(func(e *v1alpha1.GlossaryEntry) { e.Domain = "Shops" }), "de", "shops", []engine.Term{{Source: "cart", Target: "Warenkorb"}}},
		"another domain":             {entry(func(e *v1alpha1.GlossaryEntry) { e.Domain = "golf" }), "de", "shops", nil},
		"a domain, the job has none": {entry(func(e *v1alpha1.GlossaryEntry) { e.Domain = "golf" }), "de", "", nil},
		"kept in every language":     {entry(func(e *v1alpha1.GlossaryEntry) { e.Handling, e.Translations = v1alpha1.KeepTerm, nil }), "fr", "", []engine.Term{{Source: "cart", Target: "cart", Keep: true}}},
		"a variant of the source": {
			entry(func(e *v1alpha1.GlossaryEntry) { e.Term, e.Variants = "trolley", []string{"basket"} }), "de", "",
			[]engine.Term{{Source: "trolley", Target: "Warenkorb"}},
		},
		"a forbidden term without a wanted one": {
			entry(func(e *v1alpha1.GlossaryEntry) { e.Forbidden = []string{"chariot"} }), "fr", "",
			[]engine.Term{{Source: "cart", Forbidden: []string{"chariot"}}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := glossary.NewIndex(glossary.FromGlossary(spec(tc.entry), tc.target, tc.domain), "en").Occurring(text)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("terms (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	stored := func(scope v1alpha1.GlossaryScope, target string) []glossary.Entry {
		return glossary.FromGlossary(v1alpha1.GlossarySpec{Scope: scope, Entries: []v1alpha1.GlossaryEntry{{
			Term: "Cart", Translations: []v1alpha1.TermTranslation{{Language: "de", Term: target}},
		}}}, "de", "")
	}
	account, private := stored(v1alpha1.AccountScope, "account"), stored(v1alpha1.PrivateScope, "private")
	cases := map[string]struct {
		priority v1alpha1.GlossaryPriority
		lists    [][]glossary.Entry
		want     string
	}{
		"account first":                    {v1alpha1.AccountFirst, [][]glossary.Entry{private, account}, "account"},
		"private first":                    {v1alpha1.PrivateFirst, [][]glossary.Entry{account, private}, "private"},
		"no priority is account first":     {"", [][]glossary.Entry{private, account}, "account"},
		"inline wins over account":         {v1alpha1.AccountFirst, [][]glossary.Entry{account, private, inline(translate("cart", "inline"))}, "inline"},
		"inline wins over private":         {v1alpha1.PrivateFirst, [][]glossary.Entry{private, inline(translate("CART", "inline"))}, "inline"},
		"of one scope the first list wins": {v1alpha1.AccountFirst, [][]glossary.Entry{stored(v1alpha1.AccountScope, "first"), account}, "first"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := glossary.NewIndex(glossary.Merge(tc.priority, tc.lists...), "en").Occurring("cart")
			if len(got) != 1 || got[0].Target != tc.want {
				t.Errorf("Merge() leaves %v, want one term with target %q", got, tc.want)
			}
		})
	}
}

func TestMergeKeepsBothLetterCases(t *testing.T) {
	sensitive := translate("Go", "Go")
	sensitive.Case = v1alpha1.CaseSensitive
	merged := glossary.Merge(v1alpha1.AccountFirst, inline(sensitive, translate("go", "gehen")))
	var got []string
	for _, term := range glossary.NewIndex(merged, "en").Occurring("Go, then go!") {
		got = append(got, term.Target)
	}
	if diff := cmp.Diff([]string{"Go", "gehen"}, got); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
}

func TestEntriesMadeByHandAreFound(t *testing.T) {
	made := []glossary.Entry{{Source: "Cart", Target: "Warenkorb", SourceVariants: []string{"basket"}}}
	if diff := cmp.Diff([]string{"Cart"}, occurring(made, "an empty BASKET")); diff != "" {
		t.Errorf("Occurring() (-want +got):\n%s", diff)
	}
}

func FuzzOccurring(f *testing.F) {
	f.Add("cart", "the shopping cart")
	f.Add("ſ K", "\xff s k İ ß")
	f.Fuzz(func(t *testing.T, term, text string) {
		for _, found := range glossary.NewIndex(inline(translate(term, "x"), translate("a", "y")), "en").Occurring(text) {
			if found.Source != strings.TrimSpace(term) && found.Source != "a" {
				t.Errorf("found %q, which is no term", found.Source)
			}
		}
	})
}
