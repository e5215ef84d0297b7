package fleet

import (
	"encoding/json"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

func asText(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// launcher has what virt-controller gives it: a sidecar, a disk beside the launcher, and a gate that opens when not paused.
func launcher(unpaused corev1.ConditionStatus) *corev1.Pod {
	always := corev1.ContainerRestartPolicyAlways
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{UID: "pod", Labels: map[string]string{kubevirtv1.AppLabel: "virt-launcher"}},
		Spec: corev1.PodSpec{
			InitContainers: []corev1.Container{{Name: "container-disk-binary", Image: "launcher:v1"}, {Name: "guest-console-log", Image: "launcher:v1", RestartPolicy: &always}},
			Containers:     []corev1.Container{{Name: "compute", Image: "launcher:v1"}, {Name: "volumeroot", Image: "disks/fedora:42"}},
			ReadinessGates: []corev1.PodReadinessGate{{ConditionType: kubevirtv1.VirtualMachineUnpaused}},
		},
	}
	if unpaused != "" {
		pod.Status.Conditions = []corev1.PodCondition{{Type: kubevirtv1.VirtualMachineUnpaused, Status: unpaused}}
	}
	return pod
}

func TestPodStatus(t *testing.T) {
	runs := podView{IP: "10.64.0.1", HostIP: "10.1.0.1", Seen: at(0), Started: at(1)}
	ended, failed, pulling, refused := runs, runs, runs, runs
	ended.Ended = at(2)
	failed.Ended, failed.ExitCode = at(2), 137
	pulling.Started, pulling.Pull = time.Time{}, &pullFailure{Image: "disks/fedora:42", Message: "not found", BackOff: true}
	refused.Started, refused.Refusal = time.Time{}, &refusal{"OutOfcpu", "no"}
	for name, test := range map[string]struct {
		pod   *corev1.Pod
		view  podView
		phase corev1.PodPhase
		ready string
	}{
		"runs":                      {launcher("True"), runs, corev1.PodRunning, "True"},
		"runs, its gate is missing": {launcher(""), runs, corev1.PodRunning, "False ReadinessGatesNotReady"},
		"runs, its guest is paused": {launcher("False"), runs, corev1.PodRunning, "False ReadinessGatesNotReady"},
		"ended":                     {launcher("True"), ended, corev1.PodSucceeded, "False PodCompleted"},
		"was killed":                {launcher("True"), failed, corev1.PodFailed, "False PodFailed"},
		"lacks an image":            {launcher("True"), pulling, corev1.PodPending, "False ContainersNotReady"},
		"was refused":               {launcher("True"), refused, corev1.PodFailed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status := podStatus(test.pod, test.view)
			got := ""
			if c := findCondition(status.Conditions, corev1.PodReady); c != nil {
				got = string(c.Status)
				if c.Reason != "" {
					got += " " + c.Reason
				}
			}
			if status.Phase != test.phase || got != test.ready {
				t.Errorf("phase %s, ready %q", status.Phase, got)
			}
		})
	}
}

func TestContainersOfALauncher(t *testing.T) {
	status := podStatus(launcher("True"), podView{Seen: at(0), Started: at(1), Ended: at(2), ExitCode: 137})
	if s := status.InitContainerStatuses[0]; s.State.Terminated == nil || !s.Ready {
		t.Errorf("an init container that is done: %+v", s)
	}
	if s := status.ContainerStatuses[0]; s.State.Terminated == nil || s.State.Terminated.ExitCode != 137 {
		t.Errorf("compute: %+v", s)
	}
	if s := status.ContainerStatuses[1]; s.State.Terminated == nil || s.State.Terminated.ExitCode != 0 {
		t.Errorf("its disk: %+v", s)
	}
	status = podStatus(launcher("True"), podView{Seen: at(0), Started: at(1)})
	if s := status.InitContainerStatuses[1]; s.State.Running == nil || !s.Ready {
		t.Errorf("the sidecar: %+v", s)
	}
}

func TestOnlyTheImageThatFailsIsBlamed(t *testing.T) {
	view := podView{Seen: at(0), Pull: &pullFailure{Image: "disks/fedora:42", Message: "not found"}}
	status := podStatus(launcher("True"), view)
	for i, want := range []string{"ContainerCreating", "ErrImagePull"} {
		if got := status.ContainerStatuses[i].State.Waiting.Reason; got != want {
			t.Errorf("%s waits for %s", status.ContainerStatuses[i].Name, got)
		}
	}
}

func TestSameStatusIgnoresTimesOnly(t *testing.T) {
	view := podView{IP: "10.64.0.1", Seen: at(0), Started: at(1)}
	reported := podStatus(launcher("True"), view)
	view.Started = at(1.3)
	if !sameStatus(reported, podStatus(launcher("True"), view)) {
		t.Error("a fraction of a second is news")
	}
	if sameStatus(reported, podStatus(launcher("False"), view)) {
		t.Error("a guest that paused is no news")
	}
}

func TestImageID(t *testing.T) {
	for image, prefix := range map[string]string{
		"quay.io/a/b:v1":         "quay.io/a/b@sha256:",
		"localhost:5000/a":       "localhost:5000/a@sha256:",
		"a@sha256:0123456789abc": "a@sha256:0123456789abc",
	} {
		if got := imageID(image); len(got) < len(prefix) || got[:len(prefix)] != prefix {
			t.Errorf("%s: %s", image, got)
		}
	}
}
