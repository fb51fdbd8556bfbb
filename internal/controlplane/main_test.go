//go:build unix

package controlplane

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/config/components/crd"
)

// Roles that the test binary plays when it is started with one of these words.
const (
	// superviseRole is the shim, as `dragoman supervise` is.
	superviseRole = "supervise"
	// ownerRole starts a control plane in the directory of the next argument, says
	// so and waits to be killed.
	ownerRole = "own"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case superviseRole:
			os.Exit(supervise(os.Args[2:]))
		case ownerRole:
			os.Exit(own(os.Args[2]))
		}
	}
	os.Exit(m.Run())
}

func supervise(args []string) int {
	var s Supervision
	flags := flag.NewFlagSet(superviseRole, flag.ExitOnError)
	flags.IntVar(&s.Parent, "parent", 0, "")
	flags.StringVar(&s.PIDFile, "pid-file", "", "")
	flags.DurationVar(&s.Grace, "grace", 0, "")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	s.Path, s.Args = flags.Arg(0), flags.Args()[1:]
	code, err := s.Run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func own(dataDir string) int {
	opts, err := testOptions()
	if err != nil {
		fmt.Fprintln(os.Stdout, err)
		return 1
	}
	files, err := OpenDataDir(dataDir, "--data-dir")
	if err == nil {
		_, err = Start(context.Background(), files, opts)
	}
	if err != nil {
		fmt.Fprintln(os.Stdout, err)
		return 1
	}
	fmt.Fprintln(os.Stdout, "started")
	select {}
}

// testOptions start the programs of this machine on any free port.
func testOptions() (Options, error) {
	self, err := os.Executable()
	if err != nil {
		return Options{}, err
	}
	finder := NewFinder("../../hack/controlplane", os.Getenv("KUBEBUILDER_ASSETS"), nil, os.Stderr)
	binaries, ok := finder.Locate()
	if !ok {
		return Options{}, errors.New("these tests run kube-apiserver and etcd, which are not there: run `dragoman up --binaries-only` first")
	}
	return Options{
		Binaries:    binaries,
		AddressFlag: "--kube-port",
		Address:     "127.0.0.1:0",
		Namespace:   "demo",
		CRDs:        crd.Bases,
		Supervisor:  []string{self, superviseRole},
		Clock:       time.Now,
	}, nil
}
