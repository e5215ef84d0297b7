import type { Column, ColumnKind } from './columns.ts';

/** Where the members of each server group are. */
export interface GroupMembers extends Column {
  /** By host index: how many members of the group are there, where there are any. It is as of now: ask again later. */
  hostsOf(groupUid: string): ReadonlyMap<number, number>;
}

type Counts = Map<number, number>;

const NOWHERE: ReadonlyMap<number, number> = new Map();

export const groupMembers: ColumnKind<GroupMembers> = () => {
  const groups = new Map<string, Counts>();
  const groupsOn = new Map<number, Set<string>>();

  function set(host: number, groupUid: string, members: number): void {
    const counts = groups.get(groupUid) ?? new Map();
    const uids = groupsOn.get(host) ?? new Set();
    if (members > 0) {
      groups.set(groupUid, counts.set(host, members));
      groupsOn.set(host, uids.add(groupUid));
      return;
    }
    counts.delete(host);
    uids.delete(groupUid);
    if (counts.size === 0) groups.delete(groupUid);
    if (uids.size === 0) groupsOn.delete(host);
  }

  return {
    hostsOf: (groupUid) => groups.get(groupUid) ?? NOWHERE,
    grow() {},
    remove(host) {
      for (const groupUid of [...(groupsOn.get(host) ?? [])]) set(host, groupUid, 0);
    },
    write(host, { groups: now = {} }) {
      this.remove?.(host);
      for (const [groupUid, members] of Object.entries(now)) set(host, groupUid, members);
    },
    claim(host, { ties }, sign) {
      if (ties?.groupUid === undefined) return;
      set(host, ties.groupUid, (groups.get(ties.groupUid)?.get(host) ?? 0) + sign);
    },
  };
};
