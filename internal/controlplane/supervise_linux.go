package controlplane

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// parentGoneSignal is what the kernel sends when the parent ends. It is none of
// the signals that are passed on.
const parentGoneSignal = syscall.SIGUSR1

func requestParentGoneSignal() error {
	return unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(parentGoneSignal), 0, 0, 0)
}

// childAttributes puts the program into a group of its own and ends it with the
// shim, should the shim itself be killed.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
