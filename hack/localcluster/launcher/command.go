// Package launcher runs a Kubernetes and KubeVirt control plane on loopback:
// it makes certificates, finds ports, starts the components, waits until they
// are ready, keeps them running, and leaves nothing behind.
package launcher

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// commands by name. supervise is what up starts; it is not for people.
var commands = map[string]func(args []string, i Installer) error{
	"up":        up,
	"down":      down,
	"status":    status,
	"restart":   restart,
	"supervise": supervise,
}

// Usage says what the launcher can do.
const Usage = `usage: localcluster COMMAND [flags]

  up        start a cluster and wait until it is ready
  status    show its components; exit code 0 if all are ready
  restart   kill one component, which then starts again
  down      end a cluster and remove its files

"localcluster COMMAND -help" shows the flags of a command.
`

// errSilent ends a command with code 1 when all has been said already.
var errSilent = errors.New("")

// Command runs a command of the launcher. ok is false if there is no such
// command; otherwise code is the exit code.
func Command(args []string, installer Installer) (code int, ok bool) {
	command, ok := commands[args[0]]
	if !ok {
		return 0, false
	}
	err := command(args[1:], installer)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0, true
	case err != errSilent:
		fmt.Fprintf(os.Stderr, "localcluster %s: %s\n", args[0], err)
	}
	return 1, true
}

// findBinaries locates the programs beside the one that runs.
func findBinaries(c Config) (Binaries, error) {
	self, err := os.Executable()
	if err != nil {
		return Binaries{}, err
	}
	b := Binaries{Main: self, VirtAPI: filepath.Join(filepath.Dir(self), "localcluster-virt-api")}
	if !c.runs(virtAPI) {
		return b, nil
	}
	if _, err := os.Stat(b.VirtAPI); err != nil {
		return b, fmt.Errorf("%s is missing: run hack/build-localcluster.sh", b.VirtAPI)
	}
	return b, nil
}
