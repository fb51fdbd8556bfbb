package provider

import (
	"context"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// current is the engine of a provider as a job holds it: each call goes to the one
// that is in use by then. A job that waits while its provider gets a new key works
// with the new key, instead of failing on an engine that was closed.
type current struct {
	// Engine that the job was given. It answers for what it is, and its calls fail
	// once it is closed.
	engine.Engine
	directory *Directory
	id        entryID
}

// Translate implements engine.Engine. An engine that differs in more than its
// endpoint and key is not asked: the plan of the job does not hold for it.
func (c current) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	if e, ok := c.directory.get(c.id); ok && e.engine.Info() == c.Info() {
		return e.engine.Translate(ctx, req)
	}
	return c.Engine.Translate(ctx, req)
}

// outdated says whether the provider has another kind of engine, or another model, or
// is gone.
func (c current) outdated() bool {
	e, ok := c.directory.get(c.id)
	return !ok || e.engine.Info() != c.Info()
}
