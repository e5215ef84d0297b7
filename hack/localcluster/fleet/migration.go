package fleet

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// migrating: a migration has begun and not ended: pkg/util/migrations/migrations.go (IsMigrating).
func migrating(vmi *kubevirtv1.VirtualMachineInstance) bool {
	ms := vmi.Status.MigrationState
	return ms != nil && ms.StartTimestamp != nil && ms.EndTimestamp == nil
}

// migrationDone: pkg/virt-handler/migration-source.go (isMigrationDone).
func migrationDone(ms *kubevirtv1.VirtualMachineInstanceMigrationState) bool {
	return ms.EndTimestamp != nil && (ms.Completed || ms.Failed)
}

// progressTimeout is KubeVirt's default for a migration that makes no progress: pkg/virt-config/virt-config.go.
const progressTimeout = int64(150)

// source is what the virt-handler and the launcher that a guest leaves do: pkg/virt-handler/migration-source.go
// (migrateVMI, setMigrationProgressStatus) and pkg/virt-launcher/virtwrap/live-migration-source.go.
// virt-controller has written which migration, from and to which node and pod, and whether to abort
// (pkg/virt-controller/watch/migration/migration.go handleTargetPodHandoff, markMigrationAbortInVmiStatus).
func (h *handlers) source(vmi *kubevirtv1.VirtualMachineInstance, now time.Time) time.Duration {
	ms := vmi.Status.MigrationState
	if ms == nil || migrationDone(ms) || vmi.IsFinal() || vmi.DeletionTimestamp != nil ||
		ms.SourceNode != vmi.Status.NodeName || !h.roster.handles(ms.SourceNode) {
		return 0
	}
	g, found := h.guestOn(vmi, ms.SourceNode)
	if found && !g.alive() && g.Reason != offMigrated && ms.StartTimestamp != nil {
		failMigration(ms, "Live migration failed: operation failed: domain is not running", "", now)
		return 0
	}
	if !found || !g.alive() || len(ms.TargetDirectMigrationNodePorts) == 0 {
		return 0
	}
	if g.Migration.UID != ms.MigrationUID {
		if ms.AbortRequested {
			return 0
		}
		g, _ = h.hypervisor.change(g.Pod, func(g *guest) {
			g.Migration = outgoing{UID: ms.MigrationUID, Start: now, doneAt: now.Add(h.migrationTime(*g))}
		})
	}
	if ms.StartTimestamp == nil {
		ms.StartTimestamp = &metav1.Time{Time: g.Migration.Start}
		ms.Mode = kubevirtv1.MigrationPreCopy
		return until(now, g.Migration.doneAt)
	}
	return h.transfer(vmi, g, now)
}

// transfer is one look at a migration that runs.
func (h *handlers) transfer(vmi *kubevirtv1.VirtualMachineInstance, g guest, now time.Time) time.Duration {
	ms := vmi.Status.MigrationState
	target := h.migrationTarget(vmi)
	if ms.AbortRequested && ms.AbortStatus == "" {
		if _, racing := h.fault(faultMigrationRacing, g); !racing {
			failMigration(ms, "Live migration aborted ", kubevirtv1.MigrationAbortSucceeded, now)
			return 0
		}
		// The abort comes when all has been sent: libvirt refuses it, and the guest moves.
		ms.AbortStatus = kubevirtv1.MigrationAbortFailed
		g, _ = h.hypervisor.change(g.Pod, func(g *guest) { g.Migration.doneAt = now })
	}
	if target == nil || !target.alive() {
		failMigration(ms, "Live migration failed: the connection to the target was lost", "", now)
		return 0
	}
	if _, held := h.fault(faultMigrationStall, g); held || !h.roster.handles(target.Node) {
		return h.stalled(ms, g, now)
	}
	if g.Migration.doneAt.IsZero() {
		g, _ = h.hypervisor.change(g.Pod, func(g *guest) { g.Migration.doneAt = now.Add(h.timing.migration) })
	}
	if now.Before(g.Migration.doneAt) {
		return until(now, g.Migration.doneAt)
	}
	if f, failing := h.fault(faultMigrationFail, g); failing {
		failMigration(ms, migrationFailure(f), "", now)
		return 0
	}
	if h.hypervisor.move(g.Pod, target.Pod) {
		h.copyVolumes(vmi)
		h.release(g)
		h.wakePod(target.Namespace + "/" + target.PodName)
	}
	return 0
}

// copyVolumes plays the blocks of disks that a migration takes along to other claims (a volume migration): at the instant at which
// the guest arrives they have what the old ones have.
func (h *handlers) copyVolumes(vmi *kubevirtv1.VirtualMachineInstance) {
	for _, v := range vmi.Status.MigratedVolumes {
		if v.SourcePVCInfo == nil || v.DestinationPVCInfo == nil {
			continue
		}
		from := fetch[corev1.PersistentVolumeClaim](h.watches.claims, vmi.Namespace+"/"+v.SourcePVCInfo.ClaimName)
		to := fetch[corev1.PersistentVolumeClaim](h.watches.claims, vmi.Namespace+"/"+v.DestinationPVCInfo.ClaimName)
		if from != nil && to != nil {
			h.disks.copy(from.UID, to.UID)
		}
	}
}

// stalled waits for the rule or the network to let the migration go on, as long as KubeVirt does.
func (h *handlers) stalled(ms *kubevirtv1.VirtualMachineInstanceMigrationState, g guest, now time.Time) time.Duration {
	seconds := progressTimeout
	if c := ms.MigrationConfiguration; c != nil && c.ProgressTimeout != nil {
		seconds = *c.ProgressTimeout
	}
	deadline := g.Migration.Start.Add(time.Duration(seconds) * time.Second)
	if !now.Before(deadline) {
		failMigration(ms, fmt.Sprintf("Live migration stuck for %d seconds and has been aborted", seconds), kubevirtv1.MigrationAbortSucceeded, now)
		return 0
	}
	h.hypervisor.change(g.Pod, func(g *guest) { g.Migration.doneAt = time.Time{} })
	return until(now, deadline)
}

func failMigration(ms *kubevirtv1.VirtualMachineInstanceMigrationState, reason string, abort kubevirtv1.MigrationAbortStatus, now time.Time) {
	ms.Failed = true
	ms.FailureReason = reason
	ms.AbortStatus = abort
	ms.EndTimestamp = &metav1.Time{Time: now}
}

func migrationFailure(f fault) string {
	if f.Message != "" {
		return f.Message
	}
	return "Live migration failed error encountered during MigrateToURI3 libvirt api call: " +
		"virError(Code=1, Domain=7, Message='internal error: client socket is closed')"
}

func (h *handlers) fault(kind faultKind, g guest) (fault, bool) {
	return h.faults.find(kind, subject{Key: g.key(), Node: g.Node}, string(g.Migration.UID))
}

func (h *handlers) migrationTime(g guest) time.Duration {
	f, ok := h.fault(faultMigrationSlow, g)
	if !ok {
		return h.timing.migration
	}
	return h.timing.migration + time.Duration(f.Delay)
}

// targetPod is the launcher that virt-controller chose to receive the guest.
func (h *handlers) targetPod(vmi *kubevirtv1.VirtualMachineInstance) *corev1.Pod {
	return fetch[corev1.Pod](h.watches.pods, vmi.Namespace+"/"+vmi.Status.MigrationState.TargetPod)
}

func (h *handlers) migrationTarget(vmi *kubevirtv1.VirtualMachineInstance) *guest {
	pod := h.targetPod(vmi)
	if pod == nil {
		return nil
	}
	g, ok := h.hypervisor.get(pod.UID)
	if !ok {
		return nil
	}
	return &g
}

// target is what the virt-handler that a guest comes to does: pkg/virt-handler/migration-target.go (sync, processVMI,
// updateStatus, finalCleanup). The label makes the VMI its business.
func (h *handlers) target(vmi *kubevirtv1.VirtualMachineInstance, now time.Time) time.Duration {
	ms := vmi.Status.MigrationState
	node := vmi.Labels[kubevirtv1.MigrationTargetNodeNameLabel]
	if ms == nil || node == "" || vmi.IsFinal() || vmi.DeletionTimestamp != nil || !h.roster.handles(node) {
		return 0
	}
	switch {
	case migrationDone(ms):
		h.cleanTarget(vmi)
	case ms.StartTimestamp != nil && ms.EndTimestamp != nil:
		h.finalizeMigration(vmi)
	case ms.StartTimestamp != nil:
		h.receive(vmi, node, now)
	default:
		return h.prepare(vmi, now)
	}
	return 0
}

// prepare makes the target's launcher ready to receive and says where it listens.
func (h *handlers) prepare(vmi *kubevirtv1.VirtualMachineInstance, now time.Time) time.Duration {
	ms := vmi.Status.MigrationState
	pod := h.targetPod(vmi)
	if pod == nil || pod.DeletionTimestamp != nil || pod.Status.Phase != corev1.PodRunning || ms.TargetNodeAddress != "" {
		return 0
	}
	g := newGuest(vmi, pod)
	g.State, g.readyAt = guestIncoming, now.Add(h.timing.prepare)
	g = h.hypervisor.define(g)
	if now.Before(g.readyAt) {
		return until(now, g.readyAt)
	}
	m, _ := h.roster.get(pod.Spec.NodeName)
	ms.TargetNodeAddress = nodeAddress(m.Number)
	ms.TargetDirectMigrationNodePorts = migrationPorts(vmi.Status.MigrationMethod == kubevirtv1.BlockMigration)
	return 0
}

// migrationPorts are the proxies that the target listens at, for libvirt, for memory and, if disks move too, for them:
// pkg/virt-handler/migration-proxy/migration-proxy.go (GetMigrationPortsList).
func migrationPorts(block bool) map[string]int {
	ports := map[string]int{"40001": 0, "40002": 49152}
	if block {
		ports["40003"] = 49153
	}
	return ports
}

// receive watches the guest arrive, and takes the VMI over when it has: pkg/virt-handler/migration-target.go
// (updateStatus, ackMigrationCompletion).
func (h *handlers) receive(vmi *kubevirtv1.VirtualMachineInstance, node string, now time.Time) {
	ms := vmi.Status.MigrationState
	g := h.migrationTarget(vmi)
	if g == nil {
		h.adoptIncoming(vmi)
		return
	}
	ms.TargetNodeDomainDetected = true
	if g.Boots == 0 {
		return
	}
	stamp := metav1.NewTime(now)
	if ms.TargetNodeDomainReadyTimestamp == nil {
		ms.TargetNodeDomainReadyTimestamp = &stamp
		dropVMICondition(vmi, kubevirtv1.VirtualMachineInstanceMigrationRequired)
	}
	ms.EndTimestamp = &stamp
	vmi.Labels[kubevirtv1.NodeNameLabel] = node
	delete(vmi.Labels, kubevirtv1.OutdatedLauncherImageLabel)
	delete(vmi.Annotations, kubevirtv1.EvictionSourceAnnotation)
	vmi.Status.NodeName = node
	vmi.Status.EvacuationNodeName = ""
	vmi.Status.LauncherContainerImageVersion = ""
	vmi.Status.MigrationTransport = kubevirtv1.MigrationTransportUnix
}

// adoptIncoming: the fleet was started again in the middle of a migration.
func (h *handlers) adoptIncoming(vmi *kubevirtv1.VirtualMachineInstance) {
	pod := h.targetPod(vmi)
	if pod == nil || pod.DeletionTimestamp != nil || pod.Status.Phase != corev1.PodRunning {
		return
	}
	g := newGuest(vmi, pod)
	g.State = guestIncoming
	h.hypervisor.define(g)
}

// finalizeMigration: pkg/virt-handler/migration-target.go. A migration completes whether or not what was to be plugged was.
func (h *handlers) finalizeMigration(vmi *kubevirtv1.VirtualMachineInstance) {
	subject := subject{Key: vmi.Namespace + "/" + vmi.Name, Node: vmi.Status.NodeName}
	_, fails := h.faults.find(faultPlugFail, subject, string(vmi.Status.MigrationState.MigrationUID))
	plugCPU(vmi, fails)
	plugMemory(vmi, fails)
	dropVMICondition(vmi, kubevirtv1.VirtualMachineInstanceVolumesChange)
	vmi.Status.MigratedVolumes = nil
	vmi.Status.MigrationState.Completed = true
}

// plugCPU: pkg/virt-handler/migration-target.go (hotplugCPU). The condition goes either way; virt-controller sets it
// again as long as the VMI asks for more than it has.
func plugCPU(vmi *kubevirtv1.VirtualMachineInstance, fails bool) {
	cpu := vmi.Spec.Domain.CPU
	if cpu != nil && vmiHas(vmi, kubevirtv1.VirtualMachineInstanceVCPUChange) && !fails {
		vmi.Status.CurrentCPUTopology = &kubevirtv1.CPUTopology{Sockets: cpu.Sockets, Cores: cpu.Cores, Threads: cpu.Threads}
	}
	dropVMICondition(vmi, kubevirtv1.VirtualMachineInstanceVCPUChange)
	delete(vmi.Labels, kubevirtv1.VirtualMachinePodCPULimitsLabel)
}

// plugMemory: pkg/virt-handler/migration-target.go (hotplugMemory). The launcher's pod has to ask for what the guest gets;
// that it does not take its overhead into account is left out. What the domain cannot plug is not tried again.
func plugMemory(vmi *kubevirtv1.VirtualMachineInstance, fails bool) {
	podAsks, err := resource.ParseQuantity(vmi.Labels[kubevirtv1.VirtualMachinePodMemoryRequestsLabel])
	delete(vmi.Labels, kubevirtv1.VirtualMachinePodMemoryRequestsLabel)
	delete(vmi.Labels, kubevirtv1.MemoryHotplugOverheadRatioLabel)
	if !vmiHas(vmi, kubevirtv1.VirtualMachineInstanceMemoryChange) || vmi.Status.Memory == nil || vmi.Spec.Domain.Memory == nil {
		return
	}
	dropVMICondition(vmi, kubevirtv1.VirtualMachineInstanceMemoryChange)
	switch {
	case err != nil || podAsks.Cmp(*vmi.Spec.Domain.Resources.Requests.Memory()) < 0:
	case fails:
		setVMICondition(vmi, kubevirtv1.VirtualMachineInstanceCondition{
			Type: kubevirtv1.VirtualMachineInstanceMemoryChange, Status: corev1.ConditionFalse, Reason: "Memory Hotplug Failed",
			Message: "memory hotplug failed, the VM configuration is not supported",
		})
	default:
		vmi.Status.Memory.GuestRequested = vmi.Spec.Domain.Memory.Guest
	}
}

// cleanTarget ends the target's part: pkg/virt-handler/migration-target.go (finalCleanup). After a failure its
// launcher ends.
func (h *handlers) cleanTarget(vmi *kubevirtv1.VirtualMachineInstance) {
	if pod := h.targetPod(vmi); pod != nil && vmi.Status.MigrationState.Failed {
		h.finish(guest{Namespace: pod.Namespace, PodName: pod.Name, Pod: pod.UID})
	}
	delete(vmi.Labels, kubevirtv1.MigrationTargetNodeNameLabel)
	delete(vmi.Annotations, kubevirtv1.CreateMigrationTarget)
}
