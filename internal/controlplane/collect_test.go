//go:build unix

package controlplane

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Chains of ConfigMaps stand for batch, job and payload: the collector asks for
// kinds and owners, and not for what the objects are.
func TestCollectorDeletesWhatHasLostItsOwners(t *testing.T) {
	g := NewWithT(t)
	opts, err := testOptions()
	g.Expect(err).NotTo(HaveOccurred())
	opts.CRDs = nil
	cp, err := Start(t.Context(), openDir(t, g, t.TempDir()), opts)
	g.Expect(err).NotTo(HaveOccurred())
	defer func() { g.Expect(cp.Stop()).To(Succeed()) }()
	c := newClient(g, cp.Kubeconfig)
	configMaps := corev1.SchemeGroupVersion.WithKind("ConfigMap")
	collector := Collector{
		Config:     cp.Config,
		Owners:     []schema.GroupVersionKind{configMaps},
		Dependents: []schema.GroupVersionKind{configMaps, corev1.SchemeGroupVersion.WithKind("Secret")},
	}

	lost := newConfigMap(g, c, "lost", owner("ConfigMap", "gone", "11111111-1111-1111-1111-111111111111"))
	foreign := newConfigMap(g, c, "foreign", owner("Pod", "unknown", "22222222-2222-2222-2222-222222222222"))
	top := newConfigMap(g, c, "top")
	other := newConfigMap(g, c, "other")
	middle := newConfigMap(g, c, "middle", ownedBy(top))
	shared := newConfigMap(g, c, "shared", ownedBy(top), ownedBy(other))
	bottom := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "bottom", OwnerReferences: []metav1.OwnerReference{ownedBy(middle)},
	}}
	g.Expect(c.Create(t.Context(), bottom)).To(Succeed())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- collector.Run(ctx) }()

	t.Log("what was left over before the start goes first")
	g.Eventually(gone, patience, pause).WithArguments(c, lost).Should(BeTrue())

	t.Log("a deleted owner takes along what it owned, and what that owned")
	g.Expect(c.Delete(t.Context(), top)).To(Succeed())
	g.Eventually(gone, patience, pause).WithArguments(c, middle).Should(BeTrue())
	g.Eventually(gone, patience, pause).WithArguments(c, bottom).Should(BeTrue())

	t.Log("what has an owner left, or one of another kind, stays")
	for _, object := range []client.Object{shared, foreign, other} {
		g.Expect(gone(c, object)).To(BeFalse(), object.GetName())
	}
	cancel()
	g.Eventually(ended, patience, pause).Should(Receive(BeNil()))
}

func newConfigMap(g *WithT, c client.Client, name string, owners ...metav1.OwnerReference) *corev1.ConfigMap {
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, OwnerReferences: owners}}
	g.Expect(c.Create(context.Background(), object)).To(Succeed())
	return object
}

func ownedBy(object *corev1.ConfigMap) metav1.OwnerReference {
	return owner("ConfigMap", object.Name, object.UID)
}

func owner(kind, name string, uid types.UID) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: "v1", Kind: kind, Name: name, UID: uid}
}

func gone(c client.Client, object client.Object) bool {
	err := c.Get(context.Background(), client.ObjectKeyFromObject(object), object.DeepCopyObject().(client.Object))
	return apierrors.IsNotFound(err)
}
