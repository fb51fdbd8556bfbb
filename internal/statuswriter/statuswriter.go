// Package statuswriter writes the status of an object, and nothing else does.
//
// A write replaces the whole status under an optimistic lock: a writer that worked
// from an old copy is refused instead of undoing what another wrote. It sends the
// status alone, which costs the API server less than a patch, for which it would
// first have to write out the object, and less than the object, whose spec it would
// read, check and then ignore. Nothing is written when nothing changed.
package statuswriter

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Object is an object with a status.
type Object[T any] interface {
	client.Object
	*T
}

// Write sets the status of an object, and returns whether anything was written.
// The status is where the function says. The object itself is left as it is: it may
// come from a cache. Where the cache has cut the status, the caller reads the object
// first: what is not in the new status is gone.
//
// The error of a write from an old copy satisfies apierrors.IsConflict, and that of
// a write to an object that is gone apierrors.IsNotFound or IsConflict.
func Write[T, S any, P Object[T]](ctx context.Context, c client.StatusClient, obj P, status func(P) *S, next S) (bool, error) {
	if equality.Semantic.DeepEqual(*status(obj), next) {
		return false, nil
	}
	body := P(new(T))
	body.SetNamespace(obj.GetNamespace())
	body.SetName(obj.GetName())
	body.SetUID(obj.GetUID())
	body.SetResourceVersion(obj.GetResourceVersion())
	*status(body) = next
	if err := c.Status().Update(ctx, body); err != nil {
		return false, fmt.Errorf("write status: %w", err)
	}
	return true, nil
}

// IgnoreStale passes over the error of a write from an old copy, or to an object
// that is gone: the new copy is on its way and makes the next pass.
func IgnoreStale(err error) error {
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
