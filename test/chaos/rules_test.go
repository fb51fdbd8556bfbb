package main

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// version is a version of a job: its reason while it works, or that of its end.
func version(reason string, ended bool, change func(*v1alpha1.TranslationJob)) *v1alpha1.TranslationJob {
	job := &v1alpha1.TranslationJob{}
	job.Generation, job.Status.ObservedGeneration = 1, 1
	job.Status.Attempts, job.Status.PlannedMaxCost = 1, "2.00"
	good := ended && reason == v1alpha1.CompletedReason
	for kind, holds := range map[string]bool{
		v1alpha1.FinishedCondition: ended, v1alpha1.ReadyCondition: good,
		v1alpha1.ReconcilingCondition: !ended, v1alpha1.StalledCondition: ended && !good,
	} {
		status := metav1.ConditionFalse
		if holds {
			status = metav1.ConditionTrue
		}
		meta.SetStatusCondition(&job.Status.Conditions, metav1.Condition{Type: kind, Status: status, Reason: reason, Message: "it is so", ObservedGeneration: 1})
	}
	change(job)
	return job
}

func TestBrokenRules(t *testing.T) {
	plain := func(*v1alpha1.TranslationJob) {}
	working := version(v1alpha1.ProcessingReason, false, plain)
	completed := version(v1alpha1.CompletedReason, true, plain)
	tests := map[string]struct {
		before, job *v1alpha1.TranslationJob
		// wantBroken is a part of the only rule that is broken; "" for none.
		wantBroken string
	}{
		"a job at work":        {job: working},
		"a job that ends":      {before: working, job: completed},
		"an end that is final": {before: completed, job: completed},
		"an end that is left":  {before: completed, job: working, wantBroken: "had ended as Completed"},
		"another end": {
			before: completed, job: version(v1alpha1.FailedReason, true, plain), wantBroken: "now says Failed",
		},
		"segments that are nowhere": {
			job: version(v1alpha1.ProcessingReason, false, func(j *v1alpha1.TranslationJob) {
				j.Status.Progress = &v1alpha1.Progress{Total: 3, Done: 1, Pending: 1}
			}),
			wantBroken: "total 3",
		},
		"a cost over the plan": {
			job:        version(v1alpha1.ProcessingReason, false, func(j *v1alpha1.TranslationJob) { j.Status.Cost = "2.01" }),
			wantBroken: "over plannedMaxCost",
		},
		"a cost over the limit": {
			job: version(v1alpha1.ProcessingReason, false, func(j *v1alpha1.TranslationJob) {
				j.Status.Cost, j.Spec.MaxCost = "1.50", "1.00"
			}),
			wantBroken: "over maxCost",
		},
		"a plan that changes once it is announced": {
			before: working, job: version(v1alpha1.ProcessingReason, false, func(j *v1alpha1.TranslationJob) { j.Status.PlannedMaxCost = "3.00" }),
			wantBroken: "was announced as 2.00",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := brokenRules(tc.before, tc.job)
			if tc.wantBroken == "" && len(got) > 0 {
				t.Errorf("broken: %q", got)
			}
			if tc.wantBroken != "" && (len(got) != 1 || !strings.Contains(got[0], tc.wantBroken)) {
				t.Errorf("broken: %q, want one with %q", got, tc.wantBroken)
			}
		})
	}
}
