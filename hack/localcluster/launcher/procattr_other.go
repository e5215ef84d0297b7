//go:build !linux

package launcher

import "syscall"

// childAttributes keep the terminal's signals from a child. Outside Linux
// nothing ends the children of a supervisor that was killed with SIGKILL.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
