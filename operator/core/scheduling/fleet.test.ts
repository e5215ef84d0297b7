import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numberColumn, textColumn, valueColumn } from './columns.ts';
import { Fleet } from './fleet.ts';
import type { HostState } from './host-state.ts';
import { anyChange, anyHosts } from './testing/arbitraries.ts';
import { apply, fleetOf, host, inventory, resources } from './testing/hosts.ts';

const zone = textColumn((state) => state.availabilityZone);
const instances = numberColumn((state) => state.numInstances);
const aggregates = valueColumn((state) => state.aggregates);

function names(fleet: Fleet): string[] {
  return Array.from(fleet.order.subarray(0, fleet.size), (index) => fleet.nameOf(index));
}

/** Everything the fleet says of its hosts, by name. */
function contents(fleet: Fleet) {
  return names(fleet).map((name) => {
    const index = fleet.indexOf(name)!;
    return {
      state: fleet.stateOf(name),
      zone: fleet.texts.text(fleet.column(zone).values[index]!),
      aggregates: fleet.column(aggregates).values[index],
    };
  });
}

function statesOf(fleet: Fleet): HostState[] {
  return names(fleet).map((name) => fleet.stateOf(name)!);
}

describe('a fleet', () => {
  test('knows its hosts by name, in the order of names', () => {
    const fleet = fleetOf([host('node-b'), host('node-c'), host('node-a')]);
    expect(names(fleet)).toEqual(['node-a', 'node-b', 'node-c']);
    expect(fleet.nameOf(fleet.indexOf('node-c')!)).toBe('node-c');
    expect(fleet.indexOf('node-d')).toBeUndefined();
  });

  test('gives back what it was told, claims included', () => {
    const fleet = fleetOf([host('node-a')]);
    fleet.claim(
      fleet.indexOf('node-a')!,
      resources({ vcpus: 2, memoryMiB: 512, overheadMiB: 276, diskGiB: 5 }),
    );
    expect(fleet.stateOf('node-a')).toEqual(
      host('node-a', {
        vcpus: inventory(8, { used: 2 }),
        memoryMiB: inventory(16384, { used: 512 }),
        diskGiB: inventory(100, { used: 5 }),
        overheadMiB: 276,
        numInstances: 1,
        numIoOps: 1,
      }),
    );
  });

  test('takes a new state of a host as the whole truth, claims of before are in it or gone', () => {
    const fleet = fleetOf([host('node-a')]);
    fleet.claim(fleet.indexOf('node-a')!, resources());
    fleet.upsertHost(host('node-a', { numInstances: 1 }));
    expect(fleet.stateOf('node-a')).toEqual(host('node-a', { numInstances: 1 }));
  });

  test('gives the index of a removed host to the next, with nothing of the old one left', () => {
    const fleet = fleetOf([host('old', { availabilityZone: 'zone-a' }), host('other')]);
    const index = fleet.indexOf('old')!;
    expect(fleet.column(zone).values[index]).not.toBe(-1);
    expect(fleet.removeHost('old')).toBe(true);
    expect(fleet.removeHost('old')).toBe(false);
    expect(fleet.upsertHost(host('new'))).toBe(index);
    expect(fleet.stateOf('old')).toBeUndefined();
    expect(contents(fleet)).toEqual(contents(fleetOf([host('new'), host('other')])));
  });

  test('refuses a claim on an index that is nobody’s', () => {
    const fleet = fleetOf([host('node-a')]);
    expect(() => fleet.claim(7, resources())).toThrow('no host of index 7');
  });

  test('names the hosts that changed', () => {
    const fleet = fleetOf([host('node-a'), host('node-b')]);
    const before = fleet.generation;
    fleet.claim(fleet.indexOf('node-b')!, resources());
    expect(fleet.generation).toBe(before + 1);
    expect(fleet.journal.hostOf(before + 1)).toBe(fleet.indexOf('node-b'));
    expect(fleet.journal.reachesBackTo(before)).toBe(true);
  });

  test('says when so much changed that the journal does not have it all', () => {
    const fleet = fleetOf([host('node-a')]);
    const before = fleet.generation;
    for (let i = 0; i < 5000; i += 1) fleet.claim(fleet.indexOf('node-a')!, resources());
    expect(fleet.journal.reachesBackTo(before)).toBe(false);
  });

  test('starts a new epoch when hosts come or go, or a text is new, and not for a claim', () => {
    const fleet = fleetOf([host('node-a')]);
    fleet.column(zone);
    const epochs = [
      () => fleet.claim(fleet.indexOf('node-a')!, resources()),
      () => fleet.upsertHost(host('node-a', { availabilityZone: 'zone-a' })),
      () => fleet.upsertHost(host('node-b', { availabilityZone: 'zone-a' })),
      () => fleet.removeHost('node-b'),
    ].map((change) => {
      const before = fleet.epoch;
      change();
      return fleet.epoch > before;
    });
    expect(epochs).toEqual([false, true, true, true]);
  });

  test('asks a column to take part in claims', () => {
    const counts = new Map<number, number>();
    const owners = () => ({
      grow() {},
      write() {},
      claim: (index: number, _request: unknown, sign: number) => {
        counts.set(index, (counts.get(index) ?? 0) + sign);
      },
    });
    const fleet = fleetOf([host('node-a')]);
    fleet.column(owners);
    const request = { resources: resources() };
    fleet.claim(0, request.resources, request);
    fleet.claim(0, request.resources, request);
    fleet.release(0, request.resources, request);
    expect(counts.get(0)).toBe(1);
  });
});

describe('for any fleet', () => {
  test('updates one at a time leave it as a rebuild from the same states would', () => {
    fc.assert(
      fc.property(anyHosts, fc.array(anyChange, { maxLength: 30 }), (hosts, changes) => {
        const fleet = fleetOf(hosts);
        contents(fleet);
        for (const change of changes) apply(fleet, change);
        expect(contents(fleet)).toEqual(contents(fleetOf(statesOf(fleet))));
      }),
    );
  });

  test('a column asked for late is the one asked for early', () => {
    fc.assert(
      fc.property(anyHosts, fc.array(anyChange, { maxLength: 20 }), (hosts, changes) => {
        const early = new Fleet();
        early.column(instances);
        const late = new Fleet();
        for (const fleet of [early, late]) {
          for (const state of hosts) fleet.upsertHost(state);
          for (const change of changes)
            if (change.kind !== 'claim' && change.kind !== 'release') apply(fleet, change);
        }
        const figures = (fleet: Fleet) =>
          names(fleet).map((name) => fleet.column(instances).values[fleet.indexOf(name)!]);
        expect(figures(late)).toEqual(figures(early));
      }),
    );
  });

  test('a release undoes a claim', () => {
    fc.assert(
      fc.property(anyHosts, anyChange, (hosts, change) => {
        fc.pre(change.kind === 'claim');
        const fleet = fleetOf(hosts);
        const before = contents(fleet);
        apply(fleet, change);
        apply(fleet, { ...change, kind: 'release' });
        expect(contents(fleet)).toEqual(before);
      }),
    );
  });
});
