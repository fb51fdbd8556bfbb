package apiserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

// Payloads keeps what is too large for an object.
type Payloads interface {
	// PutInput stores a source that an object will refer to. The same data twice is
	// stored once. What no object refers to is removed after a while.
	PutInput(ctx context.Context, namespace string, data []byte) (v1alpha1.PayloadReference, error)
	// Open returns the content of a payload.
	Open(ctx context.Context, namespace string, ref v1alpha1.PayloadReference) ([]byte, error)
}

// Options is what a Server is made of. All fields but Log are needed.
type Options struct {
	// Client writes.
	Client client.Client
	// Reader reads the API server itself.
	Reader client.Reader
	// Cache holds what CacheByObject says. It must not have been started.
	Cache cache.Cache
	// Payloads keeps large sources and results.
	Payloads Payloads
	// Clock tells the time.
	Clock clock.PassiveClock
	// Limits of the callers.
	Limits Limits
	// Version of the program, shown in the API's description.
	Version string
	// Log takes what callers are not told.
	Log logr.Logger
}

// Server answers the REST API.
type Server struct {
	Options

	keys    *tenancy.Authenticator
	jobs    *index
	batches *shelf[*v1alpha1.TranslationBatch]
	gates   *gates
	synced  []func() bool
	ready   atomic.Bool
	handler http.Handler
	// description is the API as OpenAPI.
	description *huma.OpenAPI
}

// New makes a server. It answers at once, but only once Start has filled the
// caches does it answer more than 503.
func New(o Options) (*Server, error) {
	if o.Client == nil || o.Reader == nil || o.Cache == nil || o.Payloads == nil || o.Clock == nil {
		return nil, errors.New("apiserver: an option is missing")
	}
	s := &Server{
		Options: o,
		jobs:    newIndex(),
		batches: newShelf(keepBatch, func(types.UID, **v1alpha1.TranslationBatch, **v1alpha1.TranslationBatch) {}),
		gates:   newGates(o.Limits),
	}
	// Nothing is waited for here, so there is nothing that a caller could cancel.
	ctx := context.Background()
	keys, err := tenancy.NewAuthenticator(ctx, o.Cache, o.Reader, o.Clock.Now)
	if err != nil {
		return nil, err
	}
	s.keys = keys
	if err := fill(ctx, s, s.jobs.shelf, &v1alpha1.TranslationJob{}); err != nil {
		return nil, err
	}
	if err := fill(ctx, s, s.batches, &v1alpha1.TranslationBatch{}); err != nil {
		return nil, err
	}
	for _, kind := range s.kindsRead() {
		if _, err := o.Cache.GetInformer(ctx, kind, cache.BlockUntilSynced(false)); err != nil {
			return nil, fmt.Errorf("watch %T: %w", kind, err)
		}
	}
	if s.handler, err = s.assemble(); err != nil {
		return nil, err
	}
	return s, nil
}

// fill keeps a shelf in step with an informer.
func fill[T client.Object](ctx context.Context, s *Server, to *shelf[T], kind client.Object) error {
	informer, err := s.Cache.GetInformer(ctx, kind, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("watch %T: %w", kind, err)
	}
	// What comes has been through transform.
	asKept := func(object any) (kept[T], bool) {
		if lost, ok := object.(toolscache.DeletedFinalStateUnknown); ok {
			object = lost.Obj
		}
		if typed, ok := object.(T); ok {
			return whole[T]{it: typed}, true
		}
		lean, ok := object.(kept[T])
		return lean, ok
	}
	confirm := func(object any) {
		if lean, ok := asKept(object); ok {
			to.confirmKept(lean)
		}
	}
	registration, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc:    confirm,
		UpdateFunc: func(_, current any) { confirm(current) },
		DeleteFunc: func(object any) {
			if lean, ok := asKept(object); ok {
				to.remove(lean.id())
			}
		},
	})
	if err != nil {
		return fmt.Errorf("watch %T: %w", kind, err)
	}
	s.synced = append(s.synced, registration.HasSynced)
	return nil
}

// Handler answers requests. It may be used before Start.
func (s *Server) Handler() http.Handler { return s.handler }

// sweepEvery is the time between two looks at objects that no informer confirmed,
// and how long they may stay so.
const sweepEvery = time.Minute

// Start waits for the caches, opens the server for requests and keeps its indexes
// until the context ends. The cache itself is started by the caller.
func (s *Server) Start(ctx context.Context) error {
	if !s.Cache.WaitForCacheSync(ctx) {
		return fmt.Errorf("wait for the caches: %w", context.Cause(ctx))
	}
	if !toolscache.WaitForCacheSync(ctx.Done(), s.hasSynced) {
		return fmt.Errorf("wait for the indexes: %w", context.Cause(ctx))
	}
	s.ready.Store(true)
	defer s.ready.Store(false)
	s.Log.Info("Opened the REST API")
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			sweep(ctx, s, s.jobs.shelf)
			sweep(ctx, s, s.batches)
		}
	}
}

func (s *Server) hasSynced() bool {
	for _, synced := range s.synced {
		if !synced() {
			return false
		}
	}
	return true
}

// sweep looks up the objects that this replica made and no informer has shown it:
// one may have been deleted while the watch was broken.
func sweep[T client.Object](ctx context.Context, s *Server, shelf *shelf[T]) {
	for _, object := range shelf.unconfirmed(s.Clock.Now().Add(-sweepEvery)) {
		current := object.DeepCopyObject().(T)
		err := s.Reader.Get(ctx, client.ObjectKeyFromObject(object), current)
		switch {
		case client.IgnoreNotFound(err) != nil:
			s.Log.Error(err, "Could not look up an object that was made here", "object", client.ObjectKeyFromObject(object))
		case err != nil || current.GetUID() != object.GetUID():
			shelf.remove(object.GetUID())
		default:
			shelf.confirm(current)
		}
	}
}
