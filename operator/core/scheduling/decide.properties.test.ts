import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, decideMany } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Filter } from './filters/filter.ts';
import { Plans } from './plans.ts';
import { DEFAULT_PROFILE, type Profile } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';
import { anyBurst, anyHistory, anyHosts, anyRequest, manyHosts } from './testing/arbitraries.ts';
import { apply, fleetOf } from './testing/hosts.ts';

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

describe('for any fleet and request', () => {
  test('the host chosen, and every alternate, has room for what is asked', () => {
    fc.assert(
      fc.property(anyHosts, anyRequest, (hosts, request) => {
        const decision = decide(fleetOf(hosts), request, THOROUGH);
        for (const name of ranking(decision)) {
          const state = hosts.find((known) => known.name === name)!;
          const { vcpus, memoryMiB, overheadMiB, up } = state;
          const { resources: asked } = request;
          const { dedicatedCpus: dedicated = 0 } = asked;
          const memoryLimit =
            (memoryMiB.total - memoryMiB.reserved - overheadMiB - asked.overheadMiB) *
            memoryMiB.allocationRatio;
          const cpusTaken = vcpus.reserved + (state.dedicatedCpus ?? 0) + dedicated;
          const cpuLimit = (vcpus.total - cpusTaken) * vcpus.allocationRatio;
          expect(up).toBe(true);
          if (asked.memoryMiB > 0) expect(memoryMiB.used + asked.memoryMiB).toBeLessThanOrEqual(memoryLimit);
          if (asked.vcpus > 0 || dedicated > 0)
            expect(vcpus.used + asked.vcpus).toBeLessThanOrEqual(cpuLimit);
          for (const kind of ['devices', 'hugepages'] as const)
            for (const [what, count] of Object.entries(asked[kind] ?? {})) {
              const pool = state[kind]?.[what] ?? { total: 0, used: 0 };
              if (count > 0) expect(pool.used + count).toBeLessThanOrEqual(pool.total);
            }
          if (dedicated > 0) expect(state.labels?.cpumanager).toBe('true');
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
          const dedicated = after.dedicatedCpus ?? 0;
          for (const resource of ['vcpus', 'diskGiB'] as const) {
            const { total, reserved, used, allocationRatio } = after[resource];
            const taken = reserved + (resource === 'vcpus' ? dedicated : 0);
            if (used > before[resource].used)
              expect(used).toBeLessThanOrEqual((total - taken) * allocationRatio);
          }
          if (dedicated > (before.dedicatedCpus ?? 0))
            expect(dedicated).toBeLessThanOrEqual(after.vcpus.total - after.vcpus.reserved);
          for (const kind of ['devices', 'hugepages'] as const)
            for (const [what, { total, used }] of Object.entries(after[kind] ?? {}))
              if (used > before[kind]![what]!.used) expect(used).toBeLessThanOrEqual(total);
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

  test('the same in a large fleet, where most hosts are not looked at', () => {
    fc.assert(
      fc.property(manyHosts, anyHistory, (hosts, history) => {
        const fleet = fleetOf(hosts);
        const plans = new Plans(fleet, DEFAULT_PROFILE);
        for (const step of [...history, ...history, ...history]) {
          if ('kind' in step) apply(fleet, step);
          else {
            const fresh = decide(fleet, step, DEFAULT_PROFILE);
            expect(decideMany(fleet, [step], DEFAULT_PROFILE, plans)).toEqual([fresh]);
          }
        }
      }),
    );
  });

  test('the same when hundreds of Instances come and go', () => {
    const kinds = fc.uniqueArray(anyRequest, { minLength: 2, maxLength: 4 });
    const turns = fc.array(fc.nat({ max: 999 }), { minLength: 300, maxLength: 300 });
    fc.assert(
      fc.property(manyHosts, kinds, turns, (hosts, requests, chances) => {
        const fleet = fleetOf(hosts);
        const plans = new Plans(fleet, DEFAULT_PROFILE);
        const here: { host: number; request: RequestSpec }[] = [];
        for (const chance of chances) {
          const leaving = chance % 3 === 0 ? here.splice(chance % Math.max(1, here.length), 1)[0] : undefined;
          if (leaving) fleet.release(leaving.host, leaving.request.resources, leaving.request);
          const request = requests[chance % requests.length]!;
          const fresh = decide(fleet, request, DEFAULT_PROFILE);
          expect(decideMany(fleet, [request], DEFAULT_PROFILE, plans)).toEqual([fresh]);
          if (fresh.kind === 'placed') here.push({ host: fleet.indexOf(fresh.host)!, request });
        }
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });
});
