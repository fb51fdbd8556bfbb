package controlplane

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// settleTime gathers deletions that come together into one sweep.
	settleTime = 500 * time.Millisecond
	// sweepPage is how many objects one request of a sweep lists.
	sweepPage = 500
)

// Collector deletes objects whose owners are gone, as the controller manager of
// a cluster does: at its start, and whenever an owner is deleted.
type Collector struct {
	// Config reaches the server.
	Config *rest.Config
	// Owners are the kinds whose objects may own others. An object with an owner of
	// another kind is left alone.
	Owners []schema.GroupVersionKind
	// Dependents are the kinds that are looked through.
	Dependents []schema.GroupVersionKind
}

// Run collects until ctx ends.
func (c Collector) Run(ctx context.Context) error {
	live, err := client.New(c.Config, client.Options{})
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	deleted := make(chan struct{}, 1)
	owners, err := c.watchOwners(ctx, func() {
		select {
		case deleted <- struct{}{}:
		default:
			// A sweep is due already.
		}
	})
	if err != nil {
		return err
	}
	stopped := make(chan error, 1)
	go func() { stopped <- owners.Start(ctx) }()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case err := <-stopped:
			return err
		case <-deleted:
			timer.Reset(settleTime)
		case <-timer.C:
			if err := c.sweep(ctx, live); err != nil && ctx.Err() == nil {
				// The server may be busy; what is left over can wait for a moment.
				timer.Reset(10 * settleTime)
			}
		}
	}
}

// watchOwners calls a function for each owner that is deleted. It keeps no more
// of the owners than their names.
func (c Collector) watchOwners(ctx context.Context, onDelete func()) (cache.Cache, error) {
	owners, err := cache.New(c.Config, cache.Options{DefaultTransform: func(object any) (any, error) {
		if m, ok := object.(*metav1.PartialObjectMetadata); ok {
			m.Labels, m.Annotations, m.ManagedFields = nil, nil, nil
		}
		return object, nil
	}})
	if err != nil {
		return nil, fmt.Errorf("make a cache: %w", err)
	}
	for _, kind := range c.Owners {
		object := &metav1.PartialObjectMetadata{}
		object.SetGroupVersionKind(kind)
		informer, err := owners.GetInformer(ctx, object, cache.BlockUntilSynced(false))
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", kind.Kind, err)
		}
		_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{DeleteFunc: func(any) { onDelete() }})
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", kind.Kind, err)
		}
	}
	return owners, nil
}

// sweep deletes the dependents whose owners are all gone. What their deletion
// leaves without owner is for the next sweep: they are owners too, and their
// deletion asks for it.
//
// Dependents are listed before owners: an owner that made one of them was there
// by then, so one that is missing afterwards is gone.
func (c Collector) sweep(ctx context.Context, live client.Client) error {
	var owned []metav1.PartialObjectMetadata
	for _, kind := range c.Dependents {
		err := list(ctx, live, kind, func(object metav1.PartialObjectMetadata) {
			if len(object.OwnerReferences) > 0 {
				owned = append(owned, object)
			}
		})
		if err != nil {
			return err
		}
	}
	there := map[types.UID]bool{}
	for _, kind := range c.Owners {
		if err := list(ctx, live, kind, func(object metav1.PartialObjectMetadata) { there[object.UID] = true }); err != nil {
			return err
		}
	}
	for _, object := range owned {
		if slices.ContainsFunc(object.OwnerReferences, func(owner metav1.OwnerReference) bool {
			return there[owner.UID] || !c.knows(owner)
		}) {
			continue
		}
		err := live.Delete(ctx, &object, client.Preconditions{UID: &object.UID}, client.PropagationPolicy(metav1.DeletePropagationBackground))
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			return fmt.Errorf("delete %s %s/%s: %w", object.Kind, object.Namespace, object.Name, err)
		}
	}
	return nil
}

// knows says whether an owner is of a kind whose objects are listed.
func (c Collector) knows(owner metav1.OwnerReference) bool {
	return slices.ContainsFunc(c.Owners, func(kind schema.GroupVersionKind) bool {
		return kind.Kind == owner.Kind && kind.GroupVersion().String() == owner.APIVersion
	})
}

// list calls a function for each object of a kind.
func list(ctx context.Context, live client.Client, kind schema.GroupVersionKind, each func(metav1.PartialObjectMetadata)) error {
	for next := ""; ; {
		page := &metav1.PartialObjectMetadataList{}
		page.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
		if err := live.List(ctx, page, client.Limit(sweepPage), client.Continue(next)); err != nil {
			return fmt.Errorf("list %s: %w", kind.Kind, err)
		}
		for _, object := range page.Items {
			object.SetGroupVersionKind(kind)
			each(object)
		}
		if next = page.Continue; next == "" {
			return nil
		}
	}
}
