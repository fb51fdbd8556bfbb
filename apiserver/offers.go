package apiserver

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// kindsRead lists the kinds that requests read from the cache, beside those that
// fill an index. They are watched from the start, so that no request waits.
func (s *Server) kindsRead() []client.Object {
	return []client.Object{
		&corev1.Secret{}, &corev1.Namespace{},
		&v1alpha1.TranslationProvider{}, &v1alpha1.ClusterTranslationProvider{},
		glossaryMetadata(),
	}
}

// glossaryMetadata stands for a glossary without its terms, which the adapter has
// no use for.
func glossaryMetadata() *metav1.PartialObjectMetadata {
	out := &metav1.PartialObjectMetadata{}
	out.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("Glossary"))
	return out
}

// candidate is a Ready provider that an account may use.
type candidate struct {
	kind   v1alpha1.ProviderKind
	name   string
	spec   v1alpha1.ProviderSpec
	status v1alpha1.ProviderStatus
	offer  convert.Offer
}

// candidates returns the Ready providers that a job which names none may get, in the
// order in which they are chosen: those of the account by name, then the cluster's
// that admit it. Pseudo-localisation translates nothing and does not count.
func (s *Server) candidates(c *call) ([]candidate, error) {
	var own v1alpha1.TranslationProviderList
	if err := s.Cache.List(c, &own, client.InNamespace(c.account), client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list the providers of the account: %w", err)
	}
	var shared v1alpha1.ClusterTranslationProviderList
	if err := s.Cache.List(c, &shared, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list the providers of the cluster: %w", err)
	}
	var out []candidate
	for i := range own.Items {
		provider := &own.Items[i]
		out = appendReady(out, candidate{kind: v1alpha1.TranslationProviderKind, name: provider.Name, spec: provider.Spec, status: provider.Status})
	}
	for i := range shared.Items {
		provider := &shared.Items[i]
		admitted, err := s.admits(c, provider)
		if err != nil {
			return nil, err
		}
		if admitted {
			out = appendReady(out, candidate{
				kind: v1alpha1.ClusterTranslationProviderKind, name: provider.Name, spec: provider.Spec.ProviderSpec, status: provider.Status,
			})
		}
	}
	slices.SortFunc(out, func(a, b candidate) int {
		return cmp.Or(-cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
	})
	return out, nil
}

func appendReady(out []candidate, c candidate) []candidate {
	if c.spec.Type == v1alpha1.PseudoProvider || !meta.IsStatusConditionTrue(c.status.Conditions, v1alpha1.ReadyCondition) {
		return out
	}
	c.offer = convert.Offer{Any: c.status.PairPolicy == v1alpha1.AnyPair, Creates: c.spec.Type.Creates()}
	for _, pair := range c.status.Pairs {
		c.offer.Pairs = append(c.offer.Pairs, engine.Pair{Source: string(pair.Source), Target: string(pair.Target)})
	}
	return append(out, c)
}

// offersOf returns what providers offer.
func offersOf(candidates []candidate) []convert.Offer {
	out := make([]convert.Offer, len(candidates))
	for i, c := range candidates {
		out[i] = c.offer
	}
	return out
}

// chosen returns the provider that a job for a pair would get, and the pair as that
// provider offers it.
func chosen(candidates []candidate, want engine.Pair) (candidate, engine.Pair, bool) {
	for _, c := range candidates {
		if c.offer.Any {
			return c, want, true
		}
		if pair, ok := langtag.Resolve(want, c.offer.Pairs); ok {
			return c, pair, true
		}
	}
	return candidate{}, engine.Pair{}, false
}

// admits says whether a cluster provider may be used by the account.
func (s *Server) admits(c *call, provider *v1alpha1.ClusterTranslationProvider) (bool, error) {
	if provider.Spec.NamespaceSelector == nil {
		return true, nil
	}
	selector, err := metav1.LabelSelectorAsSelector(provider.Spec.NamespaceSelector)
	if err != nil {
		// A selector that cannot be read admits nobody.
		return false, nil
	}
	var namespace corev1.Namespace
	if err := s.Cache.Get(c, client.ObjectKey{Name: c.account}, &namespace, client.UnsafeDisableDeepCopy); err != nil {
		return false, fmt.Errorf("read the account's namespace: %w", err)
	}
	return selector.Matches(labels.Set(namespace.Labels)), nil
}

// needGlossaries checks that the account has the glossaries. One that the cache
// does not have yet is looked up.
func (s *Server) needGlossaries(c *call, refs []v1alpha1.GlossaryReference) error {
	for _, ref := range refs {
		key := client.ObjectKey{Namespace: c.account, Name: string(ref.Name)}
		err := s.Cache.Get(c, key, glossaryMetadata())
		if err != nil && client.IgnoreNotFound(err) == nil {
			err = s.Reader.Get(c, key, glossaryMetadata())
		}
		if err != nil && client.IgnoreNotFound(err) == nil {
			return convert.UnknownGlossary(convert.GlossaryID(string(ref.Name)))
		}
		if err != nil {
			return fmt.Errorf("look up a glossary: %w", err)
		}
	}
	return nil
}
