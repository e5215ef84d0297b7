package fleet

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// stage is a fleet of two nodes with one guest on the first, whose migration to the second virt-controller has handed over.
type stage struct {
	*handlers
	vmi *kubevirtv1.VirtualMachineInstance
	t   *testing.T
}

const blockMethod = kubevirtv1.BlockMigration

func newStage(t *testing.T) *stage {
	w := &watches{pods: cache.NewSharedIndexInformer(nil, &corev1.Pod{}, 0, cache.Indexers{byNode: podNode, byOwner: controllerUID})}
	h := &handlers{
		watches: w, roster: newRoster(), hypervisor: newHypervisor(), faults: newFaults(), wakePod: func(string) {},
		timing: timing{prepare: time.Second, migration: 10 * time.Second, shutdown: time.Second},
	}
	s := &stage{handlers: h, t: t, vmi: vmiWith(containerDisk)}
	for n, name := range []string{"source", "target"} {
		h.roster.enlist(member{Name: name, Number: n + 1, Health: reporting})
		_ = w.pods.GetIndexer().Add(&corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: name, UID: types.UID(name)},
			Spec:       corev1.PodSpec{NodeName: name}, Status: corev1.PodStatus{Phase: corev1.PodRunning},
		})
	}
	h.hypervisor.define(guest{Namespace: "a", Name: "b", VMI: "uid", Pod: "source", PodName: "source", Node: "source", State: guestRunning, Boots: 1})
	s.vmi.Labels = map[string]string{kubevirtv1.NodeNameLabel: "source", kubevirtv1.MigrationTargetNodeNameLabel: "target"}
	s.vmi.Status.Phase, s.vmi.Status.NodeName, s.vmi.Status.MigrationMethod = kubevirtv1.Running, "source", blockMethod
	s.vmi.Status.EvacuationNodeName = "source"
	s.vmi.Status.MigrationState = &kubevirtv1.VirtualMachineInstanceMigrationState{
		MigrationUID: "migration", SourceNode: "source", TargetNode: "target", TargetPod: "target",
	}
	return s
}

// look is one turn of the VMI at that second.
func (s *stage) look(second float64) *kubevirtv1.VirtualMachineInstanceMigrationState {
	now := at(second)
	s.advance("a/b", now)
	s.source(s.vmi, now)
	s.target(s.vmi, now)
	s.owner(s.vmi, now)
	return s.vmi.Status.MigrationState
}

// until looks every half second, as far as the guest has something to do.
func (s *stage) until(second float64) *kubevirtv1.VirtualMachineInstanceMigrationState {
	for t := 0.0; t < second; t += 0.5 {
		s.look(t)
	}
	return s.look(second)
}

// TestMigrationCopiesVolumes: a guest writes to the claim that it leaves until it has left it.
func TestMigrationCopiesVolumes(t *testing.T) {
	s := newStage(t)
	s.disks = newDisks()
	s.watches.claims = cache.NewSharedIndexInformer(nil, &corev1.PersistentVolumeClaim{}, 0, cache.Indexers{})
	for _, name := range []string{"old", "new"} {
		claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: name, UID: types.UID(name)}}
		_ = s.watches.claims.GetIndexer().Add(claim)
	}
	root := kubevirtv1.Volume{Name: "root", VolumeSource: kubevirtv1.VolumeSource{DataVolume: &kubevirtv1.DataVolumeSource{Name: "new"}}}
	s.vmi.Spec.Volumes = []kubevirtv1.Volume{root}
	s.vmi.Status.MigratedVolumes = []kubevirtv1.StorageMigratedVolumeInfo{{
		VolumeName:         "root",
		SourcePVCInfo:      &kubevirtv1.PersistentVolumeClaimInfo{ClaimName: "old"},
		DestinationPVCInfo: &kubevirtv1.PersistentVolumeClaimInfo{ClaimName: "new"},
	}}
	s.until(5)
	source, _ := s.hypervisor.get("source")
	if claim := claimNow(s.vmi, root, source); claim != "old" {
		t.Fatalf("on the way it writes to %s", claim)
	}
	s.disks.fill("old", contents{Image: "fedora"})
	s.disks.write("old", "marker")
	s.until(20)
	target, _ := s.hypervisor.get("target")
	if claim := claimNow(s.vmi, root, target); !target.running() || claim != "new" {
		t.Fatalf("once there it writes to %s: %+v", claim, target)
	}
	if c := s.disks.of("new"); c.Image != "fedora" || len(c.Written) != 1 {
		t.Fatalf("the new claim has %+v", c)
	}
}

func TestMigrationOfGuestThatEnds(t *testing.T) {
	s := newStage(t)
	s.until(5)
	s.hypervisor.change("source", func(g *guest) { g.end(offShutdown) })
	if ms := s.until(6); !ms.Failed || s.vmi.Status.NodeName != "source" {
		t.Fatalf("it goes on: %+v", ms)
	}
	if s.until(8); s.vmi.Status.Phase != kubevirtv1.Succeeded {
		t.Fatalf("the VMI is %s", s.vmi.Status.Phase)
	}
}

func TestMigrationSucceeds(t *testing.T) {
	s := newStage(t)
	if ms := s.look(0); ms.TargetNodeAddress != "" {
		t.Fatal("the target was ready at once")
	}
	if ms := s.look(1); ms.TargetNodeAddress == "" || len(ms.TargetDirectMigrationNodePorts) != 3 || ms.StartTimestamp != nil {
		t.Fatalf("the target is not ready: %+v", ms)
	}
	if ms := s.look(2); ms.StartTimestamp == nil || ms.Mode != kubevirtv1.MigrationPreCopy || !ms.TargetNodeDomainDetected {
		t.Fatalf("it has not begun: %+v", ms)
	}
	if ms := s.look(11); ms.EndTimestamp != nil || s.vmi.Status.NodeName != "source" {
		t.Fatal("it ended too soon")
	}
	if ms := s.look(12); ms.EndTimestamp == nil || ms.TargetNodeDomainReadyTimestamp == nil || ms.Completed {
		t.Fatalf("it did not end: %+v", ms)
	}
	if s.vmi.Status.NodeName != "target" || s.vmi.Labels[kubevirtv1.NodeNameLabel] != "target" || s.vmi.Status.EvacuationNodeName != "" {
		t.Error("the target did not take the VMI over")
	}
	if ms := s.look(13); !ms.Completed || ms.Failed {
		t.Errorf("it is not complete: %+v", ms)
	}
	s.look(14)
	if _, left := s.vmi.Labels[kubevirtv1.MigrationTargetNodeNameLabel]; left {
		t.Error("the target's label is left")
	}
	s.ended("source")
	s.runs("target")
}

func TestMigrationFails(t *testing.T) {
	for name, test := range map[string]struct {
		kind   faultKind
		upset  func(*stage)
		until  float64
		reason string
		abort  kubevirtv1.MigrationAbortStatus
	}{
		"by a rule":        {faultMigrationFail, nil, 30, "MigrateToURI3", ""},
		"when it is stuck": {faultMigrationStall, nil, 200, "stuck for 150 seconds", kubevirtv1.MigrationAbortSucceeded},
		"when the target's pod dies": {"", func(s *stage) {
			s.hypervisor.change("target", func(g *guest) { g.end(offDestroyed) })
		}, 30, "connection to the target", ""},
		"when it is cancelled": {"", func(s *stage) { s.vmi.Status.MigrationState.AbortRequested = true }, 30, "aborted", kubevirtv1.MigrationAbortSucceeded},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.faults.add(fault{Kind: test.kind})
			s.until(3)
			if test.upset != nil {
				test.upset(s)
			}
			ms := s.until(test.until)
			if !ms.Failed || ms.EndTimestamp == nil || !strings.Contains(ms.FailureReason, test.reason) || ms.AbortStatus != test.abort {
				t.Fatalf("%+v", ms)
			}
			s.runs("source")
			s.ended("target")
			if _, left := s.vmi.Labels[kubevirtv1.MigrationTargetNodeNameLabel]; left || s.vmi.Status.NodeName != "source" {
				t.Error("the VMI is not the source's alone")
			}
		})
	}
}

func TestMigrationCompletesAlthoughCancelled(t *testing.T) {
	s := newStage(t)
	s.faults.add(fault{Kind: faultMigrationRacing})
	s.until(3)
	s.vmi.Status.MigrationState.AbortRequested = true
	if ms := s.until(6); !ms.Completed || ms.Failed || ms.AbortStatus != kubevirtv1.MigrationAbortFailed {
		t.Fatalf("%+v", ms)
	}
	s.runs("target")
}

func TestMigrationWaitsForAPartitionedTarget(t *testing.T) {
	s := newStage(t)
	s.until(3)
	s.roster.setHealth("target", partitioned)
	if ms := s.until(60); ms.EndTimestamp != nil {
		t.Fatalf("it ended: %+v", ms)
	}
	s.roster.setHealth("target", reporting)
	s.look(61)
	if ms := s.until(75); !ms.Completed {
		t.Fatalf("it did not go on: %+v", ms)
	}
}

func TestPausedGuestArrivesPaused(t *testing.T) {
	s := newStage(t)
	s.hypervisor.change("source", func(g *guest) { g.State = guestPaused })
	s.until(20)
	if !vmiHas(s.vmi, kubevirtv1.VirtualMachineInstancePaused) {
		t.Errorf("conditions: %v", s.vmi.Status.Conditions)
	}
}

func TestDeletedWhileMigrating(t *testing.T) {
	s := newStage(t)
	s.until(3)
	s.vmi.DeletionTimestamp = &metav1.Time{Time: at(3)}
	s.until(6)
	if s.vmi.Status.Phase != kubevirtv1.Succeeded {
		t.Errorf("phase is %s", s.vmi.Status.Phase)
	}
}

func TestDeafGuestIsKilledAfterItsGracePeriod(t *testing.T) {
	s := newStage(t)
	s.vmi.Status.MigrationState = nil
	s.faults.add(fault{Kind: faultDeaf})
	s.vmi.DeletionTimestamp = &metav1.Time{Time: at(0)}
	for second := 0.0; second < 30; second++ {
		if s.look(second); s.vmi.Status.Phase != kubevirtv1.Running {
			t.Fatalf("it was %s after %v s", s.vmi.Status.Phase, second)
		}
	}
	if s.look(30); s.vmi.Status.Phase != kubevirtv1.Failed {
		t.Errorf("phase is %s", s.vmi.Status.Phase)
	}
}

func (s *stage) runs(pod types.UID) {
	s.t.Helper()
	if g, _ := s.hypervisor.get(pod); !g.running() {
		s.t.Errorf("the guest in %s is %s", pod, g.State)
	}
}

func (s *stage) ended(pod types.UID) {
	s.t.Helper()
	if _, ok := s.hypervisor.exited(pod); !ok {
		s.t.Errorf("the launcher %s has not ended", pod)
	}
}

func TestMigrationPlugsWhatIsAsked(t *testing.T) {
	for name, test := range map[string]struct {
		kind            faultKind
		podAsks         string
		sockets         uint32
		memory          string
		memoryCondition corev1.ConditionStatus
	}{
		"":                            {"", "2300Mi", 2, "2Gi", ""},
		"unless the domain refuses":   {faultPlugFail, "2300Mi", 1, "1Gi", corev1.ConditionFalse},
		"unless the pod is too small": {"", "1200Mi", 2, "1Gi", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			if test.kind != "" {
				s.faults.add(fault{Kind: test.kind})
			}
			before, after := resource.MustParse("1Gi"), resource.MustParse("2Gi")
			s.vmi.Spec.Domain.CPU = &kubevirtv1.CPU{Sockets: 2, Cores: 1, Threads: 1}
			s.vmi.Spec.Domain.Memory = &kubevirtv1.Memory{Guest: &after}
			s.vmi.Spec.Domain.Resources.Requests = corev1.ResourceList{corev1.ResourceMemory: after}
			s.vmi.Status.CurrentCPUTopology = &kubevirtv1.CPUTopology{Sockets: 1, Cores: 1, Threads: 1}
			s.vmi.Status.Memory = &kubevirtv1.MemoryStatus{GuestRequested: &before}
			s.vmi.Labels[kubevirtv1.VirtualMachinePodMemoryRequestsLabel] = test.podAsks
			for _, kind := range []kubevirtv1.VirtualMachineInstanceConditionType{
				kubevirtv1.VirtualMachineInstanceVCPUChange, kubevirtv1.VirtualMachineInstanceMemoryChange,
			} {
				setVMICondition(s.vmi, kubevirtv1.VirtualMachineInstanceCondition{Type: kind, Status: corev1.ConditionTrue})
			}
			if ms := s.until(20); !ms.Completed {
				t.Fatalf("it is not complete: %+v", ms)
			}
			if got := s.vmi.Status.CurrentCPUTopology.Sockets; got != test.sockets {
				t.Errorf("%d sockets, not %d", got, test.sockets)
			}
			if got := s.vmi.Status.Memory.GuestRequested.String(); got != test.memory {
				t.Errorf("memory is %s, not %s", got, test.memory)
			}
			if _, left := s.vmi.Labels[kubevirtv1.VirtualMachinePodMemoryRequestsLabel]; left || vmiHas(s.vmi, kubevirtv1.VirtualMachineInstanceVCPUChange) {
				t.Error("a label or a condition is left")
			}
			for _, c := range s.vmi.Status.Conditions {
				if c.Type == kubevirtv1.VirtualMachineInstanceMemoryChange && c.Status != test.memoryCondition {
					t.Errorf("memory condition is %s", c.Status)
				}
			}
		})
	}
}
