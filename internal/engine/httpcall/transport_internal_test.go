package httpcall

import "testing"

// The proxy of the environment is read once in a process, so that it cannot be
// set in a test and seen to be left alone.
func TestTheTransportHasNoProxy(t *testing.T) {
	if newTransport().Proxy != nil {
		t.Error("the transport asks for a proxy")
	}
}
