package controlplane

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
)

// otherWays ends the messages about programs that cannot be built.
const otherWays = "set KUBEBUILDER_ASSETS to a directory that holds both"

// failure says in one sentence why a build failed and what to do. output is
// what the go command said, log is the file that holds all of it.
func failure(output, log string, err error) error {
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
		return fmt.Errorf("there is no Go toolchain on the PATH: install Go, or %s", otherWays)
	case says("requires go >=", "toolchain not available"):
		return fmt.Errorf("the installed Go is too old to build kube-apiserver and etcd: %s: install a newer Go, or %s", lastLine(output), otherWays)
	case says("dial tcp", "no such host", "i/o timeout", "connection refused", "connection reset", "network is unreachable",
		"TLS handshake timeout", "proxyconnect", "module lookup disabled", "Bad Gateway", "Service Unavailable", "Gateway Timeout", "unexpected EOF"):
		return fmt.Errorf("the Go modules of kube-apiserver and etcd cannot be downloaded, because the Go module proxy cannot be reached: check the network and GOPROXY and run the same again, or %s", otherWays)
	case says("signal: killed", "cannot allocate memory", "out of memory"):
		return fmt.Errorf("the compiler was killed, most likely because memory ran out: the build needs about 4 GB; free some and run the same again, or %s", otherWays)
	case lastLine(output) != "":
		return fmt.Errorf("the build of kube-apiserver and etcd failed: %s (more in %s)", lastLine(output), log)
	default:
		return fmt.Errorf("the build of kube-apiserver and etcd failed: %w (more in %s)", err, log)
	}
}

// lastLine returns the last line that says something.
func lastLine(output string) string {
	output = strings.TrimSpace(output)
	return strings.TrimSpace(output[strings.LastIndexByte(output, '\n')+1:])
}
