// Package payload keeps what is too large for an object: sources and results over the
// inline limit, and the finished segments of a job that goes on.
//
// It owns the format (gzip, in shards), the names of blobs, the back ends that keep
// them, and the sweep of what nobody needs any more. A result is named by its job and
// its content, a source by its content alone, so that storing twice is safe. It knows
// nothing of what is inside, and imports no controller.
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

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	// MaxInput bounds a source before compression: 16 MiB.
	MaxInput = 16 << 20
	// maxResult bounds a result before compression, on both ways: 64 MiB, for a
	// language may need four times the bytes of another.
	maxResult = 64 << 20
	// maxShards is what a reference may name.
	maxShards = 1000
)

// TooLarge is the error for data over a limit.
type TooLarge struct {
	// Bytes of the data and the most that is taken, both before compression.
	Bytes, Limit int64
}

// Error implements error.
func (e *TooLarge) Error() string {
	return fmt.Sprintf("%d bytes are over the limit of %d", e.Bytes, e.Limit)
}

// Store writes and reads payloads. Make it with New.
type Store struct {
	backend Backend
	clock   clock.PassiveClock
}

// New makes a store on a backend.
func New(backend Backend, now clock.PassiveClock) Store {
	return Store{backend: backend, clock: now}
}

// Put stores a result for a job, and returns where it is. It goes away with the job.
// The error is *TooLarge for more than 64 MiB.
func (s Store) Put(ctx context.Context, job *v1alpha1.TranslationJob, data []byte) (v1alpha1.PayloadReference, error) {
	packed, err := packBounded(data, maxResult)
	if err != nil {
		return v1alpha1.PayloadReference{}, err
	}
	blob := Blob{
		Namespace: job.Namespace, Name: resultName(job, packed), Data: packed,
		Owner: Owner{Name: job.Name, UID: string(job.UID)},
	}
	return s.store(ctx, blob, data)
}

// PutInput stores a source that jobs of a namespace may share, and returns where it
// is. Nobody owns it: it goes away some time after the last job that refers to it.
// The error is *TooLarge for more than MaxInput.
func (s Store) PutInput(ctx context.Context, namespace string, data []byte) (v1alpha1.PayloadReference, error) {
	packed, err := packBounded(data, MaxInput)
	if err != nil {
		return v1alpha1.PayloadReference{}, err
	}
	blob := Blob{Namespace: namespace, Name: inputName(packed), Data: packed}
	return s.store(ctx, blob, data)
}

// createOrRefresh makes a blob anew or young again:
//
//	put ──exists──► refresh ──► job is made, or refers to it
//	        sweep: is old, nobody refers to it ──► delete
//
// Without the refresh the sweep could delete what was found to exist.
func (s Store) createOrRefresh(ctx context.Context, blob Blob) error {
	for {
		err := s.backend.Create(ctx, blob)
		refresher, ok := s.backend.(Refresher)
		if !ok || !errors.Is(err, ErrExists) {
			return err
		}
		err = refresher.Refresh(ctx, blob, s.clock.Now())
		if !errors.Is(err, ErrNotFound) || ctx.Err() != nil {
			return err // or else it was deleted in between
		}
	}
}

// store writes the shards of a blob that has a name and all data.
func (s Store) store(ctx context.Context, blob Blob, data []byte) (v1alpha1.PayloadReference, error) {
	shards, most := 0, s.backend.MaxBytes()
	for rest := blob.Data; len(rest) > 0; shards++ {
		n := min(len(rest), most)
		shard := blob
		shard.Name, shard.Data = shardName(blob.Name, shards), rest[:n]
		if err := s.createOrRefresh(ctx, shard); err != nil && !errors.Is(err, ErrExists) {
			return v1alpha1.PayloadReference{}, fmt.Errorf("store shard %d: %w", shards, err)
		}
		rest = rest[n:]
	}
	return v1alpha1.PayloadReference{
		Name:   v1alpha1.ObjectName(blob.Name),
		Shards: int32(shards), //nolint:gosec // at most maxResult by the size of a shard
		Bytes:  int64(len(data)),
		SHA256: digestOf(data),
	}, nil
}

// Open reads a payload of a namespace and checks its size and digest. The error is
// ErrNotFound when a shard is gone. It holds the data and one shard in memory.
func (s Store) Open(ctx context.Context, namespace string, ref v1alpha1.PayloadReference) ([]byte, error) {
	if err := s.checkReference(namespace, ref); err != nil {
		return nil, fmt.Errorf("payload %q: %w", ref.Name, err)
	}
	shards := &shardReader{ctx: ctx, backend: s.backend, namespace: namespace, ref: ref}
	data, err := unpack(shards, ref.Bytes)
	if shards.err != nil {
		err = shards.err // what gzip makes of it does not matter
	}
	if err != nil {
		return nil, fmt.Errorf("read payload %q: %w", ref.Name, err)
	}
	if sum := sha256.Sum256(data); int64(len(data)) != ref.Bytes || hex.EncodeToString(sum[:]) != ref.SHA256 {
		return nil, fmt.Errorf("payload %q is damaged: its digest differs", ref.Name)
	}
	return data, nil
}

// checkReference refuses a reference that no Put has made: it may come from a spec,
// and must cost no reads or memory that the data is not worth.
func (s Store) checkReference(namespace string, ref v1alpha1.PayloadReference) error {
	if err := checkNames(namespace, shardName(string(ref.Name), 0)); err != nil {
		return err
	}
	if ref.Bytes < 1 || ref.Bytes > maxResult {
		return fmt.Errorf("the reference says %d bytes, which is not between 1 and %d", ref.Bytes, maxResult)
	}
	// Shards may have been copied from a backend with smaller ones.
	size := int64(min(s.backend.MaxBytes(), configMapBytes))
	if most := (packedAtMost(ref.Bytes) + size - 1) / size; ref.Shards < 1 || int64(ref.Shards) > min(most, maxShards) {
		return fmt.Errorf("the reference says %d shards, and %d bytes take 1 to %d", ref.Shards, ref.Bytes, most)
	}
	return nil
}

// Open reads a payload that is kept in ConfigMaps. See Store.Open.
func Open(ctx context.Context, reader client.Reader, namespace string, ref v1alpha1.PayloadReference) ([]byte, error) {
	return Store{backend: ConfigMaps{Reader: reader}}.Open(ctx, namespace, ref)
}

// shardReader reads one shard after the other.
type shardReader struct {
	ctx       context.Context
	backend   Backend
	namespace string
	ref       v1alpha1.PayloadReference

	next int32
	rest []byte
	err  error // of the backend
}

// Read implements io.Reader.
func (r *shardReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		if r.next == r.ref.Shards {
			return 0, io.EOF
		}
		data, err := r.backend.Read(r.ctx, r.namespace, shardName(string(r.ref.Name), int(r.next)))
		r.next++
		if err != nil {
			r.err = fmt.Errorf("shard %d of %d: %w", r.next, r.ref.Shards, err)
		}
		r.rest = data
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func packBounded(data []byte, limit int64) ([]byte, error) {
	switch n := int64(len(data)); {
	case n == 0:
		return nil, errors.New("there is nothing to store")
	case n > limit:
		return nil, &TooLarge{Bytes: n, Limit: limit}
	}
	return pack(data, "")
}

// packedAtMost is the size that data has when it cannot be compressed: 18 bytes of
// frame, and 5 for each stored block of 65535.
func packedAtMost(n int64) int64 { return n + 18 + 5*(n/65535+2) }

// pack compresses. The comment is for whoever looks at the file.
func pack(data []byte, comment string) ([]byte, error) {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Comment = comment
	if _, err := w.Write(data); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return buf.Bytes(), nil
}

// unpack decompresses what has at most so many bytes.
func unpack(packed io.Reader, most int64) ([]byte, error) {
	r, err := gzip.NewReader(packed)
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	return inflate(r, most)
}

func inflate(r *gzip.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("decompress: more than %d bytes", most)
	}
	return data, nil
}
