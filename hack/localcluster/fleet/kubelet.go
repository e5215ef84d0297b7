package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// kubelets plays the kubelet of every node: pods that are bound to a node start, report and end.
type kubelets struct {
	client     kubernetes.Interface
	watches    *watches
	roster     *roster
	hypervisor *hypervisor
	faults     *faults
	addresses  *addresses
	images     *images
	timing     timing
	wakeVMI    func(key string)
	pulled     func(node string)

	mu   sync.Mutex
	runs map[types.UID]*podRun
}

// podRun is what a kubelet remembers of a pod.
type podRun struct {
	seen, started, ended time.Time
	exitCode             int32
	pullFailedAt         time.Time
}

// tellWaiting is how long a start may take before the kubelet reports ContainerCreating. A real one always reports
// it; that is a write for each pod which nobody acts on when the next one follows at once.
const tellWaiting = time.Second

// backOffAfter is the wait after which ErrImagePull turns into ImagePullBackOff.
const backOffAfter = 2 * time.Second

func (k *kubelets) sync(ctx context.Context, key string) (time.Duration, error) {
	pod := fetch[corev1.Pod](k.watches.pods, key)
	if pod == nil || !k.roster.reports(pod.Spec.NodeName) {
		return 0, nil
	}
	now := time.Now()
	if pod.DeletionTimestamp != nil {
		return k.terminate(ctx, pod, now)
	}
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return 0, nil
	}
	view, again := k.look(pod, now)
	if view.Started.IsZero() && view.Refusal == nil && view.Pull == nil && again < tellWaiting {
		return again, nil
	}
	if !view.Started.IsZero() {
		if err := k.attachNetworks(ctx, pod, view.IP); err != nil {
			return again, err
		}
	}
	return again, k.report(ctx, pod, view, now)
}

// look moves the pod to where it is at that time and says when to look again.
func (k *kubelets) look(pod *corev1.Pod, now time.Time) (podView, time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r := k.remember(pod, now)
	view := podView{IP: k.podIP(pod), HostIP: k.hostIP(pod)}
	again := time.Duration(0)
	if r.started.IsZero() {
		view.Refusal = k.refuses(pod)
		view.Pull, again = k.pullFails(pod, r, now)
		if view.Refusal == nil && view.Pull == nil {
			if startAt := r.seen.Add(k.timing.podStart + k.delay(pod)); now.Before(startAt) {
				again = until(now, startAt)
			} else {
				r.started = now
				if k.images.pull(pod.Spec.NodeName, pod) {
					k.pulled(pod.Spec.NodeName)
				}
			}
		}
	}
	k.noticeEnd(pod, r, now)
	g, found := k.hypervisor.get(pod.UID)
	view.Responsive = found && g.running()
	view.Seen, view.Started, view.Ended, view.ExitCode = r.seen, r.started, r.ended, r.exitCode
	return view, again
}

// noticeEnd: a launcher ends when the hypervisor says so, one that only binds volumes, or a Job's pod, when it has started.
func (k *kubelets) noticeEnd(pod *corev1.Pod, r *podRun, now time.Time) {
	if r.started.IsZero() || !r.ended.IsZero() {
		return
	}
	if code, ok := k.hypervisor.exited(pod.UID); ok {
		r.ended, r.exitCode = now, code
	}
	if isProvisioning(pod) || isJob(pod) {
		r.ended = now
	}
}

// remember returns the run of the pod. A pod that was running before the fleet started runs on.
func (k *kubelets) remember(pod *corev1.Pod, now time.Time) *podRun {
	if r, ok := k.runs[pod.UID]; ok {
		return r
	}
	r := &podRun{seen: now}
	if pod.Status.StartTime != nil {
		r.seen = pod.Status.StartTime.Time
	}
	if pod.Status.Phase == corev1.PodRunning {
		r.started = r.seen
	}
	k.runs[pod.UID] = r
	return r
}

// recall notes the addresses of the pods that are there when the fleet starts, before any new pod asks for one.
func (k *kubelets) recall() {
	for _, obj := range k.watches.pods.GetStore().List() {
		pod := obj.(*corev1.Pod)
		k.addresses.keep(pod.UID, pod.Status.PodIP)
	}
}

func isJob(pod *corev1.Pod) bool {
	owner := metav1.GetControllerOfNoCopy(pod)
	return owner != nil && owner.Kind == "Job"
}

func (k *kubelets) refuses(pod *corev1.Pod) *refusal {
	if isHandler(pod) || pod.Status.StartTime != nil {
		return nil
	}
	f, ok := k.faults.find(faultRefusePod, k.subject(pod), string(pod.UID))
	if !ok {
		return nil
	}
	r := refusal{Reason: f.Reason, Message: f.Message}
	if r.Reason == "" {
		r.Reason = "OutOfcpu"
	}
	if r.Message == "" {
		r.Message = fmt.Sprintf("Pod was rejected: Node didn't have enough resource: %s", r.Reason)
	}
	return &r
}

func (k *kubelets) pullFails(pod *corev1.Pod, r *podRun, now time.Time) (*pullFailure, time.Duration) {
	containers := append(append([]corev1.Container{}, pod.Spec.InitContainers...), pod.Spec.Containers...)
	for _, c := range containers {
		s := k.subject(pod)
		s.Image = c.Image
		f, ok := k.faults.find(faultImagePull, s, string(pod.UID))
		if !ok {
			continue
		}
		if r.pullFailedAt.IsZero() {
			r.pullFailedAt = now
		}
		message := f.Message
		if message == "" {
			message = fmt.Sprintf("failed to pull and unpack image %q: %s: not found", c.Image, c.Image)
		}
		backOff := now.Sub(r.pullFailedAt) >= backOffAfter
		again := time.Duration(0)
		if !backOff {
			again = until(now, r.pullFailedAt.Add(backOffAfter))
		}
		return &pullFailure{Image: c.Image, Message: message, BackOff: backOff}, again
	}
	return nil, 0
}

func (k *kubelets) delay(pod *corev1.Pod) time.Duration {
	if isHandler(pod) {
		return 0
	}
	f, ok := k.faults.find(faultSlowStart, k.subject(pod), string(pod.UID))
	if !ok {
		return 0
	}
	return time.Duration(f.Delay)
}

// subject is the pod's VMI where it has one, else the pod itself.
func (k *kubelets) subject(pod *corev1.Pod) subject {
	s := subject{Key: objectKey(pod), Node: pod.Spec.NodeName}
	if owner := metav1.GetControllerOfNoCopy(pod); owner != nil && owner.Kind == "VirtualMachineInstance" {
		s.Key = pod.Namespace + "/" + owner.Name
	}
	return s
}

// podIP: virt-api reaches every virt-handler at the fleet's own server.
func (k *kubelets) podIP(pod *corev1.Pod) string {
	if isHandler(pod) {
		return loopback
	}
	return k.addresses.of(pod.UID)
}

func (k *kubelets) hostIP(pod *corev1.Pod) string {
	m, _ := k.roster.get(pod.Spec.NodeName)
	return nodeAddress(m.Number)
}

// report writes the pod's status as a kubelet does: kubernetes pkg/kubelet/status/status_manager.go patches it, with the
// pod's uid, so that it does not collide with conditions that others own.
func (k *kubelets) report(ctx context.Context, pod *corev1.Pod, view podView, now time.Time) error {
	status := podStatus(pod, view)
	dateConditions(status.Conditions, pod.Status.Conditions, metav1.NewTime(now))
	if sameStatus(pod.Status, status) {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": pod.UID}, "status": status})
	if err != nil {
		return err
	}
	_, err = k.client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // Another pod has the name now, or none.
	}
	return err
}

// terminate ends a pod that is being deleted: SIGTERM, its grace period, SIGKILL, a last status, and out of the API.
func (k *kubelets) terminate(ctx context.Context, pod *corev1.Pod, now time.Time) (time.Duration, error) {
	if wait := k.stop(pod, now); wait > 0 {
		return wait, nil
	}
	view, _ := k.look(pod, now)
	view.GivenUp = view.Started.IsZero()
	if isLauncher(pod) && !isToldOver(pod) {
		if err := k.report(ctx, pod, view, now); err != nil {
			return 0, err
		}
	}
	now64 := int64(0)
	err := k.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &now64, Preconditions: metav1.NewUIDPreconditions(string(pod.UID)),
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return 0, nil
	}
	return 0, err
}

// isToldOver: the end of the pod is in its status already, and it is the kubelet that wrote it. The garbage collector of pods writes
// the phase alone.
func isToldOver(pod *corev1.Pod) bool {
	over := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
	return over && !slices.ContainsFunc(pod.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool { return s.State.Running != nil })
}

// stop asks what runs in the pod to end and says how long to wait for it; 0 when it has ended. A launcher hands
// SIGTERM on to virt-handler as a wish for a graceful shutdown (cmd/virt-launcher/virt-launcher.go,
// pkg/virt-handler/vm.go hasGracefulShutdownTrigger) and stays until virt-handler is done with the guest.
func (k *kubelets) stop(pod *corev1.Pod, now time.Time) time.Duration {
	g, found := k.hypervisor.get(pod.UID)
	if _, ended := k.hypervisor.exited(pod.UID); ended || !found {
		k.hypervisor.exit(pod.UID, 0)
		return 0
	}
	deadline := pod.DeletionTimestamp.Time
	switch {
	case g.State == guestIncoming:
		k.end(g, offDestroyed, 0)
		return 0
	case !now.Before(deadline):
		k.end(g, offDestroyed, killed)
		return 0
	case g.alive() && !g.Terminating:
		k.hypervisor.change(pod.UID, func(g *guest) { g.Terminating = true })
		k.wakeVMI(g.key())
	}
	return until(now, deadline)
}

// end stops the guest and its launcher.
func (k *kubelets) end(g guest, reason offReason, code int32) {
	k.hypervisor.change(g.Pod, func(g *guest) { g.end(reason) })
	k.hypervisor.exit(g.Pod, code)
	k.wakeVMI(g.key())
}

// gone: the pod is no longer in the API. Its kubelet ends what is left of it, unless it does not hear of it.
func (k *kubelets) gone(pod *corev1.Pod) {
	m, ours := k.roster.get(pod.Spec.NodeName)
	if ours && m.Health == partitioned {
		return
	}
	k.clean(pod.UID)
}

// clean ends and forgets a pod.
func (k *kubelets) clean(pod types.UID) {
	if g, ok := k.hypervisor.get(pod); ok {
		k.end(g, offDestroyed, killed)
	}
	k.hypervisor.drop(pod)
	k.addresses.release(pod)
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.runs, pod)
}
