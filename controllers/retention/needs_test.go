package retention

import (
	"context"
	"errors"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/test/build"
)

// clientOf has some objects, and fails where it is told to.
func clientOf(t *testing.T, fails *error, objects ...client.Object) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithInterceptorFuncs(interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			if *fails != nil {
				return *fails
			}
			return c.List(ctx, list, opts...)
		},
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, obj client.Object, opts ...client.GetOption) error {
			if *fails != nil {
				return *fails
			}
			return c.Get(ctx, key, obj, opts...)
		},
	}).Build()
}

// owner is a job with a result in the store.
func owner(name, uid string) *v1alpha1.TranslationJob {
	job := build.Job(name, "ns").Text("Hola.").Obj()
	job.UID = types.UID(uid)
	return job
}

func TestASweepNeedsToKnow(t *testing.T) {
	cases := map[string]struct {
		cached, live          []string // which of the jobs "a", the long one and the referrer they have
		cacheFails, liveFails error
		want                  int // blobs left, of three
	}{
		"all jobs are there":                    {cached: []string{"a", "long", "referrer"}, live: []string{"a", "long", "referrer"}, want: 3},
		"all are gone":                          {want: 0},
		"the cache is behind what was deleted":  {cached: []string{"a", "long", "referrer"}, want: 3},
		"the cache has a part of the jobs only": {cached: []string{"a"}, live: []string{"a", "long", "referrer"}, want: 3},
		"one is gone":                           {cached: []string{"long", "referrer"}, live: []string{"long", "referrer"}, want: 2},
		"another job has the name":              {cached: []string{"long", "referrer", "a anew"}, live: []string{"long", "referrer", "a anew"}, want: 2},
		"only the one of a long name is gone":   {cached: []string{"a", "referrer"}, live: []string{"a", "referrer"}, want: 2},
		"a batch refers to the input":           {cached: []string{"batch"}, live: []string{"batch"}, want: 1},
		"the cache does not know of the batch":  {live: []string{"batch"}, want: 1},
		"the cache cannot be listed":            {cacheFails: errors.New("not synced"), want: 3},
		"the API server does not answer":        {liveFails: errors.New("no route"), want: 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			backend, err := payload.OpenBucket(t.Context(), "mem://")
			if err != nil {
				t.Fatal(err)
			}
			now := clocktesting.NewFakeClock(time.Now().Add(2 * time.Hour))
			store := payload.New(backend, now)
			a, b := owner("a", "a"), owner(strings.Repeat("x", 240), "long")
			for _, job := range []*v1alpha1.TranslationJob{a, b} {
				if _, err := store.Put(t.Context(), job, []byte("result")); err != nil {
					t.Fatal(err)
				}
			}
			ref, err := store.PutInput(t.Context(), "ns", []byte("input"))
			if err != nil {
				t.Fatal(err)
			}
			source := v1alpha1.Source{Payload: &v1alpha1.PayloadSource{Ref: ref}}
			referrer := owner("referrer", "referrer")
			referrer.Spec.Source = source
			batch := build.Batch("batch", "ns", []v1alpha1.LanguageTag{"ca"}, "Hola.")
			batch.Spec.Items[0].Source = source
			all := map[string]client.Object{"a": a, "long": b, "referrer": referrer, "batch": batch, "a anew": owner("a", "anew")}
			pick := func(fails *error, names []string) client.Client {
				var objects []client.Object
				for _, name := range names {
					objects = append(objects, all[name].DeepCopyObject().(client.Object))
				}
				return clientOf(t, fails, objects...)
			}
			s := &sweeper{
				store: store, clock: now, every: time.Hour, log: logr.Discard(),
				cache: pick(&tc.cacheFails, tc.cached), live: pick(&tc.liveFails, tc.live),
			}
			s.sweep(t.Context(), store.Sweep)
			left, err := backend.List(t.Context(), "", "")
			if err != nil || len(left) != tc.want {
				t.Errorf("%d blobs are left, want %d: %+v, %v", len(left), tc.want, left, err)
			}
		})
	}
}

func TestSweepsComeInTime(t *testing.T) {
	backend, err := payload.OpenBucket(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	now := clocktesting.NewFakeClock(time.Now().Add(2 * time.Hour))
	counted := &counting{Backend: backend, lists: make(chan struct{})}
	var none error
	c := clientOf(t, &none)
	s := &sweeper{store: payload.New(counted, now), clock: now, every: time.Hour, log: logr.Discard(), cache: c, live: c}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Start(ctx) }()
	<-counted.lists // at once, for what the leader before has left
	for _, wait := range []time.Duration{3 * time.Minute, time.Hour, time.Hour} {
		for !now.HasWaiters() {
			goruntime.Gosched() // the other goroutine sets the timer
		}
		now.Step(wait - time.Second)
		select {
		case <-counted.lists:
			t.Fatalf("swept before %v", wait)
		default:
		}
		now.Step(time.Second)
		<-counted.lists
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Start(): %v", err)
	}
}

// counting says when it is listed.
type counting struct {
	payload.Backend
	lists chan struct{}
}

func (c *counting) List(ctx context.Context, namespace, prefix string) ([]payload.Info, error) {
	c.lists <- struct{}{}
	return c.Backend.List(ctx, namespace, prefix)
}
