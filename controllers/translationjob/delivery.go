package translationjob

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
)

// maxDelivered bounds a delivered text: a ConfigMap or Secret holds 1 MiB in all.
const maxDelivered = 1_000_000

// target is an object that a translation is delivered to.
type target interface {
	client.Object
	// put sets a key and says whether that changed anything.
	put(key, value string) bool
	// copied returns a copy to compare with.
	copied() client.Object
	// bare returns the object as the client knows it.
	bare() client.Object
}

type configMapTarget struct{ *corev1.ConfigMap }

func (t configMapTarget) put(key, value string) bool {
	if was, ok := t.Data[key]; ok && was == value {
		return false
	}
	if t.Data == nil {
		t.Data = map[string]string{}
	}
	t.Data[key] = value
	return true
}
func (t configMapTarget) copied() client.Object { return t.DeepCopy() }
func (t configMapTarget) bare() client.Object   { return t.ConfigMap }

type secretTarget struct{ *corev1.Secret }

func (t secretTarget) put(key, value string) bool {
	if was, ok := t.Data[key]; ok && string(was) == value {
		return false
	}
	if t.Data == nil {
		t.Data = map[string][]byte{}
	}
	t.Data[key] = []byte(value)
	return true
}
func (t secretTarget) copied() client.Object { return t.DeepCopy() }
func (t secretTarget) bare() client.Object   { return t.Secret }

// deliver writes a translation to the object that spec.delivery names. Whoever may
// make a job may have the manager write there, so an object that is there already
// has to be marked by its owner; and to Secrets the manager may write only where the
// component secret-delivery is installed. Several jobs may share one object, each
// its key.
func (r *Reconciler) deliver(ctx context.Context, job *v1alpha1.TranslationJob, result document.Result) error {
	to := job.Spec.Delivery
	if to == nil {
		return nil
	}
	value, err := delivered(result)
	if err != nil {
		return err
	}
	if len(value) > maxDelivered {
		return fmt.Errorf("the translation has %d bytes and %s %q can take %d; read it from the result and drop spec.delivery",
			len(value), to.Kind, to.Name, maxDelivered)
	}
	into := targetOf(job.Namespace, *to)
	err = r.live.Get(ctx, client.ObjectKeyFromObject(into), into.bare())
	if apierrors.IsNotFound(err) {
		into.SetLabels(map[string]string{v1alpha1.DeliveryLabel: "true"})
		into.put(to.Key, value)
		if err := r.client.Create(ctx, into.bare()); err != nil {
			return fmt.Errorf("create %s %q: %w", to.Kind, to.Name, err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s %q: %w", to.Kind, to.Name, err)
	}
	if into.GetLabels()[v1alpha1.DeliveryLabel] != "true" {
		return fmt.Errorf("%s %q is there without the label %s=true; set it to let the job write there, or name another object",
			to.Kind, to.Name, v1alpha1.DeliveryLabel)
	}
	before := into.copied()
	if !into.put(to.Key, value) {
		return nil
	}
	if err := r.client.Patch(ctx, into.bare(), client.MergeFrom(before)); err != nil {
		return fmt.Errorf("patch %s %q: %w", to.Kind, to.Name, err)
	}
	return nil
}

func targetOf(namespace string, to v1alpha1.Delivery) target {
	meta := metav1.ObjectMeta{Namespace: namespace, Name: string(to.Name)}
	if to.Kind == v1alpha1.SecretDelivery {
		return secretTarget{&corev1.Secret{ObjectMeta: meta}}
	}
	return configMapTarget{&corev1.ConfigMap{ObjectMeta: meta}}
}

// delivered is the text, or the JSON list of texts.
func delivered(result document.Result) (string, error) {
	if result.Text != nil {
		return *result.Text, nil
	}
	list, err := json.Marshal(result.Texts)
	if err != nil {
		return "", fmt.Errorf("write the texts as JSON: %w", err)
	}
	return string(list), nil
}
