package statuswriter

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// metadataOnly asks the API server for the metadata of what it has stored. Servers
// that cannot do that send the whole object.
const metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"

// Lean returns a client for Write that leaves the answers to its updates unread: the
// writer knows what it wrote. The API server writes out the metadata alone, and the
// manager reads none of it. It is for the kind of one example object; the rest of a
// status client is that of whole.
func Lean(whole client.Client, cfg *rest.Config, http *http.Client, example client.Object) (client.StatusClient, error) {
	gvk, err := apiutil.GVKForObject(example, whole.Scheme())
	if err != nil {
		return nil, fmt.Errorf("find the kind: %w", err)
	}
	mapping, err := whole.RESTMapper().RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return nil, fmt.Errorf("find the resource of %s: %w", gvk.Kind, err)
	}
	bare, err := apiutil.RESTClientForGVK(gvk, false, false, cfg, serializer.NewCodecFactory(whole.Scheme()), http)
	if err != nil {
		return nil, fmt.Errorf("make a client for %s: %w", gvk.Kind, err)
	}
	return lean{SubResourceWriter: whole.Status(), rest: bare, mapping: mapping}, nil
}

type lean struct {
	client.SubResourceWriter
	rest    rest.Interface
	mapping *meta.RESTMapping
}

// Status implements client.StatusClient.
func (l lean) Status() client.SubResourceWriter { return l }

// Update implements client.SubResourceWriter. It leaves the object as it is.
func (l lean) Update(ctx context.Context, obj client.Object, opts ...client.SubResourceUpdateOption) error {
	if len(opts) > 0 {
		return l.SubResourceWriter.Update(ctx, obj, opts...)
	}
	obj.GetObjectKind().SetGroupVersionKind(l.mapping.GroupVersionKind)
	body, err := json.Marshal(obj)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	return l.rest.Put().
		NamespaceIfScoped(obj.GetNamespace(), l.mapping.Scope.Name() == meta.RESTScopeNameNamespace).
		Resource(l.mapping.Resource.Resource).Name(obj.GetName()).SubResource("status").
		SetHeader("Content-Type", runtime.ContentTypeJSON).SetHeader("Accept", metadataOnly).
		Body(body).Do(ctx).Error()
}
