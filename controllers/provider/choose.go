package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/condition"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// Choose returns the provider that a job uses: the one it names, else the first that is
// ready and offers the pair, those of the namespace before the cluster's, each by name.
// Pseudo is never chosen unless named.
//
// One that cannot be used, or was given up, gives way to the first of its fallbackRefs
// that can; their own are not followed, so a chain has an end. A provider whose calls
// fail gives way too, unless all of its fallbacks are worse off. A blocker speaks of the
// first of the chain, or of one that may come to be ready when the first never will.
func (d *Directory) Choose(ctx context.Context, wish pipeline.Wish) (pipeline.Provider, *pipeline.Blocker, error) {
	first, blocker, err := d.preferred(ctx, wish)
	if err != nil || blocker != nil {
		return pipeline.Provider{}, blocker, err
	}
	refs, err := d.fallbacks(ctx, first)
	if err != nil {
		return pipeline.Provider{}, nil, err
	}
	ids := idsOf(first, refs, wish.Namespace)
	c := chain{directory: d, wish: wish, passed: outside(ids, wish.GivenUp)}
	before := len(c.passed)
	for i, id := range ids {
		if waits, err := d.awaits(ctx, id); waits || err != nil {
			return pipeline.Provider{}, notReady(id), err
		}
		found, err := c.try(ctx, id, i < len(ids)-1)
		if err != nil {
			return pipeline.Provider{}, nil, err
		}
		if found {
			return c.chosen, nil, nil
		}
	}
	if c.resting.Engine != nil {
		return c.resting, nil, nil
	}
	return pipeline.Provider{}, c.explained(c.passed[before+1:]), nil
}

// preferred returns the first provider of the chain.
func (d *Directory) preferred(ctx context.Context, wish pipeline.Wish) (entryID, *pipeline.Blocker, error) {
	if wish.Named != nil {
		return idOf(*wish.Named, wish.Namespace), nil, nil
	}
	return d.first(ctx, wish.Namespace, wish.Pair)
}

// fallbacks returns the fallbackRefs of a provider, also of one without an engine: its
// Secret may be missing.
func (d *Directory) fallbacks(ctx context.Context, id entryID) ([]v1alpha1.ProviderReference, error) {
	if e, ok := d.get(id); ok {
		return e.spec.FallbackRefs, nil
	}
	spec, _, err := d.object(ctx, id)
	return spec.FallbackRefs, err
}

// object reads a provider; it is empty when there is none.
func (d *Directory) object(ctx context.Context, id entryID) (v1alpha1.ProviderSpec, v1alpha1.ProviderStatus, error) {
	key := client.ObjectKey{Namespace: id.namespace, Name: id.name}
	if id.kind == v1alpha1.ClusterTranslationProviderKind {
		var p v1alpha1.ClusterTranslationProvider
		if err := d.reader.Get(ctx, key, &p); client.IgnoreNotFound(err) != nil {
			return v1alpha1.ProviderSpec{}, v1alpha1.ProviderStatus{}, fmt.Errorf("read %s %q: %w", id.kind, id.name, err)
		}
		return p.Spec.ProviderSpec, p.Status, nil
	}
	var p v1alpha1.TranslationProvider
	if err := d.reader.Get(ctx, key, &p); client.IgnoreNotFound(err) != nil {
		return v1alpha1.ProviderSpec{}, v1alpha1.ProviderStatus{}, fmt.Errorf("read %s %q: %w", id.kind, id.name, err)
	}
	return p.Spec, p.Status, nil
}

// awaits says whether the answer of a provider is still to come. After a start of the
// manager the engines come one by one, and a job must not go to another provider just
// because its own is not the first of them.
func (d *Directory) awaits(ctx context.Context, id entryID) (bool, error) {
	if _, ok := d.get(id); ok {
		return false, nil
	}
	spec, status, err := d.object(ctx, id)
	return spec.Type != "" && !meta.IsStatusConditionFalse(status.Conditions, v1alpha1.ReadyCondition), err
}

// idsOf returns a chain, each provider once.
func idsOf(first entryID, refs []v1alpha1.ProviderReference, namespace string) []entryID {
	ids := []entryID{first}
	for _, ref := range refs {
		if id := idOf(ref, namespace); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// outside returns what was given up and is in no chain any more: the first that offers
// the pair may be another by now.
func outside(ids []entryID, givenUp []v1alpha1.PassedOverProvider) []v1alpha1.PassedOverProvider {
	var out []v1alpha1.PassedOverProvider
	for _, p := range givenUp {
		if !slices.ContainsFunc(ids, func(id entryID) bool { return is(id, p) }) {
			out = append(out, p)
		}
	}
	return out
}

// is says whether a provider is the one that was passed over.
func is(id entryID, p v1alpha1.PassedOverProvider) bool {
	return p.Kind == id.kind && string(p.Name) == id.name
}

func idOf(ref v1alpha1.ProviderReference, namespace string) entryID {
	id := entryID{kind: cmp.Or(ref.Kind, v1alpha1.TranslationProviderKind), name: string(ref.Name)}
	if id.kind == v1alpha1.TranslationProviderKind {
		id.namespace = namespace
	}
	return id
}

// chain is a walk along a provider and its fallbacks.
type chain struct {
	directory *Directory
	wish      pipeline.Wish
	passed    []v1alpha1.PassedOverProvider
	blockers  []*pipeline.Blocker
	// chosen is the provider to use, and resting one that could be used and whose calls
	// fail; their engines are nil for none.
	chosen, resting pipeline.Provider
}

// try looks whether a provider can be used, and notes why it cannot.
func (c *chain) try(ctx context.Context, id entryID, more bool) (bool, error) {
	at := slices.IndexFunc(c.wish.GivenUp, func(p v1alpha1.PassedOverProvider) bool { return is(id, p) })
	if at >= 0 {
		given := c.wish.GivenUp[at]
		c.passed = append(c.passed, given)
		c.blockers = append(c.blockers, &pipeline.Blocker{Reason: given.Reason, Message: given.Message, Terminal: true})
		return false, nil
	}
	provider, blocker, err := c.directory.named(ctx, c.wish.Namespace, id, c.wish.Pair)
	if err != nil {
		return false, err
	}
	if blocker != nil {
		c.pass(id, blocker)
		return false, nil
	}
	provider.PassedOver, provider.Fallbacks = slices.Clone(c.passed), more
	alone := !more && len(c.blockers) == 0
	if !alone && c.wish.Unavailable != nil && c.wish.Unavailable(provider.Gate) {
		if c.resting.Engine == nil {
			c.resting = provider
		}
		c.pass(id, &pipeline.Blocker{
			Reason:  v1alpha1.ProviderUnavailableReason,
			Message: fmt.Sprintf("the calls of %s %q fail, and nothing is sent to it for a while", id.kind, id.name),
		})
		return false, nil
	}
	c.chosen = provider
	return true, nil
}

// pass notes that a provider is not used now.
func (c *chain) pass(id entryID, why *pipeline.Blocker) {
	c.blockers = append(c.blockers, why)
	c.passed = append(c.passed, v1alpha1.PassedOverProvider{
		Kind: id.kind, Name: v1alpha1.ObjectName(id.name), Reason: why.Reason, Message: condition.Cut(why.Message),
	})
}

// explained returns the blocker of the whole chain, whose fallbacks are of no use either.
func (c *chain) explained(fallbacks []v1alpha1.PassedOverProvider) *pipeline.Blocker {
	blocker := *c.blockers[0]
	if at := slices.IndexFunc(c.blockers, func(b *pipeline.Blocker) bool { return !b.Terminal }); at >= 0 {
		blocker = *c.blockers[at]
	}
	var others []string
	for _, p := range fallbacks {
		others = append(others, fmt.Sprintf("%q (%s)", p.Name, p.Reason))
	}
	if len(others) > 0 {
		blocker.Message += "; nor can its fallbacks be used: " + strings.Join(others, ", ")
	}
	return &blocker
}
