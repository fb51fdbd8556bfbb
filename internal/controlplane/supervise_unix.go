//go:build unix && !linux

package controlplane

import "syscall"

// parentGoneSignal never comes: these systems do not tell of a parent's end, so
// the poll alone finds it.
const parentGoneSignal = syscall.SIGUSR1

func requestParentGoneSignal() error { return nil }

// childAttributes puts the program into a group of its own. Only a killed shim
// can leave it behind: these systems have no way to tie the two together.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
