package launcher

import (
	"strings"
	"testing"
)

func TestPortsOfTwoClustersDiffer(t *testing.T) {
	seen := map[int]bool{}
	for range 20 {
		ports, err := choosePorts(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ports.Close()
		for name, port := range ports.byName {
			if seen[port] {
				t.Errorf("port %d of %s is taken twice", port, name)
			}
			seen[port] = true
		}
	}
}

func TestClaimedBlockIsNotChosenAgain(t *testing.T) {
	first, err := choosePorts(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	base := first.Of(etcd) - 1
	if again := tryBlock(base, nil); again != nil {
		t.Errorf("block %d was chosen twice", base)
	}
}

func TestPortsStayBelowThoseOfOutgoingConnections(t *testing.T) {
	const firstEphemeral = 32768
	if end := firstPort + blocks*blockSize; end > firstEphemeral {
		t.Errorf("blocks end at %d", end)
	}
	if len(portNames) > blockSize {
		t.Errorf("%d listeners do not fit into a block of %d", len(portNames), blockSize)
	}
}

func TestFixedPortIsKept(t *testing.T) {
	ports, err := choosePorts(map[string]int{apiServer: 6443})
	if err != nil {
		t.Fatal(err)
	}
	defer ports.Close()
	if ports.Of(apiServer) != 6443 {
		t.Errorf("got %d", ports.Of(apiServer))
	}
}

func TestUnknownListenerIsRefused(t *testing.T) {
	_, err := choosePorts(map[string]int{"apiserver": 6443})
	if err == nil || !strings.Contains(err.Error(), "kube-apiserver") {
		t.Errorf("want an error that lists the names, got %v", err)
	}
}
