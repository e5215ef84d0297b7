import { expect, test } from 'vitest';
import { decideMany } from '../decide.ts';
import { DEFAULT_PROFILE } from '../profile.ts';
import type { Ties } from '../request-spec.ts';
import { fleetOf, host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { serverGroupAntiAffinityFilter as filter } from './server-group-anti-affinity.ts';

const apart = (ties: Ties = {}, maxServerPerHost?: number) =>
  asking({ group: { policy: 'anti-affinity', maxServerPerHost }, ties: { groupKey: 'web', ...ties } });
const hosts = [
  host('a', { groups: { web: 1 } }),
  host('b', { groups: { web: 2, db: 1 } }),
  host('c', { groups: { db: 3 } }),
];

test('no host that has a member of the group', () => {
  expect(judge(filter, apart(), ...hosts)).toEqual(['GroupMemberThere', 'GroupMemberThere', 'passes']);
});

test('as many members on a host as its rule allows', () => {
  expect(judge(filter, apart({}, 2), ...hosts)).toEqual(['passes', 'GroupMemberThere', 'passes']);
  expect(judge(filter, apart({}, 3), ...hosts)).toEqual(['passes', 'passes', 'passes']);
});

test('the host that the Instance is on already is not refused because of itself', () => {
  expect(judge(filter, apart({ ownHost: 'a' }), ...hosts)).toEqual(['passes', 'GroupMemberThere', 'passes']);
});

test('says nothing while the group has no members', () => {
  expect(judge(filter, apart({ groupKey: 'new' }), ...hosts)).toBe('skip');
});

test('as Nova: with a rule of none at all, no host but its own', () => {
  expect(judge(filter, apart({ ownHost: 'c' }, 0), ...hosts)).toEqual([
    'GroupMemberThere',
    'GroupMemberThere',
    'passes',
  ]);
  expect(judge(filter, apart({ groupKey: 'new' }, 0), host('a'))).toEqual(['GroupMemberThere']);
});

test.each(['affinity', 'soft-affinity', 'soft-anti-affinity'] as const)('says nothing of %s', (policy) => {
  expect(judge(filter, asking({ group: { policy }, ties: { groupKey: 'web' } }), ...hosts)).toBe('skip');
});

test('members that are decided in one pass are never two on one host', () => {
  const fleet = fleetOf(['a', 'b', 'c'].map((name) => host(name)));
  const decisions = decideMany(
    fleet,
    Array.from({ length: 4 }, () => apart()),
    DEFAULT_PROFILE,
  );
  const placed = decisions.map((it) => (it.kind === 'placed' ? it.host : it.kind));
  expect(placed.toSorted()).toEqual(['a', 'b', 'c', 'noValidHost']);
});
