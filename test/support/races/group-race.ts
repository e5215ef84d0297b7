import type { GroupPolicy } from '#core/scheduling/request-spec.ts';
import type { PlaceRequest } from '#ports/scheduler.ts';
import { pick, seededRandom } from '../faults/random.ts';
import { requestOf } from './race.ts';
import type { Racer } from './racer.ts';

export interface GroupRaceOptions {
  policy: GroupPolicy;
  /** Names of ServerGroups in the namespace races. */
  groups: readonly string[];
  members: number;
  seed: number;
}

const SMALL = { vcpus: 1, memoryMiB: 1024, overheadMiB: 180, diskGiB: 10 } as const;
const MOST_TRIES = 50;

/**
 * All members of all groups at once, each by any of the schedulers; one whose scheduler died is placed by the next.
 * Returns how many members of each group got onto which node; those without a valid host are nowhere.
 */
export async function groupRace(
  racers: readonly Racer[],
  { policy, groups, members, seed }: GroupRaceOptions,
): Promise<Map<string, Map<string, number>>> {
  const random = seededRandom(seed);
  const placed = new Map<string, Map<string, number>>(groups.map((group) => [group, new Map()]));
  const place = async (group: string, member: number) => {
    const request = memberOf(group, `${group}-${member}`, policy);
    const host = await placeBy(() => pick(random, racers), request);
    const nodes = placed.get(group);
    if (host !== undefined) nodes?.set(host, (nodes.get(host) ?? 0) + 1);
  };
  await Promise.all(groups.flatMap((group) => Array.from({ length: members }, (_, it) => place(group, it))));
  return placed;
}

async function placeBy(next: () => Racer, request: PlaceRequest): Promise<string | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      const decision = await next().scheduler.place(request);
      return decision.kind === 'placed' ? decision.host : undefined;
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
    }
  }
}

function memberOf(group: string, uid: string, policy: GroupPolicy): PlaceRequest {
  const request = requestOf(uid, SMALL, { group: policy, ties: { groupKey: `races/${group}` } });
  return { ...request, claim: { ...request.claim, serverGroup: group } };
}
