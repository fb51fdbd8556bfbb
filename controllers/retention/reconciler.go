package retention

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// reconciler deletes objects of one kind when their time has come.
type reconciler struct {
	client client.Client
	clock  clock.PassiveClock
	empty  func() client.Object
}

// +kubebuilder:rbac:groups=translation.dragoman.dev,resources=translationbatches;translationjobs,verbs=delete;get;list;watch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=delete;get;list

// Reconcile deletes one object, or comes back when it is time.
func (r *reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	obj := r.empty()
	if err := r.client.Get(ctx, req.NamespacedName, obj); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	at, ok := expiry(obj)
	if !ok || !obj.GetDeletionTimestamp().IsZero() {
		return ctrl.Result{}, nil
	}
	if wait := at.Sub(r.clock.Now()); wait > 0 {
		return ctrl.Result{RequeueAfter: wait}, nil
	}
	// Decided on this very version: one that has been changed since is looked at again
	// when the change arrives.
	uid, version := obj.GetUID(), obj.GetResourceVersion()
	err := r.client.Delete(ctx, obj,
		client.Preconditions{UID: &uid, ResourceVersion: &version},
		client.PropagationPolicy(metav1.DeletePropagationBackground))
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("delete what has expired: %w", err)
	}
	ctrl.LoggerFrom(ctx).V(1).Info("Deleted a finished object", "expired", at)
	return ctrl.Result{}, nil
}
