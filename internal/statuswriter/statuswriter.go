// Package statuswriter writes the status of an object, and nothing else does.
//
// A write is a merge patch of the status subresource under an optimistic lock: a
// writer that worked from an old copy is refused instead of undoing what another
// wrote. Nothing is written when nothing changed.
package statuswriter

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Object is an object with a status that can be copied.
type Object[T any] interface {
	client.Object
	*T
}

// Write sets the status of an object, by calling set on a copy, and returns
// whether anything was written. The object itself is left as it is: it may come
// from a cache, and may lack the large fields that a cache drops.
//
// The error of a write from an old copy satisfies apierrors.IsConflict.
func Write[T any, P Object[T]](ctx context.Context, c client.StatusClient, obj P, set func(P)) (bool, error) {
	changed := obj.DeepCopyObject().(P)
	set(changed)
	if equality.Semantic.DeepEqual(obj, changed) {
		return false, nil
	}
	patch := client.MergeFromWithOptions(obj, client.MergeFromWithOptimisticLock{})
	if err := c.Status().Patch(ctx, changed, patch); err != nil {
		return false, fmt.Errorf("write status: %w", err)
	}
	return true, nil
}
