package fleet

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func podOf(images ...string) *corev1.Pod {
	pod := &corev1.Pod{}
	for _, image := range images {
		pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Image: image})
	}
	return pod
}

func nodeWith(images ...corev1.ContainerImage) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}, Status: corev1.NodeStatus{Images: images}}
}

func TestImagesAreReportedOnce(t *testing.T) {
	i := newImages()
	if !i.pull("n", podOf("r/a:1", "r/b:1")) || i.pull("n", podOf("r/a:1")) {
		t.Fatal("the first pull is news, the second is not")
	}
	listed := i.unreported(nodeWith())
	if len(listed) != 2 || listed[0].Names[1] != "r/a:1" || listed[0].Names[0] != imageID("r/a:1") {
		t.Fatalf("listed %v", listed)
	}
	if again := i.unreported(nodeWith(listed...)); again != nil {
		t.Fatalf("reported again: %v", again)
	}
}

func TestImagesOfEarlierStay(t *testing.T) {
	i := newImages()
	i.pull("n", podOf("r/b:1"))
	listed := i.unreported(nodeWith(corev1.ContainerImage{Names: imageNames("r/a:1")}))
	if len(listed) != 2 || listed[0].Names[1] != "r/a:1" {
		t.Fatalf("listed %v", listed)
	}
}

func TestFiftyImagesAtMost(t *testing.T) {
	i := newImages()
	for n := range 60 {
		i.pull("n", podOf(fmt.Sprintf("r/a:%d", n)))
	}
	listed := i.unreported(nodeWith())
	if len(listed) != 50 || listed[49].Names[1] != "r/a:59" {
		t.Fatalf("listed %d, the last is %v", len(listed), listed[len(listed)-1])
	}
	if again := i.unreported(nodeWith(listed...)); again != nil {
		t.Fatal("reported again")
	}
}
