package pipeline

import (
	"fmt"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Wish is what a job needs a provider for.
type Wish struct {
	Namespace string
	// Named is the provider that the job names; nil for the first that serves it.
	Named *v1alpha1.ProviderReference
	Pair  engine.Pair
	// GivenUp are the providers that attempts of this run have shown to be of no use.
	GivenUp []v1alpha1.PassedOverProvider
	// Unavailable says whether nothing is sent through a gate for now, because its calls
	// failed; nil for never. Such a provider is used when no other can be.
	Unavailable func(gate string) bool
}

// Label names a provider in a message.
func Label(kind v1alpha1.ProviderKind, name v1alpha1.ObjectName) string {
	return fmt.Sprintf("%s %q", kind, name)
}

// GivenUp returns those of the providers that were passed over that an attempt was made
// with: no other attempt of the run is.
func GivenUp(passed []v1alpha1.PassedOverProvider) []v1alpha1.PassedOverProvider {
	var out []v1alpha1.PassedOverProvider
	for _, p := range passed {
		if p.FailedAttempts > 0 {
			out = append(out, p)
		}
	}
	return out
}

// Exhausted says whether the attempt has shown that its provider will not do the work:
// it refuses its settings, or every attempt that the limit allows has failed.
func (o Observation) Exhausted() bool {
	a := o.Attempt
	o.Status = o.Recorded()
	if a == nil || a.State != AttemptOver || a.Crashed || a.Concluding || a.Conclusion != (Conclusion{}) || a.Digest != o.Digest {
		return false
	}
	if o.Status.CompletedAt != nil || o.Suspend || o.Cancel || o.overdue() {
		return false
	}
	switch a.Outcome.End {
	case Fatal:
		return a.Outcome.Reason == v1alpha1.MisconfiguredReason
	case Retry:
		return !o.recorded() && o.failures()+1 > o.BackoffLimit
	default:
		return false
	}
}

// failures counts the failed attempts with the present provider: each has the whole of
// the limit.
func (o Observation) failures() int32 {
	n := o.Status.FailedAttempts
	for _, p := range o.Status.PassedOver {
		n -= p.FailedAttempts
	}
	return max(n, 0)
}

// GiveUp returns what is recorded of the provider of an exhausted attempt.
func (o Observation) GiveUp(ref v1alpha1.ProviderStatusReference) v1alpha1.PassedOverProvider {
	o.Status = o.Recorded()
	p := v1alpha1.PassedOverProvider{
		Kind: ref.Kind, Name: ref.Name, Reason: v1alpha1.MisconfiguredReason,
		Message: o.Attempt.Outcome.Message, FailedAttempts: o.failures() + 1,
	}
	if o.Attempt.Outcome.End == Retry {
		p.Reason = v1alpha1.BackoffLimitExceededReason
	}
	return p
}

// moveOn begins an attempt with the next provider. The end of the one before is
// recorded first, so that a process that takes over does not go back to it.
func (d Decision) moveOn(o Observation) Decision {
	d = d.count(o.Attempt)
	d.Failed++
	d.Verb, d.Stage, d.Reason = Start, Working, v1alpha1.ProcessingReason
	d.Number = d.Attempts + 1
	d.Message = fmt.Sprintf("the job goes on with %s; the provider before failed: %s", o.Next, o.Attempt.Outcome.Message)
	d.After = o.untilDeadline(0)
	return d
}
