package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// Directory holds the engines that live in this process, and chooses among them.
// Its methods may be called from many goroutines.
type Directory struct {
	reader client.Reader // namespaces, providers

	mu      sync.RWMutex
	entries map[entryID]entry
	changed func(context.Context) error
}

// entryID names a provider object; the namespace of a cluster provider is empty.
type entryID struct {
	kind            v1alpha1.ProviderKind
	namespace, name string
}

// entry is an engine, and what its object says of it.
type entry struct {
	origin origin
	engine engine.Engine
	spec   v1alpha1.ProviderSpec
	prices money.Prices
	// admits says which namespaces may use a cluster provider; nil for all.
	admits labels.Selector
	// found by the last probe.
	found finding
}

// origin is what an engine was made from. When any of it changes the engine is
// made anew: that is how a new key is taken up without a restart.
type origin struct {
	uid           types.UID
	generation    int64
	secretVersion string
}

// NewDirectory returns an empty directory. The reader is used for namespaces and
// for providers that have not been probed yet.
func NewDirectory(reader client.Reader) *Directory {
	return &Directory{reader: reader, entries: map[entryID]entry{}}
}

// OnChange sets what is told after an engine came, went, or changed its offer.
func (d *Directory) OnChange(changed func(context.Context) error) { d.changed = changed }

// Close ends every engine.
func (d *Directory) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var first error
	for id, e := range d.entries {
		if err := e.engine.Close(); err != nil && first == nil {
			first = fmt.Errorf("close engine of %s %q: %w", id.kind, id.name, err)
		}
	}
	clear(d.entries)
	return first
}

// named returns a provider as a job of the namespace may use it. A blocker says why it
// may not, or not now.
func (d *Directory) named(ctx context.Context, namespace string, id entryID, want engine.Pair) (pipeline.Provider, *pipeline.Blocker, error) {
	e, ok := d.get(id)
	if !ok {
		return d.unprobed(ctx, id)
	}
	admitted, err := d.admits(ctx, e, namespace)
	if err != nil {
		return pipeline.Provider{}, nil, err
	}
	switch {
	case !admitted:
		return pipeline.Provider{}, &pipeline.Blocker{
			Reason:   v1alpha1.ProviderNotFoundReason,
			Message:  fmt.Sprintf("ClusterTranslationProvider %q does not admit namespace %q; ask its owner or name another", id.name, namespace),
			Terminal: true,
		}, nil
	case e.found.problem != nil:
		return pipeline.Provider{}, notReady(id), nil
	}
	pair, ok := resolve(want, e.found.offer)
	if !ok {
		return pipeline.Provider{}, notOffered(want, fmt.Sprintf("%s %q offers", id.kind, id.name), []engine.Offer{e.found.offer}), nil
	}
	return d.provider(id, e, pair), nil, nil
}

// unprobed tells a provider that does not exist from one that has not been probed.
func (d *Directory) unprobed(ctx context.Context, id entryID) (pipeline.Provider, *pipeline.Blocker, error) {
	var obj client.Object = &v1alpha1.TranslationProvider{}
	where := fmt.Sprintf(" in namespace %q", id.namespace)
	if id.kind == v1alpha1.ClusterTranslationProviderKind {
		obj, where = &v1alpha1.ClusterTranslationProvider{}, ""
	}
	err := d.reader.Get(ctx, client.ObjectKey{Namespace: id.namespace, Name: id.name}, obj)
	if client.IgnoreNotFound(err) != nil {
		return pipeline.Provider{}, nil, fmt.Errorf("read %s %q: %w", id.kind, id.name, err)
	}
	if err != nil {
		return pipeline.Provider{}, &pipeline.Blocker{
			Reason:  v1alpha1.ProviderNotFoundReason,
			Message: fmt.Sprintf("there is no %s %q%s; the job goes on when there is", id.kind, id.name, where),
		}, nil
	}
	return pipeline.Provider{}, notReady(id), nil
}

// first returns the first provider that is ready and offers the pair: those of the
// namespace before the cluster's, each by name. Pseudo is never chosen unless named. A
// blocker says why there is none.
func (d *Directory) first(ctx context.Context, namespace string, want engine.Pair) (entryID, *pipeline.Blocker, error) {
	var offers []engine.Offer
	waiting := ""
	for _, id := range d.candidates(namespace) {
		e, ok := d.get(id)
		if !ok {
			continue // removed since
		}
		admitted, err := d.admits(ctx, e, namespace)
		if err != nil {
			return entryID{}, nil, err
		}
		if !admitted {
			continue
		}
		if e.found.problem != nil {
			waiting = id.name
			continue
		}
		if _, ok := resolve(want, e.found.offer); ok {
			return id, nil, nil
		}
		offers = append(offers, e.found.offer)
	}
	if waiting == "" && len(offers) > 0 {
		blocker, err := d.noneOffers(ctx, namespace, want, offers)
		return entryID{}, blocker, err
	}
	if waiting != "" {
		return entryID{}, &pipeline.Blocker{
			Reason:  v1alpha1.ProviderNotReadyReason,
			Message: fmt.Sprintf("no ready provider offers %s, and %q is not ready; the job goes on when one is", want, waiting),
		}, nil
	}
	return entryID{}, &pipeline.Blocker{
		Reason:  v1alpha1.ProviderNotFoundReason,
		Message: fmt.Sprintf("no provider serves namespace %q yet; make a TranslationProvider there, or a ClusterTranslationProvider", namespace),
	}, nil
}

// noneOffers says that no provider offers the pair, unless one has not been probed
// yet: after a start of the manager the engines come one by one.
func (d *Directory) noneOffers(ctx context.Context, namespace string, want engine.Pair, offers []engine.Offer) (*pipeline.Blocker, error) {
	id, found, err := d.anyUnprobed(ctx, namespace)
	if err != nil {
		return nil, err
	}
	if found {
		return notReady(id), nil
	}
	return notOffered(want, fmt.Sprintf("the providers of namespace %q offer", namespace), offers), nil
}

func (d *Directory) anyUnprobed(ctx context.Context, namespace string) (entryID, bool, error) {
	var own v1alpha1.TranslationProviderList
	if err := d.reader.List(ctx, &own, client.InNamespace(namespace)); err != nil {
		return entryID{}, false, fmt.Errorf("list providers: %w", err)
	}
	var cluster v1alpha1.ClusterTranslationProviderList
	if err := d.reader.List(ctx, &cluster); err != nil {
		return entryID{}, false, fmt.Errorf("list cluster providers: %w", err)
	}
	var ids []entryID
	for _, p := range own.Items {
		ids = append(ids, entryID{kind: v1alpha1.TranslationProviderKind, namespace: p.Namespace, name: p.Name})
	}
	for _, p := range cluster.Items {
		ids = append(ids, entryID{kind: v1alpha1.ClusterTranslationProviderKind, name: p.Name})
	}
	for _, id := range ids {
		if _, ok := d.get(id); !ok {
			return id, true, nil
		}
	}
	return entryID{}, false, nil
}

// candidates returns the providers that may be chosen without being named.
func (d *Directory) candidates(namespace string) []entryID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var ids []entryID
	for id, e := range d.entries {
		reachable := id.namespace == namespace || id.kind == v1alpha1.ClusterTranslationProviderKind
		if reachable && e.spec.Type != v1alpha1.PseudoProvider {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b entryID) int {
		return cmp.Or(-cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
	})
	return ids
}

func (d *Directory) admits(ctx context.Context, e entry, namespace string) (bool, error) {
	if e.admits == nil {
		return true, nil
	}
	ns := &metav1.PartialObjectMetadata{}
	ns.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := d.reader.Get(ctx, client.ObjectKey{Name: namespace}, ns); err != nil {
		return false, fmt.Errorf("read Namespace %q: %w", namespace, err)
	}
	return e.admits.Matches(labels.Set(ns.Labels)), nil
}

func (d *Directory) get(id entryID) (entry, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	e, ok := d.entries[id]
	return e, ok
}

// put files an engine. One that it replaces is closed; calls that are under way
// fail and are made again.
func (d *Directory) put(ctx context.Context, id entryID, e entry) {
	d.mu.Lock()
	old, had := d.entries[id]
	d.entries[id] = e
	d.mu.Unlock()
	if had && old.origin != e.origin {
		closeQuietly(old.engine)
	}
	if !had || old.origin != e.origin || (old.found.problem == nil) != (e.found.problem == nil) || !sameOffer(old.found.offer, e.found.offer) {
		d.tell(ctx)
	}
}

func (d *Directory) remove(ctx context.Context, id entryID) {
	d.mu.Lock()
	old, had := d.entries[id]
	delete(d.entries, id)
	d.mu.Unlock()
	if had {
		closeQuietly(old.engine)
		d.tell(ctx)
	}
}

// tell wakes the jobs. A failure only delays them to their next look.
func (d *Directory) tell(ctx context.Context) {
	if d.changed == nil {
		return
	}
	if err := d.changed(ctx); err != nil {
		return
	}
}

// closeQuietly closes an engine that nobody uses any more: there is nobody left to
// tell of an error.
func closeQuietly(e engine.Engine) { _ = e.Close() }

func (d *Directory) provider(id entryID, e entry, pair engine.Pair) pipeline.Provider {
	engine := current{Engine: e.engine, directory: d, id: id}
	return pipeline.Provider{
		Engine: engine, Outdated: engine.outdated,
		Pair: pair,
		Reference: v1alpha1.ProviderStatusReference{
			Kind: id.kind, Name: v1alpha1.ObjectName(id.name), Type: e.spec.Type, Model: e.spec.Model,
			Prompt: e.engine.Info().Prompt,
		},
		Prices: e.prices,
		Gate:   id.gate(),
		Limits: limitsOf(e.spec.Limits),
	}
}

func limitsOf(l *v1alpha1.ProviderLimits) pipeline.Limits {
	if l == nil {
		return pipeline.Limits{}
	}
	return pipeline.Limits{
		Concurrency:       int(ptr.Deref(l.Concurrency, 0)),
		RequestsPerMinute: int(ptr.Deref(l.RequestsPerMinute, 0)),
		TokensPerMinute:   ptr.Deref(l.TokensPerMinute, 0),
	}
}

func notReady(id entryID) *pipeline.Blocker {
	return &pipeline.Blocker{
		Reason:  v1alpha1.ProviderNotReadyReason,
		Message: fmt.Sprintf("%s %q is not ready; its Ready condition says why, and the job goes on when it is", id.kind, id.name),
	}
}

// notOffered names the pairs that are on offer.
func notOffered(want engine.Pair, who string, offers []engine.Offer) *pipeline.Blocker {
	var pairs []string
	for _, o := range offers {
		for _, p := range o.Pairs {
			pairs = append(pairs, p.String())
		}
	}
	slices.Sort(pairs)
	list := cmp.Or(strings.Join(slices.Compact(pairs), ", "), "nothing")
	return &pipeline.Blocker{
		Reason:   v1alpha1.PairNotOfferedReason,
		Message:  fmt.Sprintf("%s is not on offer; %s %s", want, who, list),
		Terminal: true,
	}
}

func resolve(want engine.Pair, offer engine.Offer) (engine.Pair, bool) {
	if offer.Any {
		return want, true
	}
	return langtag.Resolve(want, offer.Pairs)
}

func sameOffer(a, b engine.Offer) bool {
	return a.Any == b.Any && slices.Equal(a.Pairs, b.Pairs)
}

// canonical returns the canonical form of a tag; one that has none stays as it is
// and matches nothing.
func canonical(tag v1alpha1.LanguageTag) string {
	if c, err := langtag.Canonical(string(tag)); err == nil {
		return c
	}
	return string(tag)
}
