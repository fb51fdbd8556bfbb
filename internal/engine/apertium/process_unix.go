//go:build unix && !linux

package apertium

import "syscall"

// stageAttr gives each stage a group of its own, so that a Ctrl-C in a terminal
// reaches this process alone. When this process dies the stages end because
// their input does.
func stageAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
