import { NO_ARGS, type NoArgs } from '../args.ts';
import type { Fleet } from '../fleet.ts';
import { groupMembers } from '../group-members.ts';
import type { Filter } from './filter.ts';

/**
 * Nova's ServerGroupAffinityFilter: for a request of a group of that policy, a host that has members of the group; any
 * host while nobody else is in it. Arguments: none.
 *
 * Nova counts an Instance that moves as one that its group must stay with, so that nothing of an affinity group ever
 * moves. Here it is left out of its own count: alone in its group, it goes where it likes.
 *
 * Members that were decided elsewhere and whose claims are not seen yet have reserved their host (ADR 0040).
 */
export const serverGroupAffinityFilter: Filter<NoArgs> = {
  name: 'ServerGroupAffinityFilter',
  reasons: [{ code: 'GroupElsewhere', label: 'its server group is elsewhere' }],
  defaults: NO_ARGS,
  tied: true,
  prepare({ group, ties }, fleet) {
    if (group?.policy !== 'affinity' || ties?.groupKey === undefined) return 'skip';
    const members = fleet.column(groupMembers).hostsOf(ties.groupKey);
    const own = ties.ownHost === undefined ? undefined : fleet.indexOf(ties.ownHost);
    const isAlone = [...members].every(([host, there]) => host === own && there <= 1);
    const left = ties.groupHosts && indicesOf(ties.groupHosts, fleet);
    if (isAlone && left === undefined) return 'skip';
    const hosts = new Set(isAlone ? left : [...members.keys()].filter((host) => left?.has(host) ?? true));
    return { tiedTo: { hosts, others: 1 }, check: (host) => (hosts.has(host) ? 0 : 1) };
  },
};

const indicesOf = (names: readonly string[], fleet: Fleet): Set<number> =>
  new Set(names.map((name) => fleet.indexOf(name)).filter((host) => host !== undefined));
