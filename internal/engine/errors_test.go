package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

func TestAsError(t *testing.T) {
	limited := engine.Errorf(engine.RateLimited, "answered 429").Wait(3 * time.Second)
	cases := map[string]struct {
		err       error
		wantClass engine.Class
		wantAfter time.Duration
	}{
		"an engine error keeps its class":             {err: limited, wantClass: engine.RateLimited, wantAfter: 3 * time.Second},
		"a wrapped engine error keeps its class":      {err: fmt.Errorf("translate chunk 3: %w", limited), wantClass: engine.RateLimited, wantAfter: 3 * time.Second},
		"an error of another kind may pass by itself": {err: errors.New("connection reset"), wantClass: engine.Transient},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := engine.AsError(tc.err)
			if got.Class != tc.wantClass || got.After != tc.wantAfter {
				t.Errorf("AsError() = %v after %v, want %v after %v", got.Class, got.After, tc.wantClass, tc.wantAfter)
			}
		})
	}
}

func TestErrorfKeepsTheCause(t *testing.T) {
	err := engine.Errorf(engine.Transient, "call: %w", context.DeadlineExceeded)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("errors.Is(%v, DeadlineExceeded) = false", err)
	}
}
