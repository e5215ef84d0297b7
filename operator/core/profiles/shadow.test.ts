import { describe, expect, test } from 'vitest';
import { decide } from '../scheduling/decide.ts';
import { computeFilter } from '../scheduling/filters/compute.ts';
import { numInstancesFilter } from '../scheduling/filters/num-instances.ts';
import { resourceFit } from '../scheduling/filters/resource-fit.ts';
import { DEFAULT_PROFILE, type Profile } from '../scheduling/profile.ts';
import { fleetOf, host, inventory } from '../scheduling/testing/hosts.ts';
import { asking } from '../scheduling/testing/judge.ts';
import { cpuWeigher } from '../scheduling/weighers/cpu.ts';
import { ramWeigher } from '../scheduling/weighers/ram.ts';
import { differenceOf } from './shadow.ts';
import { addTally } from './tally.ts';

const fleet = fleetOf([
  host('a', { memoryMiB: inventory(32_768), numInstances: 9 }),
  host('b', { memoryMiB: inventory(16_384) }),
]);
const base: Profile = {
  ...DEFAULT_PROFILE,
  filters: [{ filter: computeFilter }, { filter: resourceFit }],
  weighers: [{ weigher: ramWeigher }],
};
const difference = (active: Profile, shadow: Profile) =>
  differenceOf(decide(fleet, asking(), active), decide(fleet, asking(), shadow));

describe('a shadow that chooses', () => {
  test('the same host does not differ', () => {
    expect(
      difference(base, { ...base, weighers: [{ weigher: cpuWeigher }, { weigher: ramWeigher }] }),
    ).toBeUndefined();
  });

  test('another host tells the weigher that speaks for it', () => {
    const stacking = { ...base, weighers: [{ weigher: ramWeigher, multiplier: -1 }] };
    expect(difference(base, stacking)).toEqual({
      reason: 'OtherHost',
      by: 'RAMWeigher',
      host: 'a',
      shadowHost: 'b',
    });
  });

  test('another host because the first is turned away tells the filter', () => {
    const filter = { filter: numInstancesFilter, args: { maxInstancesPerHost: 5 } };
    const limited = { ...base, filters: [...base.filters, filter] };
    expect(difference(base, limited)).toMatchObject({ reason: 'OtherHost', by: 'NumInstancesFilter' });
  });

  test('none tells the filter that took the last', () => {
    const filter = { filter: numInstancesFilter, args: { maxInstancesPerHost: 0 } };
    const none = { ...base, filters: [...base.filters, filter] };
    expect(difference(base, none)).toEqual({ reason: 'NoValidHost', by: 'NumInstancesFilter', host: 'a' });
    expect(difference(none, base)).toEqual({
      reason: 'WouldPlace',
      by: 'NumInstancesFilter',
      shadowHost: 'a',
    });
  });
});

describe('the counts', () => {
  const empty = {
    since: '2026-01-01T00:00:00Z',
    decisions: 0,
    differing: 0,
    byReason: [],
    lastDiffering: [],
  };
  const other = { reason: 'OtherHost', by: 'RAMWeigher', host: 'a', shadowHost: 'b' } as const;
  const requestId = (n: number) => `req-00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

  test('go on from what the status has', () => {
    const once = addTally(empty, { decisions: 3, differing: [{ ...other, requestId: requestId(1) }] });
    const twice = addTally(once, { decisions: 2, differing: [{ ...other, requestId: requestId(2) }] });
    expect(twice).toMatchObject({ decisions: 5, differing: 2, byReason: [{ by: 'RAMWeigher', count: 2 }] });
    expect(twice.lastDiffering.map((last) => last.requestId)).toEqual([requestId(2), requestId(1)]);
  });

  test('are bounded', () => {
    const differing = Array.from({ length: 100 }, (_, n) => ({
      ...other,
      by: `Weigher${n}`,
      requestId: requestId(n),
    }));
    const { byReason, lastDiffering, differing: total } = addTally(empty, { decisions: 100, differing });
    expect([byReason.length, lastDiffering.length, total]).toEqual([32, 10, 100]);
  });
});
