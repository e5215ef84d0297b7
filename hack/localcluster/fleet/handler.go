package fleet

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// handlers plays the virt-handler of every node. A VMI's turn looks at it from each node that has a part in it: the source
// and the target of a migration, and the node that owns it; what they have to say goes out in one PUT.
type handlers struct {
	client     rest.Interface
	watches    *watches
	roster     *roster
	hypervisor *hypervisor
	faults     *faults
	timing     timing
	disks      *disks
	wakePod    func(key string)
	// fresh knows what was written a moment ago, before the watch brings it back.
	fresh cache.MutationCache
}

// resendShutdown is how often virt-handler repeats the ACPI signal: pkg/virt-handler/vm.go (shutdownVMI).
const resendShutdown = 5 * time.Second

func (h *handlers) sync(ctx context.Context, key string) (time.Duration, error) {
	now := time.Now()
	again := h.advance(key, now)
	old := h.current(key)
	h.endStrays(key, old)
	if old == nil {
		return again, nil
	}
	vmi := old.DeepCopy()
	again = sooner(again, h.source(vmi, now))
	again = sooner(again, h.target(vmi, now))
	again = sooner(again, h.owner(vmi, now))
	if equality.Semantic.DeepEqual(old.Status, vmi.Status) && equality.Semantic.DeepEqual(old.Labels, vmi.Labels) &&
		equality.Semantic.DeepEqual(old.Annotations, vmi.Annotations) {
		return again, nil
	}
	return again, h.write(ctx, vmi)
}

func (h *handlers) current(key string) *kubevirtv1.VirtualMachineInstance {
	obj, ok, err := h.fresh.GetByKey(key)
	if err != nil || !ok {
		return nil
	}
	return obj.(*kubevirtv1.VirtualMachineInstance)
}

// write PUTs the VMI, since it has no status subresource and virt-handler may not patch.
func (h *handlers) write(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) error {
	written := &kubevirtv1.VirtualMachineInstance{}
	err := h.client.Put().Namespace(vmi.Namespace).Resource("virtualmachineinstances").Name(vmi.Name).Body(vmi).Do(ctx).Into(written)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	h.fresh.Mutation(written)
	return nil
}

// advance moves the guests of that name to where they are now and says when one of them has its next turn.
func (h *handlers) advance(key string, now time.Time) time.Duration {
	again := time.Duration(0)
	for _, g := range h.hypervisor.of(key) {
		changed := false
		g, _ = h.hypervisor.change(g.Pod, func(g *guest) { changed = g.advance(now, h.agentDelay(*g)) })
		if changed {
			h.wakePod(g.Namespace + "/" + g.PodName)
		}
		if due := g.nextDue(); !due.IsZero() {
			again = sooner(again, until(now, due))
		}
	}
	return again
}

func (h *handlers) agentDelay(g guest) time.Duration {
	if _, without := h.faults.find(faultNoAgent, subject{Key: g.key(), Node: g.Node}, string(g.Pod)); without {
		return -1
	}
	return h.timing.agent
}

func (h *handlers) deaf(g guest) bool {
	_, deaf := h.faults.find(faultDeaf, subject{Key: g.key(), Node: g.Node}, string(g.Pod))
	return deaf
}

// endStrays ends guests whose VMI is gone, or has been followed by another of its name: pkg/virt-handler/vm.go (execute).
func (h *handlers) endStrays(key string, vmi *kubevirtv1.VirtualMachineInstance) {
	for _, g := range h.hypervisor.of(key) {
		if (vmi == nil || g.VMI != vmi.UID) && h.roster.handles(g.Node) {
			h.finish(g)
		}
	}
}

// finish destroys a guest that nobody wants any more and lets its launcher end.
func (h *handlers) finish(g guest) {
	h.hypervisor.change(g.Pod, func(g *guest) { g.end(offDestroyed) })
	h.release(g)
}

// release lets the launcher of a guest that is off end.
func (h *handlers) release(g guest) {
	if h.hypervisor.exit(g.Pod, 0) {
		h.wakePod(g.Namespace + "/" + g.PodName)
	}
}

// owner is what the node that owns the VMI does: pkg/virt-handler/vm.go (sync).
func (h *handlers) owner(vmi *kubevirtv1.VirtualMachineInstance, now time.Time) time.Duration {
	node := ownerNode(vmi)
	if !h.roster.handles(node) {
		return 0
	}
	g, found := h.guestOn(vmi, node)
	if vmi.IsFinal() {
		if found {
			h.finish(g)
		}
		return 0
	}
	if migrating(vmi) && vmi.DeletionTimestamp == nil {
		return 0
	}
	if !found {
		return h.start(vmi, node, now)
	}
	again := time.Duration(0)
	if g.alive() && (vmi.DeletionTimestamp != nil || g.Terminating) {
		g, again = h.shutDown(vmi, g, now)
	}
	switch {
	case g.Reason == offMigrated:
	case !g.alive():
		setPhase(vmi, finalPhase(vmi, g.Reason), metav1.NewTime(now))
	case g.State == guestRunning || g.State == guestPaused:
		applyDomain(vmi, g, h.podIP(g), metav1.NewTime(now))
	}
	return again
}

// ownerNode: pkg/virt-handler/vm.go (isVMIOwnedByNode).
func ownerNode(vmi *kubevirtv1.VirtualMachineInstance) string {
	if node := vmi.Labels[kubevirtv1.NodeNameLabel]; node != "" {
		return node
	}
	return vmi.Status.NodeName
}

// guestOn returns the VMI's guest on that node, not one that is only on its way there.
func (h *handlers) guestOn(vmi *kubevirtv1.VirtualMachineInstance, node string) (guest, bool) {
	var ended guest
	found := false
	for _, g := range h.hypervisor.of(vmi.Namespace + "/" + vmi.Name) {
		switch {
		case g.VMI != vmi.UID || g.Node != node || g.State == guestIncoming:
		case g.alive():
			return g, true
		default:
			ended, found = g, true
		}
	}
	return ended, found
}

// start boots the guest of a VMI that was handed over. One that is said to be running already was so before the fleet
// started, and runs on.
func (h *handlers) start(vmi *kubevirtv1.VirtualMachineInstance, node string, now time.Time) time.Duration {
	pod := h.watches.launcherOn(vmi.UID, node)
	if vmi.DeletionTimestamp != nil || pod == nil || pod.DeletionTimestamp != nil || pod.Status.Phase != corev1.PodRunning {
		return 0
	}
	g := newGuest(vmi, pod)
	switch vmi.Status.Phase {
	case kubevirtv1.Scheduled:
		g.State, g.bootAt = guestBooting, now.Add(h.timing.boot+h.bootDelay(g))
	case kubevirtv1.Running:
		g.State, g.Boots = guestRunning, 1
		g.Agent = vmiHas(vmi, kubevirtv1.VirtualMachineInstanceAgentConnected)
		if vmiHas(vmi, kubevirtv1.VirtualMachineInstancePaused) {
			g.State = guestPaused
		}
	default:
		return 0
	}
	return until(now, h.hypervisor.define(g).bootAt)
}

func newGuest(vmi *kubevirtv1.VirtualMachineInstance, pod *corev1.Pod) guest {
	return guest{
		Namespace: vmi.Namespace, Name: vmi.Name, VMI: vmi.UID,
		Pod: pod.UID, PodName: pod.Name, Node: pod.Spec.NodeName,
	}
}

func (h *handlers) bootDelay(g guest) time.Duration {
	f, ok := h.faults.find(faultSlowStart, subject{Key: g.key(), Node: g.Node}, string(g.Pod))
	if !ok {
		return 0
	}
	return time.Duration(f.Delay)
}

// shutDown presses the power button until the guest is off or its grace period is over, then pulls the plug:
// pkg/virt-handler/vm.go (helperVmShutdown, hasGracePeriodExpired).
func (h *handlers) shutDown(vmi *kubevirtv1.VirtualMachineInstance, g guest, now time.Time) (guest, time.Duration) {
	grace := time.Duration(gracePeriod(vmi)) * time.Second
	deaf := h.deaf(g) || !hasACPI(vmi)
	g, _ = h.hypervisor.change(g.Pod, func(g *guest) {
		if grace > 0 {
			g.pressPower(now, h.timing.shutdown, deaf)
		}
		if grace == 0 || !now.Before(g.shutdownSince.Add(grace)) {
			g.end(offDestroyed)
		}
	})
	if !g.alive() {
		return g, 0
	}
	again := min(until(now, g.shutdownSince.Add(grace)), resendShutdown)
	if due := g.nextDue(); !due.IsZero() {
		again = min(again, until(now, due))
	}
	return g, again
}

func (h *handlers) podIP(g guest) string {
	if pod := fetch[corev1.Pod](h.watches.pods, g.Namespace+"/"+g.PodName); pod != nil && pod.UID == g.Pod {
		return pod.Status.PodIP
	}
	return ""
}
