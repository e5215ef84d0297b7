import type { Filter } from './filter.ts';

/**
 * Nova's NumInstancesFilter: a host with so many Instances gets no more.
 * Arguments: `maxInstancesPerHost` (50); null sets no limit. Nova's option: max_instances_per_host.
 */
export const numInstancesFilter: Filter<{ maxInstancesPerHost: number | null }> = {
  name: 'NumInstancesFilter',
  reasons: [{ code: 'TooManyInstances', label: 'instances' }],
  defaults: { maxInstancesPerHost: 50 },
  nullable: ['maxInstancesPerHost'],
  prepare(_request, fleet, { maxInstancesPerHost: limit }) {
    if (limit === null) return 'skip';
    const { numInstances: counts } = fleet;
    return {
      check: (host) => ((counts[host] ?? 0) < limit ? 0 : 1),
      detail: (host) => `${counts[host] ?? 0} of ${limit}`,
      room: (host) => Math.max(0, limit - (counts[host] ?? 0)),
    };
  },
};
