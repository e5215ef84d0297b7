import { describe, expect, test } from 'vitest';
import { addResources, covers, largestOf, sameResources, sumResources, withResources } from './resources.ts';
import { resources } from './testing/hosts.ts';

const plain = resources({ vcpus: 2, memoryMiB: 1024, overheadMiB: 300, diskGiB: 0 });
const other = resources({ vcpus: 1, memoryMiB: 4096, overheadMiB: 200, diskGiB: 1 });
const whole = { ...plain, dedicatedCpus: 2, devices: { gpu: 1, nic: 2 }, hugepages: { 'hugepages-2Mi': 4 } };

describe('resources', () => {
  test('add up, each by its name', () => {
    const sum = { ...resources({ vcpus: 3, memoryMiB: 5120, overheadMiB: 500, diskGiB: 1 }) };
    expect(addResources(plain, other)).toEqual(sum);
    expect(sumResources([whole, other, { ...plain, devices: { gpu: 3 } }])).toMatchObject({
      vcpus: 5,
      dedicatedCpus: 2,
      devices: { gpu: 4, nic: 2 },
      hugepages: { 'hugepages-2Mi': 4 },
    });
  });

  test('of two claims the larger of each figure is what both fit into', () => {
    expect(largestOf(plain, other)).toEqual({ vcpus: 2, memoryMiB: 4096, overheadMiB: 300, diskGiB: 1 });
    const both = largestOf(whole, { ...other, devices: { gpu: 4 } });
    expect(both).toMatchObject({ dedicatedCpus: 2, devices: { gpu: 4, nic: 2 } });
    expect(covers(both, whole)).toBe(true);
  });

  test('are enough for what they are no less than, whatever the overhead', () => {
    expect(covers(plain, { ...plain, overheadMiB: 999 })).toBe(true);
    expect(covers(plain, whole)).toBe(false);
    expect(covers(whole, plain)).toBe(true);
    expect(covers(whole, { ...whole, devices: { gpu: 2 } })).toBe(false);
    expect(covers(whole, { ...whole, hugepages: { 'hugepages-1Gi': 1 } })).toBe(false);
  });

  test('differ by what is given out whole, too', () => {
    expect(sameResources(whole, { ...whole, devices: { nic: 2, gpu: 1 } })).toBe(true);
    expect(sameResources(whole, { ...whole, devices: { gpu: 1 } })).toBe(false);
    expect(sameResources(plain, { ...plain, devices: {} })).toBe(true);
  });

  test('take the place of all that were held', () => {
    expect(withResources({ uid: 'a', ...whole }, plain)).toEqual({ uid: 'a', ...plain });
  });
});
