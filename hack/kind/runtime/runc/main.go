// Command runc is runc for a machine whose processes lack some capability: it takes those out of what it is asked
// for that this process may not give away anyway, and becomes runc. Docker 20.10 asks for every capability that the kernel
// knows when a container is privileged, and fails where one is missing. It grants nothing.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const runc = "/usr/sbin/runc"

// names of the capabilities, by their bit: linux/capability.h.
var names = strings.Fields(`CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
	NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT
	SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
	MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`)

func main() {
	if file, inner := asked(os.Args); file != "" {
		if err := fit(file, inner); err != nil {
			fmt.Fprintln(os.Stderr, "capabilities:", err)
			os.Exit(1)
		}
	}
	err := syscall.Exec(runc, append([]string{"runc"}, os.Args[1:]...), os.Environ())
	fmt.Fprintln(os.Stderr, runc+":", err)
	os.Exit(1)
}

// asked finds the file that says what a container, or a process in one, is to have; and whether the process is part of a larger document.
func asked(args []string) (file string, inner bool) {
	for n, arg := range args {
		name, value, joined := strings.Cut(arg, "=")
		if !joined && n+1 < len(args) {
			value = args[n+1]
		}
		switch name {
		case "--bundle", "-b":
			return filepath.Join(value, "config.json"), true
		case "--process", "-p":
			return value, false
		}
	}
	return "", false
}

func fit(file string, inner bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	document := map[string]any{}
	if err := json.Unmarshal(text, &document); err != nil {
		return err
	}
	process := document
	if inner {
		process, _ = document["process"].(map[string]any)
	}
	sets, _ := process["capabilities"].(map[string]any)
	may, err := bounding()
	if err != nil {
		return err
	}
	for set, list := range sets {
		kept := []any{}
		all, _ := list.([]any)
		for _, name := range all {
			if may[fmt.Sprint(name)] {
				kept = append(kept, name)
			}
		}
		sets[set] = kept
	}
	if text, err = json.Marshal(document); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func bounding() (map[string]bool, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, err
	}
	_, rest, _ := strings.Cut(string(status), "CapBnd:")
	line, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
	bits, err := strconv.ParseUint(line, 16, 64)
	may := map[string]bool{}
	for bit, name := range names {
		may["CAP_"+name] = bits&(1<<bit) != 0
	}
	return may, err
}
