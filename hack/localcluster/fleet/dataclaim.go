package fleet

import (
	"maps"
	"math"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// filesystemOverhead is the share of a filesystem volume that CDI adds for the filesystem itself (its default).
const filesystemOverhead = 0.06

// claimFor is the PersistentVolumeClaim that CDI makes of a DataVolume: CDI's pkg/controller/datavolume
// (pvcFromStorage, newPersistentVolumeClaim). populated says that the claim is filled before it is bound.
func claimFor(dv *cdiv1.DataVolume) *corev1.PersistentVolumeClaim {
	pvc := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:   dv.Namespace,
			Name:        dv.Name,
			Labels:      map[string]string{"app": "containerized-data-importer", "app.kubernetes.io/component": "storage", "app.kubernetes.io/managed-by": "cdi-controller"},
			Annotations: map[string]string{"cdi.kubevirt.io/storage.contentType": string(cdiv1.DataVolumeKubeVirt)},
			OwnerReferences: []metav1.OwnerReference{
				*metav1.NewControllerRef(dv, cdiv1.SchemeGroupVersion.WithKind("DataVolume")),
			},
		},
		Spec: claimSpec(dv),
	}
	maps.Copy(pvc.Labels, dv.Labels)
	maps.Copy(pvc.Annotations, dv.Annotations)
	delete(pvc.Annotations, "kubectl.kubernetes.io/last-applied-configuration")
	if c, ok := classNamed(pvc.Spec.StorageClassName); ok && c.csi {
		group := cdiv1.SchemeGroupVersion.Group
		pvc.Annotations["cdi.kubevirt.io/storage.usePopulator"] = "true"
		pvc.Spec.DataSourceRef = &corev1.TypedObjectReference{APIGroup: &group, Kind: populatorKind(dv), Name: "volume-source-" + string(dv.UID)}
	}
	return pvc
}

func populatorKind(dv *cdiv1.DataVolume) string {
	if dv.Spec.Source != nil && dv.Spec.Source.PVC != nil {
		return "VolumeCloneSource"
	}
	return "VolumeImportSource"
}

func claimSpec(dv *cdiv1.DataVolume) corev1.PersistentVolumeClaimSpec {
	if dv.Spec.PVC != nil {
		spec := *dv.Spec.PVC.DeepCopy()
		if spec.VolumeMode == nil {
			spec.VolumeMode = modePointer(corev1.PersistentVolumeFilesystem)
		}
		return spec
	}
	storage := dv.Spec.Storage
	if storage == nil {
		storage = &cdiv1.StorageSpec{}
	}
	spec := corev1.PersistentVolumeClaimSpec{
		AccessModes: storage.AccessModes, VolumeMode: storage.VolumeMode, StorageClassName: storage.StorageClassName,
		Selector: storage.Selector, VolumeName: storage.VolumeName,
	}
	spec.Resources = *storage.Resources.DeepCopy()
	applyProfile(&spec)
	if spec.VolumeMode != nil && *spec.VolumeMode == corev1.PersistentVolumeFilesystem {
		inflate(spec.Resources.Requests)
	}
	return spec
}

// applyProfile fills in what the DataVolume leaves open from the first set of the class that fits what it says.
func applyProfile(spec *corev1.PersistentVolumeClaimSpec) {
	c, ok := classNamed(spec.StorageClassName)
	if !ok {
		return
	}
	for _, set := range c.claims {
		fitsAccess := len(spec.AccessModes) == 0 || spec.AccessModes[0] == set.AccessModes[0]
		fitsMode := spec.VolumeMode == nil || *spec.VolumeMode == *set.VolumeMode
		if fitsAccess && fitsMode {
			spec.AccessModes, spec.VolumeMode = set.AccessModes, set.VolumeMode
			return
		}
	}
}

// inflate asks for so much more that the guest's disk fits beside the filesystem's own data.
func inflate(requests corev1.ResourceList) {
	asked, ok := requests[corev1.ResourceStorage]
	if !ok {
		return
	}
	bytes := int64(math.Ceil(float64(asked.Value()) / (1 - filesystemOverhead)))
	requests[corev1.ResourceStorage] = *resource.NewQuantity(bytes, resource.BinarySI)
}

func modePointer(mode corev1.PersistentVolumeMode) *corev1.PersistentVolumeMode { return &mode }
