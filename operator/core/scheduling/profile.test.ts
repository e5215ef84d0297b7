import { expect, test } from 'vitest';
import { DEFAULT_PROFILE } from './profile.ts';

test('the default profile runs every filter, the plain ones before resource fit, and every weigher', () => {
  expect(DEFAULT_PROFILE.filters.map(({ filter }) => filter.name)).toEqual([
    'RequestedHostsFilter',
    'IgnoreHostsFilter',
    'RetryFilter',
    'ComputeFilter',
    'AvailabilityZoneFilter',
    'ResourceFit',
  ]);
  expect(DEFAULT_PROFILE.weighers.map(({ weigher }) => weigher.name)).toEqual(['RAMWeigher', 'CPUWeigher']);
});
