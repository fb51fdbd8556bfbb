package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// asProgram makes the test binary be dragoman: it calls itself as its own shim.
const asProgram = "DRAGOMAN_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestErrorsAreOneSentence(t *testing.T) {
	cases := map[string]struct {
		err      error
		wantCode int
		wantSaid string
	}{
		"a fault":         {err: errors.New("the disk is full"), wantCode: 1, wantSaid: "dragoman: the disk is full\n"},
		"an interrupt":    {err: fmt.Errorf("wait: %w", context.Canceled), wantCode: 130, wantSaid: "dragoman: interrupted\n"},
		"a program's end": {err: exitError(7), wantCode: 7},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var said bytes.Buffer
			if got := report(tc.err, &said); got != tc.wantCode {
				t.Errorf("code: want %d, got %d", tc.wantCode, got)
			}
			if diff := cmp.Diff(tc.wantSaid, said.String()); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWrongCommandLines(t *testing.T) {
	cases := map[string]struct {
		args    []string
		wantErr string
	}{
		"unknown command":         {args: []string{"hover"}, wantErr: `unknown command "hover" for "dragoman"`},
		"unknown flag":            {args: []string{"up", "--fly"}, wantErr: "unknown flag: --fly"},
		"an argument too many":    {args: []string{"version", "now"}, wantErr: `unknown command "now" for "dragoman version"`},
		"--exit without --demo":   {args: []string{"up", "--exit"}, wantErr: "--exit goes with --demo: it ends after the demonstration"},
		"a shim without program":  {args: []string{"supervise"}, wantErr: "requires at least 1 arg(s), only received 0"},
		"an address without port": {args: []string{"up", "--data-dir", t.TempDir(), "--kube-port", "0", "--listen", "here"}, wantErr: `"here" is no address for the REST adapter: give --listen as host:port`},
		"any port": {args: []string{"up", "--data-dir", t.TempDir(), "--kube-port", "0", "--listen", "127.0.0.1:0"},
			wantErr: "the REST adapter needs a port that people can be told: give one with --listen"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var out, messages bytes.Buffer
			err := run(t.Context(), tc.args, &out, &messages)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(tc.wantErr, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if out.Len()+messages.Len() > 0 {
				t.Errorf("said more than the error: %q %q", out.String(), messages.String())
			}
		})
	}
}

func TestVersionLine(t *testing.T) {
	settings := func(pairs ...string) (settings []debug.BuildSetting) {
		for i := 0; i < len(pairs); i += 2 {
			settings = append(settings, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return settings
	}
	cases := map[string]struct {
		info debug.BuildInfo
		want string
	}{
		"a release": {
			info: debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v1.2.3"},
				Settings: settings("vcs.modified", "false", "vcs.revision", "0123456789abcdef")},
			want: "dragoman v1.2.3 (commit 0123456789ab, go1.26.8, PLATFORM)",
		},
		"a checkout with changes": {
			info: debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "(devel)"},
				Settings: settings("vcs.modified", "true", "vcs.revision", "0123456789abcdef")},
			want: "dragoman development build (commit 0123456789ab with changes, go1.26.8, PLATFORM)",
		},
		"without version control": {
			info: debug.BuildInfo{GoVersion: "go1.26.8"},
			want: "dragoman development build (unknown commit, go1.26.8, PLATFORM)",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, versionLine(&tc.info, "PLATFORM")); diff != "" {
				t.Errorf("version (-want +got):\n%s", diff)
			}
		})
	}
}
