import { describe, expect, test } from 'vitest';
import type { FlavorSpec } from '#api/flavor.ts';
import type { InstanceSpec } from '#api/instance.ts';
import { builtFlavor, mismatch, resourcesOf } from './guest-size.ts';

const NO_ALIASES = new Map<string, string>();
const onVolume = { rootDisk: { ephemeral: false } };

function flavor(extraSpecs: Record<string, string>, memory = '4Gi') {
  const disks = { rootDisk: '10Gi', ephemeralDisk: '0', swap: '0' };
  const spec: FlavorSpec = { vcpus: 2, memory, ...disks, extraSpecs };
  return builtFlavor('some', spec, NO_ALIASES);
}

/**
 * What a guest of 2 vcpus and 4 GiB has beside its memory: 276 MiB and 1/512 of the memory that it asks for, rounded up; and the
 * containers beside it.
 */
const OVERHEAD = 276 + 9 + 34;

describe('what a guest takes of its node', () => {
  test('ordinary: vcpus and memory that a ratio scales', () => {
    const held = { vcpus: 2, memoryMiB: 4096, overheadMiB: OVERHEAD, diskGiB: 0 };
    expect(resourcesOf(flavor({}), onVolume, 1)).toEqual(held);
    expect(resourcesOf(flavor({}), onVolume, 2)).toEqual({ ...held, overheadMiB: 276 + 4 + 34 });
  });

  test('with dedicated CPUs: real ones, and real memory, whatever the ratio', () => {
    expect(resourcesOf(flavor({ 'hw:cpu_policy': 'dedicated' }), onVolume, 2)).toEqual({
      vcpus: 0,
      memoryMiB: 0,
      overheadMiB: OVERHEAD + 100 + (58 - 34) + 4096,
      diskGiB: 0,
      dedicatedCpus: 2,
    });
  });

  test('with huge pages: pages, and of the memory the overhead alone', () => {
    const overheadMiB = OVERHEAD;
    const other = { vcpus: 2, memoryMiB: 0, overheadMiB, diskGiB: 0 };
    expect(resourcesOf(flavor({ 'hw:mem_page_size': 'large' }), onVolume, 2)).toEqual({
      ...other,
      hugepages: { 'hugepages-2Mi': 2048 },
    });
    expect(resourcesOf(flavor({ 'hw:mem_page_size': '1GB' }), onVolume, 1)).toEqual({
      ...other,
      hugepages: { 'hugepages-1Gi': 4 },
    });
  });

  test('with devices: those, and the memory that reaching them costs', () => {
    const { devices, overheadMiB } = resourcesOf(
      flavor({ 'pci_passthrough:alias': 'example.com/gpu:2' }),
      onVolume,
      1,
    );
    expect(devices).toEqual({ 'example.com/gpu': 2 });
    expect(overheadMiB).toBe(OVERHEAD + 1024);
  });
});

test('extra specs that are none are said to be, with the Flavor that has them', () => {
  const spec = onVolume as InstanceSpec;
  expect(mismatch(flavor({ 'hw:cpu_policy': 'mixed' }), spec)).toMatch(
    /^Flavor some, extraSpecs: hw:cpu_policy must/,
  );
  expect(mismatch(flavor({ 'hw:cpu_policy': 'dedicated' }), spec)).toBeUndefined();
});
