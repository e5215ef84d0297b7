package install

import (
	"context"
	"errors"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	virtv1 "kubevirt.io/api/core/v1"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"

	"berth.dev/localcluster/launcher"
)

// virtAPIRegistrations are what makes the API server ask virt-api, with the
// port and the CA that are this cluster's.
func virtAPIRegistrations(site launcher.Site) ([]runtime.Object, error) {
	port := int32(site.VirtAPIPort)
	var objects []runtime.Object

	mutating := components.NewVirtAPIMutatingWebhookConfiguration(namespace)
	for i := range mutating.Webhooks {
		client := &mutating.Webhooks[i].ClientConfig
		client.CABundle, client.Service.Port = site.CA, &port
	}
	validating := components.NewVirtAPIValidatingWebhookConfiguration(namespace)
	for i := range validating.Webhooks {
		client := &validating.Webhooks[i].ClientConfig
		client.CABundle, client.Service.Port = site.CA, &port
	}
	objects = append(objects, mutating, validating)
	for _, service := range components.NewVirtAPIAPIServices(namespace) {
		service.Spec.CABundle, service.Spec.Service.Port = site.CA, &port
		objects = append(objects, service)
	}
	return objects, nil
}

// awaitInForce returns when the API server asks virt-api in all three ways.
func (t *target) awaitInForce(ctx context.Context) error {
	checks := map[string]func(context.Context) error{
		"aggregated API":      t.subresourcesServed,
		"validating webhooks": t.badRefused,
		"mutating webhooks":   t.defaultsSet,
	}
	for name, check := range checks {
		if err := until(ctx, func() error { return check(ctx) }); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (t *target) subresourcesServed(ctx context.Context) error {
	for _, version := range virtv1.SubresourceGroupVersions {
		if err := t.rest.Get().AbsPath("/apis", version.Group, version.Version).Do(ctx).Error(); err != nil {
			return err
		}
	}
	return nil
}

// badRefused tries to create a VirtualMachineInstance with a disk that no
// volume belongs to, which only virt-api finds out.
func (t *target) badRefused(ctx context.Context) error {
	disks := []any{map[string]any{"name": "none", "disk": map[string]any{"bus": "virtio"}}}
	_, err := t.tryVMI(ctx, map[string]any{"disks": disks})
	if err != nil && strings.Contains(err.Error(), "denied the request") {
		return nil
	}
	return orElse(err, "a bad VirtualMachineInstance was not refused")
}

func (t *target) defaultsSet(ctx context.Context) error {
	vmi, err := t.tryVMI(ctx, map[string]any{})
	if err == nil {
		if machine, _, _ := unstructured.NestedString(vmi.Object, "spec", "domain", "machine", "type"); machine != "" {
			return nil
		}
	}
	return orElse(err, "a VirtualMachineInstance got no defaults")
}

func (t *target) tryVMI(ctx context.Context, devices map[string]any) (*unstructured.Unstructured, error) {
	memory := map[string]any{"guest": "64Mi"}
	vmi := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": virtv1.GroupVersion.String(), "kind": "VirtualMachineInstance",
		"metadata": map[string]any{"namespace": namespace, "name": "probe"},
		"spec":     map[string]any{"domain": map[string]any{"devices": devices, "memory": memory}},
	}}
	return t.resource(vmi).Create(ctx, vmi, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
}

func orElse(err error, text string) error {
	if err != nil {
		return err
	}
	return errors.New(text)
}
