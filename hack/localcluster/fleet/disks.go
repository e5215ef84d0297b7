package fleet

import (
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// contents is what a disk holds: the image that it was made of, and what guests wrote on it since.
type contents struct {
	Image   string   `json:"image"`
	Written []string `json:"written"`
}

// disks keeps the contents of volumes by their claim's uid. An ephemeral disk's are the guest's own, and go with its pod.
type disks struct {
	mu      sync.Mutex
	volumes map[types.UID]contents
}

func newDisks() *disks { return &disks{volumes: map[types.UID]contents{}} }

func (d *disks) of(claim types.UID) contents {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.volumes[claim]
	return contents{Image: c.Image, Written: slices.Clone(c.Written)}
}

func (d *disks) fill(claim types.UID, c contents) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.volumes[claim] = c
}

func (d *disks) write(claim types.UID, text string) contents {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.volumes[claim]
	c.Written = append(slices.Clone(c.Written), text)
	d.volumes[claim] = c
	return c
}

// copy gives one volume what is on another.
func (d *disks) copy(from, to types.UID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.volumes[from]
	d.volumes[to] = contents{Image: c.Image, Written: slices.Clone(c.Written)}
}

func (d *disks) drop(claim types.UID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.volumes, claim)
}

// imageOf names what an import brings.
func imageOf(source *cdiv1.DataVolumeSource) string {
	switch {
	case source == nil:
		return ""
	case source.HTTP != nil:
		return source.HTTP.URL
	case source.Registry != nil && source.Registry.URL != nil:
		return *source.Registry.URL
	}
	return "blank"
}

// sourceClaim is the key of the claim that a DataVolume is cloned from, "" for an import.
func sourceClaim(dv *cdiv1.DataVolume) string {
	if dv.Spec.Source == nil || dv.Spec.Source.PVC == nil {
		return ""
	}
	source := dv.Spec.Source.PVC
	if source.Namespace == "" {
		return dv.Namespace + "/" + source.Name
	}
	return source.Namespace + "/" + source.Name
}

// mounts tells whether a pod that is not over has the claim.
func mounts(pod *corev1.Pod, claim string) bool {
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return false
	}
	return slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool {
		return v.PersistentVolumeClaim != nil && pod.Namespace+"/"+v.PersistentVolumeClaim.ClaimName == claim
	})
}

// bootDisk is the volume that a guest boots from.
func bootDisk(vmi *kubevirtv1.VirtualMachineInstance) (kubevirtv1.Volume, error) {
	first, at := uint(1<<31), ""
	for n, disk := range vmi.Spec.Domain.Devices.Disks {
		order := uint(1<<30) + uint(n)
		if disk.BootOrder != nil {
			order = *disk.BootOrder
		}
		if order < first {
			first, at = order, disk.Name
		}
	}
	for _, v := range vmi.Spec.Volumes {
		if v.Name == at {
			return v, nil
		}
	}
	return kubevirtv1.Volume{}, fmt.Errorf("the guest has no disk: %w", errNotFound)
}

// claimOf is the name of the claim behind a volume, "" where there is none.
func claimOf(v kubevirtv1.Volume) string {
	switch {
	case v.DataVolume != nil:
		return v.DataVolume.Name
	case v.PersistentVolumeClaim != nil:
		return v.PersistentVolumeClaim.ClaimName
	}
	return ""
}

// claimNow is the claim that the guest writes to. While its disk is being copied the VMI names the new one already.
func claimNow(vmi *kubevirtv1.VirtualMachineInstance, v kubevirtv1.Volume, g guest) string {
	ms := vmi.Status.MigrationState
	arrived := ms != nil && !ms.Completed && !ms.Failed && ms.TargetPod == g.PodName
	for _, copied := range vmi.Status.MigratedVolumes {
		if copied.VolumeName == v.Name && copied.SourcePVCInfo != nil && !arrived {
			return copied.SourcePVCInfo.ClaimName
		}
	}
	return claimOf(v)
}

// guestDisk writes the text, if any, on the disk that a running guest booted from, and returns what is on it.
func (f *fleet) guestDisk(namespace, name, text string) (contents, error) {
	key := namespace + "/" + name
	vmi := fetch[kubevirtv1.VirtualMachineInstance](f.watches.vmis, key)
	if vmi == nil {
		return contents{}, fmt.Errorf("guest %s: %w", key, errNotFound)
	}
	volume, err := bootDisk(vmi)
	if err != nil {
		return contents{}, err
	}
	for _, g := range f.hypervisor.of(key) {
		if !g.running() {
			continue
		}
		claim := claimNow(vmi, volume, g)
		if claim == "" {
			if text != "" {
				g, _ = f.hypervisor.change(g.Pod, func(g *guest) { g.Written = append(slices.Clone(g.Written), text) })
			}
			return contents{Image: volume.ContainerDisk.Image, Written: g.Written}, nil
		}
		return f.claimDisk(namespace+"/"+claim, text)
	}
	return contents{}, fmt.Errorf("guest %s does not run: %w", key, errNotFound)
}

func (f *fleet) claimDisk(key, text string) (contents, error) {
	pvc := fetch[corev1.PersistentVolumeClaim](f.watches.claims, key)
	if pvc == nil {
		return contents{}, fmt.Errorf("claim %s: %w", key, errNotFound)
	}
	if text != "" {
		return f.disks.write(pvc.UID, text), nil
	}
	return f.disks.of(pvc.UID), nil
}
