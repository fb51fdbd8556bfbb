package main

import (
	"net"
	"strings"
	"testing"

	"k8s.io/client-go/rest"
)

func TestRunAPIServerSaysWhatIsMissing(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	nobody := &rest.Config{Host: "http://127.0.0.1:1"}
	cases := map[string]struct {
		listen string
		want   string
	}{
		"a port that is taken":           {listen: taken.Addr().String(), want: "open the REST API: listen tcp " + taken.Addr().String()},
		"a cluster that does not answer": {listen: "127.0.0.1:0", want: "connection refused"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := runAPIServer(t.Context(), nobody, apiserverOptions{Listen: tc.listen})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("runAPIServer() = %v, want %q in it", err, tc.want)
			}
		})
	}
}
