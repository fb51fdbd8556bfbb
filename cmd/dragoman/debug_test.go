package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	uberzap "go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func TestSetLevel(t *testing.T) {
	cases := map[string]struct {
		name     string
		want     zapcore.Level
		wantName string
		wantErr  string
	}{
		"errors alone":                    {name: "error", want: zapcore.ErrorLevel, wantName: "error"},
		"what happens":                    {name: "info", want: zapcore.InfoLevel, wantName: "info"},
		"decisions":                       {name: "debug", want: zapcore.DebugLevel, wantName: "debug"},
		"0 is info":                       {name: "0", want: zapcore.InfoLevel, wantName: "info"},
		"1 is debug":                      {name: "1", want: zapcore.DebugLevel, wantName: "debug"},
		"every pass":                      {name: "4", want: -4, wantName: "4"},
		"a number beyond what is logged":  {name: "10", want: zapcore.WarnLevel, wantErr: `"10" is not a log level: use error, info, debug, or a number from 0 to 9`},
		"a number below info":             {name: "-1", want: zapcore.WarnLevel, wantErr: `"-1" is not a log level`},
		"a word that is not a level here": {name: "panic", want: zapcore.WarnLevel, wantErr: `"panic" is not a log level`},
		"nothing":                         {name: "", want: zapcore.WarnLevel, wantErr: `"" is not a log level`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			level := uberzap.NewAtomicLevelAt(zapcore.WarnLevel)
			err := setLevel(level, tc.name)
			if got := level.Level(); got != tc.want {
				t.Errorf("the level is %d, want %d", got, tc.want)
			}
			if tc.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tc.wantErr) {
					t.Errorf("setLevel() = %v, want %q in it", err, tc.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.wantName, levelName(level.Level())); diff != "" {
				t.Errorf("levelName() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheDebugAddressShowsAndChanges(t *testing.T) {
	cases := map[string]struct {
		method, path, body string
		wantCode           int
		wantBody           string
		wantLevel          zapcore.Level
	}{
		"the level":              {method: "GET", path: "/debug/log-level", wantCode: 200, wantBody: "info\n"},
		"another level":          {method: "PUT", path: "/debug/log-level", body: "debug\n", wantCode: 200, wantBody: "debug\n", wantLevel: zapcore.DebugLevel},
		"a level that is not":    {method: "PUT", path: "/debug/log-level", body: "loud", wantCode: 400, wantBody: "is not a log level"},
		"a level without end":    {method: "PUT", path: "/debug/log-level", body: strings.Repeat("4", 1000), wantCode: 400, wantBody: "request body too large"},
		"a level by mistake":     {method: "POST", path: "/debug/log-level", body: "debug", wantCode: 405},
		"the list of profiles":   {method: "GET", path: "/debug/pprof/", wantCode: 200, wantBody: "goroutine"},
		"a profile":              {method: "GET", path: "/debug/pprof/heap?debug=1", wantCode: 200, wantBody: "heap profile:"},
		"symbols, for go tool":   {method: "POST", path: "/debug/pprof/symbol", wantCode: 200, wantBody: "num_symbols"},
		"nothing that is not":    {method: "GET", path: "/", wantCode: 404},
		"no variables of expvar": {method: "GET", path: "/debug/vars", wantCode: 404},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			level := uberzap.NewAtomicLevel()
			answer := httptest.NewRecorder()
			request := httptest.NewRequestWithContext(t.Context(), tc.method, tc.path, strings.NewReader(tc.body))
			debugHandler(level).ServeHTTP(answer, request)
			if answer.Code != tc.wantCode || !strings.Contains(answer.Body.String(), tc.wantBody) {
				t.Errorf("%s %s = %d %q, want %d with %q", tc.method, tc.path, answer.Code, answer.Body, tc.wantCode, tc.wantBody)
			}
			if got := level.Level(); got != tc.wantLevel {
				t.Errorf("the level is %d, want %d", got, tc.wantLevel)
			}
		})
	}
}

func TestDebugIsOffByDefault(t *testing.T) {
	for _, addr := range []string{"", "0"} {
		ran := false
		o := debugOptions{Addr: addr, Level: "info"}
		err := o.run(t.Context(), func(context.Context) error { ran = true; return io.EOF })
		if err != io.EOF || !ran { //nolint:errorlint // handed through as it is
			t.Errorf("run() with address %q = %v (ran: %t), want the command's own error", addr, err, ran)
		}
	}
}

func TestDebugIsServedWhileTheCommandRuns(t *testing.T) {
	address := freeDebugAddress(t)
	o := debugOptions{Addr: address, Level: "info"}
	if err := o.run(t.Context(), func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/debug/log-level", http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		return response.Body.Close()
	}); err != nil {
		t.Error(err)
	}
	if _, err := http.Get("http://" + address + "/debug/log-level"); err == nil { //nolint:noctx,bodyclose // nobody answers
		t.Error("the address still answers after the command has ended")
	}
}

func freeDebugAddress(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	return strings.TrimPrefix(server.URL, "http://")
}

func TestBadOptionsAreRefusedBeforeAnythingRuns(t *testing.T) {
	cases := map[string]struct {
		options debugOptions
		want    string
	}{
		"a level that is not":       {options: debugOptions{Level: "loud"}, want: `read --log-level: "loud" is not a log level`},
		"an address that cannot be": {options: debugOptions{Addr: "nowhere", Level: "info"}, want: "open --pprof-addr: "},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := tc.options.run(t.Context(), func(context.Context) error {
				t.Error("the command ran")
				return nil
			})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("run() = %v, want %q in it", err, tc.want)
			}
		})
	}
}

func TestManagerOptionsAreChecked(t *testing.T) {
	cases := map[string]struct {
		change func(*managerOptions)
		want   string
	}{
		"a selector that is none":      {change: func(o *managerOptions) { o.Shard = "a in b" }, want: "read --shard-selector: "},
		"no worker":                    {change: func(o *managerOptions) { o.Workers = 0 }, want: "read --workers and --reconciles: 0 is less than 1"},
		"no reconcile":                 {change: func(o *managerOptions) { o.Reconciles = -1 }, want: "read --workers and --reconciles: -1 is less than 1"},
		"a lease that nobody can keep": {change: func(o *managerOptions) { o.LeaseDuration = time.Millisecond }, want: "read --lease-duration: 1ms is less than 1s"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			o := defaultManagerOptions()
			tc.change(&o)
			err := runManager(t.Context(), nil, o)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("runManager() = %v, want %q in it", err, tc.want)
			}
		})
	}
}

// The holder of a lease must have given it up before another one may take it.
func TestLeaseTimes(t *testing.T) {
	for _, lease := range []time.Duration{time.Second, 15 * time.Second, time.Minute} {
		renew, retry := leaseTimes(lease)
		if renew >= lease || retry*6/5 >= renew {
			t.Errorf("leaseTimes(%s) = %s, %s; want renew < lease and retry well below renew", lease, renew, retry)
		}
	}
}
