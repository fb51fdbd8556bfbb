package llm

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// maxErrorBytes bounds what is read of an error's body.
const maxErrorBytes = 64 << 10

// errClosed is the cause of calls that end because the engine was closed.
var errClosed = errors.New("the engine is closed")

// Options are what an engine needs from outside. The zero value works.
type Options struct {
	// Transport carries the calls; nil for one of the engine's own, without a proxy.
	// A given transport is not closed with the engine.
	Transport http.RoundTripper
	// Random gives the bytes of the marks in a prompt; nil for crypto/rand. It is read
	// from many goroutines at once.
	Random io.Reader
	// MaxAnswerBytes bounds one answer of the provider; 0 for 4 MiB.
	MaxAnswerBytes int64
}

// Wire carries the requests of one engine to its provider, and ends with the engine.
// It is safe for concurrent use.
type Wire struct {
	// Model that is asked, and Paid, which says that calls are taken to cost money: the
	// provider has prices or asks for a key.
	Model string
	Paid  bool

	client   *http.Client
	owned    *http.Transport
	base     *url.URL
	key      string
	sign     func(header http.Header, key string)
	timeout  time.Duration
	random   io.Reader
	maxBytes int64

	// keepsForm says that the model has answered several segments in the form asked for.
	keepsForm atomic.Bool

	// life ends with Close, and every call with it.
	life context.Context
	end  context.CancelCauseFunc
}

// NewWire makes the wire of an engine. It connects to nothing. Settings that cannot
// work are Misconfigured. Config.Timeout bounds one HTTP exchange. The function signs
// a request with a key that is not empty.
func NewWire(cfg engine.Config, opts Options, sign func(header http.Header, key string)) (*Wire, error) {
	base, err := parseEndpoint(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(cfg.Model) == "" {
		return nil, engine.Errorf(engine.Misconfigured, "no model is set")
	}
	// Keys read from files tend to end in a newline.
	key := strings.TrimSpace(cfg.APIKey)
	if !fitsHeader(key) {
		return nil, engine.Errorf(engine.Misconfigured, "the API key holds characters that an HTTP header cannot carry")
	}
	w := &Wire{
		Model:    strings.TrimSpace(cfg.Model),
		Paid:     cfg.Priced || key != "",
		base:     base,
		key:      key,
		sign:     sign,
		timeout:  cfg.Timeout,
		random:   opts.Random,
		maxBytes: opts.MaxAnswerBytes,
	}
	if w.timeout <= 0 {
		w.timeout = DefaultTimeout
	}
	if w.random == nil {
		w.random = rand.Reader
	}
	if w.maxBytes <= 0 {
		w.maxBytes = DefaultMaxAnswerBytes
	}
	transport := opts.Transport
	if transport == nil {
		w.owned = newTransport()
		transport = w.owned
	}
	w.client = &http.Client{
		Transport: transport,
		// A redirect would carry the text, and within a domain the key, to a place
		// that nobody configured. It is reported instead.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	w.life, w.end = context.WithCancelCause(context.Background())
	return w, nil
}

// newTransport is http.DefaultTransport without the proxy of the environment, and
// with a connection kept for each of a provider's concurrent calls.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// parseEndpoint reads the base URL. Its messages do not repeat it: a URL may hold
// a password.
func parseEndpoint(endpoint string) (*url.URL, error) {
	if strings.TrimSpace(endpoint) == "" {
		return nil, engine.Errorf(engine.Misconfigured, "no endpoint is set")
	}
	base, err := url.Parse(strings.TrimSpace(endpoint))
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return nil, engine.Errorf(engine.Misconfigured, "the endpoint is no http or https URL")
	case base.User != nil:
		return nil, engine.Errorf(engine.Misconfigured, "the endpoint holds a user name; the key belongs in the provider's secret")
	}
	base.Fragment = ""
	return base, nil
}

// fitsHeader says whether a key is printable ASCII.
func fitsHeader(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// Close ends the calls under way and the engine's own connections. It may be called
// more than once.
func (w *Wire) Close() error {
	w.end(errClosed)
	if w.owned != nil {
		w.owned.CloseIdleConnections()
	}
	return nil
}

// bind returns a context that ends with the caller's and with the engine.
func (w *Wire) bind(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(w.life, func() { cancel(errClosed) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// closed returns the error of calls after Close, or nil.
func (w *Wire) closed() *engine.Error {
	if w.life.Err() == nil {
		return nil
	}
	return engine.Errorf(engine.Transient, "%w", errClosed)
}

// Reply is an HTTP answer.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	// Uncertain says that the provider may have charged for the request, and has not
	// said so. It counts also beside a failure.
	Uncertain bool
}

// Get asks for something small that costs nothing, and waits at most ProbeTimeout.
func (w *Wire) Get(ctx context.Context, path string) (Reply, error) {
	if closed := w.closed(); closed != nil {
		return Reply{}, closed
	}
	bound, release := w.bind(ctx)
	defer release()
	reply, fail := w.do(bound, min(ProbeTimeout, w.timeout), http.MethodGet, path, nil)
	switch {
	case fail != nil && ctx.Err() != nil:
		return Reply{}, ctx.Err()
	case fail != nil:
		return Reply{}, fail.Err
	}
	return reply, nil
}

// Post sends a value as JSON.
func (w *Wire) Post(ctx context.Context, path string, value any) (Reply, *Failure) {
	body, err := encode(value)
	if err != nil {
		return Reply{}, &Failure{Err: engine.Errorf(engine.Transient, "encode the request: %w", err)}
	}
	var sent sending
	reply, fail := w.do(sent.watched(ctx), w.timeout, http.MethodPost, path, []byte(body))
	if fail != nil {
		return Reply{Uncertain: sent.mayHaveArrived()}, fail
	}
	reply.Uncertain = gaveUpWaiting(reply.Status)
	return reply, nil
}

// do sends a request and reads the whole answer, of at most maxBytes.
func (w *Wire) do(ctx context.Context, timeout time.Duration, method, path string, body []byte) (Reply, *Failure) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, w.base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return Reply{}, &Failure{Err: engine.Errorf(engine.Misconfigured, "the endpoint makes no valid address")}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "dragoman")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	w.sign(req.Header, w.key)
	res, err := w.client.Do(req)
	if err != nil {
		return Reply{}, w.broken(ctx, timeout, err)
	}
	defer func() { _ = res.Body.Close() }() // All that counts was read or is lost.
	limit := w.maxBytes
	if res.StatusCode != http.StatusOK {
		limit = min(limit, maxErrorBytes)
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case res.StatusCode != http.StatusOK:
		// The status says enough when the body was cut or is too long.
	case err != nil:
		return Reply{}, w.broken(ctx, timeout, err)
	case int64(len(answer)) > limit:
		return Reply{}, &Failure{Err: engine.Errorf(engine.Transient, "the provider's answer is longer than %d bytes", limit)}
	}
	return Reply{Status: res.StatusCode, Header: res.Header, Body: answer}, nil
}

// broken names a fault of the connection. The text of a network error is not
// shown: it may hold the address, or bytes that the other side sent.
func (w *Wire) broken(ctx context.Context, timeout time.Duration, err error) *Failure {
	cause := context.Cause(ctx)
	if errors.Is(cause, errClosed) {
		return &Failure{Err: w.closed()}
	}
	if errors.Is(cause, context.DeadlineExceeded) || isTimeout(err) {
		return &Failure{Err: engine.Errorf(engine.Transient, "the provider gave no answer within %s", timeout)}
	}
	return &Failure{Err: engine.Errorf(engine.Transient, "%s", connectionFault(err))}
}

// isTimeout says whether a network error is a timeout of the connection itself.
func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// connectionFault puts a network error in words of ours.
func connectionFault(err error) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "the name of the provider's host cannot be resolved"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the provider's certificate cannot be verified"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the provider's certificate is for another host"
	}
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return "the provider does not speak TLS at this endpoint"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the provider refused the connection"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "the connection ended before the answer did"
	default:
		return "the connection to the provider failed"
	}
}
