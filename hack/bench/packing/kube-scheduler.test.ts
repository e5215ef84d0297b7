import { expect, test } from 'vitest';
import { type KubeNode, scoreOf } from './kube-scheduler.ts';

// Nodes, pod and points of least_allocated_test.go, most_allocated_test.go and balanced_allocation_test.go of
// Kubernetes 1.33 ('resources requested, differently sized nodes'), fit and balance added up.
const node = (milliCpu: number, memoryMiB: number, usedCpu = 0, usedMemory = 0): KubeNode => ({
  allocatable: { milliCpu, memoryMiB, diskGiB: 0 },
  requested: { milliCpu: usedCpu, memoryMiB: usedMemory, diskGiB: 0 },
});
const pod = { milliCpu: 3000, memoryMiB: 5000, diskGiB: 0 };

test('LeastAllocated gives the mean of the free shares, plus 100 less the deviation', () => {
  expect(scoreOf(node(4000, 10000), pod, 'LeastAllocated')).toBe(37 + 87);
  expect(scoreOf(node(6000, 10000), pod, 'LeastAllocated')).toBe(50 + 100);
});

test('MostAllocated gives the mean of the used shares, plus 100 less the deviation', () => {
  expect(scoreOf(node(4000, 10000), pod, 'MostAllocated')).toBe(62 + 87);
  expect(scoreOf(node(6000, 10000), pod, 'MostAllocated')).toBe(50 + 100);
});

test('what pods on the node ask for counts as used', () => {
  expect(scoreOf(node(10000, 20000, 3000, 0), pod, 'LeastAllocated')).toBe(57 + 82);
});
