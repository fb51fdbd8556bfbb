package translationjob

import (
	"context"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/internal/runner"
)

// weight is the share of a namespace, as its annotation says; 1 for none and for one
// that cannot be read.
func (r *Reconciler) weight(ctx context.Context, name string) int {
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := r.client.Get(ctx, client.ObjectKey{Name: name}, namespace); err != nil {
		return 1
	}
	weight, err := strconv.Atoi(namespace.Annotations[v1alpha1.WeightAnnotation])
	if err != nil {
		return 1
	}
	return weight
}

// queue is the work that waits, for the metrics.
func (r *Reconciler) queue() []metrics.Waiting {
	var out []metrics.Waiting
	for engine, reasons := range r.runner.Waiting() {
		for reason, count := range reasons {
			out = append(out, metrics.Waiting{Engine: engine, Reason: reason.String(), Count: count})
		}
	}
	return out
}

// observer tells the metrics what the runner sees.
type observer struct{ metrics *metrics.Manager }

// WorkWaited implements runner.Observer.
func (o observer) WorkWaited(engine string, waited time.Duration) {
	o.metrics.WorkWaited(engine, waited)
}

// CallWaited implements runner.Observer.
func (o observer) CallWaited(engine string, waited time.Duration) {
	o.metrics.CallWaited(engine, waited)
}

// GatePaused implements runner.Observer.
func (o observer) GatePaused(_ string, why runner.Reason) { o.metrics.GatePaused(why.String()) }
