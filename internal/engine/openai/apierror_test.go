package openai_test

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
)

// answering starts a server that gives every request the same answer.
func answering(t *testing.T, status int, header map[string]string, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

// The bodies are as the named servers send them.
func TestErrorsOfProviders(t *testing.T) {
	cases := map[string]struct {
		status int
		body   string
		header map[string]string
		// want is the whole message.
		wantClass engine.Class
		wantAfter time.Duration
		want      string
	}{
		"OpenAI, wrong key, which it quotes in part": {
			status:    401,
			body:      `{"error":{"message":"Incorrect API key provided: sk-proj-****wKey.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`,
			wantClass: engine.Misconfigured, want: "the provider refused the API key (401, invalid_api_key, invalid_request_error)",
		},
		"OpenAI, no access": {
			status: 403, body: `{"error":{"message":"Country not supported","type":"request_forbidden","code":"unsupported_country_region_territory"}}`,
			wantClass: engine.Misconfigured, want: "the provider denied access (403, unsupported_country_region_territory, request_forbidden)",
		},
		"OpenAI, too many tokens a minute, with the time in its own headers": {
			status:    429,
			header:    map[string]string{"X-RateLimit-Remaining-Requests": "59", "X-RateLimit-Reset-Requests": "1s", "X-RateLimit-Remaining-Tokens": "0", "X-RateLimit-Reset-Tokens": "1m2.5s"},
			body:      `{"error":{"message":"Rate limit reached","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`,
			wantClass: engine.RateLimited, wantAfter: 62500 * time.Millisecond,
			want: "the provider limits the rate of calls (429, rate_limit_exceeded, tokens: Rate limit reached)",
		},
		"a rate limit until a date": {
			status:    429,
			header:    map[string]string{"Date": "Sat, 21 Nov 2026 10:00:00 GMT", "Retry-After": "Sat, 21 Nov 2026 10:00:30 GMT"},
			wantClass: engine.RateLimited, wantAfter: 30 * time.Second, want: "the provider limits the rate of calls (429)",
		},
		"an overloaded server that says when": {
			status: 529, header: map[string]string{"Retry-After": "5"},
			wantClass: engine.Transient, wantAfter: 5 * time.Second, want: "the provider failed (529)",
		},
		"a timeout of a gateway": {status: 408, wantClass: engine.Transient, want: "the provider failed (408)"},
		"vLLM, flat, unknown model": {
			status:    404,
			body:      `{"object":"error","message":"The model ` + "`m`" + ` does not exist.","type":"NotFoundError","param":null,"code":404}`,
			wantClass: engine.Misconfigured,
			want:      `the endpoint has no chat completions or no model "m" (404, NotFoundError: The model ` + "`m`" + ` does not exist.)`,
		},
		"vLLM, a prompt that leaves no room": {
			status:    400,
			body:      `{"object":"error","message":"max_tokens must be at least 1, got -186.","type":"BadRequestError","param":null,"code":400}`,
			wantClass: engine.Rejected, want: "the text is longer than the model can take (400, BadRequestError: max_tokens must be at least 1, got -186.)",
		},
		"llama.cpp, a prompt too long": {
			status:    400,
			body:      `{"error":{"code":400,"message":"request exceeds the available context size","type":"exceed_context_size_error"}}`,
			wantClass: engine.Rejected, want: "the text is longer than the model can take (400, exceed_context_size_error: request exceeds the available context size)",
		},
		"Groq, a request over its budget, which no wait makes smaller": {
			status:    413,
			body:      `{"error":{"message":"Request too large for model","type":"tokens","code":"rate_limit_exceeded"}}`,
			wantClass: engine.Rejected, want: "the text is longer than the model can take (413, rate_limit_exceeded, tokens: Request too large for model)",
		},
		"Azure, filtered": {
			status:    400,
			body:      `{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}`,
			wantClass: engine.Rejected, want: "the provider's content filter stopped the text (400, ResponsibleAIPolicyViolation: The response was filtered)",
		},
		"Gemini, in a list": {
			status:    400,
			body:      `[{"error":{"code":400,"message":"Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]`,
			wantClass: engine.Misconfigured, want: "the provider refused the request (400: Please pass a valid API key.)",
		},
		"LM Studio, a string": {
			status: 400, body: `{"error":"Failed to load"}`,
			wantClass: engine.Misconfigured, want: "the provider refused the request (400: Failed to load)",
		},
		"FastAPI": {
			status: 422, body: `{"detail":"Field required"}`,
			wantClass: engine.Misconfigured, want: "the provider refused the request (422: Field required)",
		},
		"DeepSeek, no balance": {
			status: 402, body: `{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}`,
			wantClass: engine.Misconfigured,
			want:      "the account has no credit left at the provider (402, invalid_request_error, unknown_error: Insufficient Balance)",
		},
		"a code that is a sentence is not shown": {
			status: 400, body: `{"error":{"code":"this is no code","message":""}}`,
			wantClass: engine.Misconfigured, want: "the provider refused the request (400)",
		},
		"an endless message is cut": {
			status: 500, body: `{"error":"` + string(make220()) + `"}`,
			wantClass: engine.Transient, want: "the provider failed (500: " + string(make220()[:200]) + "…)",
		},
		"a body that is no error": {status: 500, body: `{"error":`, wantClass: engine.Transient, want: "the provider failed (500)"},
		"no body":                 {status: 405, wantClass: engine.Misconfigured, want: "the provider refused the request (405)"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := engine.Config{Endpoint: answering(t, tc.status, tc.header, tc.body), Model: "m", APIKey: testKey}
			res, err := engineFor(t, cfg).Translate(t.Context(), request("Guarde"))
			got, ok := errors.AsType[*engine.Error](err)
			if !ok && len(res.Segments) == 1 {
				got = res.Segments[0].Err
			}
			if got == nil {
				t.Fatalf("Translate() = %v, %v; want an error", res, err)
			}
			if got.Class != tc.wantClass || got.After != tc.wantAfter || got.Error() != tc.want {
				t.Errorf("Translate()\n = %v after %v: %v,\nwant %v after %v: %v", got.Class, got.After, got, tc.wantClass, tc.wantAfter, tc.want)
			}
		})
	}
}

// make220 is a message of 220 bytes.
func make220() []byte {
	b := make([]byte, 220)
	for i := range b {
		b[i] = 'x'
	}
	return b
}

func TestErrorsWithoutAKey(t *testing.T) {
	cfg := engine.Config{Endpoint: answering(t, 401, nil, ""), Model: "m"}
	_, err := engineFor(t, cfg).Translate(t.Context(), request("Guarde"))
	if got := engine.AsError(err); err == nil || got.Class != engine.Misconfigured || got.Error() != "the provider asks for an API key and none is set (401)" {
		t.Errorf("Translate() = %v", err)
	}
}

func TestFaultsOfTheConnection(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	refused := gone.URL
	gone.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	unknown := httptest.NewUnstartedServer(http.NotFoundHandler())
	unknown.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	unknown.StartTLS()
	t.Cleanup(unknown.Close)
	cases := map[string]struct {
		endpoint string
		opts     openai.Options
		want     string
	}{
		"nobody listens":          {endpoint: refused, want: "the provider refused the connection"},
		"no such host":            {endpoint: "http://provider.invalid/v1", opts: openai.Options{Transport: noHost{}}, want: "the name of the provider's host cannot be resolved"},
		"no TLS":                  {endpoint: "https" + plain.URL[len("http"):], want: "the provider does not speak TLS at this endpoint"},
		"an unknown certificate":  {endpoint: unknown.URL, want: "the provider's certificate cannot be verified"},
		"an error that tells all": {endpoint: refused, opts: openai.Options{Transport: telling{}}, want: "the connection to the provider failed"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e, err := openai.New(engine.Config{Endpoint: tc.endpoint, Model: "m", APIKey: testKey}, tc.opts)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = e.Close() })
			_, err = e.Translate(t.Context(), request("Guarde"))
			if got := engine.AsError(err); err == nil || got.Class != engine.Transient || got.Error() != tc.want {
				t.Errorf("Translate() = %v, want Transient: %s", err, tc.want)
			}
		})
	}
}

// noHost fails as the resolver does.
type noHost struct{}

func (noHost) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.DNSError{Err: "no such host", Name: "provider.invalid", IsNotFound: true}
}

// telling fails with an error that quotes the request.
type telling struct{}

func (telling) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("malformed answer: " + r.Header.Get("Authorization"))
}
