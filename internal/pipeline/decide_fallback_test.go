package pipeline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

func next(o *pipeline.Observation) { o.Next = `TranslationProvider "b"` }

// gaveUp says how many attempts failed with providers that were given up.
func gaveUp(failed int32) see {
	return func(o *pipeline.Observation) {
		o.Status.PassedOver = append(o.Status.PassedOver,
			v1alpha1.PassedOverProvider{Kind: v1alpha1.TranslationProviderKind, Name: "a", FailedAttempts: failed})
	}
}

func misconfigured(message string) func(*pipeline.Attempt) {
	return outcome(pipeline.Outcome{End: pipeline.Fatal, Reason: v1alpha1.MisconfiguredReason, Message: message})
}

func fails(message string) func(*pipeline.Attempt) {
	return outcome(pipeline.Outcome{End: pipeline.Retry, Reason: v1alpha1.BackingOffReason, Message: message})
}

func TestDecideToGoOnWithAnotherProvider(t *testing.T) {
	movesOn := func(message string, attempts, failed int32) pipeline.Decision {
		return pipeline.Decision{
			Verb: pipeline.Start, Number: attempts + 1, Stage: pipeline.Working, Reason: v1alpha1.ProcessingReason,
			Message:  `the job goes on with TranslationProvider "b"; the provider before failed: ` + message,
			Attempts: attempts, Failed: failed,
		}
	}
	checkDecisions(t, map[string]decides{
		"after the settings were refused": {
			seen: seen(attempt(pipeline.AttemptOver, 1, misconfigured("bad key")), next),
			want: movesOn("bad key", 1, 1),
		},
		"after the last attempt that the limit allows": {
			seen: seen(recorded(2, 2, 0), started(second), attempt(pipeline.AttemptOver, 3, fails("no answer")), next),
			want: movesOn("no answer", 3, 3),
		},
		"of a paid one, whose plan is still to be made": {
			seen: seen(paid, recorded(1, 0, 0), started(second), attempt(pipeline.AttemptOver, 1, announced, misconfigured("bad key")), next),
			want: movesOn("bad key", 1, 1),
		},
	})
}

func TestExhausted(t *testing.T) {
	cases := map[string]struct {
		seen pipeline.Observation
		want bool
	}{
		"the settings were refused":              {seen: seen(attempt(pipeline.AttemptOver, 1, misconfigured("bad key"))), want: true},
		"the limit is used up":                   {seen: seen(recorded(2, 2, 0), attempt(pipeline.AttemptOver, 3, fails("no answer"))), want: true},
		"the limit is not":                       {seen: seen(recorded(1, 1, 0), attempt(pipeline.AttemptOver, 2, fails("no answer")))},
		"the limit was used up by another":       {seen: seen(recorded(3, 3, 0), gaveUp(3), attempt(pipeline.AttemptOver, 4, fails("no answer")))},
		"the limit is used up by both":           {seen: seen(recorded(5, 5, 0), gaveUp(3), attempt(pipeline.AttemptOver, 6, fails("no answer"))), want: true},
		"it is too dear":                         {seen: seen(attempt(pipeline.AttemptOver, 1, outcome(pipeline.Outcome{End: pipeline.Fatal, Reason: v1alpha1.BudgetExceededReason})))},
		"the text was refused":                   {seen: seen(attempt(pipeline.AttemptOver, 1, outcome(pipeline.Outcome{End: pipeline.Fatal, Reason: v1alpha1.EngineRejectedReason})))},
		"it crashed":                             {seen: seen(attempt(pipeline.AttemptOver, 1, misconfigured("bad key"), crashed))},
		"it is under way":                        {seen: seen(attempt(pipeline.AttemptActive, 1))},
		"there is none":                          {seen: seen()},
		"the job is suspended":                   {seen: seen(suspend, attempt(pipeline.AttemptOver, 1, misconfigured("bad key")))},
		"the job is cancelled":                   {seen: seen(cancel, attempt(pipeline.AttemptOver, 1, misconfigured("bad key")))},
		"the job is late":                        {seen: seen(started(2*second), deadline(second), attempt(pipeline.AttemptOver, 1, misconfigured("bad key")))},
		"what there is has been published":       {seen: seen(attempt(pipeline.AttemptOver, 1, misconfigured("bad key"), concluded(pipeline.Conclusion{Done: true})))},
		"the spec asks for another translation":  {seen: seen(attempt(pipeline.AttemptOver, 1, misconfigured("bad key")), edited("other"))},
		"the end of the attempt was written":     {seen: seen(recorded(3, 3, 0), backsOff(second), attempt(pipeline.AttemptOver, 3, fails("no answer")))},
		"the job has ended":                      {seen: seen(recorded(1, 0, 0), ended(v1alpha1.FailedReason), attempt(pipeline.AttemptOver, 1, misconfigured("bad key")))},
		"the settings of a fallback are refused": {seen: seen(recorded(1, 1, 0), gaveUp(1), attempt(pipeline.AttemptOver, 2, misconfigured("bad key"))), want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.seen.Exhausted(); got != tc.want {
				t.Errorf("Exhausted() = %v, want %v", got, tc.want)
			}
		})
	}
}

func TestGiveUp(t *testing.T) {
	ref := v1alpha1.ProviderStatusReference{Kind: v1alpha1.TranslationProviderKind, Name: "b", Type: v1alpha1.DeepLProvider}
	cases := map[string]struct {
		seen pipeline.Observation
		want v1alpha1.PassedOverProvider
	}{
		"its settings": {
			seen: seen(attempt(pipeline.AttemptOver, 1, misconfigured("bad key"))),
			want: v1alpha1.PassedOverProvider{Reason: v1alpha1.MisconfiguredReason, Message: "bad key", FailedAttempts: 1},
		},
		"its attempts, and not those of another": {
			seen: seen(recorded(5, 5, 0), gaveUp(3), attempt(pipeline.AttemptOver, 6, fails("no answer"))),
			want: v1alpha1.PassedOverProvider{Reason: v1alpha1.BackoffLimitExceededReason, Message: "no answer", FailedAttempts: 3},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.want.Kind, tc.want.Name = ref.Kind, ref.Name
			if diff := cmp.Diff(tc.want, tc.seen.GiveUp(ref)); diff != "" {
				t.Errorf("GiveUp() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGivenUpAreThoseThatWereTried(t *testing.T) {
	tried := v1alpha1.PassedOverProvider{Name: "a", FailedAttempts: 2}
	got := pipeline.GivenUp([]v1alpha1.PassedOverProvider{{Name: "c"}, tried})
	if diff := cmp.Diff([]v1alpha1.PassedOverProvider{tried}, got); diff != "" {
		t.Errorf("GivenUp() (-want +got):\n%s", diff)
	}
}
