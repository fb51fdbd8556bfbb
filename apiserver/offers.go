package apiserver

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
	"github.com/dragoman-dev/dragoman/internal/engine"
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

// offers returns what the Ready providers of an account offer: those of its
// namespace and the cluster's that admit it. Pseudo-localisation translates nothing
// and does not count.
func (s *Server) offers(c *call) ([]convert.Offer, error) {
	var own v1alpha1.TranslationProviderList
	if err := s.Cache.List(c, &own, client.InNamespace(c.account), client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list the providers of the account: %w", err)
	}
	var shared v1alpha1.ClusterTranslationProviderList
	if err := s.Cache.List(c, &shared, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list the providers of the cluster: %w", err)
	}
	var out []convert.Offer
	for i := range own.Items {
		out = appendOffer(out, own.Items[i].Spec, own.Items[i].Status)
	}
	for i := range shared.Items {
		provider := &shared.Items[i]
		admitted, err := s.admits(c, provider)
		if err != nil {
			return nil, err
		}
		if admitted {
			out = appendOffer(out, provider.Spec.ProviderSpec, provider.Status)
		}
	}
	return out, nil
}

func appendOffer(out []convert.Offer, spec v1alpha1.ProviderSpec, status v1alpha1.ProviderStatus) []convert.Offer {
	if spec.Type == v1alpha1.PseudoProvider || !meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ReadyCondition) {
		return out
	}
	offer := convert.Offer{Any: status.PairPolicy == v1alpha1.AnyPair, Creates: spec.Type == v1alpha1.OpenAIProvider}
	for _, pair := range status.Pairs {
		offer.Pairs = append(offer.Pairs, engine.Pair{Source: string(pair.Source), Target: string(pair.Target)})
	}
	return append(out, offer)
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
