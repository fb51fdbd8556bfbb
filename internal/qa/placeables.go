package qa

import (
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

func comparePlaceables(source, target []placeholder.Placeable) []Finding {
	balance := map[string]int{}
	for _, p := range target {
		balance[p.Text]++
	}
	var findings []Finding
	for _, p := range source {
		balance[p.Text]--
		if balance[p.Text] < 0 {
			findings = append(findings, finding(PlaceholderCheck, markupCategory, severityOf(p.Kind),
				"%s of the source is missing in the translation", p.Label()))
		}
	}
	// Backwards, so that of three where two are right the last is the one too many.
	for i := len(target) - 1; i >= 0; i-- {
		p := target[i]
		if balance[p.Text] <= 0 {
			continue
		}
		balance[p.Text]--
		findings = append(findings, finding(PlaceholderCheck, markupCategory, severityOf(p.Kind),
			"the translation has %s that the source has not", p.Label()))
	}
	return findings
}
