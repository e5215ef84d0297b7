import { expect, test } from 'vitest';
import { groupMembers } from './group-members.ts';
import { fleetOf, host, resources } from './testing/hosts.ts';
import { asking } from './testing/judge.ts';

test('counts the members of a group by host, and forgets what a host had before', () => {
  const fleet = fleetOf([host('a', { groups: { web: 2, db: 1 } }), host('b', { groups: { web: 1 } })]);
  const members = fleet.column(groupMembers);
  expect([...members.hostsOf('web')]).toEqual([
    [0, 2],
    [1, 1],
  ]);
  fleet.upsertHost(host('a', { groups: { db: 1 } }));
  expect([...members.hostsOf('web')]).toEqual([[1, 1]]);
  expect([...members.hostsOf('db')]).toEqual([[0, 1]]);
  expect(members.hostsOf('none').size).toBe(0);
});

test('claims add to the group that the request is tied to, and releases take off', () => {
  const fleet = fleetOf([host('a')]);
  const members = fleet.column(groupMembers);
  const request = asking({ ties: { groupKey: 'web' } });
  fleet.claim(0, resources(), request);
  fleet.claim(0, resources(), asking());
  expect([...members.hostsOf('web')]).toEqual([[0, 1]]);
  fleet.release(0, resources(), request);
  expect(members.hostsOf('web').size).toBe(0);
});

test('a host that is gone has no members', () => {
  const fleet = fleetOf([host('a', { groups: { web: 2 } }), host('b', { groups: { web: 1 } })]);
  const members = fleet.column(groupMembers);
  fleet.removeHost('a');
  expect([...members.hostsOf('web')]).toEqual([[1, 1]]);
});
