import { NO_ARGS, type NoArgs } from '../args.ts';
import type { Filter } from './filter.ts';
import { hostSet } from './host-set.ts';

/** Nova's RetryFilter: not again where this request failed already. Arguments: none. */
export const retryFilter: Filter<NoArgs> = {
  name: 'RetryFilter',
  reasons: [{ code: 'FailedBefore', label: 'failed there before' }],
  defaults: NO_ARGS,
  tied: true,
  prepare(request, fleet) {
    const failed = hostSet(request.ties?.failedHosts, fleet);
    if (failed.size === 0) return 'skip';
    return { tiedTo: { hosts: failed, others: 0 }, check: (host) => (failed.has(host) ? 1 : 0) };
  },
};
