package fleet

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

const (
	kubevirtNamespace = "kubevirt"
	handlerName       = "virt-handler"
	handlerImage      = "quay.io/kubevirt/virt-handler:v1.7.0"
)

func isHandler(pod *corev1.Pod) bool {
	return pod.Namespace == kubevirtNamespace && pod.Labels[kubevirtv1.AppLabel] == handlerName
}

// handlerDaemonSet is what virt-controller (pkg/virt-controller/watch/node/node.go, checkDaemonSetStatus) and virt-api
// (client-go kubecli/handler.go, getVirtHandler) look for, and what a drain spares. OnDelete keeps the DaemonSet controller
// from replacing pods that it did not make.
func handlerDaemonSet() *appsv1.DaemonSet {
	labels := map[string]string{kubevirtv1.AppLabel: handlerName}
	return &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: kubevirtNamespace, Name: handlerName, Labels: labels},
		Spec: appsv1.DaemonSetSpec{
			Selector:       &metav1.LabelSelector{MatchLabels: labels},
			UpdateStrategy: appsv1.DaemonSetUpdateStrategy{Type: appsv1.OnDeleteDaemonSetStrategyType},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       handlerSpec(),
			},
		},
	}
}

func handlerSpec() corev1.PodSpec {
	return corev1.PodSpec{
		Containers:         []corev1.Container{{Name: handlerName, Image: handlerImage}},
		ServiceAccountName: "kubevirt-handler",
		NodeSelector:       map[string]string{corev1.LabelOSStable: "linux"},
		PriorityClassName:  "system-node-critical",
		Tolerations:        []corev1.Toleration{{Key: "CriticalAddonsOnly", Operator: corev1.TolerationOpExists}},
	}
}

func ensureHandlerDaemonSet(ctx context.Context, client kubernetes.Interface) (*appsv1.DaemonSet, error) {
	api := client.AppsV1().DaemonSets(kubevirtNamespace)
	found, err := api.Get(ctx, handlerName, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return api.Create(ctx, handlerDaemonSet(), metav1.CreateOptions{})
	}
	return found, err
}

// handlerPod is the DaemonSet's pod on that node, bound from its birth. It is created before the node, so that the DaemonSet
// controller finds it there: left to it and the scheduler, 5,000 of them would take minutes.
func handlerPod(set *appsv1.DaemonSet, node string) *corev1.Pod {
	spec := handlerSpec()
	spec.NodeName = node
	for _, key := range []string{
		corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable, corev1.TaintNodeDiskPressure, corev1.TaintNodeMemoryPressure,
		corev1.TaintNodePIDPressure, corev1.TaintNodeUnschedulable,
	} {
		spec.Tolerations = append(spec.Tolerations, corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists})
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       set.Namespace,
			Name:            fmt.Sprintf("%s-%s", set.Name, node),
			Labels:          set.Spec.Selector.MatchLabels,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(set, appsv1.SchemeGroupVersion.WithKind("DaemonSet"))},
		},
		Spec: spec,
	}
}
