// Command localcluster is a Kubernetes and KubeVirt control plane in one
// binary, and the launcher that runs it on loopback.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"berth.dev/localcluster/component"
	"berth.dev/localcluster/fleet"
	_ "berth.dev/localcluster/install"
)

func main() {
	os.Exit(run(os.Args))
}

func run(argv []string) int {
	if name := filepath.Base(argv[0]); name == "kubectl" {
		argv = append([]string{"localcluster", name}, argv[1:]...)
	}
	if len(argv) < 2 {
		fmt.Fprintln(os.Stderr, "usage")
		return 2
	}
	if main, ok := component.Lookup(argv[1]); ok {
		component.Become(argv[1], argv[2:])
		return main()
	}
	switch argv[1] {
	case "fleet":
		return fleet.Command(argv[2:])
	}
	return 2
}
