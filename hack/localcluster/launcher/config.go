package launcher

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The components of a cluster, by the names they are called by.
const (
	etcd              = "etcd"
	apiServer         = "kube-apiserver"
	controllerManager = "kube-controller-manager"
	scheduler         = "kube-scheduler"
	virtAPI           = "virt-api"
	virtController    = "virt-controller"
	fleet             = "fleet"
)

var componentNames = []string{etcd, apiServer, controllerManager, scheduler, virtAPI, virtController, fleet}

// Config is what a cluster is asked to be.
type Config struct {
	Name       string              `json:"name"`
	Dir        string              `json:"dir"`
	Only       []string            `json:"only,omitempty"`       // components to run; empty: all
	FixedPorts map[string]int      `json:"fixedPorts,omitempty"` // by listener
	ExtraArgs  map[string][]string `json:"extraArgs,omitempty"`  // by component
	FleetNodes int                 `json:"fleetNodes"`           // 0: no fleet
	FleetZones int                 `json:"fleetZones"`
	Timeout    time.Duration       `json:"timeout"`         // for all of it to be ready
	Owner      int                 `json:"owner,omitempty"` // process to end with, 0: none
}

// runs tells whether a component is part of this cluster.
func (c Config) runs(component string) bool {
	if component == fleet {
		return c.FleetNodes > 0
	}
	return len(c.Only) == 0 || slices.Contains(c.Only, component)
}

// needsDefinitions tells whether KubeVirt's and CDI's kinds have to be there.
func (c Config) needsDefinitions() bool {
	return c.runs(virtAPI) || c.runs(virtController) || c.runs(fleet)
}

// maxSocketPath is what fits into a unix socket's address on every system.
const maxSocketPath = 100

func (c Config) validate() error {
	for _, name := range c.Only {
		if err := known(name); err != nil {
			return err
		}
	}
	for name := range c.ExtraArgs {
		if err := known(name); err != nil {
			return err
		}
	}
	if !c.runs(etcd) || !c.runs(apiServer) {
		return fmt.Errorf("--only must name %s and %s: nothing else works without them", etcd, apiServer)
	}
	if c.FleetNodes < 0 || c.FleetZones < 1 {
		return fmt.Errorf("--fleet-nodes must not be negative and --fleet-zones must be at least 1")
	}
	if path := (Layout{c.Dir}).Socket(); len(path) > maxSocketPath {
		return fmt.Errorf("the path of the folder is too long for the sockets in it: %s has %d characters, %d fit", path, len(path), maxSocketPath)
	}
	return nil
}

func known(component string) error {
	if slices.Contains(componentNames, component) {
		return nil
	}
	return fmt.Errorf("no component is called %q; there are %s", component, strings.Join(componentNames, ", "))
}

// normal makes two equal configurations look equal, whichever way they came.
func (c Config) normal() Config {
	if len(c.FixedPorts) == 0 {
		c.FixedPorts = nil
	}
	if len(c.ExtraArgs) == 0 {
		c.ExtraArgs = nil
	}
	return c
}
