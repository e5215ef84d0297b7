import { aggregateLimit } from './aggregate-limit.ts';
import type { Filter } from './filter.ts';

const limits = aggregateLimit('max_instances_per_host');

/**
 * Nova's AggregateNumInstancesFilter: a host with so many Instances gets no more. The least limit that its aggregates
 * set under `max_instances_per_host` goes before the argument's, greater or not.
 * Arguments: `maxInstancesPerHost` (50); null limits the hosts of such aggregates alone. Nova's option: max_instances_per_host.
 */
export const aggregateNumInstancesFilter: Filter<{ maxInstancesPerHost: number | null }> = {
  name: 'AggregateNumInstancesFilter',
  reasons: [{ code: 'TooManyInstancesForAggregate', label: 'instances' }],
  defaults: { maxInstancesPerHost: 50 },
  nullable: ['maxInstancesPerHost'],
  prepare(_request, fleet, { maxInstancesPerHost: limit }) {
    const { numInstances: counts } = fleet;
    const own = fleet.column(limits);
    const otherwise = limit ?? Number.POSITIVE_INFINITY;
    const limitOf = (host: number) => {
      const least = own.values[host] ?? Number.NaN;
      return Number.isNaN(least) ? otherwise : least;
    };
    return {
      check: (host) => ((counts[host] ?? 0) < limitOf(host) ? 0 : 1),
      detail: (host) => `${counts[host] ?? 0} of ${limitOf(host)}`,
      room: (host) => Math.max(0, limitOf(host) - (counts[host] ?? 0)),
    };
  },
};
