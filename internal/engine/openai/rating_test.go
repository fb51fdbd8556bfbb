package openai_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

// Ratings come under the ids of what was rated, and what is none is asked for again.
func TestRating(t *testing.T) {
	server := openaitest.Start()
	defer server.Close()
	calls := 0
	server.Rate = func(pair engine.Pair, s openaitest.Segment) string {
		if pair != (engine.Pair{Source: "es", Target: "en"}) || s.Text == "" || s.Translation == "" {
			t.Errorf("asked to rate %+v for %v", s, pair)
		}
		if s.ID == 2 {
			if calls++; calls == 1 {
				return "I think it is fine."
			}
			return "major accuracy/omission"
		}
		return "none"
	}
	e, err := openai.New(engine.Config{Endpoint: server.URL, Model: openaitest.Model}, openai.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }() // nothing is under way
	response, err := e.Translate(t.Context(), engine.Request{
		Pair: engine.Pair{Source: "es", Target: "en"}, Rating: true,
		Segments: []engine.Segment{{ID: 1, Text: "Hola", Target: "Hello"}, {ID: 2, Text: "Adiós, amigo", Target: "Bye"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []engine.Translation{{ID: 1, Text: "none"}, {ID: 2, Text: "major accuracy/omission"}}
	if diff := cmp.Diff(want, response.Segments); diff != "" {
		t.Errorf("ratings (-want +got):\n%s", diff)
	}
}
