import type { Column, ColumnKind } from './columns.ts';

/** Where the members of each server group are. */
export interface GroupMembers extends Column {
  /** By host index: how many members of the group are there, where there are any. It is as of now: ask again later. */
  hostsOf(groupKey: string): ReadonlyMap<number, number>;
}

type Counts = Map<number, number>;

const NOWHERE: ReadonlyMap<number, number> = new Map();

export const groupMembers: ColumnKind<GroupMembers> = () => {
  const groups = new Map<string, Counts>();
  const groupsOn = new Map<number, Set<string>>();

  function set(host: number, groupKey: string, members: number): void {
    const counts = groups.get(groupKey) ?? new Map();
    const uids = groupsOn.get(host) ?? new Set();
    if (members > 0) {
      groups.set(groupKey, counts.set(host, members));
      groupsOn.set(host, uids.add(groupKey));
      return;
    }
    counts.delete(host);
    uids.delete(groupKey);
    if (counts.size === 0) groups.delete(groupKey);
    if (uids.size === 0) groupsOn.delete(host);
  }

  return {
    hostsOf: (groupKey) => groups.get(groupKey) ?? NOWHERE,
    grow() {},
    remove(host) {
      for (const groupKey of [...(groupsOn.get(host) ?? [])]) set(host, groupKey, 0);
    },
    write(host, { groups: now = {} }) {
      this.remove?.(host);
      for (const [groupKey, members] of Object.entries(now)) set(host, groupKey, members);
    },
    claim(host, { ties }, sign) {
      if (ties?.groupKey === undefined) return;
      set(host, ties.groupKey, (groups.get(ties.groupKey)?.get(host) ?? 0) + sign);
    },
  };
};
