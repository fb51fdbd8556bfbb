// Package retention_test tells how finished objects and payloads that nobody needs
// go away, as stories on a real API server. Nobody works on the jobs: a story says
// itself how one has ended.
package retention_test

import (
	"context"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/controllers/retention"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
)

var world *suite.World

func TestRetention(t *testing.T) { suite.Run(t, "Retention", suite.Patience) }

var _ = BeforeSuite(func() { world = suite.Start() })

// start runs the controllers of retention on a store until they are stopped or the
// story ends.
func start(store payload.Store, grace, every time.Duration) (stop func()) {
	GinkgoHelper()
	mgr, err := controllers.NewManager(world.Config, ctrl.Options{
		Metrics:                metricsserver.Options{BindAddress: "0"},
		HealthProbeBindAddress: "0",
	})
	Expect(err).NotTo(HaveOccurred())
	Expect(retention.New(mgr, retention.Options{
		Store: store, Clock: clock.RealClock{}, Grace: grace, Every: every,
	})).To(Succeed())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- mgr.Start(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		Expect(<-done).To(Succeed())
	})
	DeferCleanup(stop)
	return stop
}

// exists asks the API server.
func exists(ctx context.Context, obj client.Object) bool {
	GinkgoHelper()
	err := world.Client.Get(ctx, client.ObjectKeyFromObject(obj), obj.DeepCopyObject().(client.Object))
	Expect(client.IgnoreNotFound(err)).To(Succeed())
	return !apierrors.IsNotFound(err)
}

func goes(ctx context.Context, obj client.Object) {
	GinkgoHelper()
	Eventually(func() bool { return exists(ctx, obj) }).Should(BeFalse(), "%s is still there", obj.GetName())
}

func finished(reason string, generation int64) []metav1.Condition {
	return []metav1.Condition{{
		Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: reason,
		ObservedGeneration: generation, LastTransitionTime: metav1.Now(),
	}}
}

// end says that a job or a batch has ended, now unless it says when, for the spec it has. A job that is
// Completed is Ready.
func end(ctx context.Context, obj client.Object, reason string) {
	GinkgoHelper()
	switch o := obj.(type) {
	case *v1alpha1.TranslationJob:
		o.Status.ObservedGeneration = o.Generation
		if o.Status.CompletedAt == nil {
			o.Status.CompletedAt = new(metav1.Now())
		}
		o.Status.Conditions = finished(reason, o.Generation)
		if reason == v1alpha1.CompletedReason {
			ready := o.Status.Conditions[0]
			ready.Type = v1alpha1.ReadyCondition
			o.Status.Conditions = append(o.Status.Conditions, ready)
		}
	case *v1alpha1.TranslationBatch:
		o.Status.ObservedGeneration, o.Status.CompletedAt = o.Generation, new(metav1.Now())
		o.Status.Conditions = finished(reason, o.Generation)
	}
	Expect(world.Client.Status().Update(ctx, obj)).To(Succeed())
}
