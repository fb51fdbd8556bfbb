package controllers

import (
	"github.com/go-logr/logr"

	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

// storeObserver tells the metrics what goes through the payload store.
type storeObserver struct{ metrics *metrics.Manager }

// Wrote implements payload.Observer.
func (o storeObserver) Wrote(kind payload.Kind, bytes int) { o.metrics.Wrote(string(kind), bytes) }

// Read implements payload.Observer.
func (o storeObserver) Read(kind payload.Kind, bytes int) { o.metrics.Read(string(kind), bytes) }

// Failed implements payload.Observer.
func (o storeObserver) Failed(op payload.Op) { o.metrics.Failed(string(op)) }

// MemoryObserver logs what the translation memory could not do. What it could is
// counted where it is asked.
type MemoryObserver struct{ Log logr.Logger }

// Got implements memory.Observer.
func (MemoryObserver) Got(int, int) {}

// Stored implements memory.Observer.
func (o MemoryObserver) Stored(entries int, err error) {
	if err != nil {
		o.Log.Error(err, "Failed to store what was translated; it is tried again", "entries", entries)
	}
}

// Lost implements memory.Observer.
func (o MemoryObserver) Lost(namespace, name string, err error) {
	o.Log.Error(err, "Lost a part of the translation memory", "namespace", namespace, "name", name)
}

// Tidied implements memory.Observer.
func (o MemoryObserver) Tidied(removed int, err error) {
	if err != nil {
		o.Log.Error(err, "Failed to tidy the translation memory up", "removed", removed)
	}
}
