import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import { type Audience, explain } from './explain.ts';
import type { HostState } from './host-state.ts';
import { DEFAULT_PROFILE } from './profile.ts';
import { fleetOf, host, inventory, resources } from './testing/hosts.ts';
import { asking } from './testing/judge.ts';
import { ramWeigher } from './weighers/ram.ts';

const request = asking({ resources: resources({ vcpus: 2, memoryMiB: 4096 }) });

function told(audience: Audience, hosts: readonly HostState[], ask = request): string {
  return explain(decide(fleetOf(hosts), ask, DEFAULT_PROFILE), audience);
}

const full = [
  host('node-1', { up: false, downReason: 'NodeNotReady' }),
  host('node-2', { memoryMiB: inventory(16384, { used: 16384 }) }),
  host('node-3', { memoryMiB: inventory(16384, { used: 14336 }) }),
  host('node-4', { memoryMiB: inventory(16384, { used: 16000 }) }),
  host('node-5', { memoryMiB: inventory(16384, { used: 16384 }) }),
  host('node-6', { vcpus: inventory(8, { used: 8 }) }),
];

describe('no valid host', () => {
  const counts =
    '0 of 6 hosts fit: ComputeFilter turned away 1 (down 1), ResourceFit turned away 5 (memory 4, vcpus 1)';

  test('an owner reads counts and what is missing', () => {
    expect(told('owner', full)).toBe(`${counts}; nearest miss: 2048 MiB memory short on one host`);
  });

  test('an operator reads where as well', () => {
    expect(told('operator', full)).toBe(`${counts}; nearest miss: node-3 lacks 2048 MiB memory`);
  });

  test('everything that is missing is said', () => {
    const short = [
      host('node-1', { memoryMiB: inventory(4000), vcpus: inventory(1), diskGiB: inventory(4) }),
    ];
    const ask = asking({ resources: resources({ vcpus: 2, memoryMiB: 4096, diskGiB: 5 }) });
    expect(told('operator', short, ask)).toContain('node-1 lacks 1 vcpus and 96 MiB memory and 1 GiB disk');
  });

  test('a miss without a measure is named by its reason, the detail for operators only', () => {
    const disabled = [host('node-1', { disabled: true, disabledReason: 'new disks' })];
    expect(told('owner', disabled)).toMatch(/nearest miss: disabled, on one host$/);
    expect(told('operator', disabled)).toMatch(/nearest miss: node-1 \(disabled: new disks\)$/);
  });

  test('no near miss, no mention of it', () => {
    expect(told('owner', [host('node-1', { up: false, disabled: true, vcpus: inventory(1) })])).toBe(
      '0 of 1 hosts fit: ComputeFilter turned away 1 (down 1)',
    );
  });

  test('no hosts at all', () => {
    expect(told('owner', [])).toBe('there are no hosts');
  });
});

describe('placed', () => {
  const down = host('node-3', { up: false });
  const hosts = [host('node-1'), host('node-2', { memoryMiB: inventory(8192) }), down];

  test('an owner reads the own node and the counts', () => {
    expect(told('owner', hosts)).toBe(
      'placed on node-1; 2 of 3 hosts fit: ComputeFilter turned away 1 (down 1)',
    );
  });

  test('an operator reads the figures of the best, and what they add', () => {
    expect(told('operator', hosts)).toBe(
      'placed on node-1; 2 of 3 hosts fit: ComputeFilter turned away 1 (down 1); ' +
        'best: node-1 3.000 (RAMWeigher 16384: 1.000, CPUWeigher 8: 1.000, DiskWeigher 102400: 1.000), ' +
        'node-2 2.500 (RAMWeigher 8192: 0.500, CPUWeigher 8: 1.000, DiskWeigher 102400: 1.000)',
    );
  });

  test('a multiplier other than 1 is said', () => {
    const weighers = [{ weigher: ramWeigher, multiplier: -2 }];
    const decision = decide(fleetOf(hosts), request, { ...DEFAULT_PROFILE, weighers });
    expect(explain(decision, 'operator')).toContain(
      'best: node-2 -1.000 (RAMWeigher 8192: -2 * 0.500), node-1 -2.000 (RAMWeigher 16384: -2 * 1.000)',
    );
  });

  test('a host that was drawn from further down is named with its own figures', () => {
    const drawing = {
      ...DEFAULT_PROFILE,
      weighers: [{ weigher: ramWeigher }],
      hostSubsetSize: 2,
      explainedHosts: 1,
    };
    const decision = decide(fleetOf(hosts), { ...request, draw: 0.9 }, drawing);
    expect(explain(decision, 'operator')).toMatch(
      /^placed on node-2; .*; drawn: node-2 0\.500 \(RAMWeigher 8192: 0\.500\); best: node-1 1\.000 /,
    );
    expect(explain(decision, 'owner')).not.toContain('drawn');
  });

  test('one host is not weighed, and nothing turned away is not mentioned', () => {
    expect(told('operator', [host('node-1')])).toBe('placed on node-1; 1 of 1 hosts fit; best: node-1');
  });
});
