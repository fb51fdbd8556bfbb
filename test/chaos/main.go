// Command chaos runs jobs on a paid engine while everything under them is killed, and
// says what was lost, bought twice or charged over its bound.
//
// It owns the killing, the watching and the rows; docs/operations.md says what the
// rows mean. It starts a control plane of its own (KUBEBUILDER_ASSETS names the
// binaries), builds the program and runs it as processes that it can kill. The
// engine is the loopback server of package openaitest behind a till that keeps the
// ledger. Nothing here looks into the manager: what it did is judged by what the
// provider sold and what the API server served.
//
// Rows go to stdout, progress and what was found to stderr. The same seed makes the
// same jobs, faults and kills; which call meets which of them is up to the machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

// options say how much happens.
type options struct {
	// Jobs that are translated, those of batches included.
	Jobs int
	// Kills of a manager, of kube-apiserver and of etcd.
	Kills, APIServerKills, EtcdKills int
	// Freezes are times that a leader stands still until another one has taken over.
	Freezes int
	// Seed of the jobs, the faults and the moments.
	Seed uint64
	// Lease is how long a manager that fell silent is waited for.
	Lease time.Duration
	// Patience is how long nothing may change before the jobs are given up.
	Patience time.Duration
	// Logs is a directory for what the managers say; "" throws it away.
	Logs string
}

func main() {
	o := options{}
	flag.IntVar(&o.Jobs, "jobs", 500, "jobs to translate, 20 or more")
	flag.IntVar(&o.Kills, "kills", 20, "times that a manager is killed")
	flag.IntVar(&o.APIServerKills, "apiserver-kills", 3, "times that kube-apiserver is killed")
	flag.IntVar(&o.EtcdKills, "etcd-kills", 1, "times that etcd is killed")
	flag.IntVar(&o.Freezes, "freezes", 0, "times that a leader stands still until another one leads (on Linux)")
	flag.Uint64Var(&o.Seed, "seed", 1, "seed of the jobs, the faults and the moments")
	flag.DurationVar(&o.Lease, "lease-duration", 3*time.Second, "how long a manager that fell silent is waited for")
	flag.DurationVar(&o.Patience, "patience", 6*time.Minute, "how long nothing may change before the jobs are given up")
	flag.StringVar(&o.Logs, "logs", "", "write what the managers say to this directory")
	flag.Parse()

	ctrl.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, o, os.Stdout, os.Stderr)
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		stop()
		os.Exit(1)
	}
}
