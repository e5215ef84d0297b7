import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, decideMany } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Filter } from './filters/filter.ts';
import { Fleet } from './fleet.ts';
import { Plans } from './plans.ts';
import { DEFAULT_PROFILE, type Profile } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';
import { anyBurst, anyHistory, anyHosts, anyRequest } from './testing/arbitraries.ts';
import { apply, fleetOf, host, inventory, resources } from './testing/hosts.ts';

const ask: RequestSpec = { resources: resources({ vcpus: 2, memoryMiB: 4096 }) };

/** Explains and names everything: for comparing whole answers. */
const THOROUGH: Profile = { ...DEFAULT_PROFILE, explainedHosts: 100, alternates: 100 };

/** A filter over names, to put in front of the others. */
function turnsAway(unwanted: (name: string) => boolean): Filter {
  return {
    name: 'TestFilter',
    reasons: [{ code: 'Unwanted', label: 'unwanted' }],
    defaults: {},
    prepare: (_request, fleet) => ({ check: (index) => (unwanted(fleet.nameOf(index)) ? 1 : 0) }),
  };
}

function withFilter(filter: Filter, place: number): Profile {
  return { ...THOROUGH, filters: THOROUGH.filters.toSpliced(place, 0, { filter }) };
}

/** The hosts that fit, best first. */
function ranking(decision: Decision): string[] {
  return decision.kind === 'placed' ? decision.best.map((weighed) => weighed.host) : [];
}

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
    expect(decide(fleet, ask, DEFAULT_PROFILE).filters).toEqual([
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
    const decision = decide(fleet, ask, { ...DEFAULT_PROFILE, explainedHosts: 1 });
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

describe('for any fleet and request', () => {
  test('the host chosen, and every alternate, has room for what is asked', () => {
    fc.assert(
      fc.property(anyHosts, anyRequest, (hosts, request) => {
        const decision = decide(fleetOf(hosts), request, THOROUGH);
        for (const name of ranking(decision)) {
          const { vcpus, memoryMiB, overheadMiB, up } = hosts.find((known) => known.name === name)!;
          const { resources: asked } = request;
          const memoryLimit =
            (memoryMiB.total - memoryMiB.reserved - overheadMiB - asked.overheadMiB) *
            memoryMiB.allocationRatio;
          const cpuLimit = (vcpus.total - vcpus.reserved) * vcpus.allocationRatio;
          expect(up).toBe(true);
          if (asked.memoryMiB > 0) expect(memoryMiB.used + asked.memoryMiB).toBeLessThanOrEqual(memoryLimit);
          if (asked.vcpus > 0) expect(vcpus.used + asked.vcpus).toBeLessThanOrEqual(cpuLimit);
        }
      }),
    );
  });

  test('a batch never fills a host above its capacity', () => {
    fc.assert(
      fc.property(anyHosts, anyBurst, (hosts, requests) => {
        const fleet = fleetOf(hosts);
        decideMany(fleet, requests, DEFAULT_PROFILE);
        for (const before of hosts) {
          const after = fleet.stateOf(before.name)!;
          for (const resource of ['vcpus', 'diskGiB'] as const) {
            const { total, reserved, used, allocationRatio } = after[resource];
            if (used > before[resource].used)
              expect(used).toBeLessThanOrEqual((total - reserved) * allocationRatio);
          }
          const { total, reserved, used, allocationRatio } = after.memoryMiB;
          const limit = (total - reserved - after.overheadMiB) * allocationRatio;
          if (used > before.memoryMiB.used) expect(used).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  test('the order in which hosts came does not matter', () => {
    const shuffled = anyHosts.chain((hosts) =>
      fc.tuple(fc.constant(hosts), fc.shuffledSubarray(hosts, { minLength: hosts.length })),
    );
    fc.assert(
      fc.property(shuffled, anyRequest, ([hosts, others], request) => {
        expect(decide(fleetOf(others), request, THOROUGH)).toEqual(decide(fleetOf(hosts), request, THOROUGH));
      }),
    );
  });

  test('the same input has the same answer, and deciding changes nothing', () => {
    fc.assert(
      fc.property(anyHosts, anyRequest, (hosts, request) => {
        const fleet = fleetOf(hosts);
        const { generation } = fleet;
        expect(decide(fleet, request, THOROUGH)).toEqual(decide(fleet, request, THOROUGH));
        expect(fleet.generation).toBe(generation);
      }),
    );
  });

  test('one filter more never adds a host', () => {
    const place = fc.nat({ max: DEFAULT_PROFILE.filters.length });
    fc.assert(
      fc.property(anyHosts, anyRequest, fc.func(fc.boolean()), place, (hosts, request, unwanted, at) => {
        const fleet = fleetOf(hosts);
        const without = ranking(decide(fleet, request, THOROUGH));
        const withIt = ranking(decide(fleet, request, withFilter(turnsAway(unwanted), at)));
        expect(new Set(withIt)).toEqual(new Set(without.filter((name) => !unwanted(name))));
      }),
    );
  });

  test('a host that is turned away does not change the order of the others: it might as well not be there', () => {
    fc.assert(
      fc.property(anyHosts, anyRequest, (hosts, request) => {
        const all = decide(fleetOf(hosts), request, THOROUGH);
        const left = new Set(ranking(all));
        const alone = decide(fleetOf(hosts.filter(({ name }) => left.has(name))), request, THOROUGH);
        expect(ranking(alone)).toEqual(ranking(all));
        if (all.kind === 'placed') expect(alone).toMatchObject({ host: all.host, best: all.best });
      }),
    );
  });

  test('what the filters let in and turn away adds up', () => {
    fc.assert(
      fc.property(anyHosts, anyRequest, (hosts, request) => {
        const decision = decide(fleetOf(hosts), request, THOROUGH);
        const left = decision.filters.reduce((hostsIn, count) => {
          expect(count.hostsIn).toBe(hostsIn);
          expect(count.reasons.reduce((sum, reason) => sum + reason.hosts, 0)).toBe(count.turnedAway);
          return hostsIn - count.turnedAway;
        }, hosts.length);
        expect(left).toBe(ranking(decision).length);
      }),
    );
  });

  test('a batch answers as one decision and claim after the other', () => {
    fc.assert(
      fc.property(anyHosts, anyBurst, (hosts, requests) => {
        const fleet = fleetOf(hosts);
        const oneByOne = requests.map((request) => {
          const decision = decide(fleet, request, THOROUGH);
          if (decision.kind === 'placed')
            fleet.claim(fleet.indexOf(decision.host)!, request.resources, request);
          return decision;
        });
        expect(decideMany(fleetOf(hosts), requests, THOROUGH)).toEqual(oneByOne);
      }),
    );
  });

  test('plans that are kept answer as new ones, whatever happens to the fleet in between', () => {
    fc.assert(
      fc.property(anyHosts, anyHistory, (hosts, history) => {
        const fleet = fleetOf(hosts);
        const plans = new Plans(fleet, THOROUGH);
        for (const step of history) {
          if ('kind' in step) apply(fleet, step);
          else {
            const fresh = decide(fleet, step, THOROUGH);
            expect(decideMany(fleet, [step], THOROUGH, plans)).toEqual([fresh]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
