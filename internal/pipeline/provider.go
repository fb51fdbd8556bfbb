package pipeline

import (
	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
)

// Provider is the engine chosen for a job.
type Provider struct {
	Engine engine.Engine
	// Pair to ask for, as the engine offers it.
	Pair engine.Pair
	// Reference is what the status says of it.
	Reference v1alpha1.ProviderStatusReference
	Prices    money.Prices
	// Gate names the provider in the runner, and Limits are what it admits.
	Gate   string
	Limits Limits
	// PassedOver are the providers before it in the order of fallbackRefs, and why they
	// are not used.
	PassedOver []v1alpha1.PassedOverProvider
	// Fallbacks says that there are others to go on with when it cannot do the work.
	Fallbacks bool
	// Outdated says whether the provider has an engine of another kind or model by now;
	// nil for never.
	Outdated func() bool
}

// IsOutdated says whether another attempt needs the provider chosen anew.
func (p Provider) IsOutdated() bool { return p.Outdated != nil && p.Outdated() }

// Limits of a provider over all jobs; 0 means none, and for the concurrency that of
// the runner.
type Limits struct {
	// Concurrency is the most calls at one time.
	Concurrency int
	// RequestsPerMinute and TokensPerMinute hold within any 60 seconds.
	RequestsPerMinute int
	TokensPerMinute   int64
}

// Paid says that a call costs money, so that an attempt is recorded before it.
func (p Provider) Paid() bool { return p.Engine.Info().Paid || !p.Prices.Free() }
