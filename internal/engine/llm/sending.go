package llm

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// sending tells how far a request got. An answer that is lost after the request went
// out may be charged for all the same; a request that never left is not.
type sending struct {
	// connected and broken are of the last connection that was tried.
	connected, broken atomic.Bool
}

// watched returns a context that reports to the sending.
func (s *sending) watched(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// It comes after the name was resolved, the connection made and TLS agreed. What
		// follows at once is the writing.
		GotConn: func(httptrace.GotConnInfo) {
			s.connected.Store(true)
			s.broken.Store(false)
		},
		WroteRequest: func(w httptrace.WroteRequestInfo) { s.broken.Store(w.Err != nil) },
	})
}

// mayHaveArrived says whether the provider may have the whole request.
func (s *sending) mayHaveArrived() bool { return s.connected.Load() && !s.broken.Load() }

// gaveUpWaiting says whether a status comes from a gateway that has passed the request
// on and did not wait for the end: the model behind it may have answered. 524 is
// Cloudflare's. A success that is no 200 is an answer too.
func gaveUpWaiting(status int) bool {
	const timeoutOccurred = 524
	return status == http.StatusGatewayTimeout || status == timeoutOccurred || status > 200 && status < 300
}
