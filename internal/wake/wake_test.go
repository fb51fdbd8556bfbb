package wake_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/dragoman-dev/dragoman/internal/wake"
)

func TestAdd(t *testing.T) {
	key := func(name string) client.ObjectKey { return client.ObjectKey{Namespace: "ns", Name: name} }
	var q wake.Queue
	q.Add(key("early")) // nobody listens yet
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	defer queue.ShutDown()
	if err := q.Source().Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	q.Add(key("a"))
	q.Add(key("b"))
	q.Add(key("a")) // is there already
	var got []reconcile.Request
	for queue.Len() > 0 {
		request, _ := queue.Get()
		queue.Done(request)
		got = append(got, request)
	}
	want := []reconcile.Request{{NamespacedName: key("a")}, {NamespacedName: key("b")}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
