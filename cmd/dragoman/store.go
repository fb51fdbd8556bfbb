package main

import (
	"context"
	"fmt"
	"os"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/internal/memory/postgres"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

// payloadStoreUsage tells of the flag that the manager and the adapter share.
const payloadStoreUsage = "where sources, results and checkpoints are kept: the URL of a bucket or of a directory (file:///path); " +
	"in ConfigMaps by default. The manager and the adapter must have the same"

// openPayloads opens the store that a flag names; ConfigMaps for none.
func openPayloads(ctx context.Context, address string, c client.Client, live client.Reader) (payload.Backend, error) {
	if address == "" {
		return payload.ConfigMaps{Client: c, Reader: live}, nil
	}
	backend, err := payload.OpenBucket(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("read --payload-store: %w", err)
	}
	return backend, nil
}

// useMemory has a manager remember translations in the database whose URL is in a
// file; in the payload store without one. Close what it returns after the manager.
func useMemory(ctx context.Context, mgr ctrl.Manager, file string, o *controllers.Options) (closer func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	url, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read --memory-url-file: %w", err)
	}
	database, err := postgres.Open(ctx, string(url), postgres.Options{
		Clock: clock.RealClock{}, Observer: controllers.MemoryObserver{Log: mgr.GetLogger().WithName("memory")},
	})
	if err != nil {
		return nil, fmt.Errorf("open the translation memory of --memory-url-file: %w", err)
	}
	if err := mgr.Add(database); err != nil {
		return nil, fmt.Errorf("add the translation memory: %w", err)
	}
	o.Memory = database
	return database.Close, nil
}
