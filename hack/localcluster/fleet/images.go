package fleet

import (
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	// maxNodeImages is how many images a kubelet lists (nodeStatusMaxImages).
	maxNodeImages = 50
	// imagesPeriod is how soon a kubelet tells of an image that it pulled (nodeStatusUpdateFrequency). What came in
	// between is told of in the same write.
	imagesPeriod = 10 * time.Second
)

// images remembers what the container runtime of every node holds, the newest last.
type images struct {
	mu   sync.Mutex
	held map[string][]corev1.ContainerImage
}

func newImages() *images { return &images{held: map[string][]corev1.ContainerImage{}} }

// pull notes the images of a pod that starts on the node. True: there is a new one among them.
func (i *images) pull(node string, pod *corev1.Pod) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	before := len(i.held[node])
	for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		if names := imageNames(c.Image); !i.has(node, names) {
			i.held[node] = append(i.held[node], corev1.ContainerImage{Names: names})
		}
	}
	return len(i.held[node]) > before
}

// unreported is the list that the node's status should have, where it does not. What the status alone has was pulled
// before the fleet started.
func (i *images) unreported(node *corev1.Node) []corev1.ContainerImage {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, reported := range node.Status.Images {
		if !i.has(node.Name, reported.Names) {
			i.held[node.Name] = slices.Insert(i.held[node.Name], 0, corev1.ContainerImage{Names: reported.Names})
		}
	}
	listed := i.held[node.Name]
	listed = listed[max(0, len(listed)-maxNodeImages):]
	if sameImages(listed, node.Status.Images) {
		return nil
	}
	return slices.Clone(listed)
}

func (i *images) has(node string, names []string) bool {
	return slices.ContainsFunc(i.held[node], func(held corev1.ContainerImage) bool { return slices.Equal(held.Names, names) })
}

func sameImages(some, others []corev1.ContainerImage) bool {
	return len(some) == len(others) && !slices.ContainsFunc(some, func(one corev1.ContainerImage) bool {
		return !slices.ContainsFunc(others, func(other corev1.ContainerImage) bool { return slices.Equal(one.Names, other.Names) })
	})
}

// imageNames are the names under which a container runtime lists an image: by digest, and by tag where it was pulled by one.
func imageNames(image string) []string {
	if strings.Contains(image, "@sha256:") {
		return []string{image}
	}
	return []string{imageID(image), image}
}
