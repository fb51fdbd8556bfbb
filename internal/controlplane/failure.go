package controlplane

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
)

// purpose is what a build is for, as messages name it, and what people can do
// in place of it.
type purpose struct{ what, instead string }

func servers() purpose {
	return purpose{apiserverProgram + " and " + etcdProgram, "set KUBEBUILDER_ASSETS to a directory that holds both"}
}

func kubectl() purpose { return purpose{kubectlProgram, "put it on the PATH"} }

// failure says in one sentence why a build failed and what to do. output is
// what the go command said, log is the file that holds all of it.
func (p purpose) failure(output, log string, err error) error {
	says := func(signs ...string) bool {
		for _, sign := range signs {
			if strings.Contains(output, sign) {
				return true
			}
		}
		return false
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), says("no space left on device", "disk quota exceeded"):
		return fmt.Errorf("the disk is full: the build needs about 5 GB in Go's caches; make room and run the same again, which goes on where it stopped")
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("there is no Go toolchain on the PATH: install Go, or %s", p.instead)
	case says("requires go >=", "toolchain not available"):
		return fmt.Errorf("the installed Go is too old to build %s: %s: install a newer Go, or %s", p.what, lastLine(output), p.instead)
	case says("dial tcp", "no such host", "i/o timeout", "connection refused", "connection reset", "network is unreachable",
		"TLS handshake timeout", "proxyconnect", "module lookup disabled", "Bad Gateway", "Service Unavailable", "Gateway Timeout", "unexpected EOF"):
		return fmt.Errorf("the Go modules of %s cannot be downloaded, because the Go module proxy cannot be reached: check the network and GOPROXY and run the same again, or %s", p.what, p.instead)
	case says("signal: killed", "cannot allocate memory", "out of memory"):
		return fmt.Errorf("the compiler was killed, most likely because memory ran out: the build needs about 4 GB; free some and run the same again, or %s", p.instead)
	case lastLine(output) != "":
		return fmt.Errorf("the build of %s failed: %s (more in %s)", p.what, lastLine(output), log)
	default:
		return fmt.Errorf("the build of %s failed: %w (more in %s)", p.what, err, log)
	}
}

// lastLine returns the last line that says something.
func lastLine(output string) string {
	output = strings.TrimSpace(output)
	return strings.TrimSpace(output[strings.LastIndexByte(output, '\n')+1:])
}
