package qa

import (
	"strings"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// JudgeCheck names the findings of a language model that rates translations.
const JudgeCheck = "low_confidence"

// mostRated bounds the findings that one rating gives.
const mostRated = 10

// ReadRating returns the errors that a rating names, one a line: a severity of MQM and a
// category. The form is that of GEMBA-MQM (arXiv 2310.13988) without the quoted spans,
// which would carry text. What is no error is passed over; errors of a category that
// the checks have found already are theirs, so that none counts twice.
func ReadRating(rating string, found []Finding) []Finding {
	known := map[string]bool{}
	for _, f := range found {
		known[f.Category] = true
	}
	var findings []Finding
	for line := range strings.Lines(rating) {
		word, category, _ := strings.Cut(strings.TrimSpace(strings.ToLower(line)), " ")
		severity, ok := ratedSeverity(strings.TrimSuffix(word, ":"))
		category = strings.Trim(category, " .:")
		if !ok || category == "" || known[category] || len(findings) == mostRated {
			continue
		}
		known[category] = true
		findings = append(findings, finding(JudgeCheck, category, severity, "the judge sees a %s error: %s", strings.ToLower(string(severity)), category))
	}
	return findings
}

func ratedSeverity(word string) (v1alpha1.Severity, bool) {
	switch word {
	case "minor":
		return v1alpha1.MinorSeverity, true
	case "major":
		return v1alpha1.MajorSeverity, true
	case "critical":
		return v1alpha1.CriticalSeverity, true
	default:
		return "", false
	}
}
