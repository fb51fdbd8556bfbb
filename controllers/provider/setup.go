package provider

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/runner"
)

// Setup registers the controllers of both kinds with a manager.
func Setup(mgr ctrl.Manager, directory *Directory, opts Options) error {
	own := kind[*v1alpha1.TranslationProvider]{
		name:   v1alpha1.TranslationProviderKind,
		make:   func() *v1alpha1.TranslationProvider { return &v1alpha1.TranslationProvider{} },
		spec:   func(p *v1alpha1.TranslationProvider) *v1alpha1.ProviderSpec { return &p.Spec },
		status: func(p *v1alpha1.TranslationProvider) *v1alpha1.ProviderStatus { return &p.Status },
		write:  writeStatus(func(p *v1alpha1.TranslationProvider) *v1alpha1.ProviderStatus { return &p.Status }),
		entry:  func(*v1alpha1.TranslationProvider, *entry) {},
		list: func(ctx context.Context, c client.Reader) ([]*v1alpha1.TranslationProvider, error) {
			var l v1alpha1.TranslationProviderList
			err := c.List(ctx, &l)
			return pointers(l.Items), err
		},
	}
	cluster := kind[*v1alpha1.ClusterTranslationProvider]{
		name:   v1alpha1.ClusterTranslationProviderKind,
		make:   func() *v1alpha1.ClusterTranslationProvider { return &v1alpha1.ClusterTranslationProvider{} },
		spec:   func(p *v1alpha1.ClusterTranslationProvider) *v1alpha1.ProviderSpec { return &p.Spec.ProviderSpec },
		status: func(p *v1alpha1.ClusterTranslationProvider) *v1alpha1.ProviderStatus { return &p.Status },
		write:  writeStatus(func(p *v1alpha1.ClusterTranslationProvider) *v1alpha1.ProviderStatus { return &p.Status }),
		entry:  admit,
		list: func(ctx context.Context, c client.Reader) ([]*v1alpha1.ClusterTranslationProvider, error) {
			var l v1alpha1.ClusterTranslationProviderList
			err := c.List(ctx, &l)
			return pointers(l.Items), err
		},
	}
	if err := register(mgr, directory, opts, own); err != nil {
		return err
	}
	return register(mgr, directory, opts, cluster)
}

// admit keeps the selector of a cluster provider. One that cannot be read admits
// nobody.
func admit(p *v1alpha1.ClusterTranslationProvider, e *entry) {
	if p.Spec.NamespaceSelector == nil {
		return
	}
	selector, err := metav1.LabelSelectorAsSelector(p.Spec.NamespaceSelector)
	if err != nil {
		selector = labels.Nothing()
	}
	e.admits = selector
}

func register[T object](mgr ctrl.Manager, directory *Directory, opts Options, k kind[T]) error {
	r := &reconciler[T]{
		kind: k, opts: opts, client: mgr.GetClient(), secrets: mgr.GetAPIReader(), directory: directory,
	}
	log := mgr.GetLogger().WithName("probe")
	r.probes = runner.New[*probe](runner.Options{
		Workers: probeWorkers,
		Notify:  func(key runner.Key) { r.wake.Add(client.ObjectKey{Namespace: key.Namespace, Name: key.Name}) },
		Panicked: func(key runner.Key, stack []byte) {
			log.Error(nil, "Probe panicked", string(k.name), key.Name, "stack", string(stack))
		},
		Clock: opts.Clock,
	})
	if err := mgr.Add(r.probes); err != nil {
		return fmt.Errorf("add the probes of %s: %w", k.name, err)
	}
	secrets := &metav1.PartialObjectMetadata{}
	secrets.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	err := ctrl.NewControllerManagedBy(mgr).
		For(k.make(), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WatchesMetadata(secrets, handler.EnqueueRequestsFromMapFunc(r.usersOf)).
		WatchesRawSource(r.wake.Source()).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the controller of %s: %w", k.name, err)
	}
	return nil
}

// usersOf maps a Secret to the providers that take their key from it.
func (r *reconciler[T]) usersOf(ctx context.Context, secret client.Object) []reconcile.Request {
	providers, err := r.kind.list(ctx, r.client)
	if err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Failed to find the providers that use a Secret")
		return nil
	}
	var requests []reconcile.Request
	for _, p := range providers {
		ref := r.kind.spec(p).SecretRef
		if ref != nil && string(ref.Name) == secret.GetName() && r.secretNamespace(p.GetNamespace()) == secret.GetNamespace() {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(p)})
		}
	}
	return requests
}

func pointers[T any](items []T) []*T {
	out := make([]*T, 0, len(items))
	for i := range items {
		out = append(out, &items[i])
	}
	return out
}
