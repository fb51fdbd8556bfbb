package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/test/kstatus"
)

// brokenRules returns the promises that a version of a job breaks: those of package
// kstatus, among them total = done + blocked + failed + pending, and those about ends
// and money. The version before is nil for the first.
func brokenRules(before, job *v1alpha1.TranslationJob) []string {
	out := kstatus.Broken(kstatus.Job(job))
	if before != nil && finished(before) {
		if !finished(job) || reason(job) != reason(before) {
			out = append(out, fmt.Sprintf("it had ended as %s and now says %s", reason(before), reason(job)))
		}
	}
	return append(out, brokenMoney(before, job)...)
}

// brokenMoney returns what is wrong with the amounts of a version.
func brokenMoney(before, job *v1alpha1.TranslationJob) []string {
	cost, err := money.Parse(job.Status.Cost)
	if err != nil {
		return []string{"cost: " + err.Error()}
	}
	most, err := money.Parse(job.Status.PlannedMaxCost)
	if err != nil {
		return []string{"plannedMaxCost: " + err.Error()}
	}
	limit, err := money.Parse(job.Spec.MaxCost)
	if err != nil {
		return []string{"maxCost: " + err.Error()}
	}
	var out []string
	if cost > most {
		out = append(out, fmt.Sprintf("cost %s is over plannedMaxCost %q", cost.Decimal(), job.Status.PlannedMaxCost))
	}
	if job.Spec.MaxCost != "" && cost > limit {
		out = append(out, fmt.Sprintf("cost %s is over maxCost %s", cost.Decimal(), limit.Decimal()))
	}
	if before == nil {
		return out
	}
	if was := before.Status.PlannedMaxCost; was != "" && before.Status.Attempts > 0 && was != job.Status.PlannedMaxCost {
		out = append(out, fmt.Sprintf("plannedMaxCost was announced as %s and now is %q", was, job.Status.PlannedMaxCost))
	}
	return out
}

// finished says whether a version is an end.
func finished(job *v1alpha1.TranslationJob) bool {
	return meta.IsStatusConditionTrue(job.Status.Conditions, v1alpha1.FinishedCondition)
}

// reason is that of condition Finished.
func reason(job *v1alpha1.TranslationJob) string {
	if c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.FinishedCondition); c != nil {
		return c.Reason
	}
	return ""
}
