import { NO_ARGS, type NoArgs } from '../args.ts';
import { groupMembers } from '../group-members.ts';
import type { Filter } from './filter.ts';

/**
 * Nova's ServerGroupAntiAffinityFilter: for a request of a group of that policy, no host with as many of the group's
 * members as its max_server_per_host says, 1 unless it does. The host that the Instance is on already passes: a resize may
 * stay there. Arguments: none.
 */
export const serverGroupAntiAffinityFilter: Filter<NoArgs> = {
  name: 'ServerGroupAntiAffinityFilter',
  reasons: [{ code: 'GroupMemberThere', label: 'a member of its server group is there' }],
  defaults: NO_ARGS,
  tied: true,
  prepare({ group, ties }, fleet) {
    if (group?.policy !== 'anti-affinity' || ties?.groupKey === undefined) return 'skip';
    const members = fleet.column(groupMembers).hostsOf(ties.groupKey);
    const most = group.maxServerPerHost ?? 1;
    if (members.size === 0 && most > 0) return 'skip';
    const own = ties.ownHost === undefined ? undefined : fleet.indexOf(ties.ownHost);
    return {
      tiedTo: { hosts: [...members.keys(), ...(own === undefined ? [] : [own])], others: most > 0 ? 0 : 1 },
      check: (host) => (host !== own && (members.get(host) ?? 0) >= most ? 1 : 0),
    };
  },
};
