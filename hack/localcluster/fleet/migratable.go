package fleet

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// obstacle is a reason why a guest cannot be migrated.
type obstacle struct{ reason, message string }

// isBlockMigration and volumeObstacle are virt-handler's rule on disks: pkg/virt-handler/vm.go
// (checkVolumesForMigration). A claim must be shared (ReadWriteMany) or be one that a volume migration moves; a disk that
// lives in the launcher's pod, unless it is a read-only CD-ROM, is copied along: a block migration.
func volumeObstacle(vmi *kubevirtv1.VirtualMachineInstance) (blockMigration bool, found *obstacle) {
	blockMigration = len(vmi.Status.MigratedVolumes) > 0
	for _, volume := range vmi.Spec.Volumes {
		claim := claimName(volume)
		switch {
		case claim != "":
			if message := claimObstacle(vmi, volume.Name, claim); message != "" {
				return true, &obstacle{kubevirtv1.VirtualMachineInstanceReasonDisksNotMigratable, message}
			}
		case volume.HostDisk != nil:
			if volume.HostDisk.Shared == nil || !*volume.HostDisk.Shared {
				return true, &obstacle{kubevirtv1.VirtualMachineInstanceReasonDisksNotMigratable, "cannot migrate VMI with non-shared HostDisk"}
			}
		case isFilesystem(vmi, volume.Name) || isReadOnlyCDROM(vmi, volume.Name):
		default:
			blockMigration = true
		}
	}
	return blockMigration, nil
}

func claimObstacle(vmi *kubevirtv1.VirtualMachineInstance, volume, claim string) string {
	const rule = "live migration requires that all PVCs must be shared (using ReadWriteMany access mode)"
	for _, status := range vmi.Status.VolumeStatus {
		if status.Name != volume || status.PersistentVolumeClaimInfo == nil {
			continue
		}
		for _, mode := range status.PersistentVolumeClaimInfo.AccessModes {
			if mode == corev1.ReadWriteMany {
				return ""
			}
		}
		for _, migrated := range vmi.Status.MigratedVolumes {
			if migrated.VolumeName == volume {
				return ""
			}
		}
		return fmt.Sprintf("cannot migrate VMI: PVC %v is not shared, %s", claim, rule)
	}
	return fmt.Sprintf("cannot migrate VMI: Unable to determine if PVC %v is shared, %s", claim, rule)
}

func claimName(volume kubevirtv1.Volume) string {
	switch {
	case volume.PersistentVolumeClaim != nil:
		return volume.PersistentVolumeClaim.ClaimName
	case volume.DataVolume != nil:
		return volume.DataVolume.Name
	}
	return ""
}

func isFilesystem(vmi *kubevirtv1.VirtualMachineInstance, volume string) bool {
	for _, fs := range vmi.Spec.Domain.Devices.Filesystems {
		if fs.Name == volume {
			return true
		}
	}
	return false
}

func isReadOnlyCDROM(vmi *kubevirtv1.VirtualMachineInstance, volume string) bool {
	for _, disk := range vmi.Spec.Domain.Devices.Disks {
		if disk.Name == volume {
			return disk.CDRom != nil && (disk.CDRom.ReadOnly == nil || *disk.CDRom.ReadOnly)
		}
	}
	return false
}

// networkObstacle: only masquerade, or a bridge that the user vouches for, moves: pkg/network/vmispec/interface.go
// (VerifyVMIMigratable). Binding plugins are not played.
func networkObstacle(vmi *kubevirtv1.VirtualMachineInstance) *obstacle {
	for _, network := range vmi.Spec.Networks {
		if network.Pod == nil {
			continue
		}
		for _, i := range vmi.Spec.Domain.Devices.Interfaces {
			_, bridgeAllowed := vmi.Annotations[kubevirtv1.AllowPodBridgeNetworkLiveMigrationAnnotation]
			if i.Name != network.Name || i.Masquerade != nil || (i.Bridge != nil && bridgeAllowed) {
				continue
			}
			return &obstacle{kubevirtv1.VirtualMachineInstanceReasonInterfaceNotMigratable, fmt.Sprintf(
				"cannot migrate VMI which does not use masquerade, bridge with %s VM annotation or a migratable plugin to connect to the pod network",
				kubevirtv1.AllowPodBridgeNetworkLiveMigrationAnnotation)}
		}
	}
	return nil
}

// hardwareObstacles are the devices that tie a guest to its host: pkg/virt-handler/vm.go (calculateLiveMigrationCondition).
func hardwareObstacles(vmi *kubevirtv1.VirtualMachineInstance) []obstacle {
	var found []obstacle
	devices := vmi.Spec.Domain.Devices
	if len(devices.HostDevices) > 0 || len(devices.GPUs) > 0 {
		found = append(found, obstacle{kubevirtv1.VirtualMachineInstanceReasonHostDeviceNotMigratable, "VMI uses a PCI host devices"})
	}
	if security := vmi.Spec.Domain.LaunchSecurity; security != nil && security.SEV != nil {
		found = append(found, obstacle{kubevirtv1.VirtualMachineInstanceReasonSEVNotMigratable, "VMI uses SEV"})
	}
	if f := vmi.Spec.Domain.Features; f != nil && f.HypervPassthrough != nil && f.HypervPassthrough.Enabled != nil && *f.HypervPassthrough.Enabled {
		found = append(found, obstacle{kubevirtv1.VirtualMachineInstanceReasonHypervPassthroughNotMigratable, "VMI uses hyperv passthrough"})
	}
	return found
}

// migratable returns the conditions LiveMigratable and StorageLiveMigratable and the migration method. The first names the
// first obstacle, disks last; the second, which is about moving the disks to other claims, names all but the disks.
func migratable(vmi *kubevirtv1.VirtualMachineInstance) (live, storage kubevirtv1.VirtualMachineInstanceCondition, method kubevirtv1.VirtualMachineInstanceMigrationMethod) {
	var obstacles []obstacle
	if o := networkObstacle(vmi); o != nil {
		obstacles = append(obstacles, *o)
	}
	obstacles = append(obstacles, hardwareObstacles(vmi)...)
	storage = storageCondition(obstacles)
	block, disk := volumeObstacle(vmi)
	if disk != nil {
		obstacles = append(obstacles, *disk)
	}
	live = kubevirtv1.VirtualMachineInstanceCondition{Type: kubevirtv1.VirtualMachineInstanceIsMigratable, Status: corev1.ConditionTrue}
	if len(obstacles) > 0 {
		live.Status, live.Reason, live.Message = corev1.ConditionFalse, obstacles[0].reason, obstacles[0].message
	}
	method = kubevirtv1.LiveMigration
	if block {
		method = kubevirtv1.BlockMigration
	}
	return live, storage, method
}

func storageCondition(obstacles []obstacle) kubevirtv1.VirtualMachineInstanceCondition {
	c := kubevirtv1.VirtualMachineInstanceCondition{Type: kubevirtv1.VirtualMachineInstanceIsStorageLiveMigratable, Status: corev1.ConditionTrue}
	var all []string
	for _, o := range obstacles {
		all = append(all, o.reason+": "+o.message)
	}
	if len(all) > 0 {
		c.Status, c.Reason, c.Message = corev1.ConditionFalse, kubevirtv1.VirtualMachineInstanceReasonNotMigratable, strings.Join(all, ", ")
	}
	return c
}
