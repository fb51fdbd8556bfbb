package icu_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/icu"
)

func TestCategories(t *testing.T) {
	cases := map[string]struct {
		language string
		kind     icu.Type
		want     string
	}{
		"English":             {"en", icu.Plural, "one other"},
		"Japanese":            {"ja", icu.Plural, "other"},
		"Arabic":              {"ar", icu.Plural, "zero one two few many other"},
		"Polish":              {"pl", icu.Plural, "one few many other"},
		"French":              {"fr", icu.Plural, "one many other"},
		"Latvian":             {"lv", icu.Plural, "zero one other"},
		"Welsh":               {"cy", icu.Plural, "zero one two few many other"},
		"a region":            {"de-CH", icu.Plural, "one other"},
		"a region with rules": {"pt-PT", icu.Plural, "one many other"},
		"a script and region": {"sr-Latn-RS", icu.Plural, "one few other"},
		"English ordinals":    {"en", icu.SelectOrdinal, "one two few other"},
		"German ordinals":     {"de-AT", icu.SelectOrdinal, "other"},
		"no such language":    {"tlh", icu.Plural, ""},
		"no number":           {"en", icu.SelectWord, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(icu.Categories(tc.language, tc.kind), " "); got != tc.want {
				t.Errorf("Categories(%q, %q) = %q, want %q", tc.language, tc.kind, got, tc.want)
			}
		})
	}
}

func TestSample(t *testing.T) {
	cases := map[string]struct {
		language, category string
		want               int
		wantOK             bool
	}{
		"one of English":         {"en", "one", 1, true},
		"other of English":       {"en", "other", 2, true},
		"few of Polish":          {"pl", "few", 2, true},
		"many of Russian":        {"ru", "many", 5, true},
		"fractions of Russian":   {"ru", "other", 0, false},
		"a category it has not":  {"en", "few", 0, false},
		"nothing of Arabic":      {"ar", "zero", 0, true},
		"a million of Spanish":   {"es", "many", 1_000_000, true},
		"tens of Latvian":        {"lv", "zero", 10, true},
		"a language without any": {"tlh", "other", 0, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got, ok := icu.Sample(tc.language, tc.category); got != tc.want || ok != tc.wantOK {
				t.Errorf("Sample() = %d, %v, want %d, %v", got, ok, tc.want, tc.wantOK)
			}
		})
	}
	if got, ok := icu.SampleOf("en", icu.SelectOrdinal, "few"); got != 3 || !ok {
		t.Errorf("SampleOf() = %d, %v, want 3 for 3rd", got, ok)
	}
}

// TestTablesAreWhole: CLDR has rules for so many languages, and each ends with other.
func TestTablesAreWhole(t *testing.T) {
	order := []string{"zero", "one", "two", "few", "many", "other"}
	got := map[icu.Type]int{}
	for _, kind := range []icu.Type{icu.Plural, icu.SelectOrdinal} {
		for _, language := range icu.Languages(kind) {
			got[kind]++
			categories := icu.Categories(language, kind)
			inOrder := slices.IsSortedFunc(categories, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
			if len(categories) == 0 || categories[len(categories)-1] != icu.Other || !inOrder {
				t.Errorf("%s of %s are %v", kind, language, categories)
			}
		}
	}
	if diff := cmp.Diff(map[icu.Type]int{icu.Plural: 223, icu.SelectOrdinal: 107}, got); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
}
