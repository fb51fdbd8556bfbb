package qa_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

func TestReadRating(t *testing.T) {
	major := qa.Finding{Check: qa.JudgeCheck, Category: "accuracy/omission", Severity: v1alpha1.MajorSeverity, Message: "the judge sees a major error: accuracy/omission"}
	minor := qa.Finding{Check: qa.JudgeCheck, Category: "fluency/grammar", Severity: v1alpha1.MinorSeverity, Message: "the judge sees a minor error: fluency/grammar"}
	cases := map[string]struct {
		rating string
		found  []qa.Finding
		want   []qa.Finding
	}{
		"no error":                      {rating: "none"},
		"two errors":                    {rating: "major accuracy/omission\nMinor: fluency/grammar.\n", want: []qa.Finding{major, minor}},
		"an error twice counts once":    {rating: "major accuracy/omission\nminor accuracy/omission", want: []qa.Finding{major}},
		"what a check has found is its": {rating: "major accuracy/omission\nminor fluency/grammar", found: []qa.Finding{{Category: "accuracy/omission"}}, want: []qa.Finding{minor}},
		"no words but errors":           {rating: "The text is fine.\nmajor\n\nawful accuracy/omission"},
		"critical":                      {rating: "critical accuracy/mistranslation", want: []qa.Finding{{Check: qa.JudgeCheck, Category: "accuracy/mistranslation", Severity: v1alpha1.CriticalSeverity, Message: "the judge sees a critical error: accuracy/mistranslation"}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, qa.ReadRating(tc.rating, tc.found)); diff != "" {
				t.Errorf("ReadRating() (-want +got):\n%s", diff)
			}
		})
	}
	var many strings.Builder
	for c := 'a'; c <= 'z'; c++ {
		many.WriteString("minor other/" + string(c) + "\n")
	}
	if got := len(qa.ReadRating(many.String(), nil)); got != 10 {
		t.Errorf("%d findings of one rating, want 10", got)
	}
}
