// Package install puts KubeVirt into a cluster as virt-operator would: its
// kinds, access rights, webhooks and aggregated APIs come out of KubeVirt's own
// generators. Only where virt-api is found differs: on a port of loopback.
package install

import (
	"context"
	"fmt"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"berth.dev/localcluster/launcher"
)

const namespace = "kubevirt"

// Installer is the launcher.Installer for real clusters.
type Installer struct{}

// Definitions installs all that virt-api and virt-controller expect to find.
func (Installer) Definitions(ctx context.Context, site launcher.Site) error {
	t, err := connect(site)
	if err != nil {
		return err
	}
	kinds, err := allKinds()
	if err != nil {
		return err
	}
	if err := t.create(ctx, namespaces()); err != nil {
		return err
	}
	objects := append(accessRights(), virtAPIService(site), certificateAuthority(site))
	objects = append(append(objects, priorityClass()), attachmentPodTokens()...)
	for _, kind := range kinds {
		objects = append(objects, kind)
	}
	if err := t.create(ctx, objects); err != nil {
		return err
	}
	if err := t.awaitServed(ctx, kinds); err != nil {
		return err
	}
	return t.createKubeVirt(ctx, site)
}

// Admission makes the API server ask virt-api.
func (Installer) Admission(ctx context.Context, site launcher.Site) error {
	t, err := connect(site)
	if err != nil {
		return err
	}
	objects, err := virtAPIRegistrations(site)
	if err != nil {
		return err
	}
	if err := t.create(ctx, objects); err != nil {
		return err
	}
	return t.awaitInForce(ctx)
}

// target is the cluster that is installed into.
type target struct {
	client dynamic.Interface
	rest   rest.Interface
}

func connect(site launcher.Site) (*target, error) {
	config, err := clientcmd.BuildConfigFromFlags("", site.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", site.Kubeconfig, err)
	}
	config.QPS = -1                           // no limit
	config.WarningHandler = rest.NoWarnings{} // that KubeVirt serves old versions is KubeVirt's affair
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	config = dynamic.ConfigFor(config)
	config.GroupVersion = nil
	raw, err := rest.UnversionedRESTClientFor(config)
	return &target{client: client, rest: raw}, err
}
