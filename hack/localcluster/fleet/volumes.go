package fleet

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// provisioner plays what an external provisioner and resizer do: it creates a PersistentVolume for a claim that
// asks one of its classes, grows it with the claim, and deletes it after the claim. Binding is
// kube-controller-manager's work: kubernetes pkg/controller/volume/persistentvolume/pv_controller.go.
type provisioner struct {
	client  kubernetes.Interface
	watches *watches
	roster  *roster
	// filled tells whether a claim that CDI fills before it is bound is full.
	filled func(*corev1.PersistentVolumeClaim) bool
}

const (
	provisionerAnnotation  = "volume.kubernetes.io/storage-provisioner"
	selectedNodeAnnotation = "volume.kubernetes.io/selected-node"
	provisionedAnnotation  = "pv.kubernetes.io/provisioned-by"
)

// claim is the turn of one PersistentVolumeClaim.
func (p *provisioner) claim(ctx context.Context, key string) (time.Duration, error) {
	pvc := fetch[corev1.PersistentVolumeClaim](p.watches.claims, key)
	if pvc == nil || pvc.DeletionTimestamp != nil {
		return 0, nil
	}
	if pvc.Status.Phase == corev1.ClaimBound {
		return 0, p.grow(ctx, pvc)
	}
	c, ours := classNamed(pvc.Spec.StorageClassName)
	if !ours || pvc.Spec.VolumeName != "" || pvc.Annotations[provisionerAnnotation] != c.provisioner ||
		!c.offers(pvc.Spec.AccessModes, pvc.Spec.VolumeMode) || !p.filled(pvc) {
		return 0, nil
	}
	node := pvc.Annotations[selectedNodeAnnotation]
	if c.local && !p.roster.reports(node) {
		return 0, nil
	}
	_, err := p.client.CoreV1().PersistentVolumes().Create(ctx, volumeFor(pvc, c, node), metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return 0, nil
	}
	return 0, err
}

func volumeName(pvc *corev1.PersistentVolumeClaim) string { return "pvc-" + string(pvc.UID) }

// volumeFor is the volume, bound from birth to its claim and, if local, to its node.
func volumeFor(pvc *corev1.PersistentVolumeClaim, c class, node string) *corev1.PersistentVolume {
	name := volumeName(pvc)
	pv := &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{provisionedAnnotation: c.provisioner}},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:    corev1.ResourceList{corev1.ResourceStorage: pvc.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes: pvc.Spec.AccessModes, VolumeMode: pvc.Spec.VolumeMode, StorageClassName: c.name,
			PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimDelete,
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: pvc.Namespace, Name: pvc.Name, UID: pvc.UID,
			},
		},
	}
	if c.csi {
		pv.Spec.CSI = &corev1.CSIPersistentVolumeSource{Driver: c.provisioner, VolumeHandle: name}
	} else {
		pv.Spec.Local = &corev1.LocalVolumeSource{Path: "/var/lib/fleet/" + name}
	}
	if c.local {
		pv.Spec.NodeAffinity = &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
			MatchExpressions: []corev1.NodeSelectorRequirement{{
				Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{node},
			}},
		}}}}
	}
	return pv
}

// grow makes the volume as big as its claim now asks for.
func (p *provisioner) grow(ctx context.Context, pvc *corev1.PersistentVolumeClaim) error {
	asked, has := pvc.Spec.Resources.Requests[corev1.ResourceStorage], pvc.Status.Capacity[corev1.ResourceStorage]
	if pvc.Spec.VolumeName != volumeName(pvc) || asked.Cmp(has) <= 0 {
		return nil
	}
	if _, err := p.client.CoreV1().PersistentVolumes().Patch(ctx, pvc.Spec.VolumeName, types.MergePatchType,
		capacityPatch("spec", asked), metav1.PatchOptions{}); err != nil {
		return err
	}
	_, err := p.client.CoreV1().PersistentVolumeClaims(pvc.Namespace).Patch(ctx, pvc.Name, types.MergePatchType,
		capacityPatch("status", asked), metav1.PatchOptions{}, "status")
	return err
}

func capacityPatch(part string, size resource.Quantity) []byte {
	return fmt.Appendf(nil, `{%q:{"capacity":{"storage":%q}}}`, part, size.String())
}

// volume is the turn of one PersistentVolume: it goes when its claim has gone.
func (p *provisioner) volume(ctx context.Context, name string) (time.Duration, error) {
	pv := fetch[corev1.PersistentVolume](p.watches.volumes, name)
	if pv == nil || pv.DeletionTimestamp != nil || pv.Status.Phase != corev1.VolumeReleased || !isOurs(pv) ||
		pv.Spec.PersistentVolumeReclaimPolicy != corev1.PersistentVolumeReclaimDelete {
		return 0, nil
	}
	err := p.client.CoreV1().PersistentVolumes().Delete(ctx, name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	return 0, err
}

func isOurs(pv *corev1.PersistentVolume) bool {
	c, ok := classNamed(&pv.Spec.StorageClassName)
	return ok && pv.Annotations[provisionedAnnotation] == c.provisioner
}
