import { NO_ARGS, type NoArgs } from '../args.ts';
import type { Filter } from './filter.ts';
import { hostSet } from './host-set.ts';

/**
 * Nova's requested_destination: none but the named hosts. An empty list, or names of no host, leaves none.
 * Arguments: none.
 */
export const requestedHostsFilter: Filter<NoArgs> = {
  name: 'RequestedHostsFilter',
  reasons: [{ code: 'NotRequested', label: 'not the requested host' }],
  defaults: NO_ARGS,
  tied: true,
  prepare(request, fleet) {
    if (request.ties?.onlyHosts === undefined) return 'skip';
    const requested = hostSet(request.ties?.onlyHosts, fleet);
    return { tiedTo: { hosts: requested, others: 1 }, check: (host) => (requested.has(host) ? 0 : 1) };
  },
};
