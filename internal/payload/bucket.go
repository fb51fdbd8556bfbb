package payload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/memblob" // mem://
	"gocloud.dev/gcerrors"
)

// Bucket is a backend that keeps each blob as an object of a bucket, under the key
// <namespace>/<name>. The service must know conditional writes: S3, Google Cloud
// Storage and Azure do. Make it with OpenBucket.
type Bucket struct{ bucket *blob.Bucket }

// OpenBucket opens a store outside of the cluster by its URL: a directory as
// file:///path, or mem:// in this process alone. A binary that was built with the tag
// "cloud" has s3://, gs:// and azblob:// too. The parameters of these URLs are
// described at https://gocloud.dev/howto/blob/. The caller closes what is an
// io.Closer.
func OpenBucket(ctx context.Context, address string) (Backend, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the URL of the bucket cannot be read") // it may hold a secret
	}
	if u.Scheme == "file" {
		if u.Host != "" || u.RawQuery != "" || u.Path == "" {
			return nil, errors.New("a directory is given as file:///path, without parameters")
		}
		d, err := OpenDirectory(u.Path)
		if err != nil {
			return nil, err
		}
		return d, nil
	}
	if !blob.DefaultURLMux().ValidBucketScheme(u.Scheme) {
		return nil, fmt.Errorf("this program knows no buckets of scheme %q; s3, gs and azblob are in builds with the tag %q", u.Scheme, "cloud")
	}
	bucket, err := blob.OpenBucket(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("open the bucket: %w", err)
	}
	return &Bucket{bucket: bucket}, nil
}

// Close ends the connections to the bucket.
func (b *Bucket) Close() error { return b.bucket.Close() }

// MaxBytes implements Backend: 64 MiB.
func (*Bucket) MaxBytes() int { return bucketBytes }

// Create implements Backend.
func (b *Bucket) Create(ctx context.Context, blob Blob) error {
	err := b.write(ctx, blob, true)
	if code := gcerrors.Code(err); code == gcerrors.FailedPrecondition || code == gcerrors.AlreadyExists {
		return ErrExists
	}
	if err != nil {
		return fmt.Errorf("write blob %q: %w", blob.Name, err)
	}
	return nil
}

func (b *Bucket) write(ctx context.Context, o Blob, ifNotExist bool) error {
	key, err := keyOf(o.Namespace, o.Name)
	if err != nil {
		return err
	}
	options := &blob.WriterOptions{IfNotExist: ifNotExist, ContentType: "application/octet-stream"}
	if o.Owner.UID != "" {
		// For people; the name tells it too, and a list shows names alone.
		options.Metadata = map[string]string{"job": o.Owner.Name, "job-uid": o.Owner.UID}
	}
	return b.bucket.WriteAll(ctx, key, o.Data, options)
}

// Read implements Backend.
func (b *Bucket) Read(ctx context.Context, namespace, name string) ([]byte, error) {
	key, err := keyOf(namespace, name)
	if err != nil {
		return nil, err
	}
	data, err := b.bucket.ReadAll(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("read blob %q: %w", name, b.gone(ctx, err))
	}
	return data, nil
}

// gone tells a missing blob from a missing bucket, or one that may not be read.
func (b *Bucket) gone(ctx context.Context, err error) error {
	if gcerrors.Code(err) != gcerrors.NotFound {
		return err
	}
	there, err := b.bucket.IsAccessible(ctx)
	if err != nil {
		return fmt.Errorf("look for the bucket: %w", err)
	}
	if !there {
		return errors.New("the bucket is not there, or may not be read")
	}
	return ErrNotFound
}

// List implements Backend.
func (b *Bucket) List(ctx context.Context, namespace, prefix string) ([]Info, error) {
	options := &blob.ListOptions{}
	if namespace != "" {
		options.Prefix = namespace + "/" + prefix
	}
	var infos []Info
	for list := b.bucket.List(options); ; {
		object, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("list blobs: %w", err)
		}
		ns, name, _ := strings.Cut(object.Key, "/")
		if !strings.HasPrefix(name, prefix) || checkNames(ns, name) != nil {
			continue
		}
		infos = append(infos, Info{
			Namespace: ns, Name: name, Owner: ownerOf(name),
			Bytes: object.Size, Created: object.ModTime,
		})
	}
	slices.SortFunc(infos, byName)
	return infos, nil
}

// Delete implements Backend.
func (b *Bucket) Delete(ctx context.Context, namespace, name string) error {
	key, err := keyOf(namespace, name)
	if err != nil {
		return err
	}
	if err := b.bucket.Delete(ctx, key); err != nil && !errors.Is(b.gone(ctx, err), ErrNotFound) {
		return fmt.Errorf("delete blob %q: %w", name, err)
	}
	return nil
}

// Refresh implements Refresher: it writes the same data once more.
func (b *Bucket) Refresh(ctx context.Context, blob Blob, _ time.Time) error {
	if err := b.write(ctx, blob, false); err != nil {
		return fmt.Errorf("refresh blob %q: %w", blob.Name, err)
	}
	return nil
}

// DeleteUnchanged implements Refresher. Buckets have no comparison inside a delete;
// the gap is one round trip.
func (b *Bucket) DeleteUnchanged(ctx context.Context, info Info) (bool, error) {
	key, err := keyOf(info.Namespace, info.Name)
	if err != nil {
		return false, err
	}
	object, err := b.bucket.Attributes(ctx, key)
	if err != nil {
		if err = b.gone(ctx, err); errors.Is(err, ErrNotFound) {
			return false, nil
		}
		return false, fmt.Errorf("look at blob %q: %w", info.Name, err)
	}
	if !sameTime(object.ModTime, info.Created) {
		return false, nil
	}
	return true, b.Delete(ctx, info.Namespace, info.Name)
}

// sameTime compares what two answers of a service say. One of them may leave out what
// is less than a second.
func sameTime(a, b time.Time) bool {
	if a.Nanosecond() == 0 || b.Nanosecond() == 0 {
		a, b = a.Truncate(time.Second), b.Truncate(time.Second)
	}
	return a.Equal(b)
}

func keyOf(namespace, name string) (string, error) {
	return namespace + "/" + name, checkNames(namespace, name)
}
