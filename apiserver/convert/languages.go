package convert

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// Languages are the languages of a request, in canonical tags.
type Languages struct {
	Source  string
	Targets []string
	// List says that the request has a list of targets, and is a batch.
	List bool
}

// ReadLanguages checks the languages of a request. The error is a *Fault of kind
// BadLanguages.
func ReadLanguages(source string, targets Targets, mode v1alpha1.Mode) (Languages, error) {
	out := Languages{List: targets.List}
	canonical, err := canonicalTag(source)
	if err != nil {
		return out, languages("source_lang", "source_lang: %s", err)
	}
	out.Source = canonical
	if len(targets.Tags) == 0 {
		return out, languages("target_lang", "target_lang is an empty list; name at least one language")
	}
	if len(targets.Tags) > maxTargets {
		return out, languages("target_lang", "target_lang names %d languages; %d are allowed", len(targets.Tags), maxTargets)
	}
	for i, tag := range targets.Tags {
		field := "target_lang"
		if targets.List {
			field = fmt.Sprintf("target_lang[%d]", i)
		}
		canonical, err := canonicalTag(tag)
		switch {
		case err != nil:
			return out, languages(field, "%s: %s", field, err)
		case canonical == out.Source && mode != v1alpha1.CreationMode:
			return out, languages(field, "source_lang and %s are both %s; they must differ", field, canonical)
		case slices.Contains(out.Targets, canonical):
			return out, languages(field, "target_lang names %s twice", canonical)
		}
		out.Targets = append(out.Targets, canonical)
	}
	return out, nil
}

// maxTagLength bounds a tag, as the schema does.
const maxTagLength = 35

func canonicalTag(tag string) (string, error) {
	canonical, err := langtag.Canonical(tag)
	if err == nil && len(canonical) > maxTagLength {
		err = fmt.Errorf("the language tag has %d characters; %d are allowed", len(canonical), maxTagLength)
	}
	return canonical, err
}

// NeedList checks that target_lang is a list, as POST /v1/jobs/batch-text wants it.
// The error is a *Fault of kind BadLanguages.
func NeedList(targets Targets) error {
	if !targets.List {
		return languages("target_lang", "target_lang must be a list of language tags here; send a single one to /v1/jobs")
	}
	return nil
}

// Offer is what one provider offers.
type Offer struct {
	// Any says that every pair is offered; Pairs is then empty.
	Any   bool
	Pairs []engine.Pair
	// Creates says that the engine can write new text.
	Creates bool
}

// maxNamedPairs bounds how many pairs a message names.
const maxNamedPairs = 60

// CheckOffers checks that each pair of the request is offered by one of the
// account's providers. The error is a *Fault of kind BadLanguages that names the
// pairs on offer.
func CheckOffers(offers []Offer, langs Languages, mode v1alpha1.Mode) error {
	var usable []Offer
	for _, offer := range offers {
		if mode != v1alpha1.CreationMode || offer.Creates {
			usable = append(usable, offer)
		}
	}
	if len(usable) == 0 {
		if mode == v1alpha1.CreationMode {
			return languages("mode", "no provider of this account can write new text (mode creation)")
		}
		return languages("target_lang", "no provider of this account is ready, so no pair of languages is on offer")
	}
	if slices.ContainsFunc(usable, func(o Offer) bool { return o.Any }) {
		return nil
	}
	var missing []string
	for _, target := range langs.Targets {
		pair := engine.Pair{Source: langs.Source, Target: target}
		if !slices.ContainsFunc(usable, func(o Offer) bool { _, ok := langtag.Resolve(pair, o.Pairs); return ok }) {
			missing = append(missing, pair.String())
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return languages("target_lang", "%s is not on offer; on offer are: %s", strings.Join(missing, ", "), namePairs(usable))
}

func namePairs(offers []Offer) string {
	var names []string
	for _, offer := range offers {
		for _, pair := range offer.Pairs {
			names = append(names, pair.String())
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	switch more := len(names) - maxNamedPairs; {
	case len(names) == 0:
		return "none"
	case more > 0:
		return strings.Join(names[:maxNamedPairs], ", ") + fmt.Sprintf(" and %d more", more)
	default:
		return strings.Join(names, ", ")
	}
}
