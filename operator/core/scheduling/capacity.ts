import { zones } from './filters/availability-zone.ts';
import type { Fleet } from './fleet.ts';
import { NO_TEXT } from './interner.ts';
import type { Profile } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';
import { judge, prepareSteps } from './sieve.ts';

/** How many more Instances of one kind fit. */
export interface Capacity {
  readonly total: number;
  /** By availability zone; hosts without a zone count in `total` alone. Zones without a host that has room have 0. */
  readonly zones: ReadonlyMap<string, number>;
}

export interface HostRoom {
  readonly host: string;
  readonly room: number;
}

/** More than fits anywhere: what a profile without a limit of any kind counts. */
export const BOUNDLESS = 1_000_000_000;

/**
 * How many requests like this one could be claimed one after the other, in all and by zone: the profile's filters say on
 * which hosts, and those that count (resources, Instances per host) how often. A limit of I/O operations is none of them:
 * builds end. Looks at every host, claims nothing.
 */
export function capacityOf(fleet: Fleet, request: RequestSpec, profile: Profile): Capacity {
  const zone = fleet.column(zones);
  const byZone = new Map<number, number>();
  let total = 0;
  eachHost(fleet, request, profile, (host, room) => {
    const number = zone.values[host] ?? NO_TEXT;
    byZone.set(number, (byZone.get(number) ?? 0) + room);
    total += room;
  });
  byZone.delete(NO_TEXT);
  const named = [...byZone].map(([number, room]) => [fleet.texts.text(number) ?? '', bounded(room)] as const);
  return { total: bounded(total), zones: new Map(named) };
}

/** The hosts with room for such requests, those with the most first, of equal ones by name. */
export function roomByHost(fleet: Fleet, request: RequestSpec, profile: Profile): HostRoom[] {
  const rooms: HostRoom[] = [];
  eachHost(fleet, request, profile, (host, room) => {
    if (room > 0) rooms.push({ host: fleet.nameOf(host), room: bounded(room) });
  });
  return rooms.sort((a, b) => b.room - a.room);
}

function eachHost(
  fleet: Fleet,
  request: RequestSpec,
  profile: Profile,
  visit: (host: number, room: number) => void,
): void {
  const steps = prepareSteps(fleet, request, profile, () => true);
  const rooms = steps.flatMap(({ prepared }) => prepared.room?.bind(prepared) ?? []);
  for (let i = 0; i < fleet.size; i += 1) {
    const host = fleet.order[i] ?? 0;
    visit(host, judge(steps, host) === 0 ? leastRoom(rooms, host) : 0);
  }
}

function leastRoom(rooms: readonly ((host: number) => number)[], host: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rooms.length; i += 1) least = Math.min(least, rooms[i]?.(host) ?? least);
  return least;
}

const bounded = (count: number): number => Math.min(count, BOUNDLESS);
