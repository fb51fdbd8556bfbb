// Package scripted is an engine that does what a test tells it to.
//
// Without a script it gives every segment a made-up translation that passes QA:
// vowels are exchanged, so that the text differs from its source and keeps its
// length, numbers and placeables.
package scripted

import (
	"context"
	"strings"
	"sync"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// Engine is a scripted engine. Set its fields before it is used.
type Engine struct {
	// Description is what Info returns.
	Description engine.Info
	// Offers is what Probe returns, unless Broken is set.
	Offers engine.Offer
	// Broken is the error of every probe.
	Broken error
	// Held, when it is set, holds every probe until it is closed.
	Held chan struct{}
	// Script answers a call in place of the made-up translation. It may call
	// Translation for parts of it.
	Script func(ctx context.Context, call int, req engine.Request) (engine.Response, error)

	mu   sync.Mutex
	sold []string
	call int
}

// New returns an engine that offers every pair.
func New() *Engine {
	return &Engine{
		Description: engine.Info{Name: "scripted"},
		Offers:      engine.Offer{Any: true},
	}
}

// Factory returns a factory that always gives this engine.
func (e *Engine) Factory() engine.Factory {
	return func(engine.Config) (engine.Engine, error) { return e, nil }
}

// Info implements engine.Engine.
func (e *Engine) Info() engine.Info { return e.Description }

// Probe implements engine.Engine.
func (e *Engine) Probe(ctx context.Context) (engine.Offer, error) {
	if e.Held != nil {
		select {
		case <-e.Held:
		case <-ctx.Done():
			return engine.Offer{}, ctx.Err()
		}
	}
	return e.Offers, e.Broken
}

// Close implements engine.Engine.
func (e *Engine) Close() error { return nil }

// Translate implements engine.Engine.
func (e *Engine) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	e.mu.Lock()
	e.call++
	call := e.call
	e.mu.Unlock()
	response, err := e.answer(ctx, call, req)
	if err != nil {
		return response, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range req.Segments {
		e.sold = append(e.sold, s.Text)
	}
	return response, nil
}

func (e *Engine) answer(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
	if e.Script != nil {
		return e.Script(ctx, call, req)
	}
	return Translation(req), nil
}

// Calls returns how many calls were made.
func (e *Engine) Calls() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.call
}

// Sold returns the texts of all segments that calls without error were asked for.
func (e *Engine) Sold() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.sold...)
}

// Translation is the made-up answer to a request.
func Translation(req engine.Request) engine.Response { return translation(req, Text) }

// Nonsense is an answer in words of no language. Texts that are made by the thousand need
// it: vowels in place of vowels make French and Italian now and then, and QA hears that.
func Nonsense(req engine.Request) engine.Response { return translation(req, NonsenseText) }

func translation(req engine.Request, text func(masked string) string) engine.Response {
	var out engine.Response
	for _, s := range req.Segments {
		out.Segments = append(out.Segments, engine.Translation{ID: s.ID, Text: text(s.Text)})
	}
	return out
}

// exchange is what makes a text another one of the same length.
var exchange = strings.NewReplacer("a", "e", "e", "a", "i", "o", "o", "i", "A", "E", "E", "A", "I", "O", "O", "I")

// strange does the same with letters that make no words.
var strange = strings.NewReplacer(
	"a", "q", "e", "x", "i", "k", "o", "j", "u", "w", "q", "a", "x", "e", "k", "i", "j", "o", "w", "u",
	"A", "Q", "E", "X", "I", "K", "O", "J", "U", "W", "Q", "A", "X", "E", "K", "I", "J", "O", "W", "U",
)

// Text is the made-up translation of a masked text.
func Text(masked string) string { return exchanged(masked, exchange) }

// NonsenseText is a translation of a masked text in words of no language.
func NonsenseText(masked string) string { return exchanged(masked, strange) }

func exchanged(masked string, letters *strings.Replacer) string {
	var b strings.Builder
	for _, part := range placeholder.SplitTokens(masked) {
		if part.Token {
			b.WriteString(part.Text)
			continue
		}
		b.WriteString(letters.Replace(part.Text))
	}
	return b.String()
}
