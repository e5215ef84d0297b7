package fleet

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// class is a storage class that the fleet plays.
type class struct {
	name        string
	provisioner string
	// local: a volume lives on the node that was chosen for its first consumer.
	local bool
	// csi: there is a CSIDriver. CDI fills such volumes before they are bound (a populator); others it fills after.
	csi bool
	// claims are the access and volume modes that the class offers, the best first: CDI's StorageProfile.
	claims []cdiv1.ClaimPropertySet
}

func claim(access corev1.PersistentVolumeAccessMode, mode corev1.PersistentVolumeMode) cdiv1.ClaimPropertySet {
	return cdiv1.ClaimPropertySet{AccessModes: []corev1.PersistentVolumeAccessMode{access}, VolumeMode: &mode}
}

// classes: network disks, network disks that several nodes share, disks of a node as a simple provisioner makes them (KubeVirt
// sends a temporary pod ahead so that they get bound), and disks of a node behind CSI (CDI fills them once kube-scheduler
// has chosen the node).
var classes = []class{
	{
		name: "immediate", provisioner: "network.fleet.berth.dev", csi: true,
		claims: []cdiv1.ClaimPropertySet{
			claim(corev1.ReadWriteOnce, corev1.PersistentVolumeBlock), claim(corev1.ReadWriteOnce, corev1.PersistentVolumeFilesystem),
		},
	},
	{
		name: "shared", provisioner: "shared.fleet.berth.dev", csi: true,
		claims: []cdiv1.ClaimPropertySet{
			claim(corev1.ReadWriteMany, corev1.PersistentVolumeBlock), claim(corev1.ReadWriteMany, corev1.PersistentVolumeFilesystem),
			claim(corev1.ReadWriteOnce, corev1.PersistentVolumeBlock), claim(corev1.ReadWriteOnce, corev1.PersistentVolumeFilesystem),
		},
	},
	{
		name: "wffc", provisioner: "local.fleet.berth.dev", local: true,
		claims: []cdiv1.ClaimPropertySet{claim(corev1.ReadWriteOnce, corev1.PersistentVolumeFilesystem)},
	},
	{
		name: "wffc-csi", provisioner: "lvm.fleet.berth.dev", local: true, csi: true,
		claims: []cdiv1.ClaimPropertySet{
			claim(corev1.ReadWriteOnce, corev1.PersistentVolumeBlock), claim(corev1.ReadWriteOnce, corev1.PersistentVolumeFilesystem),
		},
	},
}

// defaultClass is what a claim that names no class gets.
const defaultClass = "immediate"

func classNamed(name *string) (class, bool) {
	wanted := defaultClass
	if name != nil {
		wanted = *name
	}
	for _, c := range classes {
		if c.name == wanted {
			return c, true
		}
	}
	return class{}, false
}

// offers tells whether the class can give a claim these modes.
func (c class) offers(access []corev1.PersistentVolumeAccessMode, mode *corev1.PersistentVolumeMode) bool {
	for _, wanted := range access {
		if wanted != corev1.ReadWriteOnce && wanted != corev1.ReadWriteOncePod && wanted != c.claims[0].AccessModes[0] {
			return false
		}
	}
	for _, set := range c.claims {
		if mode == nil || *mode == *set.VolumeMode {
			return true
		}
	}
	return false
}

// ensureStorage creates the classes, their drivers and their StorageProfiles where they are not there yet.
func ensureStorage(ctx context.Context, core kubernetes.Interface, cdi rest.Interface) error {
	for _, c := range classes {
		_, err := core.StorageV1().StorageClasses().Create(ctx, c.object(), metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
		if c.csi {
			_, err = core.StorageV1().CSIDrivers().Create(ctx, c.driver(), metav1.CreateOptions{})
			if err != nil && !apierrors.IsAlreadyExists(err) {
				return err
			}
		}
		err = cdi.Post().Resource("storageprofiles").Body(c.profile()).Do(ctx).Error()
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return nil
}

func (c class) object() *storagev1.StorageClass {
	binding, reclaim, expansion := storagev1.VolumeBindingImmediate, corev1.PersistentVolumeReclaimDelete, true
	if c.local {
		binding = storagev1.VolumeBindingWaitForFirstConsumer
	}
	object := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{Name: c.name}, Provisioner: c.provisioner,
		VolumeBindingMode: &binding, ReclaimPolicy: &reclaim, AllowVolumeExpansion: &expansion,
	}
	if c.name == defaultClass {
		object.Annotations = map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
	}
	return object
}

// driver says that nothing has to be attached, so that no VolumeAttachment is waited for.
func (c class) driver() *storagev1.CSIDriver {
	attach := false
	return &storagev1.CSIDriver{ObjectMeta: metav1.ObjectMeta{Name: c.provisioner}, Spec: storagev1.CSIDriverSpec{AttachRequired: &attach}}
}

func (c class) profile() *cdiv1.StorageProfile {
	return &cdiv1.StorageProfile{
		TypeMeta:   metav1.TypeMeta{APIVersion: cdiv1.SchemeGroupVersion.String(), Kind: "StorageProfile"},
		ObjectMeta: metav1.ObjectMeta{Name: c.name},
		Status:     cdiv1.StorageProfileStatus{StorageClass: &c.name, Provisioner: &c.provisioner, ClaimPropertySets: c.claims},
	}
}
