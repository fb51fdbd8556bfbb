package translationjob

import (
	"testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/build"
)

func TestWhatIsHandedOver(t *testing.T) {
	cases := map[string]struct {
		change func(*v1alpha1.TranslationJobStatus)
		end    pipeline.End
		want   bool
	}{
		"an attempt that was stopped":    {change: func(*v1alpha1.TranslationJobStatus) {}, end: pipeline.Stopped, want: true},
		"one that waits for its turn":    {change: func(*v1alpha1.TranslationJobStatus) {}, want: true},
		"one that the provider holds":    {change: func(*v1alpha1.TranslationJobStatus) {}, end: pipeline.Limited, want: true},
		"one that failed by itself":      {change: func(*v1alpha1.TranslationJobStatus) {}, end: pipeline.Retry},
		"one that nobody has written of": {change: func(s *v1alpha1.TranslationJobStatus) { s.StartedAt = nil }, end: pipeline.Stopped},
		"one that backs off already":     {change: func(s *v1alpha1.TranslationJobStatus) { s.NextAttemptTime = stamp(0) }, end: pipeline.Stopped},
		"one at another translation":     {change: func(s *v1alpha1.TranslationJobStatus) { s.WorkDigest = "other" }, end: pipeline.Stopped},
		"a job that has ended":           {change: func(s *v1alpha1.TranslationJobStatus) { s.CompletedAt = stamp(0) }, end: pipeline.Stopped},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			job := build.Job("job", "ns").Obj()
			job.Status = v1alpha1.TranslationJobStatus{WorkDigest: "work", StartedAt: stamp(0)}
			tc.change(&job.Status)
			a := &attempt{digest: "work", outcome: pipeline.Outcome{End: tc.end}}
			if got := runsOn(job, a); got != tc.want {
				t.Errorf("runsOn() = %v, want %v", got, tc.want)
			}
		})
	}
}
