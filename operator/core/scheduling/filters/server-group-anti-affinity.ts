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
    if (group?.policy !== 'anti-affinity' || ties?.groupUid === undefined) return 'skip';
    const members = fleet.column(groupMembers).hostsOf(ties.groupUid);
    const most = group.maxServerPerHost ?? 1;
    const own = ties.ownHost === undefined ? undefined : fleet.indexOf(ties.ownHost);
    const full = new Set(
      [...members].filter(([host, there]) => host !== own && there >= most).map(([host]) => host),
    );
    if (full.size === 0) return 'skip';
    return { tiedTo: { hosts: full, others: 0 }, check: (host) => (full.has(host) ? 1 : 0) };
  },
};
