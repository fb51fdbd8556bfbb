package payload

import (
	"context"
	"errors"
	"time"
)

// Errors of a backend. Others mean that it did not do what it was asked.
var (
	// ErrExists: a blob of that name is there already.
	ErrExists = errors.New("a blob of that name exists")
	// ErrNotFound: there is no blob of that name.
	ErrNotFound = errors.New("no blob of that name")
)

// Backend keeps immutable blobs, each under a namespace and a name. Its methods may
// be called from many goroutines and processes.
type Backend interface {
	// Create stores a blob whole or not at all. ErrExists when the name is taken, also
	// by a create at the same moment: of two, one wins.
	Create(ctx context.Context, blob Blob) error
	// Read returns the data of a blob, or ErrNotFound.
	Read(ctx context.Context, namespace, name string) ([]byte, error)
	// List returns the blobs of a namespace whose names begin with a prefix, by name.
	// A namespace of "" means all of them.
	List(ctx context.Context, namespace, prefix string) ([]Info, error)
	// Delete removes a blob. One that is not there is no error.
	Delete(ctx context.Context, namespace, name string) error
	// MaxBytes is the most that one blob may hold.
	MaxBytes() int
}

// Refresher is a backend that keeps shared blobs from being swept while they are put
// once more. Those of this package are all Refreshers.
type Refresher interface {
	// Refresh makes a blob that exists as young as a new one. ErrNotFound when it is
	// gone by now.
	Refresh(ctx context.Context, blob Blob, now time.Time) error
	// DeleteUnchanged removes a blob that is as old as the list said, and says
	// whether it did.
	DeleteUnchanged(ctx context.Context, info Info) (bool, error)
}

// Blob is what is stored under one name.
type Blob struct {
	Namespace, Name string
	// Owner is the object that the blob is kept for; zero for none. A backend inside
	// the cluster removes the blob with it.
	Owner Owner
	Data  []byte
}

// Owner is the job that a blob is kept for.
type Owner struct {
	Name, UID string
}

// Info is what a list says of a blob.
type Info struct {
	Namespace, Name string
	Owner           Owner
	// Bytes of the data as stored; 0 when the backend cannot say without reading.
	Bytes int64
	// Created is when the blob was made or refreshed.
	Created time.Time
}
