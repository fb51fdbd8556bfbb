package payload

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// SaveCheckpoint keeps what a stopped job has finished, in place of an earlier
// checkpoint.
func (s Store) SaveCheckpoint(ctx context.Context, job *v1alpha1.TranslationJob, data []byte) error {
	packed, err := pack(data, "")
	if err != nil {
		return err
	}
	if len(packed) > configMapBytes {
		return fmt.Errorf("%d bytes are over the limit of %d", len(packed), configMapBytes)
	}
	cm := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: job.Namespace,
			Name:      checkpointName(job.Name),
			Labels:    map[string]string{v1alpha1.PayloadLabel: "true"},
			OwnerReferences: []metav1.OwnerReference{
				*metav1.NewControllerRef(job, v1alpha1.GroupVersion.WithKind(jobKind)),
			},
		},
		BinaryData: map[string][]byte{dataKey: packed},
	}
	err = s.Client.Create(ctx, cm)
	if apierrors.IsAlreadyExists(err) {
		err = s.Client.Update(ctx, cm)
	}
	if err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	return nil
}

// LoadCheckpoint returns what an earlier run of this very job has kept, or nil.
// What an object of the same name has left behind does not count.
func (s Store) LoadCheckpoint(ctx context.Context, job *v1alpha1.TranslationJob) ([]byte, error) {
	var cm corev1.ConfigMap
	err := s.Reader.Get(ctx, client.ObjectKey{Namespace: job.Namespace, Name: checkpointName(job.Name)}, &cm)
	if apierrors.IsNotFound(err) || err == nil && !metav1.IsControlledBy(&cm, job) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load checkpoint: %w", err)
	}
	data, err := unpack(bytes.NewReader(cm.BinaryData[dataKey]), maxResult)
	if err != nil {
		return nil, nil //nolint:nilerr // a damaged checkpoint costs what it held, never the job
	}
	return data, nil
}

// DropCheckpoint removes the checkpoint of a job that has ended.
func (s Store) DropCheckpoint(ctx context.Context, job *v1alpha1.TranslationJob) error {
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: job.Namespace, Name: checkpointName(job.Name)}}
	if err := client.IgnoreNotFound(s.Client.Delete(ctx, cm)); err != nil {
		return fmt.Errorf("drop checkpoint: %w", err)
	}
	return nil
}

func checkpointName(job string) string {
	return strings.TrimRight(job[:min(len(job), 200)], "-.") + "-checkpoint"
}
