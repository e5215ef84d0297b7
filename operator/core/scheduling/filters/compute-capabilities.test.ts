import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { computeCapabilitiesFilter } from './compute-capabilities.ts';

const facts = {
  hypervisor_type: 'QEMU',
  cpu_info:
    '{"vendor": "Intel", "features": ["sse4.2", "avx2"], "maxphysaddr": {"bits": 42}, "level": 8.0, "cores": 8}',
  stats: { gpu: '3' },
};
const says = (extraSpecs: Record<string, string>) =>
  judge(
    computeCapabilitiesFilter,
    asking({ flavor: { name: 'small', extraSpecs } }),
    host('a', { facts, numInstances: 4 }),
  );

test.each([
  ['an attribute, with the scope', { 'capabilities:hypervisor_type': 'QEMU' }, 'passes'],
  ['an attribute of another value', { hypervisor_type: 'xen' }, 'CapabilityMismatch'],
  ['a figure of the host as it is now', { 'capabilities:num_instances': '<= 4' }, 'passes'],
  ['an entry of stats', { 'capabilities:gpu': '>= 4' }, 'CapabilityMismatch'],
  ['a path into a JSON text', { 'capabilities:cpu_info:features': '<in> avx2' }, 'passes'],
  ['a ratio as Python writes it', { 'capabilities:cpu_allocation_ratio': '1.0' }, 'passes'],
  ['nothing that there is, with the scope', { 'capabilities:nope': 'x' }, 'CapabilityMissing'],
  ['nothing that there is, without it', { nope: 'x' }, 'passes'],
  ['what Nova has by that name and Berth does not', { numa_topology: 'x' }, 'CapabilityMissing'],
  ['a float in a JSON text', { 'capabilities:cpu_info:level': '8.0' }, 'passes'],
  ['an int in a JSON text', { 'capabilities:cpu_info:cores': '8' }, 'passes'],
  ['a number of a text', { 'capabilities:hypervisor_type': '>= 1' }, 'CapabilityUnreadable'],
  ['address bits that the CPU has', { 'hw:maxphysaddr_bits': '42' }, 'passes'],
  [
    'address bits by both names, of which the first counts',
    { 'hw:maxphysaddr_bits': '42', 'capabilities:cpu_info:maxphysaddr:bits': '>= 50' },
    'passes',
  ],
  ['more address bits', { 'hw:maxphysaddr_bits': '43' }, 'CapabilityMismatch'],
])('asked for %s', (_, extraSpecs, verdict) => {
  expect(says(extraSpecs)).toEqual([verdict]);
});

test('extra specs of other scopes are none of its business', () => {
  expect(says({ 'hw:cpu_policy': 'dedicated', 'aggregate_instance_extra_specs:ssd': 'true' })).toBe('skip');
});
