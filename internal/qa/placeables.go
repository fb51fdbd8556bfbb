package qa

import (
	"regexp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// placeables reports what happened to the placeables: what putting them back met,
// or else a difference between the two texts. The comparison is made without
// trust in the masking, so it also finds what an engine made up; it is left out
// after a problem, which it would report a second time.
func placeables(in Input) []Finding {
	if len(in.Placeables) > 0 {
		var findings []Finding
		for _, problem := range in.Placeables {
			findings = append(findings, finding(PlaceholderCheck, markupCategory, severityOf(problem.Of), "%v", problem))
		}
		return findings
	}
	return comparePlaceables(placeholder.Find(in.Source), placeholder.Find(in.Target))
}

// severityOf is major for an address, which breaks a link, and critical for code
// and markup, which break a program or a page.
func severityOf(kind placeholder.Kind) v1alpha1.Severity {
	if kind == placeholder.URL || kind == placeholder.Email {
		return v1alpha1.MajorSeverity
	}
	return v1alpha1.CriticalSeverity
}

// position is the part of a printf specifier that says which argument it takes.
var position = regexp.MustCompile(`^%\d+\$`)

// identity is what two placeables have in common that count as the same. People
// number the specifiers of a translation when they put them in another order.
func identity(p placeholder.Placeable) string { return position.ReplaceAllString(p.Text, "%") }

func comparePlaceables(source, target []placeholder.Placeable) []Finding {
	balance := map[string]int{}
	for _, p := range target {
		balance[identity(p)]++
	}
	var findings []Finding
	for _, p := range source {
		balance[identity(p)]--
		if balance[identity(p)] < 0 {
			findings = append(findings, finding(PlaceholderCheck, markupCategory, severityOf(p.Kind),
				"%s of the source is missing in the translation", p.Label()))
		}
	}
	// Backwards, so that of three where two are right the last is the one too many.
	for i := len(target) - 1; i >= 0; i-- {
		p := target[i]
		if balance[identity(p)] <= 0 {
			continue
		}
		balance[identity(p)]--
		findings = append(findings, finding(PlaceholderCheck, markupCategory, severityOf(p.Kind),
			"the translation has %s that the source has not", p.Label()))
	}
	return findings
}
