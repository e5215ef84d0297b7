package launcher

import (
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
)

// The listeners of a cluster, in the order of their ports in its block.
const (
	portClaim      = "claim"
	portEtcdPeer   = "etcd-peer"
	portVirtHandle = "virt-handler"
)

var portNames = []string{
	portClaim, etcd, portEtcdPeer, apiServer, controllerManager, scheduler, virtAPI, virtController, portVirtHandle,
}

// Blocks lie below the range that Linux takes the ports of outgoing
// connections from: a port that is free now is not taken by one later.
const (
	firstPort = 20000
	blockSize = 16
	blocks    = 600
)

// Ports holds a port for every listener of a cluster.
type Ports struct {
	byName map[string]int
	claim  net.Listener
}

// choosePorts finds a block whose ports are all free. It keeps listening on the
// block's first port for as long as the cluster lives, so that clusters that
// start at the same time cannot choose the same block. Fixed ports are taken as
// they are.
func choosePorts(fixed map[string]int) (*Ports, error) {
	for name := range fixed {
		if name == portClaim || !slices.Contains(portNames, name) {
			return nil, fmt.Errorf("no port is called %q; there are %v", name, portNames[1:])
		}
	}
	for range 200 {
		base := firstPort + blockSize*rand.IntN(blocks)
		if ports := tryBlock(base, fixed); ports != nil {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("no block of %d free ports in %d-%d on 127.0.0.1", len(portNames), firstPort, firstPort+blocks*blockSize)
}

func tryBlock(base int, fixed map[string]int) *Ports {
	claim, err := listen(base)
	if err != nil {
		return nil
	}
	ports := &Ports{byName: map[string]int{}, claim: claim}
	for i, name := range portNames[1:] {
		port := base + 1 + i
		if fixed[name] != 0 {
			port = fixed[name]
		} else if !free(port) {
			ports.Close()
			return nil
		}
		ports.byName[name] = port
	}
	return ports
}

func listen(port int) (net.Listener, error) {
	return net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
}

func free(port int) bool {
	listener, err := listen(port)
	if err != nil {
		return false
	}
	listener.Close()
	return true
}

// Of is the port of a listener.
func (p *Ports) Of(name string) int { return p.byName[name] }

// Close gives the block up.
func (p *Ports) Close() { p.claim.Close() }
