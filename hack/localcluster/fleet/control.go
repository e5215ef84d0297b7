package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// serveControl offers the control interface, HTTP and JSON on a unix socket, until the context ends.
func serveControl(ctx context.Context, f *fleet, path string) error {
	_ = os.Remove(path)
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: controlRoutes(f), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func controlRoutes(f *fleet) http.Handler {
	c := &control{f}
	mux := http.NewServeMux()
	for pattern, handle := range map[string]func(*http.Request) (any, error){
		"GET /ready":                                c.ready,
		"GET /state":                                c.state,
		"GET /nodes":                                c.nodes,
		"POST /nodes":                               c.addNodes,
		"DELETE /nodes/{node}":                      c.removeNode,
		"POST /nodes/{node}/partition":              c.health(partitioned),
		"POST /nodes/{node}/power-off":              c.health(off),
		"POST /nodes/{node}/kill-handler":           c.health(handlerless),
		"POST /nodes/{node}/resume":                 c.health(reporting),
		"GET /faults":                               c.listFaults,
		"POST /faults":                              c.addFault,
		"DELETE /faults":                            c.clearFaults,
		"DELETE /faults/{id}":                       c.clearFaults,
		"GET /guests/{namespace}/{name}/disk":       c.guestDisk,
		"POST /guests/{namespace}/{name}/disk":      c.guestDisk,
		"GET /claims/{namespace}/{name}/disk":       c.claimDisk,
		"POST /guests/{namespace}/{name}/crash":     c.endGuest(offCrashed),
		"POST /guests/{namespace}/{name}/power-off": c.endGuest(offShutdown),
	} {
		mux.HandleFunc(pattern, answer(handle))
	}
	return mux
}

// control is what the requests do. A refusal is an error whose text is for a person.
type control struct{ fleet *fleet }

var (
	errNotFound = errors.New("not found")
	errNotReady = errors.New("not ready")
)

func answer(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := handle(r)
		code := http.StatusOK
		switch {
		case errors.Is(err, errNotFound):
			code = http.StatusNotFound
		case errors.Is(err, errNotReady):
			code = http.StatusServiceUnavailable
		case err != nil:
			code = http.StatusBadRequest
		}
		if err != nil {
			body = map[string]string{"error": err.Error()}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(body)
	}
}

// fleetState is the answer to GET /state. A VM that moves shows with both of its guests.
type fleetState struct {
	Nodes  map[health]int `json:"nodes"`
	Guests []guest        `json:"guests"`
	Faults []fault        `json:"faults"`
}

func (c *control) state(*http.Request) (any, error) {
	s := fleetState{Nodes: map[health]int{}, Guests: c.fleet.hypervisor.list(), Faults: c.fleet.faults.list()}
	for _, m := range c.fleet.roster.list() {
		s.Nodes[m.Health]++
	}
	return s, nil
}

// ready says whether all nodes are registered, Ready and free of taints. It costs the API server nothing.
func (c *control) ready(*http.Request) (any, error) {
	usable, want := 0, len(c.fleet.roster.list())
	for _, obj := range c.fleet.watches.nodes.GetStore().List() {
		node := obj.(*corev1.Node)
		if isReady(node) && len(node.Spec.Taints) == 0 {
			usable++
		}
	}
	if !c.fleet.founded.Load() || usable < want {
		return nil, fmt.Errorf("%w: %d of %d nodes are usable", errNotReady, usable, max(want, c.fleet.options.nodes))
	}
	return map[string]int{"nodes": want}, nil
}

func (c *control) nodes(*http.Request) (any, error) { return c.fleet.roster.list(), nil }

// newNodes is the body of POST /nodes. What is left out is as on the command line.
type newNodes struct {
	Count  int    `json:"count"`
	Zone   string `json:"zone"`
	CPUs   int64  `json:"cpus"`
	Memory string `json:"memory"`
	Disk   string `json:"disk"`
	// CPUManager and Resources are as of a member.
	CPUManager bool                `json:"cpuManager"`
	Resources  corev1.ResourceList `json:"resources"`
}

func (c *control) addNodes(r *http.Request) (any, error) {
	var asked newNodes
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		return nil, err
	}
	var members []member
	for range max(asked.Count, 1) {
		m, err := asked.apply(c.fleet.newMember())
		if err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	// A request that is given up must not leave half a node behind.
	return members, c.fleet.enroller.enroll(context.WithoutCancel(r.Context()), members)
}

func (n newNodes) apply(m member) (member, error) {
	var err error
	m.CPUManager, m.Resources = n.CPUManager, n.Resources
	if n.Zone != "" {
		m.Zone = n.Zone
	}
	if n.CPUs != 0 {
		m.Size.CPUs = n.CPUs
	}
	if n.Memory != "" {
		if m.Size.Memory, err = parseBytes(n.Memory); err != nil {
			return m, err
		}
	}
	if n.Disk != "" {
		m.Size.Disk, err = parseBytes(n.Disk)
	}
	return m, err
}

func (c *control) removeNode(r *http.Request) (any, error) {
	node := r.PathValue("node")
	if !c.fleet.setHealth(node, off) {
		return nil, fmt.Errorf("node %s: %w", node, errNotFound)
	}
	return map[string]string{"removed": node}, c.fleet.enroller.remove(context.WithoutCancel(r.Context()), node)
}

func (c *control) health(h health) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		node := r.PathValue("node")
		if !c.fleet.setHealth(node, h) {
			return nil, fmt.Errorf("node %s: %w", node, errNotFound)
		}
		m, _ := c.fleet.roster.get(node)
		return m, nil
	}
}

func (c *control) listFaults(*http.Request) (any, error) { return c.fleet.faults.list(), nil }

func (c *control) addFault(r *http.Request) (any, error) {
	var rule fault
	if err := json.NewDecoder(r.Body).Decode(&rule); err != nil {
		return nil, err
	}
	if !slices.Contains(faultKinds, rule.Kind) {
		return nil, fmt.Errorf("kind %q is none of %v", rule.Kind, faultKinds)
	}
	added := c.fleet.faults.add(rule)
	c.fleet.wake()
	return added, nil
}

func (c *control) clearFaults(r *http.Request) (any, error) {
	removed := c.fleet.faults.remove(r.PathValue("id"))
	c.fleet.wake()
	return map[string]int{"removed": removed}, nil
}

// guestDisk is what is on the disk that the guest booted from; with ?write=TEXT the guest writes that first.
func (c *control) guestDisk(r *http.Request) (any, error) {
	return c.fleet.guestDisk(r.PathValue("namespace"), r.PathValue("name"), r.URL.Query().Get("write"))
}

func (c *control) claimDisk(r *http.Request) (any, error) {
	return c.fleet.claimDisk(r.PathValue("namespace")+"/"+r.PathValue("name"), "")
}

// endGuest makes a guest end of itself: it powers itself off, or crashes.
func (c *control) endGuest(reason offReason) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		key := r.PathValue("namespace") + "/" + r.PathValue("name")
		for _, g := range c.fleet.hypervisor.of(key) {
			if !g.alive() || g.State == guestIncoming {
				continue
			}
			g, _ = c.fleet.hypervisor.change(g.Pod, func(g *guest) { g.end(reason) })
			c.fleet.vmis.add(key)
			return g, nil
		}
		return nil, fmt.Errorf("guest %s: %w", key, errNotFound)
	}
}
