import type { Filter } from './filter.ts';

/**
 * Nova's IoOpsFilter: a host with so many Instances being built, resized, migrated or snapshotted gets no more.
 * Arguments: `maxIoOpsPerHost` (8); null sets no limit. Nova's option: max_io_ops_per_host.
 */
export const ioOpsFilter: Filter<{ maxIoOpsPerHost: number | null }> = {
  name: 'IoOpsFilter',
  reasons: [{ code: 'TooManyIoOps', label: 'I/O operations' }],
  defaults: { maxIoOpsPerHost: 8 },
  nullable: ['maxIoOpsPerHost'],
  prepare(_request, fleet, { maxIoOpsPerHost: limit }) {
    if (limit === null) return 'skip';
    const { numIoOps: counts } = fleet;
    return {
      check: (host) => ((counts[host] ?? 0) < limit ? 0 : 1),
      detail: (host) => `${counts[host] ?? 0} of ${limit}`,
    };
  },
};
