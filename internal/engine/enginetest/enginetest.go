// Package enginetest checks that an engine keeps the contract of package engine:
// the same questions for every engine, asked the way the pipeline asks them.
//
// An engine's test calls Run with the engine and a few sentences. The package
// imports the contract and package langtag, and no engine.
package enginetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// T is what a check needs of *testing.T. The suite's own tests record with it what
// a check says of an engine that is broken.
type T interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
}

// Suite is an engine with what has to be known to question it.
type Suite struct {
	// NewEngine makes a new engine. The suite closes it.
	NewEngine func(t T) engine.Engine
	// Pair that the engine serves.
	Pair engine.Pair
	// Samples are sentences in the pair's source language, at least two, each with
	// words, and without white space at the ends, ⟦n⟧ tokens or line breaks.
	Samples []string
	// NotOffered is a pair that the engine must refuse; the zero Pair when it
	// serves any.
	NotOffered engine.Pair
}

// check is one rule of the contract.
type check struct {
	name string
	run  func(t T, s Suite, e engine.Engine)
}

// checks run in this order on one engine; those that close an engine make their
// own.
var checks = []check{
	{"describes itself", describesItself},
	{"lists working pairs sorted", listsWorkingPairs},
	{"an empty request gets an empty response", answersNothingToNothing},
	{"ids come back exactly as sent", keepsIDs},
	{"ids come back when the caller asks again", keepsIDsOfPartialCalls},
	{"a text gets a text", answersEveryText},
	{"placeables survive once each", keepsPlaceables},
	{"white space at the ends stays", keepsOuterSpace},
	{"a long text comes back whole", translatesLongText},
	{"many segments come back whole", translatesManySegments},
	{"each of many callers gets its own answer", answersConcurrently},
	{"a pair that is not offered is refused", refusesOtherPairs},
	{"a cancelled call ends at once", honoursCancelledContext},
	{"a call that is cancelled on its way does no harm", survivesCancellation},
	{"a closed engine refuses work", refusesWorkOnceClosed},
}

// Run puts an engine through every check, each a subtest.
func Run(t *testing.T, s Suite) {
	t.Helper()
	if len(s.Samples) < 2 {
		t.Fatal("the suite needs at least two samples")
	}
	e := s.NewEngine(t)
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(t, s, e) })
	}
}

// patience is how long a call may take before a check calls it stuck. It is a
// guard against hanging for ever, and says nothing about speed.
const patience = 2 * time.Minute

// translate makes one call per as many segments as the engine takes, and returns
// all answers. It is false when a call failed, which it has reported.
func translate(t T, s Suite, e engine.Engine, segments []engine.Segment) ([]engine.Translation, bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	size := len(segments)
	if most := e.Info().MaxSegments; most > 0 && most < size {
		size = most
	}
	var all []engine.Translation
	for chunk := range slices.Chunk(segments, max(size, 1)) {
		resp, err := e.Translate(ctx, engine.Request{Pair: s.Pair, Segments: chunk})
		if err != nil {
			t.Errorf("Translate() of %d segments: %v", len(chunk), err)
			return nil, false
		}
		if !exactlyOnce(t, chunk, resp.Segments) {
			return nil, false
		}
		all = append(all, resp.Segments...)
	}
	return all, true
}

// texts translates texts under the ids 1, 2, … and returns the answers in the same
// order.
func texts(t T, s Suite, e engine.Engine, sources []string) ([]string, bool) {
	t.Helper()
	segments := make([]engine.Segment, len(sources))
	for i, text := range sources {
		segments[i] = engine.Segment{ID: i + 1, Text: text}
	}
	got, ok := translate(t, s, e, segments)
	if !ok {
		return nil, false
	}
	answers := make([]string, len(sources))
	for _, translation := range got {
		if translation.Err != nil {
			t.Errorf("segment %d carries the error %q", translation.ID, translation.Err)
			return nil, false
		}
		answers[translation.ID-1] = translation.Text
	}
	return answers, true
}

// exactlyOnce reports ids that are missing, doubled or made up.
func exactlyOnce(t T, sent []engine.Segment, got []engine.Translation) bool {
	t.Helper()
	times := make(map[int]int, len(sent))
	for _, translation := range got {
		times[translation.ID]++
	}
	ok := true
	for _, segment := range sent {
		if n := times[segment.ID]; n != 1 {
			t.Errorf("segment %d was answered %d times, want once", segment.ID, n)
			ok = false
		}
		delete(times, segment.ID)
	}
	for id := range times {
		t.Errorf("segment %d was answered and never asked for", id)
		ok = false
	}
	return ok
}

// wellFormed reports an error that is neither the engine's nor the context's, or
// that shows a sample.
func wellFormed(t T, s Suite, err error) {
	t.Helper()
	_, ofEngine := errors.AsType[*engine.Error](err)
	if !ofEngine && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %q is neither an *engine.Error nor the context's", err)
	}
	for _, sample := range s.Samples {
		if strings.Contains(err.Error(), sample) {
			t.Errorf("error %q shows the text", err)
		}
	}
}
