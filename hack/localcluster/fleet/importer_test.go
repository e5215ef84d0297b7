package fleet

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

func storage(class, size string, access ...corev1.PersistentVolumeAccessMode) *cdiv1.DataVolume {
	return &cdiv1.DataVolume{
		ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "root", UID: "dv"},
		Spec: cdiv1.DataVolumeSpec{
			Source: &cdiv1.DataVolumeSource{HTTP: &cdiv1.DataVolumeSourceHTTP{URL: "http://images/fedora"}},
			Storage: &cdiv1.StorageSpec{
				StorageClassName: ptr.To(class), AccessModes: access,
				Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}},
			},
		},
	}
}

func TestClaimFor(t *testing.T) {
	for name, test := range map[string]struct {
		dv     *cdiv1.DataVolume
		access corev1.PersistentVolumeAccessMode
		mode   corev1.PersistentVolumeMode
		size   string
	}{
		"network":             {storage("immediate", "10Gi"), "ReadWriteOnce", "Block", "10Gi"},
		"shared":              {storage("shared", "10Gi"), "ReadWriteMany", "Block", "10Gi"},
		"shared, but for one": {storage("shared", "10Gi", "ReadWriteOnce"), "ReadWriteOnce", "Block", "10Gi"},
		"local, on a filesystem that takes its share": {storage("wffc", "10Gi"), "ReadWriteOnce", "Filesystem", "11422785362"},
	} {
		t.Run(name, func(t *testing.T) {
			pvc := claimFor(test.dv)
			size := pvc.Spec.Resources.Requests[corev1.ResourceStorage]
			if pvc.Spec.AccessModes[0] != test.access || *pvc.Spec.VolumeMode != test.mode || size.Cmp(resource.MustParse(test.size)) != 0 {
				t.Errorf("%v %s %s", pvc.Spec.AccessModes, *pvc.Spec.VolumeMode, size.String())
			}
			if owner := metav1.GetControllerOf(pvc); owner == nil || owner.Kind != "DataVolume" || owner.UID != "dv" {
				t.Errorf("owner: %v", owner)
			}
		})
	}
}

func TestClassOffers(t *testing.T) {
	for name, test := range map[string]struct {
		class  string
		access corev1.PersistentVolumeAccessMode
		mode   corev1.PersistentVolumeMode
		want   bool
	}{
		"one node, network":   {"immediate", "ReadWriteOnce", "Block", true},
		"many nodes, network": {"immediate", "ReadWriteMany", "Block", false},
		"many nodes, shared":  {"shared", "ReadWriteMany", "Filesystem", true},
		"one node, shared":    {"shared", "ReadWriteOnce", "Block", true},
		"raw, local":          {"wffc", "ReadWriteOnce", "Block", false},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := classNamed(&test.class)
			if got := c.offers([]corev1.PersistentVolumeAccessMode{test.access}, &test.mode); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestFill(t *testing.T) {
	i := &importer{faults: newFaults(), timing: timing{imports: time.Second}, wakeClaim: func(string) {}, disks: newDisks()}
	i.transfers = map[types.UID]*transfer{}
	dv := storage("immediate", "1Gi")
	pvc := claimFor(dv)
	pvc.UID = "claim"
	i.transfer(dv, pvc, false, at(0))
	if c := i.disks.of("claim"); c.Image != "" {
		t.Errorf("filled before its time: %v", c)
	}
	i.transfer(dv, pvc, false, at(2))
	i.disks.write("claim", "marker")
	i.transfer(dv, pvc, true, at(3))
	if c := i.disks.of("claim"); c.Image != "http://images/fedora" || len(c.Written) != 1 {
		t.Errorf("%v", c)
	}
}

func TestMounts(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "a"}, Spec: corev1.PodSpec{Volumes: []corev1.Volume{
		{VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "root"}}},
	}}}
	if !mounts(pod, "a/root") || mounts(pod, "b/root") {
		t.Error("by namespace and name")
	}
	pod.Status.Phase = corev1.PodSucceeded
	if mounts(pod, "a/root") {
		t.Error("a pod that is over holds nothing")
	}
}

func TestTransfer(t *testing.T) {
	for name, test := range map[string]struct {
		rules    []fault
		at       float64
		bound    bool
		phase    cdiv1.DataVolumePhase
		progress cdiv1.DataVolumeProgress
		restarts int32
	}{
		"starts":            {nil, 1, false, cdiv1.ImportScheduled, "N/A", 0},
		"goes on":           {nil, 5, false, cdiv1.ImportInProgress, "50.00%", 0},
		"is slow":           {[]fault{{Kind: faultImportSlow, Delay: duration(90 * time.Second)}}, 25, false, cdiv1.ImportInProgress, "25.00%", 0},
		"is done":           {nil, 10, true, cdiv1.Succeeded, "100.0%", 0},
		"fails":             {[]fault{{Kind: faultImportFail}}, 5, false, cdiv1.ImportInProgress, "N/A", 1},
		"fails again":       {[]fault{{Kind: faultImportFail}}, 20, false, cdiv1.ImportInProgress, "N/A", 2},
		"fails for another": {[]fault{{Kind: faultImportFail, Match: "a/other"}}, 10, true, cdiv1.Succeeded, "100.0%", 0},
	} {
		t.Run(name, func(t *testing.T) {
			i := &importer{faults: newFaults(), timing: timing{imports: 10 * time.Second}, wakeClaim: func(string) {}}
			i.transfers = map[types.UID]*transfer{}
			for _, rule := range test.rules {
				i.faults.add(rule)
			}
			dv := storage("immediate", "1Gi")
			pvc := claimFor(dv)
			for second := 0.0; second <= test.at; second++ {
				i.transfer(dv, pvc, test.bound, at(second))
			}
			if dv.Status.Phase != test.phase || dv.Status.Progress != test.progress || dv.Status.RestartCount != test.restarts {
				t.Errorf("%s %s, %d restarts", dv.Status.Phase, dv.Status.Progress, dv.Status.RestartCount)
			}
		})
	}
}
