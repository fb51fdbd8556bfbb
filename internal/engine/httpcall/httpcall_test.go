package httpcall_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
)

// client asks a server that answers with a handler.
func client(t *testing.T, opts httpcall.Options, handler http.HandlerFunc) *httpcall.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := httpcall.New(server.URL+"/base", time.Minute, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestDo(t *testing.T) {
	cases := map[string]struct {
		handler    http.HandlerFunc
		timeout    time.Duration
		wantStatus int
		wantText   string
		wantLost   bool
	}{
		"an answer": {
			handler: func(w http.ResponseWriter, r *http.Request) {
				_, _ = w.Write([]byte(r.URL.Path + "?" + r.URL.RawQuery))
			},
			wantStatus: 200, wantText: "/base/list?a=b",
		},
		"an error is an answer": {
			handler:    func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) },
			wantStatus: 418, wantText: "no\n",
		},
		"a redirect is not followed": {
			handler:    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
			wantStatus: 302,
		},
		"an answer that is too long": {
			handler:  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2000)) },
			wantText: "longer than 1000 bytes", wantLost: true,
		},
		"an answer that breaks off": {
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100")
				_, _ = w.Write([]byte("half"))
			},
			wantText: "ended before the answer did", wantLost: true,
		},
		"no answer in time": {
			handler: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			timeout: time.Millisecond, wantText: "no answer within 1ms", wantLost: true,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := client(t, httpcall.Options{MaxAnswerBytes: 1000}, tc.handler)
			r := httpcall.Request{Method: http.MethodGet, Path: "list", Query: map[string][]string{"a": {"b"}}, Timeout: tc.timeout}
			answer, lost, err := c.Do(t.Context(), r)
			if tc.wantStatus == 0 {
				if err == nil || engine.AsError(err).Class != engine.Transient || !strings.Contains(err.Error(), tc.wantText) {
					t.Errorf("Do() = %v, want a Transient error with %q", err, tc.wantText)
				}
				// A request that was cut off after a millisecond may not have left.
				if lost != tc.wantLost && tc.timeout == 0 {
					t.Errorf("lost %v, want %v", lost, tc.wantLost)
				}
				return
			}
			if err != nil || answer.Status != tc.wantStatus || tc.wantText != "" && string(answer.Body) != tc.wantText {
				t.Errorf("Do() = %d %q, %v; want %d %q", answer.Status, answer.Body, err, tc.wantStatus, tc.wantText)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	server.Close()
	c, err := httpcall.New(address, 0, httpcall.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, lost, err := c.Do(t.Context(), httpcall.Request{Method: http.MethodGet})
	if lost || err == nil || err.Error() != "the service refused the connection" {
		t.Errorf("Do() = %v, lost %v", err, lost)
	}
}

func TestAnExchangeThatIsEnded(t *testing.T) {
	cases := map[string]struct {
		end  func(cancel func(), c *httpcall.Client)
		want func(error) bool
	}{
		"by its caller": {
			end:  func(cancel func(), _ *httpcall.Client) { cancel() },
			want: func(err error) bool { return errors.Is(err, context.Canceled) },
		},
		"by Close": {
			end:  func(_ func(), c *httpcall.Client) { c.Close() },
			want: func(err error) bool { return err != nil && err.Error() == "the engine is closed" },
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			arrived := make(chan struct{})
			c := client(t, httpcall.Options{}, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // or the end of the connection is not noticed
				close(arrived)
				<-r.Context().Done()
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				<-arrived
				tc.end(cancel, c)
			}()
			_, lost, err := c.Do(ctx, httpcall.Request{Method: http.MethodPost, Body: []byte("a")})
			if !tc.want(err) || !lost {
				t.Errorf("Do() = %v, lost %v", err, lost)
			}
		})
	}
}

func TestNew(t *testing.T) {
	for name, endpoint := range map[string]string{
		"none": " ", "no scheme": "api.example.com", "a file": "file:///etc/passwd", "a password": "https://me:hunter2@example.com",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := httpcall.New(endpoint, 0, httpcall.Options{})
			if err == nil || engine.AsError(err).Class != engine.Misconfigured || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("New() = %v, want a Misconfigured error", err)
			}
		})
	}
}

func TestKey(t *testing.T) {
	if key, err := httpcall.Key(" abc\n"); key != "abc" || err != nil {
		t.Errorf("Key() = %q, %v", key, err)
	}
	if _, err := httpcall.Key("a b"); err == nil || engine.AsError(err).Class != engine.Misconfigured {
		t.Errorf("Key() with a space in it = %v", err)
	}
}

func TestFailure(t *testing.T) {
	date := http.Header{"Retry-After": {"Sun, 22 Nov 2026 10:00:09 GMT"}, "Date": {"Sun, 22 Nov 2026 10:00:00 GMT"}}
	cases := map[string]struct {
		status    int
		header    http.Header
		wantClass engine.Class
		wantAfter time.Duration
	}{
		"the key is refused":            {status: 401, wantClass: engine.Misconfigured},
		"access is denied":              {status: 403, wantClass: engine.Misconfigured},
		"nothing is there":              {status: 404, wantClass: engine.Misconfigured},
		"the request is wrong":          {status: 422, wantClass: engine.Misconfigured},
		"it is elsewhere":               {status: 308, wantClass: engine.Misconfigured},
		"too fast":                      {status: 429, wantClass: engine.RateLimited},
		"too fast, with seconds":        {status: 429, header: http.Header{"Retry-After": {"2.5"}}, wantClass: engine.RateLimited, wantAfter: 2500 * time.Millisecond},
		"too fast, with a date":         {status: 529, header: date, wantClass: engine.RateLimited, wantAfter: 9 * time.Second},
		"too fast, for more than a day": {status: 429, header: http.Header{"Retry-After": {"1e12"}}, wantClass: engine.RateLimited, wantAfter: 24 * time.Hour},
		"too fast, in words":            {status: 429, header: http.Header{"Retry-After": {"soon"}}, wantClass: engine.RateLimited},
		"a timeout":                     {status: 408, wantClass: engine.Transient},
		"a failure":                     {status: 502, wantClass: engine.Transient},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := httpcall.Failure(httpcall.Answer{Status: tc.status, Header: tc.header}, "why")
			if got.Class != tc.wantClass || got.After != tc.wantAfter {
				t.Errorf("Failure() = %s after %s, want %s after %s", got.Class, got.After, tc.wantClass, tc.wantAfter)
			}
		})
	}
}

func TestShown(t *testing.T) {
	cases := map[string]struct{ message, want string }{
		"a message of its own":     {"Quota  exceeded\n(5)", "Quota exceeded (5)"},
		"a word of the text":       {"cannot read: Passwords", ""},
		"a part of a word":         {"cannot read: swords", ""},
		"the key":                  {"bad key k-4711-x", ""},
		"short words say nothing":  {"it is in use", "it is in use"},
		"signs of another script":  {"パスワード", ""},
		"what is long is cut":      {strings.Repeat("xy ", 100), strings.Repeat("xy ", 66) + "xy…"},
		"nothing":                  {"", ""},
		"bytes that move a cursor": {"a\x1b[2J", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := httpcall.Shown(tc.message, "k-4711-x", "It is in my passwords"); got != tc.want {
				t.Errorf("Shown() = %q, want %q", got, tc.want)
			}
		})
	}
}
