package icu

import (
	_ "embed" // for the data
	"slices"
	"strconv"
	"strings"
	"sync"
)

// plurals holds, a line for each set of rules, the categories of a kind of number, a
// whole number for each, and the languages. Its head explains it.
//
//go:embed data/plurals.txt
var plurals string

// form is a plural category of a language.
type form struct {
	category string
	// sample is a whole number of the category; -1 when it has none.
	sample int
}

// tables holds the forms by language, for plural and for selectordinal.
var tables = sync.OnceValue(func() map[Type]map[string][]form {
	out := map[Type]map[string][]form{Plural: {}, SelectOrdinal: {}}
	for line := range strings.Lines(plurals) {
		rules, languages, found := strings.Cut(strings.TrimSpace(line), ": ")
		fields := strings.Fields(rules)
		if !found || len(fields) == 0 || fields[0] == "#" {
			continue
		}
		var forms []form
		for _, field := range fields[1:] {
			category, digits, _ := strings.Cut(field, "=")
			sample, err := strconv.Atoi(digits)
			if err != nil {
				sample = -1
			}
			forms = append(forms, form{category: category, sample: sample})
		}
		for language := range strings.FieldsSeq(languages) {
			out[Type(fields[0])][language] = forms
		}
	}
	return out
})

// formsOf looks a language up, and without its last parts when it is not there.
func formsOf(language string, kind Type) []form {
	table := tables()[kind]
	for {
		if forms, ok := table[language]; ok {
			return forms
		}
		cut := strings.LastIndexByte(language, '-')
		if cut < 0 {
			return nil
		}
		language = language[:cut]
	}
}

// Categories returns the plural categories of a language, given as a canonical tag, in
// the order of CLDR: of its cardinal numbers for Plural, of its ordinal numbers for
// SelectOrdinal. The last is Other. It returns nil for a language that CLDR has no
// rules for.
func Categories(language string, kind Type) []string {
	var out []string
	for _, f := range formsOf(language, kind) {
		out = append(out, f.category)
	}
	return out
}

// Sample returns a whole number that takes a category of cardinal numbers in a
// language. ok is false when there is none: the category serves fractions alone, or
// the language has it not.
func Sample(language, category string) (number int, ok bool) {
	return SampleOf(language, Plural, category)
}

// SampleOf is Sample for a type of choice.
func SampleOf(language string, kind Type, category string) (number int, ok bool) {
	for _, f := range formsOf(language, kind) {
		if f.category == category && f.sample >= 0 {
			return f.sample, true
		}
	}
	return 0, false
}

// Languages returns the tags that CLDR has rules for, sorted.
func Languages(kind Type) []string {
	var out []string
	for language := range tables()[kind] {
		out = append(out, language)
	}
	slices.Sort(out)
	return out
}
