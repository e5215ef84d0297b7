package fleet

import (
	"hash/crc32"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"kubevirt.io/kubevirt/pkg/network/vmispec"
)

// applyDomain writes into the VMI's status what virt-handler reports of a domain that is there: pkg/virt-handler/vm.go
// (updateVMIStatus, updateVMIStatusFromDomain, updateVMIConditions). The Ready condition, activePods, the launcher's image
// version and the PVC's part of volumeStatus are virt-controller's.
func applyDomain(vmi *kubevirtv1.VirtualMachineInstance, g guest, podIP string, now metav1.Time) {
	vmi.Status.SelinuxContext = "none"
	vmi.Status.Machine = machine(vmi)
	vmi.Status.FSFreezeStatus = ""
	if g.Frozen {
		vmi.Status.FSFreezeStatus = "frozen"
	}
	if g.Agent {
		vmi.Status.GuestOSInfo = guestOS
	}
	applyMemory(vmi)
	applyVolumes(vmi)
	vmi.Status.Interfaces = interfaces(vmi, g.Agent, podIP)
	live, storage, method := migratable(vmi)
	setVMICondition(vmi, live)
	setVMICondition(vmi, storage)
	vmi.Status.MigrationMethod = method
	applyAgent(vmi, g.Agent, now)
	applyPaused(vmi, g.State == guestPaused, now)
	setPhase(vmi, kubevirtv1.Running, now)
}

// guestOS is what a guest agent answers: pkg/virt-handler/vm.go (updateGuestInfoFromDomain).
var guestOS = kubevirtv1.VirtualMachineInstanceGuestOSInfo{
	Name: "Fedora Linux", PrettyName: "Fedora Linux 42 (Cloud Edition)", ID: "fedora", Version: "42 (Cloud Edition)",
	VersionID: "42", KernelRelease: "6.14.0-63.fc42.x86_64", KernelVersion: "#1 SMP PREEMPT_DYNAMIC", Machine: "x86_64",
}

func machine(vmi *kubevirtv1.VirtualMachineInstance) *kubevirtv1.Machine {
	kind := ""
	if vmi.Spec.Domain.Machine != nil {
		kind = vmi.Spec.Domain.Machine.Type
	}
	if newest, ok := machineAlias[kind]; ok {
		kind = newest
	}
	return &kubevirtv1.Machine{Type: kind}
}

// applyMemory: pkg/virt-handler/vm.go (updateMemoryInfo). Plugged memory shows only when a migration has made it real.
func applyMemory(vmi *kubevirtv1.VirtualMachineInstance) {
	if vmi.Status.Memory == nil {
		vmi.Status.Memory = &kubevirtv1.MemoryStatus{}
	}
	memory := vmi.Status.Memory
	switch {
	case memory.GuestRequested != nil:
		memory.GuestCurrent = memory.GuestRequested
	case vmi.Spec.Domain.Memory != nil && vmi.Spec.Domain.Memory.Guest != nil:
		memory.GuestCurrent = vmi.Spec.Domain.Memory.Guest
	default:
		if q, ok := vmi.Spec.Domain.Resources.Requests[corev1.ResourceMemory]; ok {
			memory.GuestCurrent = &q
		}
	}
}

// applyVolumes: pkg/virt-handler/vm.go (updateVolumeStatusesFromDomain, updateHotplugVolumeStatus, updateIsoSizeStatus,
// updateChecksumInfo).
func applyVolumes(vmi *kubevirtv1.VirtualMachineInstance) {
	targets := diskTargets(vmi)
	for i := range vmi.Status.VolumeStatus {
		status := &vmi.Status.VolumeStatus[i]
		at := slices.IndexFunc(vmi.Spec.Volumes, func(v kubevirtv1.Volume) bool { return v.Name == status.Name })
		if status.HotplugVolume != nil {
			applyHotplug(status, at >= 0, targets[status.Name])
			continue
		}
		status.Target = targets[status.Name]
		if at < 0 {
			continue
		}
		if image := vmi.Spec.Volumes[at].ContainerDisk; image != nil {
			status.ContainerDiskVolume = &kubevirtv1.ContainerDiskInfo{Checksum: crc32.ChecksumIEEE([]byte(image.Image))}
		}
		if isGenerated(vmi.Spec.Volumes[at]) && status.Target != "" {
			status.Size = mib
		}
	}
	slices.SortStableFunc(vmi.Status.VolumeStatus, func(a, b kubevirtv1.VolumeStatus) int { return strings.Compare(a.Name, b.Name) })
}

func isGenerated(v kubevirtv1.Volume) bool {
	return v.CloudInitNoCloud != nil || v.CloudInitConfigDrive != nil || v.ConfigMap != nil || v.Secret != nil ||
		v.DownwardAPI != nil || v.ServiceAccount != nil || v.Sysprep != nil
}

// applyHotplug: a plugged volume is ready as soon as its attachment pod runs on the node; an unplugged one is unmounted at
// once. The steps in between are not played.
func applyHotplug(status *kubevirtv1.VolumeStatus, wanted bool, target string) {
	if wanted && status.HotplugVolume.AttachPodUID != "" {
		status.Target, status.Phase, status.Reason = target, kubevirtv1.VolumeReady, "VolumeReady"
		status.Message = "Successfully attach hotplugged volume " + status.Name + " to VM"
	}
	attached := status.Phase == kubevirtv1.VolumeReady || status.Phase == kubevirtv1.HotplugVolumeMounted || status.Phase == kubevirtv1.HotplugVolumeAttachedToNode
	if !wanted && attached {
		status.Target, status.Phase, status.Reason = "", kubevirtv1.HotplugVolumeUnMounted, "VolumeUnMountedFromPod"
		status.Message = "Volume " + status.Name + " has been unmounted from virt-launcher pod"
	}
}

// diskTargets names the guest's devices in the order of the disks: vda, vdb for virtio, sda, sdb for the rest.
func diskTargets(vmi *kubevirtv1.VirtualMachineInstance) map[string]string {
	targets, count := map[string]string{}, map[string]int{}
	for _, disk := range vmi.Spec.Domain.Devices.Disks {
		prefix := "sd"
		if diskBus(disk) == kubevirtv1.DiskBusVirtio {
			prefix = "vd"
		}
		targets[disk.Name] = prefix + string(rune('a'+count[prefix]%26))
		count[prefix]++
	}
	return targets
}

func diskBus(disk kubevirtv1.Disk) kubevirtv1.DiskBus {
	switch {
	case disk.Disk != nil:
		return disk.Disk.Bus
	case disk.LUN != nil:
		return disk.LUN.Bus
	case disk.CDRom != nil:
		return disk.CDRom.Bus
	}
	return ""
}

// interfaces: pkg/network/setup/netstat.go (UpdateStatus). With masquerade the guest's address is the pod's; on the networks of
// multus there is a DHCP server, whose answers the agent tells. An interface there is in the domain once multus has plugged the pod.
func interfaces(vmi *kubevirtv1.VirtualMachineInstance, agent bool, podIP string) []kubevirtv1.VirtualMachineInstanceNetworkInterface {
	before := map[string]kubevirtv1.VirtualMachineInstanceNetworkInterface{}
	for _, i := range vmi.Status.Interfaces {
		before[i.Name] = i
	}
	var all []kubevirtv1.VirtualMachineInstanceNetworkInterface
	for n, spec := range vmi.Spec.Domain.Devices.Interfaces {
		onPodNetwork := isPodNetwork(vmi, spec.Name)
		isPlugged := vmispec.ContainsInfoSource(before[spec.Name].InfoSource, vmispec.InfoSourceMultusStatus)
		if !onPodNetwork && !isPlugged {
			continue
		}
		i := kubevirtv1.VirtualMachineInstanceNetworkInterface{Name: spec.Name, PodInterfaceName: before[spec.Name].PodInterfaceName}
		if spec.State != kubevirtv1.InterfaceStateAbsent {
			i.MAC, i.InfoSource, i.QueueCount, i.LinkState = spec.MacAddress, vmispec.InfoSourceDomain, 1, "up"
			if spec.State == kubevirtv1.InterfaceStateLinkDown {
				i.LinkState = "down"
			}
			if i.MAC == "" {
				i.MAC = macAddress(vmi.UID, spec.Name)
			}
			if onPodNetwork {
				i.IP, i.IPs = podIP, []string{podIP}
			}
			if agent {
				i.InfoSource = vmispec.InfoSourceDomainAndGA
				i.InterfaceName = "eth" + string(rune('0'+n%10))
				if !onPodNetwork {
					i.IP = leasedAddress(i.MAC)
					i.IPs = []string{i.IP}
				}
			}
		}
		if !onPodNetwork {
			i.InfoSource = strings.TrimPrefix(vmispec.AddInfoSource(i.InfoSource, vmispec.InfoSourceMultusStatus), ", ")
		}
		all = append(all, i)
	}
	return all
}

func isPodNetwork(vmi *kubevirtv1.VirtualMachineInstance, name string) bool {
	return slices.ContainsFunc(vmi.Spec.Networks, func(n kubevirtv1.Network) bool { return n.Name == name && n.Pod != nil })
}

// applyAgent: pkg/virt-handler/vm.go (updateGuestAgentConditions).
func applyAgent(vmi *kubevirtv1.VirtualMachineInstance, connected bool, now metav1.Time) {
	switch {
	case !connected:
		dropVMICondition(vmi, kubevirtv1.VirtualMachineInstanceAgentConnected)
	case !vmiHas(vmi, kubevirtv1.VirtualMachineInstanceAgentConnected):
		setVMICondition(vmi, vmiCondition{Type: kubevirtv1.VirtualMachineInstanceAgentConnected, Status: corev1.ConditionTrue, LastProbeTime: now})
	}
}

// applyPaused: pkg/virt-handler/vm.go (updatePausedConditions, calculatePausedCondition).
func applyPaused(vmi *kubevirtv1.VirtualMachineInstance, paused bool, now metav1.Time) {
	switch {
	case !paused:
		dropVMICondition(vmi, kubevirtv1.VirtualMachineInstancePaused)
	case !vmiHas(vmi, kubevirtv1.VirtualMachineInstancePaused):
		setVMICondition(vmi, vmiCondition{
			Type: kubevirtv1.VirtualMachineInstancePaused, Status: corev1.ConditionTrue, LastProbeTime: now, LastTransitionTime: now,
			Reason: "PausedByUser", Message: "VMI was paused by user",
		})
	}
}

// finalPhase is the phase of a VMI whose domain is off: pkg/virt-handler/vm.go (calculateVmPhaseForStatusReason).
func finalPhase(vmi *kubevirtv1.VirtualMachineInstance, reason offReason) kubevirtv1.VirtualMachineInstancePhase {
	switch {
	case reason == offCrashed:
		return kubevirtv1.Failed
	case reason == offDestroyed && gracePeriod(vmi) != 0 && hasACPI(vmi):
		// It was asked to shut down and did not within its time.
		return kubevirtv1.Failed
	}
	return kubevirtv1.Succeeded
}

// gracePeriod is the time in seconds that the guest has to shut down.
func gracePeriod(vmi *kubevirtv1.VirtualMachineInstance) int64 {
	if s := vmi.Spec.TerminationGracePeriodSeconds; s != nil {
		return *s
	}
	return kubevirtv1.DefaultGracePeriodSeconds
}

func hasACPI(vmi *kubevirtv1.VirtualMachineInstance) bool {
	f := vmi.Spec.Domain.Features
	return f == nil || f.ACPI.Enabled == nil || *f.ACPI.Enabled
}

// setPhase: pkg/controller/controller.go (SetVMIPhaseTransitionTimestamp).
func setPhase(vmi *kubevirtv1.VirtualMachineInstance, phase kubevirtv1.VirtualMachineInstancePhase, now metav1.Time) {
	if vmi.Status.Phase == phase {
		return
	}
	vmi.Status.Phase = phase
	stamped := slices.ContainsFunc(vmi.Status.PhaseTransitionTimestamps, func(t kubevirtv1.VirtualMachineInstancePhaseTransitionTimestamp) bool {
		return t.Phase == phase
	})
	if !stamped {
		vmi.Status.PhaseTransitionTimestamps = append(vmi.Status.PhaseTransitionTimestamps,
			kubevirtv1.VirtualMachineInstancePhaseTransitionTimestamp{Phase: phase, PhaseTransitionTimestamp: now})
	}
}
