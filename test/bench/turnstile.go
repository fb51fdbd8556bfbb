package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// turnstileLatency is how long a call holds its slot: longer than anything that the
// operator does for a job, so that the slots are what jobs wait for.
const turnstileLatency = 50 * time.Millisecond

// turnstile is an engine that counts calls by whose they are. Until it is opened it
// keeps them waiting.
type turnstile struct {
	open chan struct{}
	// began is called with each call, and with whose it is, under the lock.
	began func(whose int)

	mu    sync.Mutex
	calls int
}

func newTurnstile(began func(whose int)) *turnstile {
	return &turnstile{open: make(chan struct{}), began: began}
}

// factory of the engine that the turnstile is.
func (t *turnstile) factory() engine.Factory {
	e := scripted.New()
	e.Script = func(ctx context.Context, _ int, req engine.Request) (engine.Response, error) {
		whose, err := whose(req)
		if err != nil {
			return engine.Response{}, err
		}
		select {
		case <-t.open:
		case <-ctx.Done():
			return engine.Response{}, context.Cause(ctx)
		}
		t.mu.Lock()
		t.calls++
		t.began(whose)
		t.mu.Unlock()
		return scripted.Nonsense(req), hold(ctx, turnstileLatency)
	}
	return e.Factory()
}

// numberOf finds the first number of a text.
var numberOf = regexp.MustCompile(`\d+`)

// whose says which number the text of a call begins with.
func whose(req engine.Request) (int, error) {
	if len(req.Segments) == 0 {
		return 0, engine.Errorf(engine.Misconfigured, "a call without a segment")
	}
	n, err := strconv.Atoi(numberOf.FindString(req.Segments[0].Text))
	if err != nil {
		return 0, engine.Errorf(engine.Misconfigured, "a text without a number: %w", err)
	}
	return n, nil
}

// numbered is a job of one call for a turnstile.
func numbered(namespace string, whose, i int) *build.JobWrapper {
	return build.Job(fmt.Sprintf("job-%d-%06d", whose, i), namespace).Languages("es", "pt").
		Text(fmt.Sprintf("El cliente %d pide el libro %06d.", whose, i)).Provider(providerName)
}

// slots are the limits of a provider behind a turnstile.
func slots(n int32) *v1alpha1.ProviderLimits { return &v1alpha1.ProviderLimits{Concurrency: new(n)} }
