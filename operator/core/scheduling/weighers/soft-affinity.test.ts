import { expect, test } from 'vitest';
import { decide } from '../decide.ts';
import { DEFAULT_PROFILE } from '../profile.ts';
import type { GroupPolicy } from '../request-spec.ts';
import { fleetOf, host } from '../testing/hosts.ts';
import { asking } from '../testing/judge.ts';
import { serverGroupSoftAffinityWeigher as weigher } from './soft-affinity.ts';

const fleet = fleetOf([
  host('host1', { groups: { web: 2, db: 1 } }),
  host('host2', { groups: { web: 1 } }),
  host('host3', { groups: { db: 1 } }),
]);

/** `name raw weight`, best first. */
function weighed(policy: GroupPolicy['policy'], groupKey?: string): string[] {
  const request = asking({ group: { policy }, ties: { groupKey } });
  const decision = decide(fleet, request, { ...DEFAULT_PROFILE, filters: [], weighers: [{ weigher }] });
  const best = decision.kind === 'placed' ? decision.best : [];
  return best.map((one) => `${one.host} ${one.figures[0]?.raw ?? '-'} ${one.weight}`);
}

test('as Nova: counts the members of the group', () => {
  expect(weighed('soft-affinity', 'web')).toEqual(['host1 2 1', 'host2 1 0.5', 'host3 0 0']);
});

test('a group of another policy is not weighed', () => {
  for (const policy of ['affinity', 'anti-affinity', 'soft-anti-affinity'] as const)
    expect(weighed(policy, 'web')).toEqual(['host1 - 0', 'host2 - 0', 'host3 - 0']);
});

test('a group that has no members yet weighs nothing', () => {
  expect(weighed('soft-affinity', 'new')).toEqual(['host1 0 0', 'host2 0 0', 'host3 0 0']);
  expect(weighed('soft-affinity')).toEqual(['host1 0 0', 'host2 0 0', 'host3 0 0']);
});
