package main

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

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
