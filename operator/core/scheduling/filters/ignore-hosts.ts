import { NO_ARGS, type NoArgs } from '../args.ts';
import type { Filter } from './filter.ts';
import { hostSet } from './host-set.ts';

/** Nova's ignore_hosts: hosts that this request must not have, such as the source of a move. Arguments: none. */
export const ignoreHostsFilter: Filter<NoArgs> = {
  name: 'IgnoreHostsFilter',
  reasons: [{ code: 'Ignored', label: 'excluded by the request' }],
  defaults: NO_ARGS,
  tied: true,
  prepare(request, fleet) {
    const ignored = hostSet(request.ties?.ignoreHosts, fleet);
    if (ignored.size === 0) return 'skip';
    return { tiedTo: { hosts: ignored, others: 0 }, check: (host) => (ignored.has(host) ? 1 : 0) };
  },
};
