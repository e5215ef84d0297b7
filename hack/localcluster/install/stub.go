package install

import (
	_ "k8s.io/client-go/dynamic"
	_ "k8s.io/client-go/kubernetes"
	_ "kubevirt.io/api/core/v1"
	_ "kubevirt.io/client-go/kubecli"
	_ "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	_ "kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
	_ "kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/rbac"
	_ "sigs.k8s.io/yaml"
)
