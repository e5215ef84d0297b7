import { expect, test } from 'vitest';
import { decideMany } from './decide.ts';
import { Plans } from './plans.ts';
import { DEFAULT_PROFILE } from './profile.ts';
import type { Ties } from './request-spec.ts';
import { fleetOf, host } from './testing/hosts.ts';
import { buildFailureWeigher } from './weighers/build-failure.ts';

test('a request that is tied to other hosts, on another scale, leaves what is kept as it was', () => {
  const fleet = fleetOf(['a', 'b', 'c'].map((name) => host(name, { failedBuilds: 0 })));
  const profile = { ...DEFAULT_PROFILE, weighers: [{ weigher: buildFailureWeigher, args: {} }] };
  const plans = new Plans(fleet, profile);
  const resources = { vcpus: 1, memoryMiB: 1, overheadMiB: 0, diskGiB: 0 };
  const place = (ties?: Ties) => {
    const [decision] = decideMany(fleet, [{ resources, ...(ties && { ties }) }], profile, plans);
    return decision?.kind === 'placed' ? decision.host : undefined;
  };
  expect(place()).toBe('a');
  fleet.upsertHost(host('a', { failedBuilds: 1 }));
  expect(place({ failedHosts: ['a'] })).toBe('b');
  expect(place()).toBe('b');
});
