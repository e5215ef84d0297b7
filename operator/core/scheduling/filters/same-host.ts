import { NO_ARGS, type NoArgs } from '../args.ts';
import type { Filter } from './filter.ts';
import { hostSet } from './host-set.ts';

/** Nova's SameHostFilter: a host that one of the Instances in the hint same_host is on. Arguments: none. */
export const sameHostFilter: Filter<NoArgs> = {
  name: 'SameHostFilter',
  reasons: [{ code: 'NotSameHost', label: 'none of the hinted Instances is there' }],
  defaults: NO_ARGS,
  tied: true,
  prepare({ ties }, fleet) {
    if (ties?.sameHosts === undefined) return 'skip';
    const wanted = hostSet(ties.sameHosts, fleet);
    return { tiedTo: { hosts: wanted, others: 1 }, check: (host) => (wanted.has(host) ? 0 : 1) };
  },
};
