import { expect, test } from 'vitest';
import { memoryOverheadMiB, sidecarsMiB } from './overhead.ts';

/** By hand: 220 MiB of processes + 8 for I/O threads + 32 of video + 8 a vcpu + 1/512 of the memory, rounded up. */
test.each([
  { memoryMiB: 512, vcpus: 1, overheadMiB: 269, why: '268 + 1' },
  { memoryMiB: 1024, vcpus: 1, overheadMiB: 270, why: '268 + 2' },
  { memoryMiB: 2048, vcpus: 2, overheadMiB: 280, why: '276 + 4' },
  { memoryMiB: 8192, vcpus: 4, overheadMiB: 308, why: '292 + 16' },
  { memoryMiB: 64, vcpus: 1, overheadMiB: 269, why: '268 + 0.125' },
  { memoryMiB: 64, vcpus: 0, overheadMiB: 269, why: 'no vcpu counts as one' },
])('$memoryMiB MiB and $vcpus vcpus: $overheadMiB MiB ($why)', ({ memoryMiB, vcpus, overheadMiB }) => {
  expect(memoryOverheadMiB(memoryMiB, vcpus)).toBe(overheadMiB);
});

test('a cluster’s additional ratio scales all of it', () => {
  expect(memoryOverheadMiB(1024, 1, { ratio: 2 })).toBe(541);
});

test('dedicated CPUs and devices of the host have theirs', () => {
  expect(memoryOverheadMiB(1024, 1, { dedicatedCpus: true })).toBe(270 + 100);
  expect(memoryOverheadMiB(1024, 1, { passthrough: true })).toBe(270 + 1024);
});

test('the containers beside the guest ask for memory too: 35 MB for the console, 1 MB for a containerDisk', () => {
  expect(sidecarsMiB({ ephemeral: false })).toBe(34);
  expect(sidecarsMiB({ ephemeral: true })).toBe(35);
});
