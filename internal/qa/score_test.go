package qa_test

import (
	"slices"
	"testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

func findings(severities ...v1alpha1.Severity) []qa.Finding {
	var all []qa.Finding
	for _, severity := range severities {
		all = append(all, qa.Finding{Check: "test", Severity: severity})
	}
	return all
}

const (
	neutral  = v1alpha1.NeutralSeverity
	minor    = v1alpha1.MinorSeverity
	major    = v1alpha1.MajorSeverity
	critical = v1alpha1.CriticalSeverity
)

func TestSegmentScore(t *testing.T) {
	cases := map[string]struct {
		findings []qa.Finding
		words    int
		want     string
	}{
		"nothing found":                             {nil, 8, "100.0"},
		"nothing found in nothing":                  {nil, 0, "100.0"},
		"a note costs nothing":                      {findings(neutral), 8, "100.0"},
		"one minor":                                 {findings(minor), 8, "98.0"},
		"two minor":                                 {findings(minor, minor), 50, "96.0"},
		"three minor":                               {findings(minor, minor, minor), 1, "94.0"},
		"one major":                                 {findings(major), 8, "90.0"},
		"one critical":                              {findings(critical), 8, "50.0"},
		"two critical":                              {findings(critical, critical), 8, "0.0"},
		"not below zero":                            {findings(critical, critical, critical), 8, "0.0"},
		"a long text spreads the penalty":           {findings(major), 200, "97.5"},
		"a tenth is rounded down below the half":    {findings(minor), 300, "99.7"}, // 99.666…
		"a tenth is rounded half up":                {findings(minor), 80, "98.8"},  // 98.75
		"a tenth is rounded up above the half":      {findings(minor), 700, "99.9"}, // 99.857…
		"just below perfect is perfect when scored": {findings(minor), 20000, "100.0"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := qa.SegmentScore(tc.findings, tc.words).String(); got != tc.want {
				t.Errorf("SegmentScore() = %s, want %s", got, tc.want)
			}
		})
	}
}

func TestJobScore(t *testing.T) {
	cases := map[string]struct {
		parts  []qa.Part
		want   string
		wantNo bool
	}{
		"no segment has no score":            {nil, "0.0", true},
		"one segment is the job":             {[]qa.Part{{Penalty: 1, Words: 8}}, "98.0", false},
		"short segments weigh the same":      {[]qa.Part{{Penalty: 1, Words: 8}, {Words: 50}}, "99.0", false},
		"a long segment weighs by its words": {[]qa.Part{{Penalty: 5, Words: 8}, {Words: 200}}, "98.0", false},
		"a lost segment takes its own share": {[]qa.Part{{Penalty: 100, Words: 8}, {Words: 50}}, "50.0", false},
		"the sample of the reference page":   {[]qa.Part{{Penalty: 1, Words: 8}, {Penalty: 5, Words: 50}, {Words: 10}, {Penalty: 1, Words: 3}}, "96.5", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, ok := qa.JobScore(tc.parts)
			if got.String() != tc.want || ok == tc.wantNo {
				t.Errorf("JobScore() = %s, %v; want %s, %v", got, ok, tc.want, !tc.wantNo)
			}
		})
	}
}

func TestJobScoreIsTheWeightedMeanOfTheSegmentScores(t *testing.T) {
	parts := []qa.Part{{0, 12}, {25, 40}, {5, 100}, {1, 50}, {75, 20}}
	var sum, weights float64
	for _, part := range parts {
		weight := float64(max(part.Words, 50))
		all := slices.Repeat(findings(minor), part.Penalty)
		sum += weight * float64(qa.SegmentScore(all, part.Words))
		weights += weight
	}
	got, _ := qa.JobScore(parts)
	if diff := sum/weights - float64(got); diff > 1 || diff < -1 {
		t.Errorf("JobScore() = %d tenths, the weighted mean is %.2f tenths", got, sum/weights)
	}
}

func TestHasCritical(t *testing.T) {
	if qa.HasCritical(findings(major, minor, neutral)) {
		t.Error("HasCritical() = true without a critical finding")
	}
	if !qa.HasCritical(findings(minor, critical)) {
		t.Error("HasCritical() = false with a critical finding")
	}
}
