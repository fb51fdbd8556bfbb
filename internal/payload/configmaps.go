package payload

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	// configMapBytes bounds a blob. A ConfigMap may hold 1 MiB; base64 in JSON takes a
	// third more, and etcd takes requests of 1.5 MiB.
	configMapBytes = 512 << 10
	// dataKey of a blob in its ConfigMap. All that is stored is a gzip, of this package
	// or of the memory.
	dataKey = "gzip"
	// kindLabel is the Kind of a blob, for a list of one kind alone.
	kindLabel = "translation.dragoman.dev/payload-kind"
	// refreshedAnnotation is when a blob was put once more.
	refreshedAnnotation = "translation.dragoman.dev/refreshed-at"
	// listPage is how many ConfigMaps one request lists.
	listPage = 500
)

// ConfigMaps is a backend that keeps each blob as an immutable ConfigMap. What has an
// owner is removed with it by the cluster's garbage collector.
type ConfigMaps struct {
	Client client.Client
	// Reader reads past the cache, which leaves payloads out.
	Reader client.Reader
}

// MaxBytes implements Backend: 512 KiB.
func (ConfigMaps) MaxBytes() int { return configMapBytes }

// Create implements Backend.
func (c ConfigMaps) Create(ctx context.Context, blob Blob) error {
	cm := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: blob.Namespace,
			Name:      blob.Name,
			Labels:    labelsOf(blob.Name),
		},
		BinaryData: map[string][]byte{dataKey: blob.Data},
		Immutable:  new(true),
	}
	if blob.Owner.UID != "" {
		cm.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: v1alpha1.GroupVersion.String(), Kind: jobKind,
			Name: blob.Owner.Name, UID: types.UID(blob.Owner.UID),
			Controller: new(true), BlockOwnerDeletion: new(true),
		}}
	}
	err := c.Client.Create(ctx, cm)
	if apierrors.IsAlreadyExists(err) {
		return ErrExists
	}
	if err != nil {
		return fmt.Errorf("create ConfigMap %q: %w", blob.Name, err)
	}
	return nil
}

// jobKind is the kind of every owner.
const jobKind = "TranslationJob"

func labelsOf(name string) map[string]string {
	labels := map[string]string{v1alpha1.PayloadLabel: "true"}
	if kind := kindOf(name); kind != "" {
		labels[kindLabel] = string(kind)
	}
	return labels
}

// Read implements Backend.
func (c ConfigMaps) Read(ctx context.Context, namespace, name string) ([]byte, error) {
	var cm corev1.ConfigMap
	err := c.Reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &cm)
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("ConfigMap %q: %w", name, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read ConfigMap %q: %w", name, err)
	}
	return cm.BinaryData[dataKey], nil
}

// List implements Backend. It does not say how many bytes a blob has: it lists no
// data.
func (c ConfigMaps) List(ctx context.Context, namespace, prefix string) ([]Info, error) {
	selector := client.MatchingLabels{v1alpha1.PayloadLabel: "true"}
	if strings.HasPrefix(prefix, memoryPrefix) || strings.HasPrefix(prefix, inputPrefix) {
		maps.Copy(selector, labelsOf(prefix)) // the server leaves out the rest
	}
	var infos []Info
	for next := ""; ; {
		page := &metav1.PartialObjectMetadataList{}
		page.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMapList"))
		err := c.Reader.List(ctx, page, client.InNamespace(namespace), selector, client.Limit(listPage), client.Continue(next))
		if err != nil {
			return nil, fmt.Errorf("list ConfigMaps: %w", err)
		}
		for i := range page.Items {
			if strings.HasPrefix(page.Items[i].Name, prefix) {
				infos = append(infos, infoOf(&page.Items[i]))
			}
		}
		if next = page.Continue; next == "" {
			break
		}
	}
	slices.SortFunc(infos, byName)
	return infos, nil
}

func byName(a, b Info) int {
	return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}

func infoOf(cm *metav1.PartialObjectMetadata) Info {
	info := Info{Namespace: cm.Namespace, Name: cm.Name, Created: cm.CreationTimestamp.Time}
	if owner := metav1.GetControllerOf(cm); owner != nil && owner.Kind == jobKind {
		info.Owner = Owner{Name: owner.Name, UID: string(owner.UID)}
	}
	if at, err := time.Parse(time.RFC3339Nano, cm.Annotations[refreshedAnnotation]); err == nil && at.After(info.Created) {
		info.Created = at
	}
	return info
}

// Delete implements Backend.
func (c ConfigMaps) Delete(ctx context.Context, namespace, name string) error {
	return c.remove(ctx, namespace, name)
}

// Refresh implements Refresher.
func (c ConfigMaps) Refresh(ctx context.Context, blob Blob, now time.Time) error {
	cm := configMapMeta(blob.Namespace, blob.Name)
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, refreshedAnnotation, now.UTC().Format(time.RFC3339Nano))
	err := c.Client.Patch(ctx, cm, client.RawPatch(types.MergePatchType, []byte(patch)))
	if apierrors.IsNotFound(err) {
		return fmt.Errorf("ConfigMap %q: %w", blob.Name, ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("refresh ConfigMap %q: %w", blob.Name, err)
	}
	return nil
}

// DeleteUnchanged implements Refresher. Of a refresh and a delete at the same moment
// one wins, and the other knows.
func (c ConfigMaps) DeleteUnchanged(ctx context.Context, info Info) (bool, error) {
	cm := configMapMeta(info.Namespace, info.Name)
	err := c.Reader.Get(ctx, client.ObjectKeyFromObject(cm), cm)
	switch {
	case apierrors.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read ConfigMap %q: %w", info.Name, err)
	case !infoOf(cm).Created.Equal(info.Created):
		return false, nil
	}
	err = c.remove(ctx, info.Namespace, info.Name, client.Preconditions{UID: &cm.UID, ResourceVersion: &cm.ResourceVersion})
	if apierrors.IsConflict(err) {
		return false, nil
	}
	return err == nil, err
}

func (c ConfigMaps) remove(ctx context.Context, namespace, name string, opts ...client.DeleteOption) error {
	if err := client.IgnoreNotFound(c.Client.Delete(ctx, configMapMeta(namespace, name), opts...)); err != nil {
		return fmt.Errorf("delete ConfigMap %q: %w", name, err)
	}
	return nil
}

func configMapMeta(namespace, name string) *metav1.PartialObjectMetadata {
	cm := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	cm.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
	return cm
}
