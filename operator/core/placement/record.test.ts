import { describe, expect, test } from 'vitest';
import type { Instance, Placement } from '#api/instance.ts';
import { placement } from '#api/placement.ts';
import { decide } from '../scheduling/decide.ts';
import type { HostState } from '../scheduling/host-state.ts';
import { DEFAULT_PROFILE, type Profile } from '../scheduling/profile.ts';
import { fleetOf, host, inventory, resources } from '../scheduling/testing/hosts.ts';
import { asking } from '../scheduling/testing/judge.ts';
import { placementRecord, refusedLately, withExcluded } from './record.ts';

const requestId = 'req-6fa459ea-ee8a-4ca4-894e-db77e160355e';
const time = new Date('2026-01-02T03:04:05Z');

/** Every host differs, as in a real fleet, and some are refused for each of several reasons. */
function large(count: number): HostState[] {
  return Array.from({ length: count }, (_, index) =>
    host(`node-with-a-rather-long-name-${String(index).padStart(5, '0')}.rack-${index % 40}.dc.example`, {
      up: index % 50 !== 0,
      disabled: index % 49 === 0,
      memoryMiB: inventory(16384, { used: (index * 37) % 16384 }),
      vcpus: inventory(8, { used: index % 9 }),
    }),
  );
}

const REQUEST = asking({ resources: resources({ vcpus: 2, memoryMiB: 2048 }) });

function recordOf(hosts: readonly HostState[], profile: Profile = DEFAULT_PROFILE, draw = 0) {
  const decision = decide(fleetOf(hosts), { ...REQUEST, draw }, profile);
  return placementRecord(decision, { requestId, time, availabilityZone: 'zone-a' });
}

describe('the record of a decision', () => {
  test('has the counts of each filter, and the chosen host with its figures', () => {
    const record = recordOf([host('a'), host('b', { vcpus: inventory(6) }), host('c', { up: false })]);
    expect(record).toMatchObject({
      nodeName: 'a',
      availabilityZone: 'zone-a',
      requestId,
      time: '2026-01-02T03:04:05.000Z',
      profile: 'default',
      hosts: 3,
      alternates: 1,
      rank: 1,
      attempt: 1,
    });
    const compute = record.filters?.find(({ name }) => name === 'ComputeFilter');
    expect(compute).toEqual({
      name: 'ComputeFilter',
      passed: 2,
      rejected: [{ reason: 'Down', count: 1 }],
    });
    expect(record.weighers?.find(({ name }) => name === 'CPUWeigher')).toEqual({
      name: 'CPUWeigher',
      raw: 8,
      normalised: 1,
      multiplier: 1,
    });
  });

  test('the weight is what its weighers add up to', () => {
    const { weight, weighers = [] } = recordOf(large(20));
    const sum = weighers.reduce((total, it) => total + it.normalised * (it.multiplier ?? 0), 0);
    expect(weighers.length).toBeGreaterThan(1);
    expect(sum).toBeCloseTo(weight ?? Number.NaN, 10);
  });

  test.each([3, 12])('a host that was drawn from the best %i has its place and its own figures', (size) => {
    const profile = { ...DEFAULT_PROFILE, hostSubsetSize: size };
    const { rank, nodeName, weight, weighers } = recordOf(large(40), profile, 0.99);
    expect(rank).toBe(size);
    const all = decide(fleetOf(large(40)), REQUEST, { ...DEFAULT_PROFILE, explainedHosts: 40 });
    const place = all.kind === 'placed' ? all.best[size - 1] : undefined;
    expect([nodeName, weight]).toEqual([place?.host, place?.weight]);
    expect(weighers?.map(({ raw }) => raw)).toEqual(place?.figures.map(({ raw }) => raw));
  });

  test('names no host but the chosen one', () => {
    const record = recordOf(large(200));
    const names = JSON.stringify(record).match(/node-with[^"]*/g);
    expect(names).toEqual([record.nodeName]);
  });

  test.each([10, 5_000])('of %i hosts stays within 6 KiB, and is what the schema takes', (count) => {
    const record = recordOf(large(count));
    expect(record.hosts).toBe(count);
    expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThan(6 * 1024);
    expect(placement.safeParse(record).error).toBeUndefined();
  });

  test('of a fleet where nothing fits has the counts, and no host', () => {
    const none = recordOf(large(5_000).map((it) => ({ ...it, vcpus: inventory(1) })));
    expect(JSON.stringify(none)).not.toContain('node-with');
    expect(none.nodeName).toBeUndefined();
    expect(none.filters?.at(-1)?.passed).toBe(0);
    expect(placement.safeParse(none).error).toBeUndefined();
  });

  test('keeps the last eight nodes that refused, however many did', () => {
    let status: Instance['status'] = {};
    for (let times = 1; times <= 12; times += 1) {
      const refused = { nodeName: `node-${times}`, message: 'x'.repeat(5_000), time: new Date(times) };
      status = { placement: withExcluded(status.placement, requestId, refused) };
    }
    expect(status.placement?.excluded?.map(({ nodeName }) => nodeName)).toEqual(
      [5, 6, 7, 8, 9, 10, 11, 12].map((times) => `node-${times}`),
    );
    expect(placement.safeParse(status.placement).error).toBeUndefined();
  });
});

describe('a node that refused', () => {
  const refusedBy = (nodeName: string, before?: Placement) =>
    withExcluded(before, requestId, { nodeName, message: 'full', time });
  const later = (seconds: number) => new Date(time.getTime() + seconds * 1000);
  const decision = (hosts: readonly HostState[]) => decide(fleetOf(hosts), REQUEST, DEFAULT_PROFILE);

  test('is left out for a minute, and of this request only', () => {
    const refused = refusedBy('a');
    expect(refusedLately(refused, requestId, later(59))).toEqual(['a']);
    expect(refusedLately(refused, requestId, later(61))).toEqual([]);
    expect(refusedLately(refused, 'req-another', later(1))).toEqual([]);
  });

  test('is no longer left out once it was chosen again; the attempts go on counting', () => {
    const refused = refusedBy('a', refusedBy('b'));
    expect(refused.attempt).toBe(3);
    const waiting = placementRecord(decision([host('a', { up: false })]), {
      before: refused,
      requestId,
      time,
    });
    expect(waiting).toMatchObject({ attempt: 3, excluded: refused.excluded });
    const again = placementRecord(decision([host('a')]), { before: waiting, requestId, time });
    expect(again).toMatchObject({ nodeName: 'a', attempt: 3 });
    expect(again.excluded?.map(({ nodeName }) => nodeName)).toEqual(['b']);
    expect(refusedBy('a', again)).toMatchObject({ attempt: 4 });
    expect(
      placementRecord(decision([host('a')]), { before: again, requestId: 'req-other', time }).attempt,
    ).toBe(1);
  });
});
