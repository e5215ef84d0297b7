import { availabilityZoneFilter } from './availability-zone.ts';
import { computeFilter } from './compute.ts';
import type { Filter } from './filter.ts';
import { ignoreHostsFilter } from './ignore-hosts.ts';
import { requestedHostsFilter } from './requested-hosts.ts';
import { resourceFit } from './resource-fit.ts';
import { retryFilter } from './retry.ts';

/** Every filter there is, in the order in which they run by default: the cheapest and the plainest answers first. */
export const FILTERS: readonly Filter[] = [
  requestedHostsFilter,
  ignoreHostsFilter,
  retryFilter,
  computeFilter,
  availabilityZoneFilter,
  resourceFit,
];
