package fleet

import (
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
)

// health says how much of a node's life the control plane hears of.
type health string

const (
	// reporting: all is well.
	reporting health = "Reporting"
	// partitioned: the node runs on, guests too, but nothing it says reaches the API server, and it hears nothing.
	partitioned health = "Partitioned"
	// handlerless: virt-handler is dead; the kubelet reports, and guests run on without a word of them.
	handlerless health = "Handlerless"
	// off: the node has lost its power, and its guests with it.
	off health = "Off"
)

// member is one simulated node.
type member struct {
	Name   string `json:"name"`
	Number int    `json:"number"`
	Zone   string `json:"zone"`
	Size   size   `json:"size"`
	Health health `json:"health"`
	// CPUManager: the kubelet gives guests CPUs of their own, and virt-handler says so.
	CPUManager bool `json:"cpuManager,omitempty"`
	// Resources are what its device plugins offer, and its huge pages, by resource name.
	Resources corev1.ResourceList `json:"resources,omitempty"`
}

// roster is the fleet's list of its nodes.
type roster struct {
	mu      sync.RWMutex
	members map[string]*member
	highest int
}

func newRoster() *roster { return &roster{members: map[string]*member{}} }

// enlist adds a node. A member that is already there stays as it is.
func (r *roster) enlist(m member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.highest = max(r.highest, m.Number)
	if _, ok := r.members[m.Name]; !ok {
		r.members[m.Name] = &m
	}
}

func (r *roster) strike(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.members[name]
	delete(r.members, name)
	return ok
}

func (r *roster) get(name string) (member, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	m, ok := r.members[name]
	if !ok {
		return member{}, false
	}
	return *m, true
}

// reports tells whether what this node's kubelet says reaches the API server. A node that is not ours never does.
func (r *roster) reports(name string) bool {
	m, ok := r.get(name)
	return ok && (m.Health == reporting || m.Health == handlerless)
}

// handles tells the same of its virt-handler.
func (r *roster) handles(name string) bool {
	m, ok := r.get(name)
	return ok && m.Health == reporting
}

func (r *roster) setHealth(name string, h health) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.members[name]
	if ok {
		m.Health = h
	}
	return ok
}

// nextNumber reserves the number of a node to be.
func (r *roster) nextNumber() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.highest++
	return r.highest
}

func (r *roster) list() []member {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := make([]member, 0, len(r.members))
	for _, m := range r.members {
		all = append(all, *m)
	}
	slices.SortFunc(all, func(a, b member) int { return strings.Compare(a.Name, b.Name) })
	return all
}
