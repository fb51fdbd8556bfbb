package enginetest

import (
	"testing"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Open makes an engine that is closed with the test.
func Open(t *testing.T, factory engine.Factory, cfg engine.Config) engine.Engine {
	t.Helper()
	e, err := factory(cfg)
	if err != nil {
		t.Fatalf("the engine cannot be made: %v", err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return e
}

// From makes engines for a Suite.
func From(factory engine.Factory, cfg engine.Config) func(T) engine.Engine {
	return func(t T) engine.Engine {
		e, err := factory(cfg)
		if err != nil {
			t.Errorf("the engine cannot be made: %v", err)
		}
		return e
	}
}

// Request asks for texts under the ids 1, 2, …
func Request(pair engine.Pair, texts ...string) engine.Request {
	req := engine.Request{Pair: pair}
	for i, text := range texts {
		req.Segments = append(req.Segments, engine.Segment{ID: i + 1, Text: text})
	}
	return req
}

// Outcome is an answer as a test states it: the text of each id, or the class and
// message of its error.
func Outcome(res engine.Response) map[int]string {
	got := map[int]string{}
	for _, s := range res.Segments {
		got[s.ID] = s.Text
		if s.Err != nil {
			got[s.ID] = s.Err.Class.String() + ": " + s.Err.Error()
		}
	}
	return got
}
