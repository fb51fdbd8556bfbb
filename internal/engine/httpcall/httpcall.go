// Package httpcall makes the HTTP exchanges of engines that ask a service for
// translations: bounded in time and size, without redirects and without the proxy of
// the environment, and with errors that show neither a text nor a secret.
//
// It owns the connection and what its faults mean. What an answer means is for the
// engine to say. It must not import an engine, controllers or client-go, and it tries
// no call again on its own: the runner backs off.
package httpcall

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

const (
	// defaultTimeout applies when the configuration has none, as in the API.
	defaultTimeout = 2 * time.Minute
	// ProbeTimeout bounds each exchange of a probe: lists need no thinking.
	ProbeTimeout = 10 * time.Second

	// defaultMaxAnswerBytes bounds what is read of one answer. The largest requests of
	// these engines hold 128 KiB; translations are at most a few times as long.
	defaultMaxAnswerBytes = 4 << 20
	// maxErrorBytes bounds what is read of an error's body.
	maxErrorBytes = 64 << 10
)

// errClosed is the cause of calls that end because the engine was closed.
var errClosed = errors.New("the engine is closed")

// Options are what an engine needs from outside. The zero value works.
type Options struct {
	// Transport carries the calls; nil for one of the client's own, without a proxy. A
	// given transport is not closed with the client.
	Transport http.RoundTripper
	// MaxAnswerBytes bounds one answer of the service; 0 for 4 MiB.
	MaxAnswerBytes int64
	// Peer is what messages call the other side; "" for "service".
	Peer string
}

// Client makes the exchanges of one engine with one service. It is safe for
// concurrent use.
type Client struct {
	http     *http.Client
	owned    *http.Transport
	base     *url.URL
	timeout  time.Duration
	maxBytes int64
	peer     string

	// life ends with Close, and every exchange with it.
	life context.Context
	end  context.CancelCauseFunc
}

// New makes a client for an endpoint. It connects to nothing. An endpoint that cannot
// work is Misconfigured. The timeout bounds one exchange; 0 is 2 minutes.
func New(endpoint string, timeout time.Duration, opts Options) (*Client, error) {
	base, err := parseEndpoint(endpoint)
	if err != nil {
		return nil, err
	}
	c := &Client{
		base:     base,
		timeout:  cmp.Or(max(timeout, 0), defaultTimeout),
		maxBytes: cmp.Or(max(opts.MaxAnswerBytes, 0), defaultMaxAnswerBytes),
		peer:     cmp.Or(opts.Peer, "service"),
	}
	transport := opts.Transport
	if transport == nil {
		c.owned = newTransport()
		transport = c.owned
	}
	c.http = &http.Client{
		Transport: transport,
		// A redirect would carry the text, and within a domain the key, to a place
		// that nobody configured. It is reported instead.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.life, c.end = context.WithCancelCause(context.Background())
	return c, nil
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

// parseEndpoint reads the base URL. Its messages do not repeat it: a URL may hold a
// password.
func parseEndpoint(endpoint string) (*url.URL, error) {
	endpoint = strings.TrimSpace(endpoint)
	if endpoint == "" {
		return nil, engine.Errorf(engine.Misconfigured, "no endpoint is set")
	}
	base, err := url.Parse(endpoint)
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return nil, engine.Errorf(engine.Misconfigured, "the endpoint is no http or https URL")
	case base.User != nil:
		return nil, engine.Errorf(engine.Misconfigured, "the endpoint holds a user name; the key belongs in the provider's secret")
	}
	base.Fragment = ""
	return base, nil
}

// Key cleans an API key: keys read from files tend to end in a newline. One that an
// HTTP header cannot carry is Misconfigured.
func Key(key string) (string, error) {
	key = strings.TrimSpace(key)
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", engine.Errorf(engine.Misconfigured, "the API key holds characters that an HTTP header cannot carry")
	}
	return key, nil
}

// Close ends the exchanges under way and the client's own connections. It may be
// called more than once.
func (c *Client) Close() {
	c.end(errClosed)
	if c.owned != nil {
		c.owned.CloseIdleConnections()
	}
}

// Usable returns the error of a call that must not begin: after Close, or with a
// context that has ended. It is nil otherwise.
func (c *Client) Usable(ctx context.Context) error {
	if c.life.Err() != nil {
		return engine.Errorf(engine.Transient, "%w", errClosed)
	}
	return ctx.Err()
}

// Request is one exchange to make.
type Request struct {
	// Method, and Path below the endpoint.
	Method, Path string
	Query        url.Values
	Header       http.Header
	// ContentType of Body; without one nothing is sent.
	ContentType string
	Body        []byte
	// Timeout shortens that of the client; 0 leaves it.
	Timeout time.Duration
}

// Answer is what came back, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	// Body in full, and of an error its first 64 KiB.
	Body []byte
}

// OK says whether the status is a success.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Do makes one exchange. The error is the caller's context's own, or an
// *engine.Error. Lost says that there is no answer and the other side may have the
// whole request, so that it may charge for it.
func (c *Client) Do(ctx context.Context, r Request) (answer Answer, lost bool, err error) {
	if err := c.Usable(ctx); err != nil {
		return Answer{}, false, err
	}
	timeout := c.timeout
	if r.Timeout > 0 {
		timeout = min(timeout, r.Timeout)
	}
	bound, release := c.bind(ctx, timeout)
	defer release()
	var sent sending
	answer, err = c.exchange(sent.watched(bound), r)
	switch {
	case err == nil:
		return answer, gaveUpWaiting(answer.Status), nil
	case ctx.Err() != nil:
		return Answer{}, sent.mayHaveArrived(), ctx.Err()
	default:
		return Answer{}, sent.mayHaveArrived(), c.broken(bound, timeout, err)
	}
}

// bind returns a context that ends with the caller's, with the client and in time.
func (c *Client) bind(ctx context.Context, timeout time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(c.life, func() { cancel(errClosed) })
	ctx, cancelTimeout := context.WithTimeout(ctx, timeout)
	return ctx, func() {
		cancelTimeout()
		stop()
		cancel(nil)
	}
}

func (c *Client) exchange(ctx context.Context, r Request) (Answer, error) {
	target := c.base.JoinPath(r.Path)
	if len(r.Query) > 0 {
		target.RawQuery = r.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, target.String(), bytes.NewReader(r.Body))
	if err != nil {
		return Answer{}, engine.Errorf(engine.Misconfigured, "the endpoint makes no valid address")
	}
	for name, values := range r.Header {
		req.Header[name] = values
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "dragoman")
	if r.ContentType != "" {
		req.Header.Set("Content-Type", r.ContentType)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = res.Body.Close() }() // All that counts was read or is lost.
	answer := Answer{Status: res.StatusCode, Header: res.Header}
	limit := c.maxBytes
	if !answer.OK() {
		limit = min(limit, maxErrorBytes)
	}
	answer.Body, err = io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case !answer.OK():
		return answer, nil // the status says enough when the body was cut or is too long
	case err != nil:
		return Answer{}, err
	case int64(len(answer.Body)) > limit:
		return Answer{}, engine.Errorf(engine.Transient, "the %s's answer is longer than %d bytes", c.peer, limit)
	}
	return answer, nil
}

// broken names a fault of the connection. The text of a network error is not shown:
// it may hold the address, or bytes that the other side sent.
func (c *Client) broken(ctx context.Context, timeout time.Duration, err error) error {
	if own, ok := errors.AsType[*engine.Error](err); ok {
		return own
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, errClosed) {
		return engine.Errorf(engine.Transient, "%w", errClosed)
	}
	network, ok := errors.AsType[net.Error](err)
	if errors.Is(cause, context.DeadlineExceeded) || ok && network.Timeout() {
		return engine.Errorf(engine.Transient, "the %s gave no answer within %s", c.peer, timeout)
	}
	return engine.Errorf(engine.Transient, "%s", connectionFault(err, c.peer))
}

// connectionFault puts a network error in words of ours.
func connectionFault(err error, peer string) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "the name of the " + peer + "'s host cannot be resolved"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the " + peer + "'s certificate cannot be verified"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the " + peer + "'s certificate is for another host"
	}
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return "the " + peer + " does not speak TLS at this endpoint"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the " + peer + " refused the connection"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "the connection ended before the answer did"
	default:
		return "the connection to the " + peer + " failed"
	}
}

// sending tells how far a request got. An answer that is lost after the request went
// out may be charged for all the same; a request that never left is not.
type sending struct {
	// connected and broken are of the last connection that was tried.
	connected, broken atomic.Bool
}

// watched returns a context that reports to the sending.
func (s *sending) watched(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) {
			s.connected.Store(true)
			s.broken.Store(false)
		},
		WroteRequest: func(w httptrace.WroteRequestInfo) { s.broken.Store(w.Err != nil) },
	})
}

// mayHaveArrived says whether the service may have the whole request.
func (s *sending) mayHaveArrived() bool { return s.connected.Load() && !s.broken.Load() }

// gaveUpWaiting says whether a status comes from a gateway that has passed the request
// on and did not wait for the end. 524 is Cloudflare's.
func gaveUpWaiting(status int) bool {
	const timeoutOccurred = 524
	return status == http.StatusGatewayTimeout || status == timeoutOccurred
}
