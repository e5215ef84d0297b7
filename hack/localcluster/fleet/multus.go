package fleet

import (
	"context"
	"encoding/json"

	networkv1 "github.com/k8snetworkplumbingwg/network-attachment-definition-client/pkg/apis/k8s.cni.cncf.io/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// networkStatus is what multus, and its dynamic networks controller for a pod that runs, say of the networks that a pod asks for by
// annotation; empty: it asks for none, or they have been said.
func networkStatus(pod *corev1.Pod, podIP string) string {
	wanted := pod.Annotations[networkv1.NetworkAttachmentAnnot]
	said := pod.Annotations[networkv1.NetworkStatusAnnot]
	if wanted == "" && said == "" {
		return ""
	}
	var elements []networkv1.NetworkSelectionElement
	if wanted != "" && json.Unmarshal([]byte(wanted), &elements) != nil {
		return ""
	}
	all := []networkv1.NetworkStatus{{Name: "cluster", Interface: "eth0", IPs: []string{podIP}, Default: true}}
	for _, e := range elements {
		mac := e.MacRequest
		if mac == "" {
			mac = macAddress(pod.UID, e.Name)
		}
		all = append(all, networkv1.NetworkStatus{Name: e.Namespace + "/" + e.Name, Interface: e.InterfaceRequest, Mac: mac})
	}
	text, err := json.Marshal(all)
	if err != nil || string(text) == said {
		return ""
	}
	return string(text)
}

// attachNetworks plugs a pod into its networks before its containers start, and again whenever it asks for others.
func (k *kubelets) attachNetworks(ctx context.Context, pod *corev1.Pod, podIP string) error {
	status := networkStatus(pod, podIP)
	if status == "" {
		return nil
	}
	annotations := map[string]string{networkv1.NetworkStatusAnnot: status}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": pod.UID, "annotations": annotations}})
	if err != nil {
		return err
	}
	_, err = k.client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.MergePatchType, patch, metav1.PatchOptions{})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
