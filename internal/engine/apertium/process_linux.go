package apertium

import "syscall"

// stageAttr gives each stage a group of its own, so that a Ctrl-C in a terminal
// reaches this process alone, and its death when this process dies.
func stageAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
