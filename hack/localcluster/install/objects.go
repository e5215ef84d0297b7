package install

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/rbac"

	"berth.dev/localcluster/launcher"
)

func namespaces() []runtime.Object {
	var objects []runtime.Object
	for _, name := range []string{namespace, "cdi"} {
		objects = append(objects, &corev1.Namespace{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
			ObjectMeta: metav1.ObjectMeta{Name: name},
		})
	}
	return objects
}

func accessRights() []runtime.Object {
	objects := rbac.GetAllCluster()
	objects = append(objects, rbac.GetAllApiServer(namespace)...)
	objects = append(objects, rbac.GetAllController(namespace)...)
	return append(objects, rbac.GetAllHandler(namespace)...)
}

func priorityClass() runtime.Object { return components.NewKubeVirtPriorityClassCR() }

// virtAPIService leads to virt-api outside the cluster. An ExternalName is a
// DNS name, and an address in dots happens to be a valid one: it saves asking
// what localhost means.
func virtAPIService(site launcher.Site) runtime.Object {
	service := components.NewApiServerService(namespace)
	service.Spec = corev1.ServiceSpec{
		Type:         corev1.ServiceTypeExternalName,
		ExternalName: "127.0.0.1",
		Ports:        []corev1.ServicePort{{Name: "https", Port: int32(site.VirtAPIPort)}},
	}
	return service
}

// certificateAuthority is whom virt-api and virt-handler trust each other by.
func certificateAuthority(site launcher.Site) runtime.Object {
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: components.KubeVirtCASecretName},
		Data:       map[string]string{components.CABundleKey: string(site.CA)},
	}
}
