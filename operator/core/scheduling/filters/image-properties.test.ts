import { describe, expect, test } from 'vitest';
import type { Json } from '../args.ts';
import { fleetOf, host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { imagePropertiesFilter } from './image-properties.ts';

const state = host('a', {
  supportedInstances: [
    ['x86_64', 'kvm', 'hvm'],
    ['aarch64', 'qemu', 'hvm'],
  ],
  hypervisorVersion: 6_002_001,
  facts: { cpu_info: '{"maxphysaddr": {"bits": 46}}' },
});
const says = (properties: Record<string, Json>) =>
  judge(imagePropertiesFilter, asking({ image: { id: 'i', properties } }), state);

describe('an image that asks for', () => {
  test.each([
    ['an architecture that is there', { hw_architecture: 'aarch64' }, 'passes'],
    ['one that is not', { hw_architecture: 's390x' }, 'ImageUnsupported'],
    [
      'what is there, but not together',
      { hw_architecture: 'x86_64', img_hv_type: 'qemu' },
      'ImageUnsupported',
    ],
    ['a version that it is', { img_hv_type: 'kvm', img_hv_requested_version: '>=6.0,<7.0' }, 'passes'],
    ['another version', { img_hv_type: 'kvm', img_hv_requested_version: '<6.0' }, 'HypervisorVersion'],
    [
      'a version that cannot be read',
      { img_hv_type: 'kvm', img_hv_requested_version: 'new' },
      'ImageVersionMalformed',
    ],
    ['a VM mode by the name of the hypervisor', { hw_vm_mode: 'kvm' }, 'passes'],
    ['more address bits', { img_hv_type: 'kvm', hw_maxphysaddr_bits: 48 }, 'AddressBitsTooFew'],
    ['as many as there are', { img_hv_type: 'kvm', hw_maxphysaddr_bits: 46 }, 'passes'],
  ])('%s', (_, properties, verdict) => {
    expect(says(properties as Record<string, Json>)).toEqual([verdict]);
  });

  test('a version alone, address bits alone, or nothing, is nobody’s business', () => {
    expect(says({ img_hv_requested_version: '<6.0' })).toBe('skip');
    expect(says({ hw_maxphysaddr_bits: 48 })).toBe('skip');
    expect(says({})).toBe('skip');
  });
});

test('the default architecture is that of images that do not say', () => {
  const args = { imagePropertiesDefaultArchitecture: 's390x' };
  const prepared = imagePropertiesFilter.prepare(asking(), fleetOf([state]), args);
  expect(prepared !== 'skip' && prepared.check(0)).toBe(1);
});
