package payload

import (
	"context"
	"errors"
	"time"
)

// Op is what a backend was asked for.
type Op string

// The operations that can fail, a closed set.
const (
	// CreateOp writes a blob, or refreshes it.
	CreateOp Op = "create"
	// ReadOp reads a blob.
	ReadOp Op = "read"
	// ListOp lists blobs.
	ListOp Op = "list"
	// DeleteOp deletes a blob.
	DeleteOp Op = "delete"
)

// Observer is told what goes through a backend, for metrics. Its methods may be called
// from many goroutines.
type Observer interface {
	// Wrote is told the bytes of a blob that was stored, as stored.
	Wrote(kind Kind, bytes int)
	// Read is told the bytes of a blob that was read, as stored.
	Read(kind Kind, bytes int)
	// Failed is told of an operation that failed. A name that is taken or missing is
	// no failure.
	Failed(op Op)
}

// Observe returns a backend that tells an observer what goes through it. A blob whose
// name no kind has is not told of.
func Observe(backend Backend, observer Observer) Backend {
	return &observed{Backend: backend, observer: observer}
}

type observed struct {
	Backend
	observer Observer
}

// Unwrap returns the backend below.
func (o *observed) Unwrap() Backend { return o.Backend }

func (o *observed) failed(op Op, err error) {
	if err != nil && !errors.Is(err, ErrExists) && !errors.Is(err, ErrNotFound) {
		o.observer.Failed(op)
	}
}

func (o *observed) Create(ctx context.Context, blob Blob) error {
	err := o.Backend.Create(ctx, blob)
	if kind := kindOf(blob.Name); err == nil && kind != "" {
		o.observer.Wrote(kind, len(blob.Data))
	}
	o.failed(CreateOp, err)
	return err
}

func (o *observed) Read(ctx context.Context, namespace, name string) ([]byte, error) {
	data, err := o.Backend.Read(ctx, namespace, name)
	if kind := kindOf(name); err == nil && kind != "" {
		o.observer.Read(kind, len(data))
	}
	o.failed(ReadOp, err)
	return data, err
}

func (o *observed) List(ctx context.Context, namespace, prefix string) ([]Info, error) {
	infos, err := o.Backend.List(ctx, namespace, prefix)
	o.failed(ListOp, err)
	return infos, err
}

func (o *observed) Delete(ctx context.Context, namespace, name string) error {
	err := o.Backend.Delete(ctx, namespace, name)
	o.failed(DeleteOp, err)
	return err
}

func (o *observed) Refresh(ctx context.Context, blob Blob, now time.Time) error {
	refresher, ok := o.Backend.(Refresher)
	if !ok {
		return nil
	}
	err := refresher.Refresh(ctx, blob, now)
	o.failed(CreateOp, err)
	return err
}

func (o *observed) DeleteUnchanged(ctx context.Context, info Info) (bool, error) {
	refresher, ok := o.Backend.(Refresher)
	if !ok {
		return true, o.Delete(ctx, info.Namespace, info.Name)
	}
	deleted, err := refresher.DeleteUnchanged(ctx, info)
	o.failed(DeleteOp, err)
	return deleted, err
}
