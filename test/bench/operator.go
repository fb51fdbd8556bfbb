package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/apertium"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/cluster"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

const providerName = "engine"

// setting is what jobs of a figure meet.
type setting struct {
	kind v1alpha1.ProviderType
	// factory of the engine behind providers of type OpenAI; that of one that is free
	// and answers at once when nil.
	factory engine.Factory
	// endpoint of a provider of type OpenAI; "" for engines that call nobody.
	endpoint string
	limits   *v1alpha1.ProviderLimits
	prices   *v1alpha1.Prices
}

// at is a setting with an engine of this type, free and without limits.
func at(kind v1alpha1.ProviderType) setting { return setting{kind: kind} }

// spec of the setting's provider.
func (s setting) spec() v1alpha1.ProviderSpec {
	spec := v1alpha1.ProviderSpec{Type: s.kind}
	if s.kind == v1alpha1.OpenAIProvider {
		spec = build.Scripted("", "").Spec
		spec.Endpoint = cmp.Or(s.endpoint, spec.Endpoint)
	}
	spec.Limits, spec.Prices = s.limits, s.prices
	return spec
}

// startManager runs the controllers as the manager does, with an engine of the bench
// in place of the one of type OpenAI.
func (b *bench) startManager(openAI engine.Factory) (*cluster.Manager, error) {
	o := controllers.DefaultOptions()
	o.Factories = map[v1alpha1.ProviderType]engine.Factory{
		v1alpha1.OpenAIProvider:   openAI,
		v1alpha1.ApertiumProvider: apertium.Factory(apertium.Options{}),
	}
	ended, measured, err := newFinishes()
	if err != nil {
		return nil, fmt.Errorf("make the metrics of the manager: %w", err)
	}
	b.finishes, o.Metrics = ended, measured
	o.Store = payload.Observe(payload.ConfigMaps{Client: b.world.Client, Reader: b.world.Client}, b.stored)
	return b.world.StartManager(o)
}

// provide makes a provider and waits until the manager has found it ready.
func (b *bench) provide(ctx context.Context, namespace string, s setting) error {
	provider := &v1alpha1.TranslationProvider{ObjectMeta: metav1.ObjectMeta{Name: providerName, Namespace: namespace}, Spec: s.spec()}
	w, err := b.world.Client.Watch(ctx, &v1alpha1.TranslationProviderList{}, client.InNamespace(namespace))
	if err != nil {
		return fmt.Errorf("watch the provider: %w", err)
	}
	defer w.Stop()
	if err := b.world.Client.Create(ctx, provider); err != nil {
		return fmt.Errorf("make the provider: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the provider: %w", context.Cause(ctx))
		case event := <-w.ResultChan():
			seen, ok := event.Object.(*v1alpha1.TranslationProvider)
			if !ok {
				return errors.New("the watch of the provider ended")
			}
			if meta.IsStatusConditionTrue(seen.Status.Conditions, v1alpha1.ReadyCondition) {
				return nil
			}
		}
	}
}

// operated makes a namespace with a provider, runs a round in it under a manager of
// its own, and removes the jobs.
func (b *bench) operated(ctx context.Context, prefix string, s setting, round func(ctx context.Context, namespace string) error) error {
	namespace, err := b.world.Namespace(ctx, prefix)
	if err != nil {
		return err
	}
	if s.factory == nil {
		e := scripted.New()
		e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
			return scripted.Nonsense(req), nil
		}
		s.factory = e.Factory()
	}
	manager, err := b.startManager(s.factory)
	if err != nil {
		return err
	}
	err = b.provide(ctx, namespace, s)
	if err == nil {
		err = round(ctx, namespace)
	}
	b.finishes = finishes{}
	if err := errors.Join(err, manager.Stop()); err != nil {
		return err
	}
	return b.clear(ctx, namespace)
}

// clear removes the jobs and the provider of a round, so that each begins with as
// few as the first, and its manager with no engine to probe but its own: Apertium's
// probe takes seconds of both cores.
func (b *bench) clear(ctx context.Context, namespace string) error {
	for _, kind := range []client.Object{&v1alpha1.TranslationJob{}, &v1alpha1.TranslationProvider{}} {
		if err := b.world.Client.DeleteAllOf(ctx, kind, client.InNamespace(namespace)); err != nil {
			return fmt.Errorf("clear up after a round: %w", err)
		}
	}
	return nil
}
