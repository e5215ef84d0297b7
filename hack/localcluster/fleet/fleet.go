// Package fleet plays the nodes of a cluster: kubelet, virt-handler and the guests.
package fleet

import (
	"fmt"
	"os"
)

// Command runs the simulated fleet until it is told to stop and returns its exit code.
func Command(args []string) int {
	fmt.Fprintln(os.Stderr, "fleet: not built into this binary yet")
	return 1
}
