import { expect, test } from 'vitest';
import { decideMany } from '../decide.ts';
import { DEFAULT_PROFILE } from '../profile.ts';
import type { Ties } from '../request-spec.ts';
import { fleetOf, host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { serverGroupAffinityFilter as filter } from './server-group-affinity.ts';

const together = (ties: Ties = {}) =>
  asking({ group: { policy: 'affinity' }, ties: { groupKey: 'web', ...ties } });

test('a host that has members of the group', () => {
  const hosts = [host('a', { groups: { web: 1 } }), host('b', { groups: { db: 1 } }), host('c')];
  expect(judge(filter, together(), ...hosts)).toEqual(['passes', 'GroupElsewhere', 'GroupElsewhere']);
});

test('any host for the first member', () => {
  expect(judge(filter, together(), host('a', { groups: { db: 1 } }))).toBe('skip');
});

test('an Instance alone in its group moves where it likes; with others there, it stays with them', () => {
  const other = host('b');
  expect(judge(filter, together({ ownHost: 'a' }), host('a', { groups: { web: 1 } }), other)).toBe('skip');
  expect(judge(filter, together({ ownHost: 'a' }), host('a', { groups: { web: 2 } }), other)).toEqual([
    'passes',
    'GroupElsewhere',
  ]);
});

test('an Instance away from its group may go to it', () => {
  const hosts = [host('a', { groups: { web: 1 } }), host('b', { groups: { web: 1 } }), host('c')];
  expect(judge(filter, together({ ownHost: 'a' }), ...hosts)).toEqual(['passes', 'passes', 'GroupElsewhere']);
});

test.each(['anti-affinity', 'soft-affinity'] as const)('says nothing of %s', (policy) => {
  const request = asking({ group: { policy }, ties: { groupKey: 'web' } });
  expect(judge(filter, request, host('a', { groups: { web: 1 } }))).toBe('skip');
});

test('members that are decided in one pass go to one host', () => {
  const fleet = fleetOf(['a', 'b', 'c'].map((name) => host(name)));
  const decisions = decideMany(
    fleet,
    Array.from({ length: 3 }, () => together()),
    DEFAULT_PROFILE,
  );
  expect(new Set(decisions.map((it) => (it.kind === 'placed' ? it.host : it.kind))).size).toBe(1);
});

test('where the others have reserved, whether their claims are seen yet or not', () => {
  const seen = host('a', { groups: { web: 1 } });
  const reserved = together({ groupHosts: ['b'] });
  expect(judge(filter, reserved, host('a'), host('b'))).toEqual(['GroupElsewhere', 'passes']);
  expect(judge(filter, reserved, seen, host('b'))).toEqual(['GroupElsewhere', 'GroupElsewhere']);
  expect(judge(filter, together({ groupHosts: ['a'] }), seen, host('b'))).toEqual([
    'passes',
    'GroupElsewhere',
  ]);
});

test('nowhere while another member is on the move', () => {
  const moving = together({ groupHosts: [] });
  expect(judge(filter, moving, host('a', { groups: { web: 1 } }), host('b'))).toEqual([
    'GroupElsewhere',
    'GroupElsewhere',
  ]);
});
