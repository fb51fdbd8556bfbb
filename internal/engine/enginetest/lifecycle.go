package enginetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

func describesItself(t T, _ Suite, e engine.Engine) {
	info := e.Info()
	if info.Name == "" || info.Name != strings.ToLower(info.Name) {
		t.Errorf("Info().Name = %q, want a name in lower case", info.Name)
	}
	if info.MaxSegments < 0 || info.MaxRunes < 0 {
		t.Errorf("Info() bounds a call to %d segments of %d characters", info.MaxSegments, info.MaxRunes)
	}
	if _, err := e.Probe(t.Context()); err != nil {
		t.Errorf("Probe() error = %v", err)
	}
	if again := e.Info(); again != info {
		t.Errorf("Info() = %+v, and after a probe %+v", info, again)
	}
}

func listsWorkingPairs(t T, s Suite, e engine.Engine) {
	offer, err := e.Probe(t.Context())
	if err != nil {
		t.Errorf("Probe() error = %v", err)
		return
	}
	if offer.Any {
		if len(offer.Pairs) > 0 {
			t.Errorf("Probe() offers any pair and lists %d", len(offer.Pairs))
		}
		return
	}
	if !slices.Contains(offer.Pairs, s.Pair) {
		t.Errorf("Probe() offers %v, want %s among them", offer.Pairs, s.Pair)
	}
	for _, list := range [][]engine.Pair{offer.Pairs, offer.Broken} {
		sortedAndCanonical(t, list)
	}
	for _, pair := range offer.Broken {
		if slices.Contains(offer.Pairs, pair) {
			t.Errorf("Probe() offers %s and calls it broken", pair)
		}
	}
}

func sortedAndCanonical(t T, pairs []engine.Pair) {
	t.Helper()
	ordered := slices.IsSortedFunc(pairs, func(a, b engine.Pair) int {
		return slices.Compare([]string{a.Source, a.Target}, []string{b.Source, b.Target})
	})
	if !ordered || len(slices.Compact(slices.Clone(pairs))) != len(pairs) {
		t.Errorf("Probe() lists %v, want each pair once and sorted", pairs)
	}
	for _, pair := range pairs {
		for _, tag := range []string{pair.Source, pair.Target} {
			if canonical, err := langtag.Canonical(tag); err != nil || canonical != tag {
				t.Errorf("Probe() writes the language %q, want the canonical %q", tag, canonical)
			}
		}
	}
}

func refusesOtherPairs(t T, s Suite, e engine.Engine) {
	if s.NotOffered == (engine.Pair{}) {
		return
	}
	_, err := e.Translate(t.Context(), engine.Request{
		Pair: s.NotOffered, Segments: []engine.Segment{{ID: 1, Text: s.Samples[0]}},
	})
	if err == nil {
		t.Errorf("Translate() %s succeeded, want it refused", s.NotOffered)
		return
	}
	wellFormed(t, s, err)
	if class := engine.AsError(err).Class; class != engine.Misconfigured {
		t.Errorf("Translate() %s failed with class %s, want %s", s.NotOffered, class, engine.Misconfigured)
	}
	if !strings.Contains(err.Error(), s.NotOffered.String()) {
		t.Errorf("error %q does not name the pair %s", err, s.NotOffered)
	}
}

func honoursCancelledContext(t T, s Suite, e engine.Engine) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended, err := call(ctx, t, s, e, 1)
	if ended && !errors.Is(err, context.Canceled) {
		t.Errorf("Translate() with a cancelled context = %v, want context.Canceled", err)
	}
}

func survivesCancellation(t T, s Suite, e engine.Engine) {
	for round := range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan bool, 1)
		go func() {
			ended, err := call(ctx, t, s, e, 40*(round+1))
			if ended && err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("a call that was cancelled on its way = %v, want context.Canceled or an answer", err)
			}
			result <- ended
		}()
		if round%2 == 0 {
			cancel()
		}
		// Another caller's answer comes while the first is under way or has just ended.
		own := token(round + 1)
		answers, ok := texts(t, s, e, []string{s.Samples[0] + " " + own})
		cancel()
		if ok && tokensIn(answers[0])[own] != 1 {
			t.Errorf("a caller beside one that gave up got another answer")
		}
		if !<-result {
			return
		}
	}
	own := token(77)
	if answers, ok := texts(t, s, e, []string{s.Samples[1] + " " + own}); ok && tokensIn(answers[0])[own] != 1 {
		t.Errorf("a call after one that was given up got another answer")
	}
}

// call translates n segments and reports a call that never ends.
func call(ctx context.Context, t T, s Suite, e engine.Engine, n int) (ended bool, err error) {
	t.Helper()
	if most := e.Info().MaxSegments; most > 0 {
		n = min(n, most)
	}
	segments := make([]engine.Segment, n)
	for i := range segments {
		segments[i] = engine.Segment{ID: i, Text: fmt.Sprintf("%s %s", s.Samples[i%len(s.Samples)], token(i+1))}
	}
	result := make(chan error, 1)
	go func() {
		_, err := e.Translate(ctx, engine.Request{Pair: s.Pair, Segments: segments})
		result <- err
	}()
	guard, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	select {
	case err := <-result:
		if err != nil {
			wellFormed(t, s, err)
		}
		return true, err
	case <-guard.Done():
		t.Errorf("Translate() did not end within %s", patience)
		return false, nil
	}
}

func refusesWorkOnceClosed(t T, s Suite, _ engine.Engine) {
	e := s.NewEngine(t)
	info := e.Info()
	if _, ok := texts(t, s, e, s.Samples[:1]); !ok {
		return
	}
	for range 2 {
		if err := e.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	}
	if ended, err := call(t.Context(), t, s, e, 1); ended && err == nil {
		t.Errorf("Translate() of a closed engine succeeded")
	}
	if e.Info() != info {
		t.Errorf("Info() = %+v, and once closed %+v", info, e.Info())
	}
}
