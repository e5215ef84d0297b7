package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	loopback         = "127.0.0.1"
	computeContainer = "compute"
	killed           = int32(137)
)

// podView is what a kubelet knows of a pod besides the object.
type podView struct {
	IP, HostIP string
	Seen       time.Time
	// Started is when the containers started; zero: they have not.
	Started time.Time
	// Ended is when the pod's work ended, with ExitCode; zero: it has not.
	Ended    time.Time
	ExitCode int32
	// GivenUp: it was deleted before anything started: kubernetes pkg/kubelet/status/status_manager.go (TerminatePod).
	GivenUp bool
	// Responsive: what the readiness probe of a launcher asks answers.
	Responsive bool
	// Pull is the image pull that fails, if one does.
	Pull *pullFailure
	// Refusal is why the kubelet does not admit the pod, if it does not.
	Refusal *refusal
}

type pullFailure struct {
	Image, Message string
	BackOff        bool
}

type refusal struct{ Reason, Message string }

// podStatus is the status that a kubelet reports for the pod: kubernetes pkg/kubelet/kubelet_pods.go
// (generateAPIPodStatus) and pkg/kubelet/status/generate.go.
func podStatus(pod *corev1.Pod, view podView) corev1.PodStatus {
	if view.Refusal != nil {
		return corev1.PodStatus{Phase: corev1.PodFailed, Reason: view.Refusal.Reason, Message: view.Refusal.Message}
	}
	status := corev1.PodStatus{
		Phase:                 corev1.PodPending,
		HostIP:                view.HostIP,
		HostIPs:               []corev1.HostIP{{IP: view.HostIP}},
		PodIP:                 view.IP,
		PodIPs:                []corev1.PodIP{{IP: view.IP}},
		StartTime:             &metav1.Time{Time: view.Seen},
		InitContainerStatuses: initStatuses(pod, view),
		ContainerStatuses:     containerStatuses(pod, view),
	}
	switch {
	case !view.Ended.IsZero() && view.ExitCode == 0:
		status.Phase = corev1.PodSucceeded
	case !view.Ended.IsZero():
		status.Phase = corev1.PodFailed
	case !view.Started.IsZero():
		status.Phase = corev1.PodRunning
	case view.GivenUp:
		status.Phase = corev1.PodFailed
	default:
		status.PodIP, status.PodIPs = "", nil
	}
	status.Conditions = podConditions(pod, status, view)
	return status
}

func initStatuses(pod *corev1.Pod, view podView) []corev1.ContainerStatus {
	var statuses []corev1.ContainerStatus
	for _, c := range pod.Spec.InitContainers {
		s := baseStatus(pod, c)
		sidecar := c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
		switch {
		case view.Started.IsZero():
			s.State = waiting(c, view)
		case sidecar && view.Ended.IsZero():
			running(&s, view.Started, true)
		case sidecar:
			terminated(&s, view.Started, view.Ended, 0)
		default:
			terminated(&s, view.Started, view.Started, 0)
			s.Ready = true
		}
		statuses = append(statuses, s)
	}
	return statuses
}

func containerStatuses(pod *corev1.Pod, view podView) []corev1.ContainerStatus {
	statuses := make([]corev1.ContainerStatus, 0, len(pod.Spec.Containers))
	for i, c := range pod.Spec.Containers {
		s := baseStatus(pod, c)
		code := int32(0)
		if i == 0 || c.Name == computeContainer {
			code = view.ExitCode
		}
		switch {
		case view.Started.IsZero():
			s.State = waiting(c, view)
		case !view.Ended.IsZero():
			terminated(&s, view.Started, view.Ended, code)
		default:
			// Only a launcher's probe depends on something that the fleet plays: the guest.
			running(&s, view.Started, c.Name != computeContainer || c.ReadinessProbe == nil || view.Responsive)
		}
		statuses = append(statuses, s)
	}
	return statuses
}

func baseStatus(pod *corev1.Pod, c corev1.Container) corev1.ContainerStatus {
	started := false
	return corev1.ContainerStatus{
		Name: c.Name, Image: c.Image, ImageID: imageID(c.Image), Started: &started,
		ContainerID: "fleet://" + digest(string(pod.UID)+"/"+c.Name),
	}
}

// waiting is the state of a container that has not started: for want of its image, or in its turn.
func waiting(c corev1.Container, view podView) corev1.ContainerState {
	reason, message := "ContainerCreating", ""
	if view.Pull != nil && view.Pull.Image == c.Image {
		reason, message = "ErrImagePull", view.Pull.Message
		if view.Pull.BackOff {
			reason = "ImagePullBackOff"
			message = fmt.Sprintf("Back-off pulling image %q: ErrImagePull: %s", c.Image, view.Pull.Message)
		}
	}
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
}

func running(s *corev1.ContainerStatus, since time.Time, ready bool) {
	*s.Started, s.Ready = true, ready
	s.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}}
}

func terminated(s *corev1.ContainerStatus, since, at time.Time, code int32) {
	reason := "Completed"
	if code != 0 {
		reason = "Error"
	}
	s.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: code, Reason: reason, StartedAt: metav1.NewTime(since), FinishedAt: metav1.NewTime(at), ContainerID: s.ContainerID,
	}}
}

func podConditions(pod *corev1.Pod, status corev1.PodStatus, view podView) []corev1.PodCondition {
	ended := !view.Ended.IsZero()
	var unready []string
	for _, s := range status.ContainerStatuses {
		if !s.Ready {
			unready = append(unready, s.Name)
		}
	}
	initialized := condition(corev1.PodInitialized, true, "", "")
	if view.Started.IsZero() && len(pod.Spec.InitContainers) > 0 {
		initialized = condition(corev1.PodInitialized, false, "ContainersNotInitialized",
			fmt.Sprintf("containers with incomplete status: [%s]", names(pod.Spec.InitContainers)))
	}
	if ended && view.ExitCode == 0 {
		initialized.Reason = "PodCompleted"
	}
	containersReady := condition(corev1.ContainersReady, len(unready) == 0, "", "")
	if len(unready) > 0 {
		containersReady.Reason = "ContainersNotReady"
		containersReady.Message = fmt.Sprintf("containers with unready status: [%s]", strings.Join(unready, " "))
	}
	if ended {
		containersReady.Reason, containersReady.Message = "PodCompleted", ""
		if view.ExitCode != 0 {
			containersReady.Reason = "PodFailed"
		}
	}
	return []corev1.PodCondition{
		condition(corev1.PodReadyToStartContainers, !ended, "", ""),
		initialized,
		readyCondition(pod, containersReady),
		containersReady,
	}
}

// readyCondition adds the pod's readiness gates: kubernetes pkg/kubelet/status/generate.go (GeneratePodReadyCondition).
// A launcher has one, kubevirt.io/virtual-machine-unpaused, which virt-controller sets.
func readyCondition(pod *corev1.Pod, containersReady corev1.PodCondition) corev1.PodCondition {
	ready := containersReady
	ready.Type = corev1.PodReady
	if ready.Status != corev1.ConditionTrue {
		return ready
	}
	var missing []string
	for _, gate := range pod.Spec.ReadinessGates {
		found := findCondition(pod.Status.Conditions, gate.ConditionType)
		switch {
		case found == nil:
			missing = append(missing, fmt.Sprintf("corresponding condition of pod readiness gate %q does not exist.", gate.ConditionType))
		case found.Status != corev1.ConditionTrue:
			missing = append(missing, fmt.Sprintf("the status of pod readiness gate %q is not \"True\", but %v", gate.ConditionType, found.Status))
		}
	}
	if len(missing) > 0 {
		return condition(corev1.PodReady, false, "ReadinessGatesNotReady", strings.Join(missing, ", "))
	}
	return ready
}

func condition(kind corev1.PodConditionType, holds bool, reason, message string) corev1.PodCondition {
	status := corev1.ConditionFalse
	if holds {
		status = corev1.ConditionTrue
	}
	return corev1.PodCondition{Type: kind, Status: status, Reason: reason, Message: message}
}

func findCondition(conditions []corev1.PodCondition, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range conditions {
		if conditions[i].Type == kind {
			return &conditions[i]
		}
	}
	return nil
}

// dateConditions gives each condition the time at which its status last changed.
func dateConditions(conditions, before []corev1.PodCondition, now metav1.Time) {
	for i := range conditions {
		conditions[i].LastTransitionTime = now
		if old := findCondition(before, conditions[i].Type); old != nil && old.Status == conditions[i].Status {
			conditions[i].LastTransitionTime = old.LastTransitionTime
		}
	}
}

// sameStatus tells whether reporting the status would say anything new.
func sameStatus(reported, status corev1.PodStatus) bool {
	if reported.Phase != status.Phase || reported.Reason != status.Reason || reported.Message != status.Message ||
		reported.PodIP != status.PodIP ||
		!equality.Semantic.DeepEqual(dropTimes(reported.ContainerStatuses), dropTimes(status.ContainerStatuses)) ||
		!equality.Semantic.DeepEqual(dropTimes(reported.InitContainerStatuses), dropTimes(status.InitContainerStatuses)) {
		return false
	}
	for _, c := range status.Conditions {
		old := findCondition(reported.Conditions, c.Type)
		if old == nil || old.Status != c.Status || old.Reason != c.Reason || old.Message != c.Message {
			return false
		}
	}
	return true
}

// dropTimes leaves out when something began: the API keeps whole seconds, the fleet's memory does not.
func dropTimes(statuses []corev1.ContainerStatus) []corev1.ContainerStatus {
	bare := make([]corev1.ContainerStatus, len(statuses))
	for i := range statuses {
		statuses[i].DeepCopyInto(&bare[i])
		if s := bare[i].State.Running; s != nil {
			s.StartedAt = metav1.Time{}
		}
		if s := bare[i].State.Terminated; s != nil {
			s.StartedAt, s.FinishedAt = metav1.Time{}, metav1.Time{}
		}
	}
	return bare
}

// imageID is the image with a digest that depends on nothing but its name.
func imageID(image string) string {
	if strings.Contains(image, "@sha256:") {
		return image
	}
	base := image
	if colon := strings.LastIndex(image, ":"); colon > strings.LastIndex(image, "/") {
		base = image[:colon]
	}
	return base + "@sha256:" + digest(image)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func names(containers []corev1.Container) string {
	all := make([]string, len(containers))
	for i, c := range containers {
		all[i] = c.Name
	}
	return strings.Join(all, " ")
}
