package fleet

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// heartbeats plays virt-handler's sign of life: pkg/virt-handler/heartbeat/heartbeat.go (do). One PATCH sets the
// annotation and says again that guests may be scheduled here, which undoes what virt-controller did to a node
// that was silent (pkg/virt-controller/watch/node/node.go, markNodeAsUnresponsive).
type heartbeats struct {
	client kubernetes.Interface
	roster *roster
}

// The period and its jitter are virt-handler's own: 60 s to 132 s.
const (
	heartbeatPeriod = time.Minute
	heartbeatJitter = 1.2
)

func (h *heartbeats) beat(ctx context.Context, node string) (time.Duration, error) {
	if !h.roster.handles(node) {
		return 0, nil
	}
	_, err := h.client.CoreV1().Nodes().Patch(ctx, node, types.StrategicMergePatchType, h.patch(node, time.Now()), metav1.PatchOptions{})
	if apierrors.IsNotFound(err) {
		return 0, nil // A kubelet does not register again either before it is restarted.
	}
	return spread(heartbeatPeriod, heartbeatJitter), err
}

func (h *heartbeats) patch(node string, now time.Time) []byte {
	m, _ := h.roster.get(node)
	return fmt.Appendf(nil, `{"metadata":{"labels":{%q:"true",%q:"%t"},"annotations":{%q:%q}}}`,
		kubevirtv1.NodeSchedulable, kubevirtv1.CPUManager, m.CPUManager,
		kubevirtv1.VirtHandlerHeartbeat, now.UTC().Format(time.RFC3339))
}
