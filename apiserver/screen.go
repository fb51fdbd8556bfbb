package apiserver

import (
	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// refuseOrders returns a check of the sources of a request: one that reads as orders to
// a language model is refused when the policy says so and a language would be
// translated by a model. The manager looks again before it sends anything, since
// another provider may be chosen by then.
func refuseOrders(options v1alpha1.JobOptions, languages convert.Languages, providers []candidate) func(convert.Input) error {
	if options.InjectionPolicy == v1alpha1.InjectionBlock {
		for _, target := range languages.Targets {
			provider, _, ok := chosen(providers, engine.Pair{Source: languages.Source, Target: target})
			if ok && provider.offer.Creates {
				return orders(options, languages.Source, target)
			}
		}
	}
	return func(convert.Input) error { return nil }
}

// orders returns a check that refuses what reads as orders to a language model.
func orders(options v1alpha1.JobOptions, source, target string) func(convert.Input) error {
	return func(input convert.Input) error {
		work := pipeline.Job{SourceLanguage: source, TargetLanguage: target, Options: options}
		work.Text, work.Texts = input.Texts()
		return convert.Orders(pipeline.Suspects(work))
	}
}
