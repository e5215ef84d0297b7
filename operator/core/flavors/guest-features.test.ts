import { describe, expect, test } from 'vitest';
import { badExtraSpec, devicesOf, featuresOf } from './guest-features.ts';

const NONE = new Map<string, string>();

describe('features', () => {
  test.each([
    ['large', 2],
    ['2MB', 2],
    ['2048', 2],
    ['1GB', 1024],
    ['1048576', 1024],
    ['small', undefined],
    ['any', undefined],
    ['huge', undefined],
  ])('pages of %s are %s MiB', (size, pageMiB) => {
    expect(featuresOf({ 'hw:mem_page_size': size }).pageMiB).toBe(pageMiB);
  });

  test('nothing is asked for by nothing, nor by the words for the ordinary', () => {
    const ordinary = { dedicatedCpus: false, numaPassthrough: false, pageMiB: undefined };
    expect(featuresOf(undefined)).toEqual(ordinary);
    expect(featuresOf({ 'hw:cpu_policy': 'shared', 'hw:mem_page_size': 'small' })).toEqual(ordinary);
  });
});

describe('devices', () => {
  test('are counted by Kubernetes’ name, whatever the Flavor calls them', () => {
    const aliases = new Map([['a100', 'nvidia.com/GA100']]);
    const specs = { 'pci_passthrough:alias': 'a100:1, example.com/nic:2,nvidia.com/GA100:2' };
    expect(devicesOf(specs, aliases)).toEqual({ 'nvidia.com/GA100': 3, 'example.com/nic': 2 });
  });

  test('none are asked for without the extra spec', () => {
    expect(devicesOf({ 'hw:cpu_policy': 'dedicated' }, NONE)).toBeUndefined();
    expect(devicesOf(undefined, NONE)).toBeUndefined();
  });
});

test('what is wrong with an extra spec is said in words', () => {
  expect(badExtraSpec({ 'hw:cpu_policy': 'mixed' })).toBe('hw:cpu_policy must be one of shared, dedicated');
  expect(badExtraSpec({ 'hw:numa_nodes': '1', 'hw:cpu_policy': 'dedicated' })).toContain(
    'needs hw:cpu_policy',
  );
  expect(badExtraSpec({ anything: 'else' })).toBeUndefined();
  expect(badExtraSpec(undefined)).toBeUndefined();
});
