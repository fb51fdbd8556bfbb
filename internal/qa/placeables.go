package qa

import (
	"regexp"
	"strings"

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
			findings = append(findings, finding(PlaceholderCheck, markupCategory, severityOf(problem.Of), "%v", problem).about(placeOf(in.source(), problem)))
		}
		return findings
	}
	return comparePlaceables(in.source().placeables, in.target().placeables)
}

// placeOf is where the placeable stands that a token was for.
func placeOf(source *reading, problem placeholder.Problem) Span {
	at := problem.Token - 1
	if at < 0 || at >= len(source.placeables) || source.placeables[at].Kind != problem.Of {
		return Span{}
	}
	return Span{Start: source.placeables[at].Start, End: source.placeables[at].End()}
}

// severityOf is critical for fields and markup, which break a program or a page, and
// major for the rest: a wrong address, path or option misleads a reader. Code, paths
// and character references in prose are now and then translated with reason.
func severityOf(kind placeholder.Kind) v1alpha1.Severity {
	switch kind {
	case placeholder.URL, placeholder.Email, placeholder.Code, placeholder.Path, placeholder.Option, placeholder.Entity:
		return v1alpha1.MajorSeverity
	default:
		return v1alpha1.CriticalSeverity
	}
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
				"%s of the source is missing in the translation", p.Label()).about(Span{Start: p.Start, End: p.End()}))
		}
	}
	// Backwards, so that of three where two are right the last is the one too many.
	for i := len(target) - 1; i >= 0; i-- {
		p := target[i]
		if balance[identity(p)] <= 0 || isFence(p) {
			continue
		}
		balance[identity(p)]--
		findings = append(findings, finding(PlaceholderCheck, markupCategory, severityOf(p.Kind),
			"the translation has %s that the source has not", p.Label()).at(Span{Start: p.Start, End: p.End()}))
	}
	return findings
}

// isFence finds a block of code around a whole answer, which is chatter.
func isFence(p placeholder.Placeable) bool {
	return p.Kind == placeholder.Code && strings.HasPrefix(p.Text, "```")
}
