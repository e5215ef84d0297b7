package fleet

import (
	"fmt"
	"maps"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

const (
	// simulatedLabel marks a node as one of the fleet's, so that a fleet that starts again finds its own.
	simulatedLabel = "fleet.berth.dev/node-number"
	region         = "region-a"
	kubeletVersion = "v1.33.13"
)

func nodeName(number int) string { return fmt.Sprintf("node-%03d", number) }

// zoneName is the name of the i-th zone: zone-a to zone-z, then zone-26 and so on.
func zoneName(i int) string {
	if i < 26 {
		return "zone-" + string(rune('a'+i))
	}
	return "zone-" + strconv.Itoa(i)
}

// nodeObject is the Node as a kubelet registers it, with the labels that virt-handler adds at its start.
func nodeObject(m member, extra map[string]string, now metav1.Time) *corev1.Node {
	capacity, allocatable := m.resources()
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:   m.Name,
			Labels: nodeLabels(m, extra),
			Annotations: map[string]string{
				kubevirtv1.VirtHandlerHeartbeat:                          now.UTC().Format("2006-01-02T15:04:05Z"),
				"volumes.kubernetes.io/controller-managed-attach-detach": "true",
			},
		},
		Spec: corev1.NodeSpec{ProviderID: "fleet://" + region + "/" + m.Name},
		Status: corev1.NodeStatus{
			Capacity:        capacity,
			Allocatable:     allocatable,
			Conditions:      nodeConditions(now),
			Addresses:       nodeAddresses(m),
			NodeInfo:        nodeInfo(m),
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: 10250}},
		},
	}
}

func nodeLabels(m member, extra map[string]string) map[string]string {
	labels := handlerLabels()
	maps.Copy(labels, map[string]string{
		corev1.LabelHostname:           m.Name,
		corev1.LabelOSStable:           "linux",
		corev1.LabelArchStable:         "amd64",
		"beta.kubernetes.io/os":        "linux",
		"beta.kubernetes.io/arch":      "amd64",
		corev1.LabelTopologyRegion:     region,
		corev1.LabelTopologyZone:       m.Zone,
		corev1.LabelInstanceTypeStable: instanceType(m.Size),
		simulatedLabel:                 strconv.Itoa(m.Number),
		kubevirtv1.CPUManager:          strconv.FormatBool(m.CPUManager),
	})
	maps.Copy(labels, extra)
	return labels
}

func instanceType(s size) string {
	return fmt.Sprintf("fleet-%dc-%dg-%dg", s.CPUs, s.Memory/gib, s.Disk/gib)
}

// sizeFromType is the reverse of instanceType, for a node that was there before the fleet started.
func sizeFromType(name string) (size, bool) {
	var s size
	n, err := fmt.Sscanf(name, "fleet-%dc-%dg-%dg", &s.CPUs, &s.Memory, &s.Disk)
	s.Memory, s.Disk = s.Memory*gib, s.Disk*gib
	return s, err == nil && n == 3
}

func nodeAddresses(m member) []corev1.NodeAddress {
	return []corev1.NodeAddress{
		{Type: corev1.NodeInternalIP, Address: nodeAddress(m.Number)},
		{Type: corev1.NodeHostName, Address: m.Name},
	}
}

func nodeInfo(m member) corev1.NodeSystemInfo {
	id := fmt.Sprintf("%032x", m.Number)
	return corev1.NodeSystemInfo{
		MachineID:               id,
		SystemUUID:              id,
		BootID:                  id,
		KernelVersion:           "6.12.0-55.el10.x86_64",
		OSImage:                 "Simulated Linux 10",
		ContainerRuntimeVersion: "containerd://2.0.5",
		KubeletVersion:          kubeletVersion,
		OperatingSystem:         "linux",
		Architecture:            "amd64",
	}
}

func nodeConditions(now metav1.Time) []corev1.NodeCondition {
	healthy := []struct {
		kind            corev1.NodeConditionType
		status          corev1.ConditionStatus
		reason, message string
	}{
		{corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"},
		{corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
		{corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"},
		{corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"},
	}
	conditions := make([]corev1.NodeCondition, 0, len(healthy))
	for _, c := range healthy {
		conditions = append(conditions, corev1.NodeCondition{
			Type: c.kind, Status: c.status, Reason: c.reason, Message: c.message,
			LastHeartbeatTime: now, LastTransitionTime: now,
		})
	}
	return conditions
}
