import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BOUNDLESS, capacityOf, roomByHost } from './capacity.ts';
import { decide } from './decide.ts';
import { resourceFit } from './filters/resource-fit.ts';
import { DEFAULT_PROFILE, type Profile } from './profile.ts';
import { anyHosts, anyResources } from './testing/arbitraries.ts';
import { fleetOf, host, inventory, resources } from './testing/hosts.ts';
import { asking } from './testing/judge.ts';

const request = asking({ resources: resources({ vcpus: 2, memoryMiB: 4096 }) });
const inZone = (name: string, availabilityZone: string, vcpus: number) =>
  host(name, { availabilityZone, vcpus: inventory(vcpus) });

describe('how many more fit', () => {
  const fleet = fleetOf([
    inZone('a', 'zone-a', 8),
    inZone('b', 'zone-a', 3),
    inZone('c', 'zone-b', 1),
    host('d', { vcpus: inventory(4) }),
    host('e', { availabilityZone: 'zone-a', up: false }),
  ]);

  test('is counted in all and by zone; a full zone has none, a host without a zone counts in all', () => {
    const { total, zones } = capacityOf(fleet, request, DEFAULT_PROFILE);
    expect(total).toBe(4 + 1 + 0 + 2);
    expect(Object.fromEntries(zones)).toEqual({ 'zone-a': 5, 'zone-b': 0 });
  });

  test('is told by host, the most first, without those that are full or refused', () => {
    expect(roomByHost(fleet, request, DEFAULT_PROFILE)).toEqual([
      { host: 'a', room: 4 },
      { host: 'd', room: 2 },
      { host: 'b', room: 1 },
    ]);
  });

  test('is bound by the scarcest resource, overhead included', () => {
    const small = fleetOf([host('a', { memoryMiB: inventory(16384), vcpus: inventory(100) })]);
    const ask = asking({ resources: resources({ memoryMiB: 4096, overheadMiB: 100 }) });
    expect(capacityOf(small, ask, DEFAULT_PROFILE).total).toBe(3);
  });

  test('is bound by a limit of Instances, the operator’s or an aggregate’s', () => {
    const aggregates = [{ name: 'few', metadata: { max_instances_per_host: '3' } }];
    const few = fleetOf([host('a', { numInstances: 1, aggregates }), host('b')]);
    expect(capacityOf(few, request, DEFAULT_PROFILE).total).toBe(2 + 4);
    const limited = DEFAULT_PROFILE.filters.map((it) =>
      it.filter.name === 'NumInstancesFilter' ? { ...it, args: { maxInstancesPerHost: 2 } } : it,
    );
    expect(capacityOf(few, request, { ...DEFAULT_PROFILE, filters: limited }).total).toBe(1 + 2);
  });

  test('has an end also where the profile sets none', () => {
    const filters = DEFAULT_PROFILE.filters.filter(({ filter }) => filter !== resourceFit);
    expect(capacityOf(fleet, request, { ...DEFAULT_PROFILE, filters }).total).toBe(BOUNDLESS);
  });

  test('claims nothing', () => {
    const { generation } = fleet;
    capacityOf(fleet, request, DEFAULT_PROFILE);
    expect(fleet.generation).toBe(generation);
  });
});

test('for any fleet and ask: as many as can be placed one after the other', () => {
  const plain: Profile = { ...DEFAULT_PROFILE, weighers: [] };
  fc.assert(
    fc.property(anyHosts, anyResources, (hosts, ask) => {
      const fleet = fleetOf(hosts);
      const one = asking({ resources: { ...ask, vcpus: ask.vcpus + 1 } });
      const { total } = capacityOf(fleet, one, plain);
      const rooms = roomByHost(fleet, one, plain);
      expect(rooms.reduce((sum, { room }) => sum + room, 0)).toBe(total);
      let placed = 0;
      for (let next = decide(fleet, one, plain); next.kind === 'placed'; next = decide(fleet, one, plain)) {
        fleet.claim(fleet.indexOf(next.host) ?? -1, one.resources, one);
        placed += 1;
      }
      expect(placed).toBe(total);
    }),
    { numRuns: 300 },
  );
});
