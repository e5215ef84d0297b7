import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import { groupMembers } from './group-members.ts';
import type { HostState } from './host-state.ts';
import { judgeHosts, judgeStay } from './host-verdict.ts';
import { DEFAULT_PROFILE, type Profile } from './profile.ts';
import { anyHosts, anyRequest } from './testing/arbitraries.ts';
import { fleetOf, host, inventory, resources } from './testing/hosts.ts';
import { asking } from './testing/judge.ts';

const request = asking({ resources: resources({ vcpus: 2, memoryMiB: 4096 }) });
const fleet = fleetOf([
  host('best'),
  host('next', { memoryMiB: inventory(8192) }),
  host('both', { disabled: true, disabledReason: 'new disks', vcpus: inventory(1) }),
]);

test('everything that stands against a host is said, not the first alone', () => {
  const [verdict] = judgeHosts(fleet, request, DEFAULT_PROFILE, ['both']);
  expect(verdict?.filters.filter(({ reason }) => reason !== undefined)).toEqual([
    { filter: 'ComputeFilter', reason: 'Disabled', label: 'disabled', detail: 'new disks', shortfalls: [] },
    {
      filter: 'ResourceFit',
      reason: 'VcpusAboveTotal',
      label: 'more vcpus than it has',
      detail: undefined,
      shortfalls: [{ resource: 'vcpus', missing: 1, unit: 'vCPU' }],
    },
  ]);
  expect(verdict?.standing).toBeUndefined();
});

test('a host that fits has its place and figures, on the scale of all that fit', () => {
  const verdicts = judgeHosts(fleet, request, DEFAULT_PROFILE, ['next', 'best']);
  expect(verdicts.map(({ host, standing }) => [host, standing?.rank])).toEqual([
    ['next', 2],
    ['best', 1],
  ]);
  const ram = verdicts[0]?.standing?.figures.find(({ weigher }) => weigher === 'RAMWeigher');
  expect(ram).toMatchObject({ raw: 8192 });
});

test('a name that the fleet does not have is left out', () => {
  expect(judgeHosts(fleet, request, DEFAULT_PROFILE, ['nobody'])).toEqual([]);
});

describe('staying', () => {
  const held = resources({ vcpus: 2, memoryMiB: 4096 });
  const limited: Profile = {
    ...DEFAULT_PROFILE,
    filters: DEFAULT_PROFILE.filters.map((it) =>
      it.filter.name === 'NumInstancesFilter' ? { ...it, args: { maxInstancesPerHost: 1 } } : it,
    ),
  };
  const refusals = (state: Partial<HostState>, profile = DEFAULT_PROFILE) => {
    const home = fleetOf([host('home', { numInstances: 1, ...state })]);
    const before = home.stateOf('home');
    const verdict = judgeStay(home, request, profile, { host: 'home', held });
    expect(home.stateOf('home')).toEqual(before);
    return verdict?.filters.flatMap(({ reason }) => reason ?? []);
  };

  test('the own claim is in the way of nothing', () => {
    expect(refusals({ vcpus: inventory(2, { used: 2 }) })).toEqual([]);
    expect(refusals({ numInstances: 1 }, limited)).toEqual([]);
    expect(refusals({ numInstances: 2 }, limited)).toEqual(['TooManyInstances']);
  });

  test('a host that is over-committed by now is no reason to go, one that is disabled is', () => {
    expect(refusals({ vcpus: inventory(1, { used: 2 }) })).toEqual([]);
    expect(refusals({ disabled: true })).toEqual(['Disabled']);
  });

  test('the own membership of a server group is not in the way, that of others is', () => {
    const member = { ...request, group: { policy: 'anti-affinity' as const }, ties: { groupKey: 'web' } };
    const reasons = (members: number) => {
      const home = fleetOf([host('home', { groups: { web: members } })]);
      const verdict = judgeStay(home, member, DEFAULT_PROFILE, { host: 'home', held });
      expect(home.column(groupMembers).hostsOf('web').get(0)).toBe(members);
      return verdict?.filters.flatMap(({ filter, reason }) => (reason === undefined ? [] : filter));
    };
    expect(reasons(1)).toEqual([]);
    expect(reasons(2)).toEqual(['ServerGroupAntiAffinityFilter']);
  });

  test('on a host that there is not is no question', () => {
    expect(judgeStay(fleet, request, DEFAULT_PROFILE, { host: 'gone', held })).toBeUndefined();
  });
});

test('for any fleet and request: a host has a place exactly when no filter refuses it, and the first is chosen', () => {
  fc.assert(
    fc.property(anyHosts, anyRequest, (hosts, one) => {
      const any = fleetOf(hosts);
      const names = hosts.map(({ name }) => name);
      const verdicts = judgeHosts(any, one, DEFAULT_PROFILE, names);
      for (const { filters, standing } of verdicts)
        expect(filters.every(({ reason }) => reason === undefined)).toBe(standing !== undefined);
      const decision = decide(any, one, DEFAULT_PROFILE);
      const first = verdicts.find(({ standing }) => standing?.rank === 1);
      expect(first?.host).toBe(decision.kind === 'placed' ? decision.host : undefined);
    }),
  );
});
