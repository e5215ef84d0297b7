package fleet

import (
	"fmt"
	"hash/fnv"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// addresses gives pods addresses out of 10.0.0.0/8, from 10.64.0.0 on; nodes have theirs below. Nobody ever contacts one.
type addresses struct {
	mu    sync.Mutex
	next  uint32
	given map[types.UID]string
	taken map[string]types.UID
}

const (
	firstPodAddress = 10<<24 | 64<<16 | 1
	podAddresses    = 190 << 16
)

func newAddresses() *addresses {
	return &addresses{given: map[types.UID]string{}, taken: map[string]types.UID{}}
}

// of returns the pod's address, a new one if it has none.
func (a *addresses) of(pod types.UID) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if ip, ok := a.given[pod]; ok {
		return ip
	}
	for {
		ip := dotted(firstPodAddress + a.next%podAddresses)
		a.next++
		if _, taken := a.taken[ip]; !taken {
			a.given[pod], a.taken[ip] = ip, pod
			return ip
		}
	}
}

// keep notes an address that a pod already had when the fleet started.
func (a *addresses) keep(pod types.UID, ip string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.given[pod]; ok || ip == "" || ip == loopback {
		return
	}
	a.given[pod], a.taken[ip] = ip, pod
}

func (a *addresses) release(pod types.UID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.taken, a.given[pod])
	delete(a.given, pod)
}

// nodeAddress is the address of the node with that number, out of 10.1.0.0 to 10.62.255.255.
func nodeAddress(number int) string {
	return dotted(10<<24 | 1<<16 + uint32(number)%(62<<16))
}

func dotted(ip uint32) string {
	return fmt.Sprintf("%d.%d.%d.%d", ip>>24, ip>>16&0xff, ip>>8&0xff, ip&0xff)
}

// macAddress is a locally administered address that stays the same for as long as the VMI lives.
func macAddress(vmi types.UID, network string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(string(vmi) + "/" + network))
	sum := h.Sum(nil)
	return fmt.Sprintf("02:%02x:%02x:%02x:%02x:%02x", sum[0], sum[1], sum[2], sum[3], sum[4])
}

// leasedAddress is what a DHCP server gives to that MAC address.
func leasedAddress(mac string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(mac))
	sum := h.Sum(nil)
	return fmt.Sprintf("192.168.%d.%d", sum[0], 1+sum[1]%254)
}
