package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

// rest is what callers of the REST adapter get: from the first POST until the last
// job has ended.
func (b *bench) rest(ctx context.Context) (round, error) {
	var r round
	err := b.operated(ctx, "rest", at(v1alpha1.OpenAIProvider), func(ctx context.Context, namespace string) error {
		keys := tenancy.Store{Client: b.world.Client, Random: rand.Reader, Now: time.Now}
		key, _, err := keys.Create(ctx, namespace, "bench")
		if err != nil {
			return err
		}
		adapter, err := b.startAdapter(ctx)
		if err != nil {
			return err
		}
		defer adapter.stop()
		if err := adapter.ready(ctx); err != nil {
			return err
		}
		jobs, err := watchJobs(ctx, b.world.Client, namespace)
		if err != nil {
			return err
		}
		stop, err := b.profile()
		if err != nil {
			return err
		}
		defer stop()
		r, err = b.timed(ctx, b.Jobs, func() error {
			ended := goWait(ctx, jobs, b.Jobs)
			err := each(ctx, b.Jobs, b.Callers, func(ctx context.Context, i int) error {
				return adapter.post(ctx, key, i)
			})
			if err != nil {
				return err
			}
			return <-ended
		})
		return err
	})
	return r, err
}

// adapter is a running REST adapter and a client of it.
type adapter struct {
	url    string
	client *http.Client
	stop   func()
}

// startAdapter runs the adapter as its command does, without bounds on an account.
func (b *bench) startAdapter(ctx context.Context) (*adapter, error) {
	objects, err := cache.New(b.world.Config, cache.Options{Scheme: b.world.Client.Scheme(), ByObject: apiserver.CacheByObject()})
	if err != nil {
		return nil, fmt.Errorf("make the adapter's cache: %w", err)
	}
	limits := apiserver.DefaultLimits()
	limits.RequestsPerSecond, limits.Burst = 1e6, 1e6
	server, err := apiserver.New(apiserver.Options{
		Client: b.world.Client, Reader: b.world.Client, Cache: objects,
		Payloads: payload.New(payload.ConfigMaps{Client: b.world.Client, Reader: b.world.Client}, clock.RealClock{}),
		Clock:    clock.RealClock{},
		Limits:   limits,
		Version:  "bench",
		Log:      logr.Discard(),
	})
	if err != nil {
		return nil, fmt.Errorf("make the adapter: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the adapter: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	web := &http.Server{Handler: server.Handler(), ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 3)
	go func() { ended <- objects.Start(ctx) }()
	go func() { ended <- server.Start(ctx) }()
	go func() { ended <- web.Serve(listener) }()
	transport := &http.Transport{MaxIdleConnsPerHost: b.Callers}
	return &adapter{
		url:    "http://" + listener.Addr().String(),
		client: &http.Client{Transport: transport},
		stop: func() {
			transport.CloseIdleConnections()
			cancel()
			err := web.Close()
			for range cap(ended) {
				err = errors.Join(err, <-ended)
			}
			if err = withoutClosed(err); err != nil {
				fmt.Fprintln(b.progress, "Could not stop the adapter well:", err)
			}
		},
	}, nil
}

// withoutClosed drops the error of a server that was told to stop.
func withoutClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// ready waits until the adapter has filled its caches.
func (a *adapter) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		code, _, err := a.do(ctx, http.MethodGet, "/readyz", "", nil)
		if err != nil {
			return err
		}
		if code == http.StatusOK {
			return nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the adapter: %w", context.Cause(ctx))
		}
	}
}

// post sends one job.
func (a *adapter) post(ctx context.Context, key string, i int) error {
	body, err := json.Marshal(map[string]string{"mode": "translation", "source_lang": "es", "target_lang": "pt", "text": text(i)})
	if err != nil {
		return err
	}
	code, answer, err := a.do(ctx, http.MethodPost, "/v1/jobs", key, body)
	if err != nil {
		return err
	}
	if code != http.StatusAccepted {
		return fmt.Errorf("post a job: %d: %s", code, answer)
	}
	return nil
}

func (a *adapter) do(ctx context.Context, method, path, key string, body []byte) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, a.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("X-API-Key", key)
	}
	response, err := a.client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return response.StatusCode, answer, nil
}
