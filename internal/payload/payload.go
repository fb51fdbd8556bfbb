// Package payload keeps what is too large for an object: results over the inline
// limit, and the finished segments of a job that was stopped.
//
// It owns the format: gzip, in shards of at most 512 KiB, each a ConfigMap that the
// job owns. A payload is named by its job and its content, so that storing it twice
// is safe, and that no job relies on what goes away with another.
package payload

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	// shardBytes bounds a shard after compression. A ConfigMap may hold 1 MiB; base64
	// in JSON takes a third more.
	shardBytes = 512 << 10
	// maxBytes bounds a payload before compression, on both ways.
	maxBytes = 64 << 20
	// dataKey of a shard.
	dataKey = "gzip"
	// maxPrefix bounds the part of a name that comes from the job: a name may have
	// 253 characters, and digest and shard number need their place.
	maxPrefix = 200
)

// Store writes and reads payloads as ConfigMaps.
type Store struct {
	Client client.Client
	// Reader reads past the cache: payloads are not cached.
	Reader client.Reader
}

// Put stores data for a job, and returns where it is.
func (s Store) Put(ctx context.Context, job *v1alpha1.TranslationJob, data []byte) (v1alpha1.PayloadReference, error) {
	if len(data) > maxBytes {
		return v1alpha1.PayloadReference{}, fmt.Errorf("%d bytes are over the limit of %d", len(data), maxBytes)
	}
	packed, err := pack(data)
	if err != nil {
		return v1alpha1.PayloadReference{}, err
	}
	sum := sha256.Sum256(data)
	digest := hex.EncodeToString(sum[:])
	name := prefix(job.Name) + "-" + tag(job.UID, digest)
	shards := 0
	for rest := packed; len(rest) > 0; shards++ {
		n := min(len(rest), shardBytes)
		shard := configMap(job, shardName(name, shards), rest[:n])
		shard.Immutable = new(true)
		if err := s.Client.Create(ctx, shard); err != nil && !apierrors.IsAlreadyExists(err) {
			return v1alpha1.PayloadReference{}, fmt.Errorf("create shard %d: %w", shards, err)
		}
		rest = rest[n:]
	}
	return v1alpha1.PayloadReference{
		Name:   v1alpha1.ObjectName(name),
		Shards: int32(shards), //nolint:gosec // at most maxBytes / shardBytes
		Bytes:  int64(len(data)),
		SHA256: digest,
	}, nil
}

// Open reads a payload and checks its digest.
func (s Store) Open(ctx context.Context, namespace string, ref v1alpha1.PayloadReference) ([]byte, error) {
	return Open(ctx, s.Reader, namespace, ref)
}

// Open reads a payload and checks its digest.
func Open(ctx context.Context, reader client.Reader, namespace string, ref v1alpha1.PayloadReference) ([]byte, error) {
	var packed []byte
	for i := range int(ref.Shards) {
		var shard corev1.ConfigMap
		key := client.ObjectKey{Namespace: namespace, Name: shardName(string(ref.Name), i)}
		if err := reader.Get(ctx, key, &shard); err != nil {
			return nil, fmt.Errorf("read shard %d of %d: %w", i+1, ref.Shards, err)
		}
		packed = append(packed, shard.BinaryData[dataKey]...)
	}
	data, err := unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("read payload %q: %w", ref.Name, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != ref.SHA256 {
		return nil, fmt.Errorf("payload %q is damaged: its digest differs", ref.Name)
	}
	return data, nil
}

func configMap(job *v1alpha1.TranslationJob, name string, packed []byte) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: job.Namespace,
			Name:      name,
			Labels:    map[string]string{v1alpha1.PayloadLabel: "true"},
			OwnerReferences: []metav1.OwnerReference{
				*metav1.NewControllerRef(job, v1alpha1.GroupVersion.WithKind("TranslationJob")),
			},
		},
		BinaryData: map[string][]byte{dataKey: packed},
	}
}

// prefix begins the names of all that is stored for a job. It ends so that a dash
// may follow.
func prefix(job string) string { return strings.TrimRight(job[:min(len(job), maxPrefix)], "-.") }

// tag tells the payloads of all jobs apart.
func tag(job types.UID, digest string) string {
	sum := sha256.Sum256([]byte(string(job) + "/" + digest))
	return hex.EncodeToString(sum[:6])
}

func shardName(name string, shard int) string { return fmt.Sprintf("%s-%d", name, shard) }

func pack(data []byte) ([]byte, error) {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(data); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return buf.Bytes(), nil
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	if len(data) > maxBytes {
		return nil, errors.New("decompress: over the size limit")
	}
	return data, nil
}
