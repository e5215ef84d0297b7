package fleet

import (
	"context"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// nodeStatuses posts a node's conditions again where the node lifecycle controller set them to Unknown while the node was not
// heard of: a lease alone does not bring them back. kubernetes pkg/kubelet/kubelet_node_status.go posts them on its
// own every five minutes and whenever they differ; here only the second is needed. The images that were pulled are
// posted with them.
type nodeStatuses struct {
	client  kubernetes.Interface
	watches *watches
	roster  *roster
	images  *images
}

func (n *nodeStatuses) sync(ctx context.Context, name string) (time.Duration, error) {
	node := fetch[corev1.Node](n.watches.nodes, name)
	if node == nil || !n.roster.reports(name) {
		return 0, nil
	}
	status := map[string]any{}
	if !isReady(node) {
		status["conditions"] = nodeConditions(metav1.Now())
	}
	if listed := n.images.unreported(node); listed != nil {
		status["images"] = listed
	}
	if len(status) == 0 {
		return 0, nil
	}
	patch, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return 0, err
	}
	_, err = n.client.CoreV1().Nodes().Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	return 0, err
}

func isReady(node *corev1.Node) bool {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// bareNode keeps of a Node only what the fleet looks at: there are thousands, and they change with every heartbeat.
func bareNode(node *corev1.Node) *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: node.Name, UID: node.UID, ResourceVersion: node.ResourceVersion},
		Spec:       corev1.NodeSpec{Taints: node.Spec.Taints, Unschedulable: node.Spec.Unschedulable},
		Status:     corev1.NodeStatus{Conditions: node.Status.Conditions, Images: node.Status.Images},
	}
}
