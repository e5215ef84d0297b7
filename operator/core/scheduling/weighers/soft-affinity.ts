import { NO_ARGS, type NoArgs } from '../args.ts';
import { groupMembers } from '../group-members.ts';
import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

/**
 * Nova's ServerGroupSoftAffinityWeigher: the members of the request's group on the host, the more the better,
 * for a request of a group of that policy. Arguments: none. Nova's option: soft_affinity_weight_multiplier (1.0).
 */
export const serverGroupSoftAffinityWeigher: Weigher<NoArgs> = {
  name: 'ServerGroupSoftAffinityWeigher',
  multiplier: 1,
  multipliers: aggregateMultiplier('soft_affinity_weight_multiplier'),
  defaults: NO_ARGS,
  tied: true,
  reads: ({ group }) => group?.policy,
  prepare({ group, ties }, fleet) {
    if (group?.policy !== 'soft-affinity') return 'skip';
    const members = fleet.column(groupMembers);
    const groupKey = ties?.groupKey ?? '';
    return {
      tiedTo: [...members.hostsOf(groupKey).keys()],
      raw: (host) => members.hostsOf(groupKey).get(host) ?? 0,
    };
  },
};
