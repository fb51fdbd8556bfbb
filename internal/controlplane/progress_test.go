package controlplane

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestProgressReadsWhatTheGoCommandWrites(t *testing.T) {
	type step struct {
		write     string
		compiling *int // packages to compile, once that is known
		wantState string
	}
	cases := map[string]struct {
		steps    []step
		wantTail string
	}{
		"a build with an empty cache": {
			steps: []step{
				{wantState: "Building etcd: reading its Go modules"},
				{write: "go: downloading example.com/a v1.0.0\ngo: downloading ex", wantState: "Building etcd: 1 Go modules downloaded"},
				{write: "ample.com/b v1.0.0\n", wantState: "Building etcd: 2 Go modules downloaded"},
				{compiling: new(3), wantState: "Building etcd: package 0 of 3, 0 %"},
				{write: "internal/a\nexample.com/b\n", wantState: "Building etcd: package 2 of 3, 66 %"},
				{write: "example.com/c\n", wantState: "Building etcd: linking"},
			},
		},
		"a build with everything in the cache": {
			steps: []step{{compiling: new(0), wantState: "Building etcd: linking"}},
		},
		"more packages than were announced": {
			steps: []step{
				{compiling: new(1), wantState: "Building etcd: package 0 of 1, 0 %"},
				{write: "a\nb\n", wantState: "Building etcd: linking"},
			},
		},
		"errors are kept and do not count as packages": {
			steps: []step{
				{compiling: new(2), wantState: "Building etcd: package 0 of 2, 0 %"},
				{write: "example.com/a\n# example.com/a\na.go:1:1: wrong\nsignal: killed", wantState: "Building etcd: package 1 of 2, 50 %"},
			},
			wantTail: "# example.com/a\na.go:1:1: wrong\nsignal: killed",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p := newProgress(time.Unix(0, 0), "etcd")
			var states, wantStates []string
			for _, s := range tc.steps {
				if s.compiling != nil {
					p.compiling(*s.compiling)
				}
				if _, err := p.Write([]byte(s.write)); err != nil {
					t.Fatal(err)
				}
				states = append(states, p.state())
				wantStates = append(wantStates, s.wantState)
			}
			if diff := cmp.Diff(wantStates, states); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantTail, p.tail()); diff != "" {
				t.Errorf("tail (-want +got):\n%s", diff)
			}
			if got := p.elapsed(time.Unix(125, 0)); got != "2m5s" {
				t.Errorf("elapsed: got %s", got)
			}
		})
	}
}

func TestTerminalShowsOneLineOverAndOver(t *testing.T) {
	var terminal, file bytes.Buffer
	for _, state := range []string{"a long line", "short", ""} {
		writeState(&terminal, true, state)
	}
	writeState(&file, false, "a long line")
	if diff := cmp.Diff("\ra long line\x1b[K\rshort\x1b[K\r\x1b[K", terminal.String()); diff != "" {
		t.Errorf("terminal (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("a long line\n", file.String()); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}
