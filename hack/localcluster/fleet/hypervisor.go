package fleet

import (
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// hypervisor holds every guest of the fleet, by its launcher pod, and which launchers have ended.
type hypervisor struct {
	mu     sync.Mutex
	guests map[types.UID]*guest
	byVMI  map[string]map[types.UID]struct{}
	exits  map[types.UID]int32
}

func newHypervisor() *hypervisor {
	return &hypervisor{
		guests: map[types.UID]*guest{},
		byVMI:  map[string]map[types.UID]struct{}{},
		exits:  map[types.UID]int32{},
	}
}

// define adds a guest, unless its pod has one or its launcher has ended.
func (h *hypervisor) define(g guest) guest {
	h.mu.Lock()
	defer h.mu.Unlock()
	if known, ok := h.guests[g.Pod]; ok {
		return *known
	}
	h.guests[g.Pod] = &g
	if h.byVMI[g.key()] == nil {
		h.byVMI[g.key()] = map[types.UID]struct{}{}
	}
	h.byVMI[g.key()][g.Pod] = struct{}{}
	return g
}

func (h *hypervisor) get(pod types.UID) (guest, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	g, ok := h.guests[pod]
	if !ok {
		return guest{}, false
	}
	return *g, true
}

// change applies do to the pod's guest and returns it as it is then.
func (h *hypervisor) change(pod types.UID, do func(*guest)) (guest, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	g, ok := h.guests[pod]
	if !ok {
		return guest{}, false
	}
	do(g)
	return *g, true
}

// move hands what runs in one launcher over to another, at one instant: no guest ever runs twice.
func (h *hypervisor) move(from, to types.UID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	source, target := h.guests[from], h.guests[to]
	if source == nil || target == nil || target.State != guestIncoming || !source.alive() {
		return false
	}
	target.State, target.Boots, target.Agent, target.Frozen = source.State, source.Boots, source.Agent, source.Frozen
	target.Written = source.Written
	target.rebootAt, target.agentAt = source.rebootAt, source.agentAt
	target.offAt, target.shutdownSince = source.offAt, source.shutdownSince
	source.end(offMigrated)
	return true
}

// of returns the guests of a VMI's name, in the order of their pods' names.
func (h *hypervisor) of(key string) []guest {
	h.mu.Lock()
	defer h.mu.Unlock()
	found := make([]guest, 0, len(h.byVMI[key]))
	for pod := range h.byVMI[key] {
		found = append(found, *h.guests[pod])
	}
	slices.SortFunc(found, func(a, b guest) int { return strings.Compare(a.PodName, b.PodName) })
	return found
}

// exit notes that the pod's launcher has ended with that code. The first code counts.
func (h *hypervisor) exit(pod types.UID, code int32) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.exits[pod]; ok {
		return false
	}
	h.exits[pod] = code
	return true
}

func (h *hypervisor) exited(pod types.UID) (int32, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	code, ok := h.exits[pod]
	return code, ok
}

// drop forgets a pod that is gone.
func (h *hypervisor) drop(pod types.UID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.exits, pod)
	g, ok := h.guests[pod]
	if !ok {
		return
	}
	delete(h.guests, pod)
	delete(h.byVMI[g.key()], pod)
	if len(h.byVMI[g.key()]) == 0 {
		delete(h.byVMI, g.key())
	}
}

func (h *hypervisor) list() []guest {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]guest, 0, len(h.guests))
	for _, g := range h.guests {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b guest) int { return strings.Compare(a.key()+a.PodName, b.key()+b.PodName) })
	return all
}
