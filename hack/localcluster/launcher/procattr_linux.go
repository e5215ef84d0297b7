package launcher

import "syscall"

// childAttributes make a child die with its supervisor, and keep the terminal's
// signals from it: the supervisor decides in which order things end.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
