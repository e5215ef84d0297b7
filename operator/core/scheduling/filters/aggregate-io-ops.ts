import { aggregateLimit } from './aggregate-limit.ts';
import type { Filter } from './filter.ts';

const limits = aggregateLimit('max_io_ops_per_host');

/**
 * Nova's AggregateIoOpsFilter: a host with so many Instances being built, resized, migrated or snapshotted gets no more. The least limit that its aggregates
 * set under `max_io_ops_per_host` goes before the argument's, greater or not.
 * Arguments: `maxIoOpsPerHost` (8); null limits the hosts of such aggregates alone. Nova's option: max_io_ops_per_host.
 */
export const aggregateIoOpsFilter: Filter<{ maxIoOpsPerHost: number | null }> = {
  name: 'AggregateIoOpsFilter',
  reasons: [{ code: 'TooManyIoOpsForAggregate', label: 'I/O operations' }],
  defaults: { maxIoOpsPerHost: 8 },
  nullable: ['maxIoOpsPerHost'],
  prepare(_request, fleet, { maxIoOpsPerHost: limit }) {
    const { numIoOps: counts } = fleet;
    const own = fleet.column(limits);
    const otherwise = limit ?? Number.POSITIVE_INFINITY;
    const limitOf = (host: number) => {
      const least = own.values[host] ?? Number.NaN;
      return Number.isNaN(least) ? otherwise : least;
    };
    return {
      check: (host) => ((counts[host] ?? 0) < limitOf(host) ? 0 : 1),
      detail: (host) => `${counts[host] ?? 0} of ${limitOf(host)}`,
    };
  },
};
