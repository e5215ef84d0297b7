// Command manifests prints what starts KubeVirt's operator, out of KubeVirt's own generators: manifests REGISTRY TAG.
package main

import (
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/rbac"
	"kubevirt.io/kubevirt/tools/util"
)

const namespace = "kubevirt"

func main() {
	if err := print(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "manifests:", err)
		os.Exit(1)
	}
}

func print(registry, tag string) error {
	kind, err := components.NewKubeVirtCrd()
	if err != nil {
		return err
	}
	objects := []any{
		&corev1.Namespace{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
			ObjectMeta: metav1.ObjectMeta{Name: namespace, Labels: map[string]string{"kubevirt.io": "", "pod-security.kubernetes.io/enforce": "privileged"}},
		},
		kind,
		components.NewKubeVirtPriorityClassCR(),
	}
	objects = append(objects, rbac.GetAllOperator(namespace)...)
	objects = append(objects, components.NewOperatorDeployment(namespace, registry, "", tag, "2", "", "", "", "", "", "", "", "", "", "", "", "", "", corev1.PullIfNotPresent))
	for _, object := range objects {
		if err := util.MarshallObject(object, os.Stdout); err != nil {
			return err
		}
	}
	return nil
}
