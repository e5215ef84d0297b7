// Command localcluster is a Kubernetes and KubeVirt control plane in one
// binary, and the launcher that runs it on loopback. Its first argument is the
// component to be, or a command of the launcher.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"berth.dev/localcluster/component"
	"berth.dev/localcluster/fleet"
	"berth.dev/localcluster/install"
	"berth.dev/localcluster/launcher"
)

func main() {
	os.Exit(run(os.Args))
}

func run(argv []string) int {
	args := argv[1:]
	if name := filepath.Base(argv[0]); name == "kubectl" { // called by a link of that name
		args = append([]string{name}, args...)
	}
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, launcher.Usage)
		return 2
	}
	if main, ok := component.Lookup(args[0]); ok {
		component.Become(args[0], args[1:])
		return main()
	}
	if args[0] == "fleet" {
		return fleet.Command(args[1:])
	}
	if args[0] == "fleetctl" {
		return fleet.ControlCommand(args[1:])
	}
	if code, ok := launcher.Command(args, install.Installer{}); ok {
		return code
	}
	fmt.Fprint(os.Stderr, launcher.Usage)
	return 2
}
