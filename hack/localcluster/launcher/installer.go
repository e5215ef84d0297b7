package launcher

import (
	"context"
	"runtime/debug"
)

// kubeVirtVersion is the version that go.mod pins KubeVirt to.
var kubeVirtVersion = moduleVersion("kubevirt.io/kubevirt")

func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == path {
				return module.Version
			}
		}
	}
	return "unknown" // as in the launcher's own tests
}

// The steps that are not components.
const (
	stepDefinitions = "definitions"
	stepAdmission   = "admission"
)

// Site is what an Installer needs to know of a cluster.
type Site struct {
	Kubeconfig  string // path of an administrator's
	CA          []byte // PEM
	VirtAPIPort int
	Version     string // of KubeVirt
	HasVirtAPI  bool
}

// Installer puts KubeVirt's own objects into a cluster. It is an interface so
// that the launcher builds and is tested without Kubernetes' libraries.
type Installer interface {
	// Definitions installs namespaces, kinds and access rights, and returns when the kinds are served.
	Definitions(ctx context.Context, site Site) error
	// Admission installs virt-api's webhooks and aggregated APIs, and returns when they are in force.
	Admission(ctx context.Context, site Site) error
}
