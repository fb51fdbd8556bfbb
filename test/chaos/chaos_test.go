package main

import (
	"testing"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

// TestChaos is the short form of make chaos. It ends well only when every job did,
// no promise was broken and nothing was left behind.
func TestChaos(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	o := options{
		Jobs: 60, Kills: 4, APIServerKills: 1, EtcdKills: 1,
		Seed: 1, Lease: 3 * time.Second, Patience: 5 * time.Minute,
	}
	if err := run(t.Context(), o, t.Output(), t.Output()); err != nil {
		t.Error(err)
	}
}
