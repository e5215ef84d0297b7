package fleet

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

type vmiOption func(*kubevirtv1.VirtualMachineInstance)

func vmiWith(options ...vmiOption) *kubevirtv1.VirtualMachineInstance {
	vmi := &kubevirtv1.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "b", UID: "uid"}}
	for _, o := range options {
		o(vmi)
	}
	return vmi
}

func containerDisk(vmi *kubevirtv1.VirtualMachineInstance) {
	addVolume(vmi, kubevirtv1.Volume{Name: "root", VolumeSource: kubevirtv1.VolumeSource{ContainerDisk: &kubevirtv1.ContainerDiskSource{Image: "i"}}})
}

func cdrom(vmi *kubevirtv1.VirtualMachineInstance) {
	vmi.Spec.Domain.Devices.Disks = append(vmi.Spec.Domain.Devices.Disks, kubevirtv1.Disk{
		Name: "iso", DiskDevice: kubevirtv1.DiskDevice{CDRom: &kubevirtv1.CDRomTarget{Bus: "sata"}}})
	vmi.Spec.Volumes = append(vmi.Spec.Volumes, kubevirtv1.Volume{
		Name: "iso", VolumeSource: kubevirtv1.VolumeSource{CloudInitNoCloud: &kubevirtv1.CloudInitNoCloudSource{}}})
}

func pvc(modes ...corev1.PersistentVolumeAccessMode) vmiOption {
	return func(vmi *kubevirtv1.VirtualMachineInstance) {
		v := kubevirtv1.Volume{Name: "data"}
		v.DataVolume = &kubevirtv1.DataVolumeSource{Name: "claim"}
		addVolume(vmi, v)
		if modes != nil {
			vmi.Status.VolumeStatus = append(vmi.Status.VolumeStatus, kubevirtv1.VolumeStatus{
				Name: "data", PersistentVolumeClaimInfo: &kubevirtv1.PersistentVolumeClaimInfo{AccessModes: modes}})
		}
	}
}

func volumeMigration(vmi *kubevirtv1.VirtualMachineInstance) {
	vmi.Status.MigratedVolumes = []kubevirtv1.StorageMigratedVolumeInfo{{VolumeName: "data"}}
}

func network(method kubevirtv1.InterfaceBindingMethod) vmiOption {
	return func(vmi *kubevirtv1.VirtualMachineInstance) {
		vmi.Spec.Networks = []kubevirtv1.Network{*kubevirtv1.DefaultPodNetwork()}
		vmi.Spec.Domain.Devices.Interfaces = []kubevirtv1.Interface{{Name: "default", InterfaceBindingMethod: method}}
	}
}

func hostDevice(vmi *kubevirtv1.VirtualMachineInstance) {
	vmi.Spec.Domain.Devices.HostDevices = []kubevirtv1.HostDevice{{Name: "gpu"}}
}

func addVolume(vmi *kubevirtv1.VirtualMachineInstance, v kubevirtv1.Volume) {
	vmi.Spec.Volumes = append(vmi.Spec.Volumes, v)
	vmi.Spec.Domain.Devices.Disks = append(vmi.Spec.Domain.Devices.Disks, kubevirtv1.Disk{
		Name: v.Name, DiskDevice: kubevirtv1.DiskDevice{Disk: &kubevirtv1.DiskTarget{Bus: "virtio"}}})
}

func TestMigratable(t *testing.T) {
	const disks = kubevirtv1.VirtualMachineInstanceReasonDisksNotMigratable
	masquerade := network(kubevirtv1.InterfaceBindingMethod{Masquerade: &kubevirtv1.InterfaceMasquerade{}})
	bridge := network(kubevirtv1.InterfaceBindingMethod{Bridge: &kubevirtv1.InterfaceBridge{}})
	for name, test := range map[string]struct {
		options []vmiOption
		reason  string
		method  kubevirtv1.VirtualMachineInstanceMigrationMethod
		storage corev1.ConditionStatus
	}{
		"no disks":                       {nil, "", kubevirtv1.LiveMigration, "True"},
		"an ephemeral disk":              {[]vmiOption{containerDisk}, "", kubevirtv1.BlockMigration, "True"},
		"a read-only CD-ROM only":        {[]vmiOption{cdrom}, "", kubevirtv1.LiveMigration, "True"},
		"a shared claim":                 {[]vmiOption{pvc(corev1.ReadWriteMany)}, "", kubevirtv1.LiveMigration, "True"},
		"a shared claim and a CD-ROM":    {[]vmiOption{pvc(corev1.ReadWriteMany), cdrom}, "", kubevirtv1.LiveMigration, "True"},
		"shared and ephemeral":           {[]vmiOption{pvc(corev1.ReadWriteMany), containerDisk}, "", kubevirtv1.BlockMigration, "True"},
		"a claim of one node":            {[]vmiOption{pvc(corev1.ReadWriteOnce)}, disks, kubevirtv1.BlockMigration, "True"},
		"a claim that is not known yet":  {[]vmiOption{pvc()}, disks, kubevirtv1.BlockMigration, "True"},
		"a claim that is being replaced": {[]vmiOption{pvc(corev1.ReadWriteOnce), volumeMigration}, "", kubevirtv1.BlockMigration, "True"},
		"masquerade":                     {[]vmiOption{masquerade}, "", kubevirtv1.LiveMigration, "True"},
		"a bridge":                       {[]vmiOption{bridge}, kubevirtv1.VirtualMachineInstanceReasonInterfaceNotMigratable, kubevirtv1.LiveMigration, "False"},
		"a host device and a local claim": {[]vmiOption{hostDevice, pvc(corev1.ReadWriteOnce)},
			kubevirtv1.VirtualMachineInstanceReasonHostDeviceNotMigratable, kubevirtv1.BlockMigration, "False"},
	} {
		t.Run(name, func(t *testing.T) {
			live, storage, method := migratable(vmiWith(test.options...))
			if live.Reason != test.reason || (live.Status == corev1.ConditionTrue) != (test.reason == "") {
				t.Errorf("LiveMigratable is %s, %q: %s", live.Status, live.Reason, live.Message)
			}
			if method != test.method {
				t.Errorf("method is %s", method)
			}
			if storage.Status != test.storage {
				t.Errorf("StorageLiveMigratable is %s: %s", storage.Status, storage.Message)
			}
		})
	}
}

func TestClaimThatIsNotSharedSaysSo(t *testing.T) {
	live, _, _ := migratable(vmiWith(pvc(corev1.ReadWriteOnce)))
	want := "cannot migrate VMI: PVC claim is not shared, live migration requires that all PVCs must be shared (using ReadWriteMany access mode)"
	if live.Message != want {
		t.Errorf("got %q", live.Message)
	}
}

func TestApplyDomainTwiceChangesNothing(t *testing.T) {
	vmi := vmiWith(containerDisk, cdrom, network(kubevirtv1.InterfaceBindingMethod{Masquerade: &kubevirtv1.InterfaceMasquerade{}}))
	vmi.Status.VolumeStatus = []kubevirtv1.VolumeStatus{{Name: "root"}, {Name: "iso"}}
	g := guest{State: guestPaused, Agent: true}
	applyDomain(vmi, g, "10.64.0.1", metav1.NewTime(at(1)))
	before := vmi.DeepCopy()
	applyDomain(vmi, g, "10.64.0.1", metav1.NewTime(at(2)))
	if got, want := asText(t, vmi), asText(t, before); got != want {
		t.Errorf("a second look changed the status:\n%s\n%s", want, got)
	}
	if !vmiHas(vmi, kubevirtv1.VirtualMachineInstancePaused) || !vmiHas(vmi, kubevirtv1.VirtualMachineInstanceAgentConnected) {
		t.Errorf("conditions: %v", vmi.Status.Conditions)
	}
	if i := vmi.Status.Interfaces[0]; i.IP != "10.64.0.1" || !strings.HasPrefix(i.MAC, "02:") {
		t.Errorf("interface: %+v", i)
	}
	if root := vmi.Status.VolumeStatus[1]; root.Name != "root" || root.Target != "vda" || root.ContainerDiskVolume.Checksum == 0 {
		t.Errorf("volume: %+v", root)
	}
}

func TestFinalPhase(t *testing.T) {
	grace := func(s int64) vmiOption {
		return func(vmi *kubevirtv1.VirtualMachineInstance) { vmi.Spec.TerminationGracePeriodSeconds = &s }
	}
	noACPI := func(vmi *kubevirtv1.VirtualMachineInstance) {
		off := false
		vmi.Spec.Domain.Features = &kubevirtv1.Features{ACPI: kubevirtv1.FeatureState{Enabled: &off}}
	}
	for name, test := range map[string]struct {
		reason  offReason
		options []vmiOption
		want    kubevirtv1.VirtualMachineInstancePhase
	}{
		"shut down by itself":                {offShutdown, nil, kubevirtv1.Succeeded},
		"crashed":                            {offCrashed, nil, kubevirtv1.Failed},
		"killed after its grace period":      {offDestroyed, nil, kubevirtv1.Failed},
		"killed with no grace period":        {offDestroyed, []vmiOption{grace(0)}, kubevirtv1.Succeeded},
		"killed since it could not be asked": {offDestroyed, []vmiOption{noACPI}, kubevirtv1.Succeeded},
	} {
		t.Run(name, func(t *testing.T) {
			if got := finalPhase(vmiWith(test.options...), test.reason); got != test.want {
				t.Errorf("got %s", got)
			}
		})
	}
}
