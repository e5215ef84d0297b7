package fleet

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func TestReserved(t *testing.T) {
	for name, test := range map[string]struct {
		bands []band
		of    int64
		want  int64
	}{
		"nothing of nothing":         {cpuReserve, 0, 0},
		"half a CPU":                 {cpuReserve, 500, 30},
		"one CPU":                    {cpuReserve, 1000, 60},
		"sixteen CPUs":               {cpuReserve, 16000, 60 + 10 + 10 + 24},
		"four gigabytes":             {memoryReserve, 4 * gib, gib},
		"sixteen gigabytes":          {memoryReserve, 16 * gib, gib + 4*gib/5 + 4*gib/5},
		"beyond the last large band": {memoryReserve, 228 * gib, gib + 4*gib/5 + 4*gib/5 + 112*gib*60/1000 + 2*gib},
	} {
		t.Run(name, func(t *testing.T) {
			if got := reserved(test.bands, test.of); abs(got-test.want) > 1 {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestAllocatableIsLessThanCapacity(t *testing.T) {
	for _, s := range variety {
		capacity, allocatable := s.resources()
		for _, resource := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage} {
			has, gives := capacity[resource], allocatable[resource]
			if gives.Cmp(has) >= 0 || gives.Value() <= 0 {
				t.Errorf("%v: %s: %s of %s is allocatable", s, resource, gives.String(), has.String())
			}
		}
	}
}

func TestVariedSizeRepeats(t *testing.T) {
	seen := map[size]bool{}
	for number := range 200 {
		s := variedSize(7, number)
		if s != variedSize(7, number) {
			t.Fatalf("node %d has two sizes", number)
		}
		seen[s] = true
	}
	if len(seen) != len(variety) {
		t.Errorf("200 nodes have %d sizes, want all %d", len(seen), len(variety))
	}
}

func TestSizeFromType(t *testing.T) {
	want := size{CPUs: 16, Memory: 64 * gib, Disk: 400 * gib}
	if got, ok := sizeFromType(instanceType(want)); !ok || got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, ok := sizeFromType("m5.large"); ok {
		t.Error("a stranger's instance type was understood")
	}
}

func abs(n int64) int64 { return max(n, -n) }

func TestHugePagesAreSetAsideFromMemory(t *testing.T) {
	plain := member{Size: variety[0]}
	paged := member{Size: variety[0], Resources: corev1.ResourceList{
		"hugepages-1Gi": resource.MustParse("8Gi"), "example.com/gpu": resource.MustParse("2"),
	}}
	_, before := plain.resources()
	capacity, after := paged.resources()
	if less := before.Memory().Value() - after.Memory().Value(); less != 8*gib {
		t.Errorf("%d bytes less are allocatable, want 8Gi", less)
	}
	gpus := capacity["example.com/gpu"]
	if gpus.Value() != 2 || !capacity.Memory().Equal(resource.MustParse("32Gi")) {
		t.Errorf("capacity is %v", capacity)
	}
}
