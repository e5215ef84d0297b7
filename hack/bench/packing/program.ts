import type { HostState, Inventory } from '#core/scheduling/host-state.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';
import type { Mix } from './mixes.ts';

/** Requests that are alike in every way, and how many there are. */
interface Group {
  readonly flavor: ClaimResources;
  readonly from: number;
  readonly until: number;
  count: number;
}

type Amount = (flavor: ClaimResources) => number;

/**
 * The packing as a linear program, in CPLEX's LP format: how much of each group of like requests is on each host, in
 * fractions, worth `value` each. Its optimum is above what any scheduler can do, for requests have to be placed as they
 * come, and whole.
 */
export function programOf({ hosts, rounds }: Mix, value: Amount): string {
  const groups = groupsOf(rounds);
  const name = (group: number, host: number) => `x${group}_${host}`;
  const everywhere = (group: number) => hosts.map((_, host) => name(group, host));
  const worth = groups.flatMap(({ flavor }, group) =>
    everywhere(group).map((it) => `${value(flavor)} ${it}`),
  );
  const counts = groups.map(({ count }, group) => `${sum(everywhere(group))} <= ${count}`);
  const rooms = rounds.flatMap((_, round) =>
    hosts.flatMap((host, index) =>
      rulesOf(host).map(([amount, room]) => {
        const present = [...groups.entries()].filter(([, it]) => it.from <= round && round < it.until);
        return `${sum(present.map(([group, { flavor }]) => `${amount(flavor)} ${name(group, index)}`))} <= ${room}`;
      }),
    ),
  );
  const bounds = groups.flatMap(({ flavor }, group) =>
    hosts.map((host, index) => `${name(group, index)} <= ${mostAlone(flavor, host)}`),
  );
  return `Maximize\n${sum(worth)}\nSubject To\n${[...counts, ...rooms].join('\n')}\nBounds\n${bounds.join('\n')}\nEnd\n`;
}

function groupsOf(rounds: Mix['rounds']): Group[] {
  const groups = new Map<string, Group>();
  for (const [from, arrivals] of rounds.entries())
    for (const { flavor, stays } of arrivals) {
      const key = `${from} ${stays} ${Object.values(flavor)}`;
      const group = groups.get(key) ?? { flavor, from, until: from + stays, count: 0 };
      group.count += 1;
      groups.set(key, group);
    }
  return [...groups.values()];
}

/** Placement's rule for each resource: what a flavor takes, and how much of that there is. */
function rulesOf(host: HostState): [Amount, number][] {
  const ratio = host.memoryMiB.allocationRatio;
  return [
    [({ vcpus }) => vcpus, roomOf(host.vcpus)],
    [
      ({ memoryMiB, overheadMiB }) => memoryMiB + overheadMiB * ratio,
      roomOf(host.memoryMiB) - host.overheadMiB * ratio,
    ],
    [({ diskGiB }) => diskGiB, roomOf(host.diskGiB)],
  ];
}

function roomOf({ total, reserved, used, allocationRatio }: Inventory): number {
  return (total - reserved) * allocationRatio - used;
}

/** How many whole ones fit when nothing else comes: makes the bound tighter. */
function mostAlone(flavor: ClaimResources, host: HostState): number {
  return Math.max(0, Math.min(...rulesOf(host).map(([amount, room]) => Math.floor(room / amount(flavor)))));
}

function sum(terms: readonly string[]): string {
  return terms.join(' +\n ');
}
