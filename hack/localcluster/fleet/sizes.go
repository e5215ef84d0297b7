package fleet

import (
	"math/rand/v2"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	gib            = int64(1) << 30
	mib            = int64(1) << 20
	podsPerNode    = 110
	devicesPerNode = 1000
)

// size is what one node has: CPUs, bytes of memory and bytes of local disk.
type size struct {
	CPUs   int64
	Memory int64
	Disk   int64
}

// variety is what `--varied` picks from: generations of servers as a grown fleet has them.
var variety = []size{
	{CPUs: 8, Memory: 32 * gib, Disk: 200 * gib},
	{CPUs: 16, Memory: 64 * gib, Disk: 400 * gib},
	{CPUs: 16, Memory: 128 * gib, Disk: 400 * gib},
	{CPUs: 32, Memory: 128 * gib, Disk: 800 * gib},
	{CPUs: 48, Memory: 384 * gib, Disk: 1600 * gib},
	{CPUs: 64, Memory: 256 * gib, Disk: 1600 * gib},
	{CPUs: 96, Memory: 768 * gib, Disk: 3200 * gib},
}

// variedSize picks a size for the node with that number. The same seed and number give the same size.
func variedSize(seed uint64, number int) size {
	return variety[rand.New(rand.NewPCG(seed, uint64(number))).IntN(len(variety))]
}

// band is a share of an amount that is reserved up to a limit; beyond it the next band counts.
type band struct {
	upTo    int64
	permill int64
}

// The reserves follow what Google documents for GKE nodes, since it is the best known rule for kube-reserved:
// a large share of the first CPUs and gigabytes, less of each that follows.
var (
	cpuReserve    = []band{{1000, 60}, {2000, 10}, {4000, 5}, {1 << 62, 2}}
	memoryReserve = []band{{4 * gib, 250}, {8 * gib, 200}, {16 * gib, 100}, {128 * gib, 60}, {1 << 62, 20}}
)

const (
	evictionMemory  = 100 * mib
	diskKeptPermill = 100
)

// reserved sums the bands' shares of amount.
func reserved(bands []band, amount int64) int64 {
	total, from := int64(0), int64(0)
	for _, b := range bands {
		if amount <= from {
			break
		}
		total += (min(amount, b.upTo) - from) * b.permill / 1000
		from = b.upTo
	}
	return total
}

// resources is what a node of that size reports as its capacity and its allocatable.
func (s size) resources() (capacity, allocatable corev1.ResourceList) {
	milli := s.CPUs * 1000
	memory := s.Memory - reserved(memoryReserve, s.Memory) - evictionMemory
	disk := s.Disk - s.Disk*diskKeptPermill/1000
	capacity = resourceList(milli, s.Memory, s.Disk)
	allocatable = resourceList(milli-reserved(cpuReserve, milli), memory, disk)
	return capacity, allocatable
}

// resources adds what the node has beside its size. Huge pages are set aside from memory: kubernetes
// pkg/kubelet/nodestatus/setters.go takes them off what is allocatable.
func (m member) resources() (capacity, allocatable corev1.ResourceList) {
	capacity, allocatable = m.Size.resources()
	memory := allocatable[corev1.ResourceMemory]
	for name, amount := range m.Resources {
		capacity[name], allocatable[name] = amount, amount
		if strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix) {
			memory.Sub(amount)
		}
	}
	allocatable[corev1.ResourceMemory] = memory
	return capacity, allocatable
}

func resourceList(milliCPU, memory, disk int64) corev1.ResourceList {
	list := corev1.ResourceList{
		corev1.ResourceCPU:              *resource.NewMilliQuantity(milliCPU, resource.DecimalSI),
		corev1.ResourceMemory:           *resource.NewQuantity(memory, resource.BinarySI),
		corev1.ResourceEphemeralStorage: *resource.NewQuantity(disk, resource.BinarySI),
		corev1.ResourcePods:             *resource.NewQuantity(podsPerNode, resource.DecimalSI),
		"hugepages-1Gi":                 *resource.NewQuantity(0, resource.DecimalSI),
		"hugepages-2Mi":                 *resource.NewQuantity(0, resource.DecimalSI),
	}
	for _, device := range []corev1.ResourceName{"kvm", "tun", "vhost-net"} {
		list["devices.kubevirt.io/"+device] = *resource.NewQuantity(devicesPerNode, resource.DecimalSI)
	}
	return list
}
