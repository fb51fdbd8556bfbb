package budget

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// ConfigMapName is the name of the ConfigMap with the ledger of its namespace.
	ConfigMapName = "dragoman-ledger"
	// Label is "true" on such a ConfigMap.
	Label = "translation.dragoman.dev/ledger"

	dataKey = "ledger.json"
)

// ConfigMaps is a Store that keeps each ledger in a ConfigMap of its namespace. The
// resourceVersion is the version: the API server lets one of two writers win.
type ConfigMaps struct {
	// Reader reads past any cache.
	Reader client.Reader
	Writer client.Writer
}

// Load implements Store.
func (c ConfigMaps) Load(ctx context.Context, namespace string) ([]byte, string, error) {
	var m corev1.ConfigMap
	err := c.Reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: ConfigMapName}, &m)
	if apierrors.IsNotFound(err) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("read ConfigMap %q: %w", ConfigMapName, err)
	}
	if m.Data[dataKey] == "" {
		// Emptied by hand, and not by us: that is no ledger without entries.
		return nil, "", fmt.Errorf("ConfigMap %q has no %s; delete it to begin a new ledger", ConfigMapName, dataKey)
	}
	return []byte(m.Data[dataKey]), m.ResourceVersion, nil
}

// Save implements Store.
func (c ConfigMaps) Save(ctx context.Context, namespace string, data []byte, version string) (string, error) {
	m := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: ConfigMapName, ResourceVersion: version,
			Labels: map[string]string{Label: "true"},
		},
		Data: map[string]string{dataKey: string(data)},
	}
	if version == "" {
		if err := c.Writer.Create(ctx, m); err != nil {
			return "", refused(err, apierrors.IsAlreadyExists(err), apierrors.IsNotFound(err))
		}
		return m.ResourceVersion, nil
	}
	if err := c.Writer.Update(ctx, m); err != nil {
		// One that was deleted is made anew, by the same way.
		return "", refused(err, apierrors.IsConflict(err) || apierrors.IsNotFound(err), false)
	}
	return m.ResourceVersion, nil
}

// refused puts the error of a write in the words of Store.
func refused(err error, conflict, gone bool) error {
	switch {
	case conflict:
		return ErrConflict
	case gone || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return ErrGone
	}
	return fmt.Errorf("write ConfigMap %q: %w", ConfigMapName, err)
}

// Namespaces implements Store.
func (c ConfigMaps) Namespaces(ctx context.Context) ([]string, error) {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMapList"))
	if err := c.Reader.List(ctx, list, client.MatchingLabels{Label: "true"}); err != nil {
		return nil, fmt.Errorf("list the ledgers: %w", err)
	}
	var names []string
	for _, m := range list.Items {
		if m.Name == ConfigMapName {
			names = append(names, m.Namespace)
		}
	}
	return names, nil
}
