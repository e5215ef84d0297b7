import { NO_ARGS, type NoArgs } from '../args.ts';
import type { Filter } from './filter.ts';
import { hostSet } from './host-set.ts';

/** Nova's DifferentHostFilter: a host that none of the Instances in the hint different_host is on. Arguments: none. */
export const differentHostFilter: Filter<NoArgs> = {
  name: 'DifferentHostFilter',
  reasons: [{ code: 'HintedInstanceThere', label: 'an Instance to keep away from is there' }],
  defaults: NO_ARGS,
  tied: true,
  prepare({ ties }, fleet) {
    const avoided = hostSet(ties?.differentHosts, fleet);
    if (avoided.size === 0) return 'skip';
    return { tiedTo: { hosts: avoided, others: 0 }, check: (host) => (avoided.has(host) ? 1 : 0) };
  },
};
