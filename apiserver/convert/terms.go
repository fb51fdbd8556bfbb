package convert

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// Bounds of inline entries, as the schema has them.
const (
	maxTerms          = 200
	maxForbiddenTerms = 10
	maxTranslations   = 20
)

// checkTerms checks the inline glossary.
func checkTerms(terms []Term) error {
	if len(terms) > maxTerms {
		return briefing("glossary", "has %d entries; %d are allowed", len(terms), maxTerms)
	}
	for i, term := range terms {
		if err := term.check(fmt.Sprintf("glossary[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

func (t Term) check(field string) error {
	if isBlank(t.source()) {
		return briefing(field, `needs "source" and "target", or "term" and "translations"`)
	}
	if t.Target != "" && isBlank(t.Target) {
		return briefing(field+".target", "is blank")
	}
	if t.Target == "" && len(t.Translations) == 0 && !t.DoNotTranslate {
		return briefing(field, `needs "target" or "translations", unless "do_not_translate" is true`)
	}
	if len(t.ForbiddenAlternatives) > maxForbiddenTerms {
		return briefing(field+".forbidden_alternatives", "has %d entries; %d are allowed", len(t.ForbiddenAlternatives), maxForbiddenTerms)
	}
	switch t.Status {
	case "", "approved", "pending", "deprecated":
	default:
		return briefing(field+".status", "must be one of approved, pending, deprecated")
	}
	if err := t.checkTranslations(field + ".translations"); err != nil {
		return err
	}
	for _, word := range slices.Concat([]string{t.source(), t.Target}, t.ForbiddenAlternatives, slices.Collect(maps.Values(t.Translations))) {
		if runes := utf8.RuneCountInString(word); runes > maxTermRunes {
			return briefing(field, "has a term of %d characters; %d are allowed", runes, maxTermRunes)
		}
	}
	return nil
}

func (t Term) checkTranslations(field string) error {
	if len(t.Translations) > maxTranslations {
		return briefing(field, "has %d languages; %d are allowed", len(t.Translations), maxTranslations)
	}
	seen := map[string]bool{}
	for _, lang := range slices.Sorted(maps.Keys(t.Translations)) {
		canonical, err := langtag.Canonical(lang)
		if err != nil {
			return briefing(field, "has a key that is no language: %s", err)
		}
		if seen[canonical] || isBlank(t.Translations[lang]) {
			return briefing(field, "has an empty or a second term for %s", canonical)
		}
		seen[canonical] = true
	}
	return nil
}

// isBlank says whether a term is none: the schema has no place for it either.
func isBlank(term string) bool { return strings.TrimSpace(term) == "" }

func (t Term) source() string { return cmp.Or(t.Source, t.Term) }

// counts says whether the entry is to be followed in a domain.
func (t Term) counts(domain string) bool {
	return (t.Status == "" || t.Status == "approved") && (t.Domain == "" || strings.EqualFold(t.Domain, domain))
}

// target returns the term in a language: of the exact tag, else of the language
// without its region. Without translations it is the one target.
func (t Term) target(lang string) string {
	if t.Target != "" {
		return t.Target
	}
	base := langtag.Base(lang)
	wider := ""
	for tag, term := range t.Translations {
		if langtag.Same(tag, lang) {
			return term
		}
		if langtag.Same(tag, base) && langtag.Script(tag) == langtag.Script(lang) {
			wider = term
		}
	}
	return wider
}

func (t Term) forbidden() []string {
	out := slices.DeleteFunc(slices.Clone(t.ForbiddenAlternatives), func(word string) bool { return word == "" })
	slices.Sort(out)
	return slices.Compact(out)
}

// inlineTerms returns the entries that count for a target language.
func inlineTerms(terms []Term, domain, lang string) []v1alpha1.InlineTerm {
	var out []v1alpha1.InlineTerm
	for _, t := range terms {
		target := t.target(lang)
		if !t.counts(domain) || target == "" && !t.DoNotTranslate {
			continue
		}
		term := v1alpha1.InlineTerm{
			Source: t.source(), Target: target, Handling: v1alpha1.TranslateTerm, Case: v1alpha1.CaseInsensitive,
			Forbidden: t.forbidden(),
		}
		if t.DoNotTranslate {
			term.Target, term.Handling = "", v1alpha1.KeepTerm
		}
		if t.CaseSensitive {
			term.Case = v1alpha1.CaseSensitive
		}
		out = append(out, term)
	}
	return out
}

// storedEntries returns the entries for several target languages, in the form of a
// stored glossary.
func storedEntries(terms []Term, domain string, langs []string) []v1alpha1.GlossaryEntry {
	var out []v1alpha1.GlossaryEntry
	for _, t := range terms {
		if !t.counts(domain) {
			continue
		}
		entry := v1alpha1.GlossaryEntry{
			Term: t.source(), Handling: v1alpha1.TranslateTerm, Case: v1alpha1.CaseInsensitive,
			Forbidden: t.forbidden(), Status: v1alpha1.ApprovedTerm,
		}
		if t.DoNotTranslate {
			entry.Handling = v1alpha1.KeepTerm
		}
		if t.CaseSensitive {
			entry.Case = v1alpha1.CaseSensitive
		}
		for _, lang := range langs {
			if term := t.target(lang); term != "" && !t.DoNotTranslate {
				entry.Translations = append(entry.Translations, v1alpha1.TermTranslation{Language: v1alpha1.LanguageTag(lang), Term: term})
			}
		}
		if len(entry.Translations) > 0 || t.DoNotTranslate {
			out = append(out, entry)
		}
	}
	return out
}

// dependsOnLanguage says whether the entries differ from target to target.
func dependsOnLanguage(terms []Term) bool {
	return slices.ContainsFunc(terms, func(t Term) bool { return t.Target == "" && len(t.Translations) > 0 })
}
