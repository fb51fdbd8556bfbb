package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// loads of the namespaces, as multiples of the least.
var loads = []int{1, 2, 3, 5, 8, 13, 22, 36, 60, 100}

const (
	// sharedSlots is how many calls the shared provider takes at one time.
	sharedSlots = 4
	sharedName  = "shared"
)

// fairness has namespaces with very different loads share a cluster provider, and
// looks at the calls of each when the first of them has got all it asked for.
func (b *bench) fairness(ctx context.Context, w *rows) error {
	served := make([]int, len(loads))
	firstServed := make(chan []int, 1)
	turnstile := newTurnstile(func(whose int) {
		served[whose]++
		if served[whose] == loads[whose]*b.Least {
			select {
			case firstServed <- slices.Clone(served):
			default:
			}
		}
	})
	var shares []int
	s := setting{kind: v1alpha1.OpenAIProvider, factory: turnstile.factory(), limits: slots(sharedSlots)}
	err := b.shared(ctx, s, func(ctx context.Context, namespaces []string) error {
		if err := b.load(ctx, namespaces); err != nil {
			return err
		}
		if err := calm(ctx); err != nil {
			return err
		}
		close(turnstile.open)
		select {
		case shares = <-firstServed:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	if err != nil {
		return err
	}
	w.add("fairness_calls", "%d", sum(shares))
	w.add("fairness_least", "%d", slices.Min(shares))
	w.add("fairness_most", "%d", slices.Max(shares))
	w.add("fairness_jain", "%.3f", jain(shares))
	return nil
}

// shared makes a namespace for each load and one provider for all of them, runs a
// manager, and removes the jobs.
func (b *bench) shared(ctx context.Context, s setting, do func(ctx context.Context, namespaces []string) error) (err error) {
	namespaces := make([]string, len(loads))
	for i := range namespaces {
		if namespaces[i], err = b.world.Namespace(ctx, "fair"); err != nil {
			return err
		}
	}
	manager, err := b.startManager(s.factory)
	if err != nil {
		return err
	}
	provider := &v1alpha1.ClusterTranslationProvider{ObjectMeta: metav1.ObjectMeta{Name: sharedName}}
	provider.Spec.ProviderSpec = s.spec()
	if err = b.world.Client.Create(ctx, provider); err == nil {
		err = until(ctx, patience, "wait for the provider", func(ctx context.Context) (bool, error) {
			err := b.world.Client.Get(ctx, client.ObjectKeyFromObject(provider), provider)
			return meta.IsStatusConditionTrue(provider.Status.Conditions, v1alpha1.ReadyCondition), err
		})
	}
	if err == nil {
		err = do(ctx, namespaces)
	}
	err = errors.Join(err, manager.Stop(), b.world.Client.Delete(ctx, provider))
	for _, namespace := range namespaces {
		err = errors.Join(err, b.clear(ctx, namespace))
	}
	return err
}

// load creates the jobs of all namespaces, the largest load first.
func (b *bench) load(ctx context.Context, namespaces []string) error {
	type place struct{ whose, number int }
	var all []place
	for whose := len(loads) - 1; whose >= 0; whose-- {
		for i := range loads[whose] * b.Least {
			all = append(all, place{whose, i})
		}
	}
	return each(ctx, len(all), b.Writers, func(ctx context.Context, i int) error {
		at := all[i]
		job := numbered(namespaces[at.whose], at.whose, at.number).With(func(s *v1alpha1.TranslationJobSpec) {
			s.ProviderRef = &v1alpha1.ProviderReference{Kind: v1alpha1.ClusterTranslationProviderKind, Name: sharedName}
		})
		if err := b.world.Client.Create(ctx, job.Obj()); err != nil {
			return fmt.Errorf("create a job: %w", err)
		}
		return nil
	})
}

// jain is the index of fairness: 1 when all have the same, 1/n when one has all.
func jain(shares []int) float64 {
	var total, squares float64
	for _, n := range shares {
		total += float64(n)
		squares += float64(n) * float64(n)
	}
	return total * total / (float64(len(shares)) * squares)
}

func sum(values []int) int {
	n := 0
	for _, v := range values {
		n += v
	}
	return n
}
