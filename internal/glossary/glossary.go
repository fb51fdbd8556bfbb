// Package glossary owns the terms a translation follows: which entries of stored
// and inline glossaries count for a job, which of two entries for one term wins,
// and which terms occur in a text.
//
// It is pure: it imports the API types, the engine contract and langtag.
package glossary

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// origin says where an entry comes from, for the choice between two entries.
type origin int

const (
	account origin = iota + 1
	private
	inline
)

// Entry is a term for one pair of languages and one job.
type Entry struct {
	// Source term.
	Source string
	// Target term; the source term itself when Keep is set.
	Target string
	// SourceVariants are other forms of the source term that count as it.
	SourceVariants []string
	// TargetVariants are other accepted forms of the target term.
	TargetVariants []string
	// Forbidden translations.
	Forbidden []string
	// Keep says that the term stays as it is.
	Keep bool
	// CaseSensitive says that the letter case has to fit.
	CaseSensitive bool

	origin origin
}

// FromInline returns the entries of a job's own glossary.
func FromInline(terms []v1alpha1.InlineTerm) []Entry {
	var entries []Entry
	for _, term := range terms {
		e := Entry{
			Source:        strings.TrimSpace(term.Source),
			Target:        strings.TrimSpace(term.Target),
			Forbidden:     term.Forbidden,
			Keep:          term.Handling == v1alpha1.KeepTerm,
			CaseSensitive: term.Case == v1alpha1.CaseSensitive,
			origin:        inline,
		}
		entries = appendUsable(entries, e)
	}
	return entries
}

// FromGlossary returns the entries of a stored glossary that count for a target
// language and a domain: approved ones, of no domain or of this one, with a
// translation into the exact language or else into the language without its
// region. An entry that is kept as it is needs no translation.
func FromGlossary(spec v1alpha1.GlossarySpec, target, domain string) []Entry {
	from := account
	if spec.Scope == v1alpha1.PrivateScope {
		from = private
	}
	var entries []Entry
	for _, stored := range spec.Entries {
		if !counts(stored, domain) {
			continue
		}
		e := Entry{
			Source:         strings.TrimSpace(stored.Term),
			SourceVariants: stored.Variants,
			Forbidden:      stored.Forbidden,
			Keep:           stored.Handling == v1alpha1.KeepTerm,
			CaseSensitive:  stored.Case == v1alpha1.CaseSensitive,
			origin:         from,
		}
		if t, ok := translation(stored.Translations, target); ok {
			e.Target, e.TargetVariants = strings.TrimSpace(t.Term), t.Variants
		}
		entries = appendUsable(entries, e)
	}
	return entries
}

func counts(stored v1alpha1.GlossaryEntry, domain string) bool {
	// Objects made without the API server's defaults carry an empty status.
	approved := stored.Status == v1alpha1.ApprovedTerm || stored.Status == ""
	return approved && (stored.Domain == "" || strings.EqualFold(stored.Domain, domain))
}

// translation picks the one for a language: of the exact tag, else of the language
// alone. The term of another region ("pt-PT" for "pt-BR") is not taken.
func translation(all []v1alpha1.TermTranslation, target string) (v1alpha1.TermTranslation, bool) {
	base := langtag.Base(target)
	var wider *v1alpha1.TermTranslation
	for i, t := range all {
		tag := string(t.Language)
		if langtag.Same(tag, target) {
			return t, true
		}
		if wider == nil && langtag.Same(tag, base) && langtag.Script(tag) == langtag.Script(target) {
			wider = &all[i]
		}
	}
	if wider == nil {
		return v1alpha1.TermTranslation{}, false
	}
	return *wider, true
}

func appendUsable(entries []Entry, e Entry) []Entry {
	if e.Keep {
		e.Target, e.TargetVariants = e.Source, nil
	}
	if e.Source == "" || e.Target == "" && len(e.Forbidden) == 0 {
		return entries
	}
	return append(entries, e)
}

// Merge makes one list of several. Of entries for the same term one is kept:
// inline ones win over stored ones, among these the scope that the priority names
// wins, and then the entry that comes first. An entry that tells letter case apart
// does not replace one that does not.
func Merge(priority v1alpha1.GlossaryPriority, lists ...[]Entry) []Entry {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b Entry) int {
		return cmp.Compare(rank(a.origin, priority), rank(b.origin, priority))
	})
	taken := make(map[string]bool, len(all))
	var merged []Entry
	for _, e := range all {
		if key := e.key(); !taken[key] {
			taken[key] = true
			merged = append(merged, e)
		}
	}
	return merged
}

func rank(from origin, priority v1alpha1.GlossaryPriority) int {
	switch {
	case from == inline:
		return 0
	case (from == private) == (priority == v1alpha1.PrivateFirst):
		return 1
	default:
		return 2
	}
}

func (e Entry) key() string {
	if e.CaseSensitive {
		return "=" + e.Source
	}
	return "~" + fold(e.Source)
}

// Term returns what engines and checks are told of the entry.
func (e Entry) Term() engine.Term {
	return engine.Term{Source: e.Source, Target: e.Target, Keep: e.Keep, Variants: e.TargetVariants, Forbidden: e.Forbidden}
}
