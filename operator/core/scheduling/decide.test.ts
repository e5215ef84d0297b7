import { describe, expect, test } from 'vitest';
import { decide, decideMany } from './decide.ts';
import { Fleet } from './fleet.ts';
import { Plans } from './plans.ts';
import { DEFAULT_PROFILE } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';
import { fleetOf, host, inventory, resources } from './testing/hosts.ts';
import { cpuWeigher } from './weighers/cpu.ts';
import { ramWeigher } from './weighers/ram.ts';

const ask: RequestSpec = { resources: resources({ vcpus: 2, memoryMiB: 4096 }) };

describe('a decision', () => {
  test('takes the host with the most memory and vcpus free', () => {
    const fleet = fleetOf([
      host('node-1', { memoryMiB: inventory(16384, { used: 8192 }) }),
      host('node-2'),
      host('node-3', { vcpus: inventory(8, { used: 6 }) }),
    ]);
    expect(decide(fleet, ask, DEFAULT_PROFILE)).toMatchObject({
      kind: 'placed',
      host: 'node-2',
      alternates: ['node-1', 'node-3'],
      hostsConsidered: 3,
      hostsLeft: 3,
    });
  });

  test('says for each filter how many came in and why how many were turned away', () => {
    const fleet = fleetOf([
      host('node-1', { up: false, downReason: 'NodeNotReady' }),
      host('node-2', { disabled: true, disabledReason: 'new disks' }),
      host('node-3', { disabled: true }),
      host('node-4', { memoryMiB: inventory(2048) }),
      host('node-5', { vcpus: inventory(8, { used: 7 }) }),
      host('node-6'),
    ]);
    expect(decide(fleet, ask, DEFAULT_PROFILE).filters.filter(({ turnedAway }) => turnedAway > 0)).toEqual([
      {
        filter: 'ComputeFilter',
        hostsIn: 6,
        turnedAway: 3,
        reasons: [
          { code: 'Disabled', label: 'disabled', hosts: 2 },
          { code: 'Down', label: 'down', hosts: 1 },
        ],
      },
      {
        filter: 'ResourceFit',
        hostsIn: 3,
        turnedAway: 2,
        reasons: [
          { code: 'InsufficientVcpus', label: 'vcpus', hosts: 1 },
          { code: 'MemoryAboveTotal', label: 'more memory than it has', hosts: 1 },
        ],
      },
    ]);
  });

  test('shows what the weight of the best hosts is made of', () => {
    const fleet = fleetOf([
      host('node-1', { memoryMiB: inventory(8192), vcpus: inventory(8) }),
      host('node-2', { memoryMiB: inventory(16384), vcpus: inventory(4) }),
    ]);
    const weighers = [{ weigher: ramWeigher }, { weigher: cpuWeigher }];
    const decision = decide(fleet, ask, { ...DEFAULT_PROFILE, weighers, explainedHosts: 1 });
    expect(decision.kind === 'placed' && decision.best).toEqual([
      {
        host: 'node-1',
        weight: 1.5,
        figures: [
          { weigher: 'RAMWeigher', raw: 8192, normalised: 0.5, multiplier: 1 },
          { weigher: 'CPUWeigher', raw: 8, normalised: 1, multiplier: 1 },
        ],
      },
    ]);
  });

  test('breaks a tie by name', () => {
    const fleet = fleetOf([host('node-c'), host('node-a'), host('node-b')]);
    const decision = decide(fleet, ask, DEFAULT_PROFILE);
    expect(decision).toMatchObject({ host: 'node-a', alternates: ['node-b', 'node-c'] });
  });

  test('does not weigh a single host, as Nova does not', () => {
    expect(decide(fleetOf([host('node-1')]), ask, DEFAULT_PROFILE)).toMatchObject({
      host: 'node-1',
      best: [{ host: 'node-1', weight: 0, figures: [] }],
      alternates: [],
    });
  });

  test('names few alternates and explains few hosts of many', () => {
    const fleet = fleetOf(Array.from({ length: 50 }, (_, i) => host(`node-${i}`)));
    const decision = decide(fleet, ask, DEFAULT_PROFILE);
    expect(decision).toMatchObject({ hostsLeft: 50, alternates: { length: 4 }, best: { length: 5 } });
  });

  test('leaves the choice to the draw, among the best hosts, only when the profile says so', () => {
    const fleet = fleetOf(['a', 'b', 'c', 'd'].map((name) => host(name)));
    const drawn = (draw: number, hostSubsetSize: number) =>
      decide(fleet, { ...ask, draw }, { ...DEFAULT_PROFILE, hostSubsetSize });
    expect(drawn(0.99, 1)).toMatchObject({ host: 'a' });
    expect(drawn(0.99, 3)).toMatchObject({ host: 'c', alternates: ['a', 'b', 'd'] });
    expect(drawn(0.99, 9)).toMatchObject({ host: 'd' });
  });

  test('draws among all hosts of the best weight when the profile shuffles them', () => {
    const fleet = fleetOf([...'abcdefghijklm'].map((name) => host(name)));
    fleet.upsertHost(host('small', { memoryMiB: inventory(8192) }));
    const shuffling = { ...DEFAULT_PROFILE, shuffleBestSameWeighedHosts: true };
    expect(decide(fleet, { ...ask, draw: 0.999 }, shuffling)).toMatchObject({ host: 'm' });
  });
});

describe('when no host is left', () => {
  test('the nearest miss is the host that lacks least, for its own size of the ask', () => {
    const fleet = fleetOf([
      host('node-1', { memoryMiB: inventory(16384, { used: 14336 }) }),
      host('node-2', { vcpus: inventory(8, { used: 7 }) }),
      host('node-3', { memoryMiB: inventory(16384, { used: 13312 }) }),
      host('node-4', { memoryMiB: inventory(16384, { used: 13312 }), vcpus: inventory(8, { used: 7 }) }),
    ]);
    expect(decide(fleet, ask, DEFAULT_PROFILE)).toMatchObject({
      kind: 'noValidHost',
      nearestMisses: [
        { host: 'node-3', shortfalls: [{ resource: 'memory', missing: 1024, unit: 'MiB' }] },
        { host: 'node-1', shortfalls: [{ resource: 'memory', missing: 2048, unit: 'MiB' }] },
        { host: 'node-2', shortfalls: [{ resource: 'vcpus', missing: 1, unit: 'vCPU' }] },
      ],
    });
  });

  test('a host with two things against it is no near miss', () => {
    const fleet = fleetOf([host('node-1', { up: false, memoryMiB: inventory(1024) })]);
    expect(decide(fleet, ask, DEFAULT_PROFILE)).toMatchObject({ kind: 'noValidHost', nearestMisses: [] });
  });

  test('a host that is only down is one, after those that can be measured', () => {
    const fleet = fleetOf([
      host('node-1', { up: false, downReason: 'NodeNotReady' }),
      host('node-2', { memoryMiB: inventory(4000) }),
    ]);
    expect(decide(fleet, ask, DEFAULT_PROFILE)).toMatchObject({
      nearestMisses: [
        { host: 'node-2', reason: 'MemoryAboveTotal', shortfalls: [{ missing: 96 }] },
        { host: 'node-1', filter: 'ComputeFilter', reason: 'Down', detail: 'NodeNotReady', shortfalls: [] },
      ],
    });
  });

  test('an empty fleet has nothing to say', () => {
    expect(decide(new Fleet(), ask, DEFAULT_PROFILE)).toMatchObject({
      kind: 'noValidHost',
      hostsConsidered: 0,
      nearestMisses: [],
    });
  });
});

describe('a batch', () => {
  test('claims each choice before the next', () => {
    const fleet = fleetOf([host('node-1'), host('node-2', { memoryMiB: inventory(12288) })]);
    const hosts = decideMany(fleet, Array(5).fill(ask), DEFAULT_PROFILE).map((decision) =>
      decision.kind === 'placed' ? decision.host : decision.kind,
    );
    expect(hosts).toEqual(['node-1', 'node-2', 'node-1', 'node-2', 'node-1']);
    expect(fleet.stateOf('node-1')).toMatchObject({
      memoryMiB: { used: 12288 },
      numInstances: 3,
      numIoOps: 3,
    });
  });

  test('leaves one claim short of the full fleet, and says so', () => {
    const fleet = fleetOf([host('node-1')]);
    const last = decideMany(fleet, Array(5).fill(ask), DEFAULT_PROFILE).at(-1);
    expect(last).toMatchObject({
      kind: 'noValidHost',
      nearestMisses: [{ shortfalls: [{ missing: 2 }, { missing: 4096 }] }],
    });
  });
});

test('a plan that the fleet has left far behind is made anew', () => {
  const fleet = fleetOf([host('node-1'), host('node-2')]);
  const plans = new Plans(fleet, DEFAULT_PROFILE);
  decideMany(fleet, [ask], DEFAULT_PROFILE, plans);
  fleet.upsertHost(host('node-1', { up: false }));
  for (let i = 0; i < 5000; i += 1) fleet.upsertHost(host('node-2'));
  expect(decideMany(fleet, [ask], DEFAULT_PROFILE, plans)).toMatchObject([{ host: 'node-2', hostsLeft: 1 }]);
});
