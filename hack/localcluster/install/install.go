// Package install puts KubeVirt's own objects into a cluster.
package install

import (
	"context"

	"berth.dev/localcluster/launcher"
)

// Installer is the launcher.Installer.
type Installer struct{}

func (Installer) Definitions(ctx context.Context, site launcher.Site) error { return nil }
func (Installer) Admission(ctx context.Context, site launcher.Site) error   { return nil }
