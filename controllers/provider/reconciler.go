// Package provider probes engines and says whether they can be used.
//
// It owns the engines that live in this process (directory.go) and the status of
// TranslationProvider and ClusterTranslationProvider. Engines are made by factories
// that the caller passes in: it imports no concrete engine.
package provider

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/runner"
	"github.com/dragoman-dev/dragoman/internal/statuswriter"
	"github.com/dragoman-dev/dragoman/internal/wake"
)

// Options of the controller.
type Options struct {
	// Factories by type of provider.
	Factories map[v1alpha1.ProviderType]engine.Factory
	// Namespace holds the Secrets of cluster providers.
	Namespace string
	Clock     clock.WithDelayedExecution
}

// object is a provider of either kind.
type object interface {
	client.Object
	comparable
}

// kind is what the two kinds of provider differ in.
type kind[T object] struct {
	name   v1alpha1.ProviderKind
	spec   func(T) *v1alpha1.ProviderSpec
	status func(T) *v1alpha1.ProviderStatus
	write  func(ctx context.Context, c client.Client, obj T, status v1alpha1.ProviderStatus) error
	make   func() T
	// entry adds what the kind alone has.
	entry func(T, *entry)
	// list returns every provider of the kind from the cache.
	list func(context.Context, client.Reader) ([]T, error)
}

// reconciler keeps the engines of one kind of provider.
type reconciler[T object] struct {
	kind   kind[T]
	opts   Options
	client client.Client
	// secrets reads past the cache: the manager does not hold every Secret of the
	// cluster.
	secrets   client.Reader
	directory *Directory
	probes    *runner.Runner[*probe]
	wake      wake.Queue
}

// +kubebuilder:rbac:groups=translation.dragoman.dev,resources=translationproviders;clustertranslationproviders,verbs=get;list;watch
// +kubebuilder:rbac:groups=translation.dragoman.dev,resources=translationproviders/status;clustertranslationproviders/status,verbs=get;update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch

// Reconcile has one provider probed, says what came of it, and comes back when the
// next probe is due.
func (r *reconciler[T]) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	obj := r.kind.make()
	id := entryID{kind: r.kind.name, namespace: req.Namespace, name: req.Name}
	if err := r.client.Get(ctx, req.NamespacedName, obj); err != nil {
		r.probes.Forget(id.key())
		r.directory.remove(ctx, id)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	found, after, err := r.probed(ctx, id, obj)
	if err != nil {
		return ctrl.Result{}, err
	}
	status := statusOf(*r.kind.status(obj), obj.GetGeneration(), found, r.opts.Clock.Now())
	if err := r.kind.write(ctx, r.client, obj, status); err != nil {
		if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
			return ctrl.Result{RequeueAfter: time.Second}, nil
		}
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: after}, nil
}

// finding is what is known of a provider.
type finding struct {
	offer engine.Offer
	// info of the engine that was probed.
	info   engine.Info
	reason string
	// problem is nil when the engine can be used.
	problem error
	// waits says that the problem may pass by itself.
	waits bool
	// probing says that the first answer is still to come.
	probing bool
	// secretVersion of the key in use.
	secretVersion string
}

// probed returns what the last probe came to and when to look again. It starts a
// probe when one is due: for a new spec or key, and after the interval.
func (r *reconciler[T]) probed(ctx context.Context, id entryID, obj T) (finding, time.Duration, error) {
	spec := r.kind.spec(obj)
	key, version, found, err := r.key(ctx, obj.GetNamespace(), spec)
	if err != nil {
		return finding{}, 0, err
	}
	if found.problem != nil {
		r.directory.remove(ctx, id)
		return found, interval(spec), nil
	}
	origin := origin{uid: obj.GetUID(), generation: obj.GetGeneration(), secretVersion: version}
	view, ok := r.probes.Look(id.key())
	switch {
	case ok && view.Work.entry.origin != origin:
		r.probes.Forget(id.key())
		fallthrough
	case !ok:
		e, err := r.engine(id, obj, origin, key)
		if err != nil {
			return misfit(err), interval(spec), nil
		}
		r.probes.Submit(ticketOf(id), &probe{entry: e})
		return finding{probing: true, reason: v1alpha1.ProbingReason, secretVersion: version}, 0, nil
	case view.State != runner.Ended:
		return r.lastFinding(id, version), 0, nil
	}
	found = view.Work.finding(spec)
	found.secretVersion = version
	r.directory.put(ctx, id, view.Work.filed(found))
	if left := view.Since.Add(interval(spec)).Sub(r.opts.Clock.Now()); left > 0 {
		return found, left, nil
	}
	r.probes.Submit(ticketOf(id), &probe{entry: view.Work.entry})
	return found, 0, nil
}

// lastFinding is what holds while a probe is under way: what the last one found.
func (r *reconciler[T]) lastFinding(id entryID, version string) finding {
	e, ok := r.directory.get(id)
	if !ok {
		return finding{probing: true, reason: v1alpha1.ProbingReason, secretVersion: version}
	}
	return e.found
}

// engine returns the engine in use when it was made from this very spec and key,
// and else a new one.
func (r *reconciler[T]) engine(id entryID, obj T, from origin, key string) (entry, error) {
	if e, ok := r.directory.get(id); ok && e.origin == from {
		return e, nil
	}
	spec := r.kind.spec(obj)
	prices, err := money.PricesOf(spec.Prices)
	if err != nil {
		return entry{}, err
	}
	factory, ok := r.opts.Factories[spec.Type]
	if !ok {
		return entry{}, engine.Errorf(engine.Misconfigured, "engines of type %s are not part of this manager", spec.Type)
	}
	made, err := factory(engine.Config{
		Endpoint: spec.Endpoint, Model: spec.Model, APIKey: key,
		Timeout: timeout(spec), Priced: !prices.Free(),
	})
	if err != nil {
		return entry{}, err
	}
	e := entry{origin: from, engine: made, spec: *spec.DeepCopy(), prices: prices}
	r.kind.entry(obj, &e)
	return e, nil
}

// key reads the provider's API key. The Secret is in the provider's own namespace,
// or in the manager's for a cluster provider: a provider can never make another
// namespace's Secret readable.
func (r *reconciler[T]) key(ctx context.Context, namespace string, spec *v1alpha1.ProviderSpec) (key, version string, found finding, err error) {
	if spec.SecretRef == nil {
		return "", "", finding{}, nil
	}
	namespace = r.secretNamespace(namespace)
	name := client.ObjectKey{Namespace: namespace, Name: string(spec.SecretRef.Name)}
	var secret corev1.Secret
	if err := r.secrets.Get(ctx, name, &secret); err != nil {
		if !apierrors.IsNotFound(err) {
			return "", "", finding{}, fmt.Errorf("read Secret %q: %w", name, err)
		}
		return "", "", missing("Secret %q is not in namespace %q; the provider is probed when it is", name.Name, namespace), nil
	}
	value := string(secret.Data[spec.SecretRef.Key])
	if value == "" {
		return "", "", missing("Secret %q in namespace %q has no key %q; the provider is probed when it has", name.Name, namespace, spec.SecretRef.Key), nil
	}
	return value, secret.ResourceVersion, finding{}, nil
}

// secretNamespace returns where the Secret of a provider is.
func (r *reconciler[T]) secretNamespace(provider string) string {
	if provider == "" {
		return r.opts.Namespace
	}
	return provider
}

func missing(format string, args ...any) finding {
	return finding{reason: v1alpha1.SecretNotFoundReason, problem: fmt.Errorf(format, args...), waits: true}
}

func interval(spec *v1alpha1.ProviderSpec) time.Duration {
	if spec.ProbeIntervalSeconds == nil {
		return time.Minute
	}
	return time.Duration(*spec.ProbeIntervalSeconds) * time.Second
}

func timeout(spec *v1alpha1.ProviderSpec) time.Duration {
	if spec.TimeoutSeconds == nil {
		return 2 * time.Minute
	}
	return time.Duration(*spec.TimeoutSeconds) * time.Second
}

// writeStatus adapts the status writer to one kind.
func writeStatus[O any, P statuswriter.Object[O]](into func(P) *v1alpha1.ProviderStatus) func(context.Context, client.Client, P, v1alpha1.ProviderStatus) error {
	return func(ctx context.Context, c client.Client, obj P, status v1alpha1.ProviderStatus) error {
		_, err := statuswriter.Write(ctx, c, obj, into, status)
		return err
	}
}
